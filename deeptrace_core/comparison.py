"""What differs between two reports: how they were made, and what came out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from deeptrace_core.model import FaceScore, FaceTrack, FrameScore, Report
from deeptrace_core.report import report_document

RECIPE = ("media", "detector", "options", "software")
RESULT = ("finding", "coverage")
NONE = "none"


class Difference(NamedTuple):
    """One line: what differs, and what each report has there."""

    what: str
    first: str
    second: str


def recipe_differences(first: Report, second: Report) -> list[Difference]:
    """In the video, the network, its preset, the options and the software, by the names of docs/report.md."""
    return _differing_fields(first, second, RECIPE)


def number_differences(first: Report, second: Report) -> list[Difference]:
    """In verdict and coverage, in each person, and in the frames, where the largest difference is named.

    Empty where the numbers of both reports are the same.
    """
    return [
        *_differing_fields(first, second, RESULT),
        *_differing_tracks(first.tracks, second.tracks),
        *_differing_frames(first.frames, second.frames),
        *_differing_suspicion(first.suspicious_frames, second.suspicious_frames),
    ]


def _differing_fields(first: Report, second: Report, parts: Sequence[str]) -> list[Difference]:
    a, b = (
        {name: value for part in parts for name, value in _leaves(part, report_document(report)[part])}
        for report in (first, second)
    )
    return [
        Difference(name, a.get(name, NONE), b.get(name, NONE))
        for name in [*a, *(name for name in b if name not in a)]
        if a.get(name) != b.get(name)
    ]


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """ "detector.preset", "meso256" and so on."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(f"{name}.{key}", item)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(f"{name}.{number}", item)
    else:
        yield name, NONE if value is None else str(value)


def _differing_tracks(first: Sequence[FaceTrack], second: Sequence[FaceTrack]) -> Iterator[Difference]:
    a, b = ({track.id: track for track in tracks} for tracks in (first, second))
    for id_ in sorted(a.keys() | b.keys()):
        if a.get(id_) != b.get(id_):
            label = (a.get(id_) or b[id_]).label
            yield Difference(f"face {label}", _track(a.get(id_)), _track(b.get(id_)))


def _track(track: FaceTrack | None) -> str:
    if track is None:
        return "not there"
    score = (
        f"{track.score.mean:.6f} ({track.score.low:.6f} to {track.score.high:.6f})" if track.score else NONE
    )
    return (
        f"{score}, {track.frames_scored} of {track.frames_seen} frames, {track.first_s} to {track.last_s} s"
    )


def _differing_frames(first: Sequence[FrameScore], second: Sequence[FrameScore]) -> Iterator[Difference]:
    a, b = ({frame.index: frame for frame in frames} for frames in (first, second))
    if a.keys() != b.keys():
        yield Difference("frames looked at", _count(a, b), _count(b, a))
    shared = [(a[index], b[index]) for index in sorted(a.keys() & b.keys())]
    scores = [(x, y) for x, y in shared if x.fake_probability != y.fake_probability]
    if scores:
        x, y = max(scores, key=_distance)
        where = f"frame scores: {len(scores)} of {len(shared)} differ, most in {_place(x)}"
        yield Difference(where, _score(x.fake_probability), _score(y.fake_probability))
    faces = [(x, y) for x, y in shared if x != y]
    if faces:
        x, y = faces[0]
        where = f"faces: in {len(faces)} of {len(shared)} frames, first in {_place(x)}"
        yield Difference(where, _faces(x), _faces(y))


def _differing_suspicion(first: Sequence[int], second: Sequence[int]) -> Iterator[Difference]:
    """Other thresholds make other frames suspicious, with the same scores."""
    if first != second:
        yield Difference("suspicious frames", str(len(first)), str(len(second)))


def _distance(pair: tuple[FrameScore, FrameScore]) -> float:
    """How far apart two frame scores are. A score against none is no distance, so it comes last."""
    a, b = (frame.fake_probability for frame in pair)
    return -1.0 if a is None or b is None else abs(a - b)


def _count(frames: Mapping[int, FrameScore], others: Mapping[int, FrameScore]) -> str:
    return f"{len(frames)}, {len(frames.keys() - others.keys())} of them only here"


def _place(frame: FrameScore) -> str:
    return f"frame {frame.index} ({frame.time_s:.2f} s)"


def _score(score: float | None) -> str:
    return NONE if score is None else f"{score:.6f}"


def _faces(frame: FrameScore) -> str:
    return "; ".join(_face(face) for face in frame.faces) or NONE


def _face(face: FaceScore) -> str:
    box = face.box
    return (
        f"person {face.track_id}: {_score(face.fake_probability)} "
        f"at {box.x1:g},{box.y1:g},{box.x2:g},{box.y2:g}, confidence {face.confidence:g}"
    )
