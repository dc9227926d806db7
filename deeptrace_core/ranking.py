"""The order of the faces of a report, the same wherever they appear on the page."""

from deeptrace_core.model import FaceTrack, MediaKind, Report


def ranked(report: Report) -> list[FaceTrack]:
    """The faces with any score: the highest mean first, those with too few frames for a mean last."""
    scored = (track for track in report.tracks if track.frames_scored)
    alone = scores_in_picture(report)

    def height(track: FaceTrack) -> float:
        return track.score.mean if track.score else alone.get(track.id, -1.0)

    return sorted(scored, key=height, reverse=True)


def scores_in_picture(report: Report) -> dict[int, float]:
    """The one score of each face of a picture, by the id of its track; empty for anything else."""
    if report.media.kind is not MediaKind.PICTURE:
        return {}
    return {
        face.track_id: face.fake_probability
        for frame in report.frames
        for face in frame.faces
        if face.fake_probability is not None
    }
