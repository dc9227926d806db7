"""The report itself: the canonical bytes that were hashed, and that an anchor is about."""

from typing import BinaryIO

from deeptrace_core.formats.interface import Dossier


class ReportJson:
    """See `ReportFormat`."""

    name = "json"
    label = "the report (JSON)"
    about = "The report itself, byte for byte as it was hashed: for programs, and to be verified."
    suffix = ".json"
    media_type = "application/json"

    def write(self, dossier: Dossier, out: BinaryIO) -> None:
        """See `ReportFormat.write`."""
        out.write(dossier.report_bytes)
