"""What a report format is, and what it is given."""

from dataclasses import dataclass
from typing import BinaryIO, Protocol

from deeptrace_core.anchor import Anchor
from deeptrace_core.canonical import digest
from deeptrace_core.casework import CaseFile
from deeptrace_core.custody import AuditEvent
from deeptrace_core.job import Job
from deeptrace_core.model import MediaKind, Report, Thumbnail
from deeptrace_core.segments import Segment, segments_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Dossier:
    """All that is kept of a finished job, but for the video itself."""

    job: Job
    report: Report
    report_bytes: bytes
    """The report exactly as it was hashed."""
    thumbnails: tuple[Thumbnail, ...]
    case: CaseFile
    events: tuple[AuditEvent, ...]
    anchors: tuple[Anchor, ...]
    """Of this report, the newest first, in any state."""

    @property
    def sha256(self) -> str:
        """Of the report."""
        return digest(self.report_bytes)

    def segments(self) -> tuple[Segment, ...]:
        """The stretches of a video that a person is asked to judge."""
        report = self.report
        if report.detector is None or report.media.kind is not MediaKind.VIDEO:
            return ()
        return segments_of(report.frames, report.detector.threshold_high)


class ReportFormat(Protocol):
    """One form of a dossier. The same dossier gives the same bytes, whenever it is written."""

    @property
    def name(self) -> str:
        """What programs call it: lower-case letters, digits and "_"."""
        ...

    @property
    def label(self) -> str:
        """What people call it, after "Download": "the report (JSON)"."""
        ...

    @property
    def about(self) -> str:
        """What it is good for, in one sentence."""
        ...

    @property
    def suffix(self) -> str:
        """The ending of the file's name, with what tells it from the other formats: "-scores.csv"."""
        ...

    @property
    def media_type(self) -> str:
        """As HTTP names it."""
        ...

    def write(self, dossier: Dossier, out: BinaryIO) -> None:
        """Write all of it, piece by piece where it may be large. Leaves `out` open, at its end."""
        ...
