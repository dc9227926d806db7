"""What a report says, in sentences. Each holds for any report; `words` has the words themselves."""

from collections.abc import Sequence

from deeptrace_core import words
from deeptrace_core.accuracy import error_rates
from deeptrace_core.doubts import DOUBTS
from deeptrace_core.model import (
    Assessed,
    Coverage,
    DetectorInfo,
    FaceTrack,
    MediaKind,
    Report,
    ScoreRange,
    Verdict,
)
from deeptrace_core.phrases import counted, score, video_time
from deeptrace_core.ranking import scores_in_picture
from deeptrace_core.segments import Segment

NEARLY_ALL = 0.95
"""From this share of scored frames on, the video counts as wholly assessed."""


def face(track: FaceTrack) -> str:
    """What people call a track: "Face B"."""
    return f"Face {track.label}"


def headline(finding: Assessed, tracks: Sequence[FaceTrack]) -> str:
    """The verdict, and the face where signs were found."""
    word = words.VERDICTS[finding.verdict]
    if finding.verdict is Verdict.SIGNS_FOUND:
        return f"{word} on {face(_driver(finding, tracks))}."
    return f"{word}."


def score_and_range(value: ScoreRange) -> str:
    """ "Score 0.91, likely range 0.85 to 0.95." """
    return f"Score {score(value.mean)}, likely range {score(value.low)} to {score(value.high)}."


def standing(track: FaceTrack, report: Report) -> str:
    """What is known of one face."""
    if track.score:
        return score_and_range(track.score)
    alone = scores_in_picture(report).get(track.id)
    return "Too few frames for a score." if alone is None else f"Score {score(alone)}, without a range."


def doubts(finding: Assessed) -> str:
    """Why there is no other verdict though the score lies beyond a threshold."""
    return " ".join(DOUBTS[doubt] for doubt in finding.doubts)


def drove(finding: Assessed, tracks: Sequence[FaceTrack]) -> str:
    """Whose score it is: that of the worst face."""
    scored = sum(track.score is not None for track in tracks)
    if scored == 1:
        return "One face could be scored."
    highest = max(track.score.mean for track in tracks if track.score is not None)
    rank = "the highest" if finding.score.mean == highest else "the surest"
    return f"The score is that of {face(_driver(finding, tracks))}, {rank} of {scored} faces."


def _driver(finding: Assessed, tracks: Sequence[FaceTrack]) -> FaceTrack:
    return next(track for track in tracks if track.id == finding.track_id)


def coverage(counts: Coverage) -> str:
    """For how much of the video faces could be scored."""
    looked, scored = counts.frames_decoded, counts.frames_scored
    frames = f"in {scored:,} of the {looked:,} frames looked at"
    if looked and scored >= NEARLY_ALL * looked:
        return f"Faces were scored {frames}."
    # Never rounded up to "100 %", nor down to "0 %" where something was scored.
    share = min(max(round(100 * scored / max(looked, 1)), 1), 99)
    return f"Partly assessed: {share} % of frames had a face that could be scored ({scored:,} of {looked:,})."


def undecoded(counts: Coverage) -> str | None:
    """What was asked for and could not be read, if anything."""
    missing = counts.frames_asked - counts.frames_decoded
    if missing <= 0:
        return None
    return f"{counted(missing, 'frame', 'frames')} of {counts.frames_asked:,} could not be decoded."


def too_small(report: Report) -> str | None:
    """Faces which were found and not scored, if any."""
    number = report.coverage.faces_too_small
    if not number:
        return None
    faces = counted(number, "face picture was", "face pictures were")
    return f"{faces} smaller than {report.options.min_face_px} px and not scored."


def detector(info: DetectorInfo | None) -> str:
    """Who says it, and how far that can be trusted."""
    if info is None:
        return ""
    rates = error_rates(info) or "its error rates on videos like this are not measured"
    said = (
        f"Detector: {info.name}; {rates}{'' if info.threshold_low else ', and its low scores say nothing'}."
    )
    return " ".join([said, *(f"Left out: {one.name}. {one.explanation}" for one in info.left_out)])


def members(track: FaceTrack, info: DetectorInfo | None) -> str:
    """What each detector of an ensemble says of a face; "" where there is only one."""
    if info is None or len(track.member_scores) < 2:
        return ""
    return "; ".join(
        f"{member.name} {score(own.mean)} ({score(own.low)} to {score(own.high)})"
        for member, own in zip(info.members, track.member_scores, strict=True)
    )


def seen(track: FaceTrack, report: Report) -> str:
    """When a face was seen, and in how many frames it was scored; "" in a picture, which has no time."""
    if report.media.kind is MediaKind.PICTURE:
        return ""
    when = f"at {video_time(track.first_s)}"
    if track.last_s > track.first_s:
        when = f"from {video_time(track.first_s)} to {video_time(track.last_s)}"
    return (
        f"Seen {when}, scored in {track.frames_scored:,} of {counted(track.frames_seen, 'frame', 'frames')}."
    )


def scale_alt(value: ScoreRange, low: float, high: float) -> str:
    """The scale of the verdict band for those who do not see it."""
    return (
        f"Scale from 0 to 1. {score_and_range(value)} "
        f"A range below {score(low)} reads as no signs, a range above {score(high)} as signs found."
    )


def interval(segment: Segment) -> str:
    """From when to when: "0:04.2 to 0:07.0", or one moment."""
    first, last = video_time(segment.first_s), video_time(segment.last_s)
    return first if first == last else f"{first} to {last}"
