"""Trained weights: which are known, where their files are, and how each layout is read."""
