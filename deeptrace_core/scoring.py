"""Face scores -> persons -> video -> verdict. Pure, standard library only.

Frame score = the worst face of the frame. Track score = the mean over the person's frames, with the range
in which that mean likely lies. Video score = the worst person with enough frames.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import NormalDist, fmean, median, variance

from deeptrace_core.doubts import doubts_about
from deeptrace_core.model import (
    Assessed,
    Coverage,
    DetectorInfo,
    FaceScore,
    FaceTrack,
    Finding,
    FrameScore,
    MediaKind,
    NotAssessed,
    Probe,
    Reason,
    ScoreRange,
    Verdict,
)

MIN_TRACK_FRAMES = 4
"""Fewer scored frames of a person than this support no statement about that person."""

CONFIDENCE = 0.95
"""How often a range made this way covers the mean, if frames of the same video were drawn again."""


def mean_range(scores: Sequence[float]) -> ScoreRange:
    """The mean of consecutive scores and its 95 % range.

    Neighbouring frames repeat each other, so the range uses the effective sample size of a first-order
    autoregressive series, n (1 - r) / (1 + r) (Wilks, Statistical Methods in the Atmospheric Sciences,
    2011, eq. 5.12), with Student's t. It covers frame-to-frame variation only, not the detector's error.

    Args:
        scores: at least two values from 0 to 1, in order of time.
    """
    n, mean, spread = len(scores), fmean(scores), variance(scores)
    if spread == 0:
        return ScoreRange(mean=mean, low=mean, high=mean)
    lagged = sum((a - mean) * (b - mean) for a, b in pairwise(scores))
    correlation = min(max(lagged / ((n - 1) * spread), 0.0), 0.99)
    effective_n = max(n * (1 - correlation) / (1 + correlation), 2.0)
    half = _student_t(effective_n - 1) * math.sqrt(spread / effective_n)
    return ScoreRange(mean=mean, low=max(mean - half, 0.0), high=min(mean + half, 1.0))


def _student_t(degrees: float) -> float:
    """Two-sided Student's t quantile (Abramowitz & Stegun 1964, 26.7.5; within 3 % from 3 degrees on)."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    return (
        z
        + (z**3 + z) / (4 * degrees)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * degrees**3)
    )


def tracks_of(frames: Iterable[FrameScore]) -> tuple[FaceTrack, ...]:
    """The persons of a video, in the order of their track ids."""
    seen: dict[int, list[tuple[float, FaceScore]]] = defaultdict(list)
    for frame in frames:
        for face in frame.faces:
            seen[face.track_id].append((frame.time_s, face))
    return tuple(_track(track_id, seen[track_id]) for track_id in sorted(seen))


def _track(track_id: int, faces: Sequence[tuple[float, FaceScore]]) -> FaceTrack:
    scored = [face for _, face in faces if face.fake_probability is not None]
    scores = [face.fake_probability for face in scored if face.fake_probability is not None]
    sharpness = [face.sharpness for face in scored if face.sharpness is not None]
    return FaceTrack(
        id=track_id,
        first_s=faces[0][0],
        last_s=faces[-1][0],
        frames_seen=len(faces),
        frames_scored=len(scores),
        score=mean_range(scores) if len(scores) >= MIN_TRACK_FRAMES else None,
        face_px=median(min(face.box.width_px, face.box.height_px) for face in scored) if scored else None,
        sharpness=median(sharpness) if sharpness else None,
        probe=_probe(scored),
        member_scores=_member_scores(scored) if len(scores) >= MIN_TRACK_FRAMES else (),
    )


def _member_scores(faces: Iterable[FaceScore]) -> tuple[ScoreRange, ...]:
    return tuple(map(mean_range, zip(*(face.member_probabilities for face in faces), strict=True)))


def _probe(faces: Iterable[FaceScore]) -> Probe | None:
    tried = [
        (face.fake_probability, face.compressed_probability, face.half_size_probability)
        for face in faces
        if face.fake_probability is not None
        and face.compressed_probability is not None
        and face.half_size_probability is not None
    ]
    if not tried:
        return None
    mean, compressed_mean, half_size_mean = map(fmean, zip(*tried, strict=True))
    return Probe(frames=len(tried), mean=mean, compressed_mean=compressed_mean, half_size_mean=half_size_mean)


def coverage_of(frames: Sequence[FrameScore], *, frames_asked: int) -> Coverage:
    """How much of what was asked for could be looked at and scored."""
    faces = [face for frame in frames for face in frame.faces]
    return Coverage(
        frames_asked=frames_asked,
        frames_decoded=len(frames),
        frames_with_face=sum(bool(frame.faces) for frame in frames),
        frames_scored=sum(frame.fake_probability is not None for frame in frames),
        faces_found=len(faces),
        faces_too_small=sum(face.unscored_reason is Reason.FACE_TOO_SMALL for face in faces),
    )


def find(
    tracks: Iterable[FaceTrack],
    coverage: Coverage,
    *,
    detector: DetectorInfo,
    bits_per_px: float | None,
    min_face_px: int,
    kind: MediaKind = MediaKind.VIDEO,
) -> Finding:
    """The verdict on a video, from its worst person; or why there is none. On a picture there is never one.

    Signs are found where the whole likely range of a person lies above `threshold_high`; the worst such
    person counts. No signs are found where the ranges of all persons lie below `threshold_low`. Everything
    between is inconclusive, and so is whatever leaves a doubt.

    Args:
        bits_per_px: see `MediaInfo.bits_per_px`; None for pictures that are no video.
    """
    scored = [(track.score, track) for track in tracks if track.score is not None]
    if not scored:
        if kind is MediaKind.PICTURE:
            return _picture_not_assessed(coverage, min_face_px)
        return _not_assessed(coverage, min_face_px)
    above = [(score, track) for score, track in scored if score.low > detector.threshold_high]
    if above:
        verdict = Verdict.SIGNS_FOUND
    elif all(score.high < detector.threshold_low for score, _ in scored):
        verdict = Verdict.NO_SIGNS_FOUND
    else:
        verdict = Verdict.INCONCLUSIVE
    sure = [pair for pair in above if not doubts_about(verdict, [pair[1]], coverage, detector, bits_per_px)]
    score, worst = max(sure or above or scored, key=lambda pair: pair[0].mean)
    concerned = [worst] if above else [track for _, track in scored]
    doubts = doubts_about(verdict, concerned, coverage, detector, bits_per_px)
    return Assessed(
        verdict=Verdict.INCONCLUSIVE if doubts else verdict, score=score, track_id=worst.id, doubts=doubts
    )


def _not_assessed(coverage: Coverage, min_face_px: int) -> NotAssessed:
    if not coverage.faces_found:
        return NotAssessed(
            reason=Reason.NO_FACE,
            explanation=f"No face was found in the {coverage.frames_decoded} frames looked at. "
            "This says nothing about the rest of the picture or the sound.",
            advice="If a face is visible for a short time, analyze with more frames.",
        )
    if coverage.faces_too_small == coverage.faces_found:
        return NotAssessed(
            reason=Reason.FACE_TOO_SMALL,
            explanation=f"No face large enough to score was found (needs {min_face_px} px). "
            "This says nothing about the rest of the picture or the sound.",
            advice="Get the video in a higher resolution, as close to the original as possible.",
        )
    return NotAssessed(
        reason=Reason.TOO_FEW_FRAMES,
        explanation=f"No person could be scored in {MIN_TRACK_FRAMES} or more frames, "
        "and fewer support no statement.",
        advice="Analyze with more frames, or get a longer version of the video.",
    )


def _picture_not_assessed(coverage: Coverage, min_face_px: int) -> NotAssessed:
    larger = "Get the picture in a higher resolution, as close to the original as possible."
    if not coverage.faces_found:
        return NotAssessed(
            reason=Reason.NO_FACE,
            explanation="No face was found in the picture. This says nothing about the rest of it.",
            advice=f"If there is a face in it: {larger[0].lower()}{larger[1:]}",
        )
    if coverage.faces_too_small == coverage.faces_found:
        return NotAssessed(
            reason=Reason.FACE_TOO_SMALL,
            explanation=f"No face large enough to score was found (needs {min_face_px} px). "
            "This says nothing about the rest of the picture.",
            advice=larger,
        )
    return NotAssessed(
        reason=Reason.ONE_PICTURE,
        explanation="One picture gives one score for each face, and no range in which that score likely "
        "lies. So there is no verdict on it.",
        advice="Read the score of each face with that in mind. "
        "If there is a video of the same moment, analyze that, too.",
    )
