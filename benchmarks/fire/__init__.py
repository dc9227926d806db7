"""The queue under fire: workers and the server are killed and frozen, and a checker looks for damage."""
