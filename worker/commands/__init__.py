"""The commands of `python -m worker`: each module has `register(subparsers)` and `run(arguments)`."""
