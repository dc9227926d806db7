"""The order of the faces of a video, the same wherever they appear on the page."""

from deeptrace_core.model import FaceTrack, Report


def ranked(report: Report) -> list[FaceTrack]:
    """The faces with any score: the highest mean first, those with too few frames for a mean last."""
    scored = (track for track in report.tracks if track.frames_scored)
    return sorted(scored, key=lambda track: track.score.mean if track.score else -1.0, reverse=True)
