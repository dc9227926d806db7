"""Listening: the sound of a file in, what can be said of it out."""
