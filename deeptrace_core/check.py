"""Can this machine run DeepTrace? Asked at set-up, so that the answer comes before the first video."""

import shutil
import sys

from deeptrace_core.errors import StartupError
from deeptrace_core.settings import Settings
from deeptrace_core.store.mongod_binary import check_mongod, find_mongod

MIN_FREE_BYTES = 1_000_000_000
"""For the database, its journal and a few videos."""


def check(settings: Settings) -> None:
    """Look for what is missing here.

    Raises:
        StartupError: the data folder cannot be written, or its disk is nearly full.
        EmbeddedDatabaseError: the embedded database cannot run here, and no other one is named.
    """
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        free_bytes = shutil.disk_usage(settings.home).free
    except OSError as error:
        raise StartupError(
            f"The data folder {settings.home} cannot be made: {error.strerror}.",
            advice="Set DEEPTRACE_HOME to a folder that you may write to.",
        ) from error
    if free_bytes < MIN_FREE_BYTES:
        raise StartupError(
            f"Only {free_bytes / 1e6:.0f} MB are free on the disk of {settings.home}.",
            advice="Free at least 1 GB, or set DEEPTRACE_HOME to a folder on another disk.",
        )
    if settings.mongodb_uri is None:
        program = find_mongod(settings.mongod)
        check_mongod(program)
        sys.stdout.write("The embedded database can run on this machine.\n")
