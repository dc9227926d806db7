"""The player as a component of the page, in a fragment: what happens in it runs nothing else again.

A still picture needs none, see `still`.
"""

from functools import partial
from pathlib import Path

import streamlit as st

from deeptrace_core.job import ViewingCopy
from deeptrace_core.model import MediaKind, Report
from deeptrace_core.segments import segments_of
from pages.http.links import media_url
from pages.review import place, sound_lanes
from pages.review.player import still
from pages.review.player.data import has_sound, player_data
from pages.shared import parts, wording

HERE = Path(__file__).resolve().parent
MEDIA_TYPES = {
    MediaKind.VIDEO: "video/mp4",
    MediaKind.PICTURE: "image/webp",
    MediaKind.SOUND: "audio/mp4",
}
"""What the worker makes of a file of each kind."""
SCRIPTS = ("moments.js", "lanes.js", "faces.js", "player.js")

_component = st.components.v2.component(
    "deeptrace_player",
    html=(HERE / "player.html").read_text(encoding="utf-8"),
    css="\n".join(file.read_text(encoding="utf-8") for file in (HERE / "player.css", sound_lanes.STYLE)),
    js="\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS),
)


def show(report: Report, copy: ViewingCopy | None) -> None:
    """The player, and how to mark more or fewer moments."""
    if copy is None:
        is_sound = report.media.kind is MediaKind.SOUND
        means = wording.NO_SOUND_COPY_MEANS if is_sound else wording.NO_COPY_MEANS
        parts.notice("none", wording.NO_COPY, means)
        return
    if report.media.kind is MediaKind.PICTURE:
        still.show(report, media_url(copy.sha256, MEDIA_TYPES[report.media.kind]))
        return
    _player(report, copy)
    if report.media.kind is MediaKind.SOUND:
        parts.remark(wording.SOUND_SHOWN)
    else:
        parts.remark(wording.copy_shown(copy.frames, report.media.frame_count, sound=has_sound(report)))


@st.fragment
def _player(report: Report, copy: ViewingCopy) -> None:
    stage = st.container()
    threshold = _threshold(report)
    segments = segments_of(report.frames, threshold)
    data = player_data(report, segments, threshold=threshold, theme=st.context.theme.type or "light")
    data |= {
        "url": media_url(copy.sha256, MEDIA_TYPES[report.media.kind]),
        "file": copy.sha256,
        "seek": place.wanted_seek(),
    }
    # Each video has a player of its own, which knows nothing of the one that was shown before.
    key = f"player-{report.report_id}"
    with stage:
        _component(key=key, data=data, default={"time_s": None}, on_time_s_change=partial(_moved, key))


def _threshold(report: Report) -> float:
    """From which score on moments are marked, as the person chooses it."""
    threshold = place.threshold(report)
    if threshold is None:
        return place.NOTHING
    chosen = st.slider(
        wording.THRESHOLD,
        0.0,
        1.0,
        threshold,
        0.01,
        key=f"threshold-{report.report_id}",
        help=wording.THRESHOLD_HELP,
    )
    place.remember_threshold(chosen, report)
    return float(chosen)


def _moved(key: str) -> None:
    """The video rests at another moment: the address names it, and a new note is offered to be about it."""
    place.remember(st.session_state[key].time_s)
    st.rerun(place.FOLLOWER)
