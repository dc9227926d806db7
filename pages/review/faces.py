"""The faces of a report, the most suspicious first, each with its most suspicious pictures."""

import base64
from collections import defaultdict
from collections.abc import Sequence
from html import escape

import streamlit as st

from deeptrace_core import sentences
from deeptrace_core.model import FaceTrack, MediaKind, Report, Thumbnail
from deeptrace_core.ranking import ranked
from pages.review.strokes import sample_html, stroke_of
from pages.shared import parts, times, wording
from pages.shared.text import counted, score

MAX_OPEN = 6
"""Faces shown at once; the others are one click away."""
MAX_REST = 30
"""And so many after that click: each brings its pictures, whether they are looked at or not."""
MAX_PICTURES = 8
"""As many of these are seen as fit in one row."""


def show(report: Report, thumbnails: Sequence[Thumbnail]) -> None:
    """A card for each face that was scored."""
    pictures: dict[int, list[Thumbnail]] = defaultdict(list)
    for thumbnail in sorted(thumbnails, key=lambda picture: picture.fake_probability, reverse=True):
        pictures[thumbnail.track_id].append(thumbnail)
    faces = list(enumerate(ranked(report)))
    is_picture = report.media.kind is MediaKind.PICTURE
    parts.heading("Faces, the highest score first")
    if any(picture.activation_webp for picture in thumbnails):
        parts.remark(f"Beside each face: {wording.ACTIVATION}. Yellow raised its score most.")
    _cards(faces[:MAX_OPEN], pictures, report)
    if rest := faces[MAX_OPEN:]:
        few = 0 if is_picture else sum(track.score is None for _, track in rest)
        with st.expander(_rest_label(len(rest) - few, few)):
            _cards(rest[:MAX_REST], pictures, report)
            if len(rest) > MAX_REST:
                parts.remark(f"The other {len(rest) - MAX_REST:,} are in the report itself.")
    if is_picture and (small := sentences.too_small(report)):
        parts.remark(small)


def _rest_label(lower: int, few: int) -> str:
    said = [counted(lower, "more face", "more faces")] if lower else []
    if few:
        said.append(f"{counted(few, 'face', 'faces')} scored in too few frames for a statement")
    return ", ".join(said)


def _cards(
    faces: Sequence[tuple[int, FaceTrack]],
    pictures: dict[int, list[Thumbnail]],
    report: Report,
) -> None:
    cards = "".join(_card(rank, track, pictures[track.id], report) for rank, track in faces)
    st.html(f'<div class="dt-faces">{cards}</div>')


def _card(rank: int, track: FaceTrack, pictures: Sequence[Thumbnail], report: Report) -> str:
    name = sentences.face(track)
    has_time = report.media.kind is MediaKind.VIDEO
    thumbs = "".join(_picture(name, picture, has_time=has_time) for picture in pictures[:MAX_PICTURES])
    return (
        f'<section class="dt-face"><h3>{sample_html(stroke_of(rank))}{escape(name)}</h3>'
        f"<p><strong>{escape(sentences.standing(track, report))}</strong> "
        f"{escape(sentences.seen(track, report))}</p>"
        f'<p class="dt-members">{escape(sentences.members(track, report.detector))}</p>'
        f'<ul class="dt-thumbs">{thumbs}</ul></section>'
    )


def _picture(name: str, picture: Thumbnail, *, has_time: bool) -> str:
    when, value = times.video_time(picture.time_s) if has_time else "", score(picture.fake_probability)
    named = f"{name} at {when}" if when else name
    shown = _image(picture.webp, f"{named}, score {value}")
    if picture.activation_webp:
        shown += _image(picture.activation_webp, f"{named}: {wording.ACTIVATION}")
    return f"<li>{shown}<span><b>{value}</b> {when}</span></li>"


def _image(webp: bytes, alt: str) -> str:
    data = base64.b64encode(webp).decode("ascii")
    return f'<img src="data:image/webp;base64,{data}" alt="{escape(alt)}">'
