"""What videos, reports and the database take, and how much room is left."""

from pages.shared import backend, desk_words, parts, times
from pages.shared.text import counted

LITTLE_BYTES = 5_000_000_000


def show() -> None:
    """The sizes, and a warning where little room is left."""
    files, used_bytes = backend.blobs_usage()
    free_bytes = backend.blobs().free_bytes()
    parts.heading("Storage")
    if free_bytes is not None and free_bytes < LITTLE_BYTES:
        parts.notice("inconclusive", desk_words.LITTLE_ROOM)
    parts.facts(
        {
            "Files and reports": f"{times.size(used_bytes)} in {counted(files, 'file', 'files')}",
            "Database": times.size(backend.store().figures.database_bytes()),
            "Free on the disk": None if free_bytes is None else times.size(free_bytes),
        }
    )
