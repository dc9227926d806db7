"""The scores of each face through time, as a chart needs them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deeptrace_core.model import FrameScore

MAX_BUCKETS = 750
"""About one for each pixel that a line has; a browser draws more slowly and shows no more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One face: a score or a gap for each frame that was looked at."""

    times_s: tuple[float, ...]
    scores: tuple[float | None, ...]

    def alone(self) -> tuple[bool, ...]:
        """Which scores have a gap on both sides. A line does not show them: they need a marker."""
        around = (None, *self.scores, None)
        return tuple(
            score is not None and around[i] is None and around[i + 2] is None
            for i, score in enumerate(self.scores)
        )


def series_of(frames: Sequence[FrameScore], track_ids: Iterable[int]) -> dict[int, Series]:
    """The series of these faces, in this order. A face that a frame does not show has a gap there."""
    times_s = tuple(frame.time_s for frame in frames)
    scores: dict[int, list[float | None]] = {track_id: [None] * len(frames) for track_id in track_ids}
    for position, frame in enumerate(frames):
        for face in frame.faces:
            if face.track_id in scores:
                scores[face.track_id][position] = face.fake_probability
    return {id_: thinned(Series(times_s=times_s, scores=tuple(line))) for id_, line in scores.items()}


def thinned(series: Series, max_buckets: int = MAX_BUCKETS) -> Series:
    """The lowest and the highest score of each stretch of time: no peak is lost, however short it is."""
    count = len(series.scores)
    if count <= 2 * max_buckets:
        return series
    step = math.ceil(count / max_buckets)
    kept: list[int] = []
    for start in range(0, count, step):
        scored = [
            (score, position)
            for position, score in enumerate(series.scores[start : start + step], start)
            if score is not None
        ]
        kept += sorted({min(scored)[1], max(scored)[1]}) if scored else [start]
    return Series(
        times_s=tuple(series.times_s[position] for position in kept),
        scores=tuple(series.scores[position] for position in kept),
    )
