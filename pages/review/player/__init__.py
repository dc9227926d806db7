"""The video with boxes over the faces, a lane a person under it, and the faces at the moment shown."""
