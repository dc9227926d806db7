"""What the pages, the worker and the notary share: the domain, the store and the report."""

__version__ = "0.1.0"
