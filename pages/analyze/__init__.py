"""The first page: choose a video and have it analyzed."""
