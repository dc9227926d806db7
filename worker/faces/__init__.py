"""Finding faces, following each person through time, cutting faces out."""
