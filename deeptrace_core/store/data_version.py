"""Which version of the server wrote the data, so that no older one touches them."""

import re

from deeptrace_core.errors import EmbeddedDatabaseError
from deeptrace_core.store.mongod_folder import MongodFolder

Version = tuple[int, ...]


def refuse_older_program(folder: MongodFolder, version: Version) -> None:
    """Make sure that this version of mongod may open the data.

    The server itself notices only some cases, after it has begun to change files.

    Raises:
        EmbeddedDatabaseError: a newer one wrote them.
    """
    if not folder.version_file.exists():
        return
    written = folder.version_file.read_text(errors="replace").strip()
    found = re.fullmatch(r"(\d+)\.(\d+)(?:\.\d+)*", written)
    # Patches of one version read each other's data.
    if found is None or tuple(map(int, found.groups())) > version[:2]:
        raise EmbeddedDatabaseError(
            f"The data in {folder.data} were written by MongoDB {written}, "
            f"and this is the older MongoDB {_text(version)}.",
            advice=f"Use MongoDB {written} again (DEEPTRACE_MONGOD=/path/to/mongod), "
            "or set DEEPTRACE_HOME to another folder.",
        )


def note_version(folder: MongodFolder, version: Version) -> None:
    """Remember that this version has opened the data."""
    part = folder.version_file.with_suffix(".part")
    part.write_text(_text(version) + "\n")
    part.replace(folder.version_file)


def _text(version: Version) -> str:
    return ".".join(map(str, version))
