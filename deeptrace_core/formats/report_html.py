"""The report as one page to read, print and file: no script, no request to anywhere, its pictures in it."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from deeptrace_core import audio_drawing, audio_words, phrases, provenance_words, sentences, words
from deeptrace_core.casework import VIDEO, subject_of
from deeptrace_core.chain.presets import chain_numbered
from deeptrace_core.custody import AuditEvent, head_of
from deeptrace_core.formats.interface import Dossier
from deeptrace_core.formats.lanes import LANE_HEIGHT, WIDTH, drawing_of
from deeptrace_core.model import Assessed, FaceTrack, MediaKind, Thumbnail
from deeptrace_core.provenance import NotRead
from deeptrace_core.ranking import ranked
from deeptrace_core.report_facts import file_facts, method_facts
from deeptrace_core.segments import Segment

HERE = Path(__file__).resolve().parent
PICTURES_A_FACE = 6
MAX_SEGMENTS = 500
"""More than anybody reads on paper; the others are in the JSON report by way of their scores."""
_ENCODING = "utf-8"


class ReportHtml:
    """See `ReportFormat`."""

    name = "html"
    label = "the report to read (HTML)"
    about = "One page with everything in it, pictures included: to read, to print, to hand on."
    suffix = ".html"
    media_type = "text/html"

    def write(self, dossier: Dossier, out: BinaryIO) -> None:
        """See `ReportFormat.write`."""
        for piece in _template().generate(**_view(dossier)):
            # A lone surrogate in a file's name has no bytes of its own.
            out.write(piece.encode(_ENCODING, "replace"))


def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(HERE, encoding=_ENCODING),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= {"score": phrases.score, "moment": phrases.video_time, "utc": phrases.utc_time}
    return environment.get_template("report.html.jinja")


def _shown(value: Any) -> Any:
    """Every text from outside, without what would act instead of show."""
    return phrases.visible(value) if isinstance(value, str) else value


def _view(dossier: Dossier) -> dict[str, Any]:
    report, finding = dossier.report, dossier.report.finding
    segments = dossier.segments()
    labels = {track.id: track.label for track in report.tracks}
    return {
        "job": dossier.job,
        "report": report,
        "sha256": dossier.sha256,
        "finding": finding,
        "assessed": finding if isinstance(finding, Assessed) else None,
        "words": words,
        "sentences": sentences,
        "drawing": drawing_of(report, segments),
        "width": WIDTH,
        "lane_height": LANE_HEIGHT,
        "faces": list(_faces(dossier)),
        "segments": segments[:MAX_SEGMENTS],
        "segments_left_out": len(segments[MAX_SEGMENTS:]),
        "labels": labels,
        "subject_of": subject_of,
        "marks": dossier.case.marks,
        "overall": dossier.case.marks.get(VIDEO),
        "notes": dossier.case.notes,
        "file_facts": file_facts(dossier.job.media.name, report.media),
        "method_facts": method_facts(report),
        "provenance": report.provenance,
        "provenance_words": provenance_words,
        "is_not_read": lambda found: isinstance(found, NotRead),
        "audio": report.audio,
        "audio_words": audio_words,
        "is_video": report.media.kind is MediaKind.VIDEO,
        "has_time": report.media.kind is not MediaKind.PICTURE,
        "kind_word": words.KINDS[report.media.kind],
        "audio_drawing": report.audio and audio_drawing.drawing_of(report.audio, report.media.duration_s),
        "audio_width": audio_drawing.WIDTH,
        "audio_height": audio_drawing.HEIGHT,
        "anchors": [(anchor, chain_numbered(anchor.place.chain_id)) for anchor in dossier.anchors],
        "custody_head": head_of(dossier.events),
        "events": [(event, _details(event, segments, labels)) for event in dossier.events],
    }


def _faces(dossier: Dossier) -> Iterator[tuple[FaceTrack, list[tuple[Thumbnail, str]]]]:
    """The faces, the highest score first, each with its most suspicious pictures."""
    worst_first = sorted(dossier.thumbnails, key=lambda picture: picture.fake_probability, reverse=True)
    for track in ranked(dossier.report):
        own = [picture for picture in worst_first if picture.track_id == track.id][:PICTURES_A_FACE]
        yield track, [(picture, base64.b64encode(picture.webp).decode("ascii")) for picture in own]


def _details(event: AuditEvent, segments: tuple[Segment, ...], labels: dict[int, str]) -> str:
    """What an act was about, as far as words say it better than names and values."""
    said = dict(event.data)
    if event.event == "opinion":
        opinion = said.get("opinion")
        named = next((word for key, word in words.OPINIONS.items() if key == opinion), "taken back")
        return f"{named}, on {_subject(str(said.get('subject')), segments, labels)}"
    if event.event == "note_added" and said.get("at_s") is not None:
        return f"about {phrases.video_time(said['at_s'])}"
    return ", ".join(
        f"{name} {value}"
        for name, value in said.items()
        if value is not None and name not in ("note", "verdict", "case")
    )


def _subject(subject: str, segments: tuple[Segment, ...], labels: dict[int, str]) -> str:
    for segment in segments:
        if subject_of(segment) == subject:
            return f"Face {labels[segment.track_id]}, {sentences.interval(segment)}"
    return "the whole video" if subject == VIDEO else subject
