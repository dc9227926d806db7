"""Reading video files: what is in them, which frames to look at, and the frames themselves."""
