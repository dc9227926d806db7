"""Every score as a table: one row for each face in each frame, in the order of frames."""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from deeptrace_core.formats.interface import Dossier
from deeptrace_core.model import FaceScore, FrameScore, Report

HEAD = (
    "frame",
    "time_s",
    "face",
    "x1_px",
    "y1_px",
    "x2_px",
    "y2_px",
    "finder_confidence",
    "score",
    "not_scored_because",
    "sharpness",
    "score_compressed",
    "score_half_size",
)


class ScoresCsv:
    """See `ReportFormat`."""

    name = "csv"
    label = "all scores (CSV)"
    about = "One row for each face in each frame that was looked at: for spreadsheets and statistics."
    suffix = "-scores.csv"
    media_type = "text/csv"

    def write(self, dossier: Dossier, out: BinaryIO) -> None:
        """See `ReportFormat.write`."""
        text = io.TextIOWrapper(out, encoding="utf-8", newline="")
        try:
            csv.writer(text).writerows(_rows(dossier.report))
        finally:
            text.detach()  # which flushes, and leaves `out` open


def _rows(report: Report) -> Iterator[tuple[object, ...]]:
    members = report.detector.members if report.detector else ()
    yield *HEAD, *(f"score_of_{member.name}" for member in members)
    labels = {track.id: track.label for track in report.tracks}
    for frame in report.frames:
        for face in frame.faces:
            yield *_row(frame, face, labels.get(face.track_id, "")), *face.member_probabilities


def _row(frame: FrameScore, face: FaceScore, label: str) -> tuple[object, ...]:
    box = face.box
    return (
        frame.index,
        frame.time_s,
        label,
        box.x1,
        box.y1,
        box.x2,
        box.y2,
        face.confidence,
        face.fake_probability,
        face.unscored_reason.value if face.unscored_reason else None,
        face.sharpness,
        face.compressed_probability,
        face.half_size_probability,
    )
