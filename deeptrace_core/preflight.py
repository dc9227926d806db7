"""What must be true before anything can be installed. Standard library only, and runs on any Python 3."""

import os
import shutil
import sys
from collections.abc import Iterator

MIN_PYTHON = (3, 11)
INSTALLED_BYTES = 9_000_000_000


def missing() -> "Iterator[str]":
    """One line for each thing that stands in the way, with what to do about it."""
    if sys.version_info < MIN_PYTHON:
        yield (
            "This is Python {}.{}; DeepTrace needs 3.11 or newer. "
            "Name one: make PYTHON=python3.12 run".format(*sys.version_info[:2])
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        yield "Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"
    # Where a part is installed already, a smaller PyTorch for instance, nobody can tell what is left to do.
    free_bytes = shutil.disk_usage(".").free
    if free_bytes < INSTALLED_BYTES and not os.path.isdir(".venv"):
        yield (
            f"Only {free_bytes / 1e9:.1f} GB are free here; the installation needs 9 GB. "
            "Free some, or use another disk."
        )


if __name__ == "__main__":
    problems = list(missing())
    for problem in problems:
        sys.stderr.write(problem + "\n")
    sys.exit(2 if problems else 0)
