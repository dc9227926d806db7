"""When scores beyond a threshold still support no verdict: they do not hold, or nobody knows their errors."""

from collections.abc import Sequence

from deeptrace_core.model import Coverage, DetectorInfo, Doubt, FaceTrack, Verdict

DOUBTS = {
    Doubt.CHANGES_WITH_COMPRESSION: "The scores change sides when the faces are compressed once more.",
    Doubt.CHANGES_WITH_SIZE: "The scores change sides when the faces are shown at half the size.",
    Doubt.MOSTLY_UNSCORED: "In most frames with a face, no face was large enough to be scored.",
    Doubt.SMALLER_THAN_MEASURED: "The faces are smaller than those on which the detector was measured.",
    Doubt.BLURRIER_THAN_MEASURED: "The faces are less sharp than those on which the detector was measured.",
    Doubt.MORE_COMPRESSED_THAN_MEASURED: "The file is more compressed than those on which the detector was "
    "measured.",
    Doubt.DETECTORS_DISAGREE: "One detector finds signs in this face, and another finds none.",
}
"""Each doubt in a sentence."""


def doubts_about(
    verdict: Verdict,
    tracks: Sequence[FaceTrack],
    coverage: Coverage,
    detector: DetectorInfo,
    bits_per_px: float | None,
) -> tuple[Doubt, ...]:
    """What stands against this verdict on these persons, in the order of `Doubt`."""
    if verdict is Verdict.INCONCLUSIVE:
        return ()
    found = set()
    for track in tracks:
        if track.probe is not None:
            if _flips(verdict, track.probe.mean, track.probe.compressed_mean, detector):
                found.add(Doubt.CHANGES_WITH_COMPRESSION)
            if _flips(verdict, track.probe.mean, track.probe.half_size_mean, detector):
                found.add(Doubt.CHANGES_WITH_SIZE)
        if _disagree(track, detector):
            found.add(Doubt.DETECTORS_DISAGREE)
        if detector.quality_floor is not None:
            if track.face_px is not None and track.face_px < detector.quality_floor.min_face_px:
                found.add(Doubt.SMALLER_THAN_MEASURED)
            if track.sharpness is not None and track.sharpness < detector.quality_floor.min_sharpness:
                found.add(Doubt.BLURRIER_THAN_MEASURED)
    if (
        detector.quality_floor is not None
        and bits_per_px is not None
        and bits_per_px < detector.quality_floor.min_bits_per_px
    ):
        found.add(Doubt.MORE_COMPRESSED_THAN_MEASURED)
    # Who was never seen clearly is no reason to doubt what was seen on somebody else.
    if verdict is Verdict.NO_SIGNS_FOUND and 2 * coverage.frames_scored < coverage.frames_with_face:
        found.add(Doubt.MOSTLY_UNSCORED)
    return tuple(doubt for doubt in Doubt if doubt in found)


def _disagree(track: FaceTrack, detector: DetectorInfo) -> bool:
    pairs = list(zip(track.member_scores, detector.members, strict=True))
    above = any(score.low > member.threshold_high for score, member in pairs)
    return above and any(score.high < member.threshold_low for score, member in pairs)


def _flips(verdict: Verdict, mean: float, worse_mean: float, detector: DetectorInfo) -> bool:
    if verdict is Verdict.SIGNS_FOUND:
        return mean > detector.threshold_high >= worse_mean
    return mean < detector.threshold_low <= worse_mean
