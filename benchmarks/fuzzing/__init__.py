"""Damaged videos: whole ones of many kinds, and what can happen to their bytes."""
