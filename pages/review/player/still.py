"""A still picture with a box over each face that was found, drawn without a script."""

from html import escape

import streamlit as st

from deeptrace_core import sentences
from deeptrace_core.model import Box, FaceScore, Report
from deeptrace_core.ranking import ranked
from pages.review.place import NOTHING
from pages.review.strokes import stroke_of
from pages.shared import wording
from pages.shared.text import counted, score

MAX_NAMED = 8
"""The faces with the highest scores; the others have a box without a name."""
UNNAMED = "#dddddd"
NEAR_THE_TOP = 0.08
"""A box that begins above this share of the height has its name below it."""


def show(report: Report, url: str) -> None:
    """The picture at this address."""
    st.html(picture_html(report, url))


def picture_html(report: Report, url: str) -> str:
    """Solid where the score is at or above the threshold, dashed below: never told by colour alone."""
    ranks = {track.id: rank for rank, track in enumerate(ranked(report)[:MAX_NAMED])}
    faces = [face for frame in report.frames for face in frame.faces]
    # The highest score is drawn last, so that no other box hides its name.
    faces.sort(key=lambda face: ranks.get(face.track_id, MAX_NAMED), reverse=True)
    names = {track.id: sentences.face(track) for track in report.tracks if track.id in ranks}
    threshold = report.detector.threshold_high if report.detector else NOTHING
    boxes = "".join(
        _box(
            report,
            face,
            names.get(face.track_id),
            stroke_of(ranks[face.track_id]).dark if face.track_id in ranks else UNNAMED,
            solid=face.fake_probability is not None and face.fake_probability >= threshold,
        )
        for face in faces
    )
    alt = f"{wording.STILL}, {counted(len(faces), 'face', 'faces')} found"
    return (
        f'<div class="dt-still"><img src="{escape(url)}" alt="{escape(alt)}">{boxes}</div>'
        f'<p class="dt-below">{escape(wording.STILL_SHOWN)} '
        f'<a href="{escape(url)}" target="_blank">{escape(wording.STILL_ALONE)}</a></p>'
    )


def _box(report: Report, face: FaceScore, name: str | None, colour: str, *, solid: bool) -> str:
    media = report.media
    box = _inside(face.box, media.width_px, media.height_px)
    place = (
        f"left:{box.x1 / media.width_px:.2%};top:{box.y1 / media.height_px:.2%};"
        f"width:{box.width_px / media.width_px:.2%};height:{box.height_px / media.height_px:.2%};"
        f"color:{colour}"
    )
    said = ""
    if name is not None and face.fake_probability is not None:
        below = " dt-under" if box.y1 < NEAR_THE_TOP * media.height_px else ""
        said = f'<b class="dt-name{below}">{escape(name)} {score(face.fake_probability)}</b>'
    return f'<i class="{"dt-box dt-over" if solid else "dt-box"}" style="{place}">{said}</i>'


def _inside(box: Box, width_px: int, height_px: int) -> Box:
    """A face may be found partly outside of the picture."""
    x1, x2 = (min(max(x, 0.0), float(width_px)) for x in (box.x1, box.x2))
    y1, y2 = (min(max(y, 0.0), float(height_px)) for y in (box.y1, box.y2))
    return Box(x1=x1, y1=y1, x2=x2, y2=y2)
