"""How well a detector does on material with known labels: a list in, figures with their uncertainty out."""
