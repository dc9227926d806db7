"""The domain: what a video, a face, a person in it and a report are.

Standard library only. Everything is frozen; change with `dataclasses.replace`.
Times in a video are seconds from its first frame; times of the world are RFC 3339 UTC strings, made
once, so that they survive every store bit for bit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from deeptrace_core.audio import Audio
from deeptrace_core.media_kind import MediaKind as MediaKind
from deeptrace_core.provenance import Provenance
from deeptrace_core.verdict import ScoreRange as ScoreRange
from deeptrace_core.verdict import Verdict as Verdict

REPORT_SCHEMA = "deeptrace.report/1"


class Reason(StrEnum):
    """Why there is no score on a file, or on one face in it."""

    NO_FACE = "NO_FACE"
    FACE_TOO_SMALL = "FACE_TOO_SMALL"
    TOO_FEW_FRAMES = "TOO_FEW_FRAMES"
    ONE_PICTURE = "ONE_PICTURE"
    """A picture has one score for each face, and no range."""
    NO_PICTURE = "NO_PICTURE"
    """There is sound alone in the file."""
    MODEL_UNAVAILABLE = "MODEL_UNAVAILABLE"


class Doubt(StrEnum):
    """Why a verdict is inconclusive though the scores alone lie beyond a threshold."""

    CHANGES_WITH_COMPRESSION = "CHANGES_WITH_COMPRESSION"
    """The same faces, compressed once more, score on the other side of the threshold."""
    CHANGES_WITH_SIZE = "CHANGES_WITH_SIZE"
    """Likewise at half the size."""
    MOSTLY_UNSCORED = "MOSTLY_UNSCORED"
    """Faces could be scored in less than half of the frames in which there were any."""
    SMALLER_THAN_MEASURED = "SMALLER_THAN_MEASURED"
    """The faces are smaller than those on which the detector's error rates were measured."""
    BLURRIER_THAN_MEASURED = "BLURRIER_THAN_MEASURED"
    MORE_COMPRESSED_THAN_MEASURED = "MORE_COMPRESSED_THAN_MEASURED"
    DETECTORS_DISAGREE = "DETECTORS_DISAGREE"
    """One detector of an ensemble would find signs in a person, and another none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A rectangle in the upright picture, in pixels: left, top, right, bottom."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def width_px(self) -> float:
        return self.x2 - self.x1

    @property
    def height_px(self) -> float:
        return self.y2 - self.y1

    @property
    def center(self) -> tuple[float, float]:
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2


Point = tuple[float, float]


class Landmarks(NamedTuple):
    """Five points of a face in the upright picture, in pixels; left and right as seen in the picture."""

    left_eye: Point
    right_eye: Point
    nose: Point
    left_mouth: Point
    right_mouth: Point


@dataclass(frozen=True, kw_only=True, slots=True)
class Face:
    """One face found in one frame."""

    box: Box
    landmarks: Landmarks
    confidence: float
    """The face finder's own probability that this is a face, 0 to 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FaceScore:
    """What was measured on one face in one frame."""

    track_id: int
    box: Box
    confidence: float
    fake_probability: float | None
    """0 to 1, or None if it was not scored; then `unscored_reason` says why."""
    unscored_reason: Reason | None = None
    sharpness: float | None = None
    """Variance of the Laplacian of the face at 128 px, in squared grey levels; None if it was not scored."""
    compressed_probability: float | None = None
    """The score of the same face after JPEG at quality 70. Only some faces are tried, see `Probe`."""
    half_size_probability: float | None = None
    """The score of the same face after it was halved in size and enlarged again."""
    member_probabilities: tuple[float, ...] = ()
    """What each detector of an ensemble gave, in the order of `DetectorInfo.members`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FrameScore:
    """One sampled frame and all faces in it."""

    index: int
    """Position in the video, counted from 0 in the order of showing."""
    time_s: float
    faces: tuple[FaceScore, ...]

    @property
    def fake_probability(self) -> float | None:
        """The score of the worst face, or None where no face was scored."""
        scores = [face.fake_probability for face in self.faces if face.fake_probability is not None]
        return max(scores, default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """Whether the scores of some faces of a person hold when the picture gets worse."""

    frames: int
    mean: float
    """Of the faces that were tried, as they are."""
    compressed_mean: float
    """Of the same faces after JPEG at quality 70."""
    half_size_mean: float
    """Of the same faces at half the size."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FaceTrack:
    """One person followed through time."""

    id: int
    first_s: float
    last_s: float
    frames_seen: int
    frames_scored: int
    score: ScoreRange | None
    """None where fewer frames were scored than a statement needs."""
    face_px: float | None
    """Median of the shorter side of the scored faces, in pixels."""
    sharpness: float | None
    """Median, see `FaceScore.sharpness`."""
    probe: Probe | None
    member_scores: tuple[ScoreRange, ...] = ()
    """The same by each detector of an ensemble, in the order of `DetectorInfo.members`."""

    @property
    def label(self) -> str:
        """A, B, ... Z, AA, AB, ...: how people call this track."""
        label, rest = "", self.id + 1
        while rest:
            rest, letter = divmod(rest - 1, 26)
            label = chr(ord("A") + letter) + label
        return label


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """How much of the video the scores rest on."""

    frames_asked: int
    frames_decoded: int
    frames_with_face: int
    frames_scored: int
    faces_found: int
    faces_too_small: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessed:
    """A verdict that rests on scores. Never NOT_ASSESSED."""

    verdict: Verdict
    score: ScoreRange
    """The score of the worst person."""
    track_id: int
    """The person who drove the verdict."""
    doubts: tuple[Doubt, ...]
    """Why the verdict is inconclusive though the scores are not. Empty for any other verdict."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotAssessed:
    """Nothing can be said, and this is why. It carries no score on purpose."""

    reason: Reason
    explanation: str
    advice: str
    verdict: Verdict = Verdict.NOT_ASSESSED


Finding = Assessed | NotAssessed


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaInfo:
    """What the file says of itself, and what was counted in it."""

    sha256: str
    size_bytes: int
    container: str
    video_codec: str
    """"" for what is no video."""
    width_px: int
    """0 where there is no picture, like `height_px`."""
    height_px: int
    rotation_deg: int
    """How far the stored picture is turned clockwise to be upright: 0, 90, 180 or 270."""
    duration_s: float
    frame_count: int
    has_audio: bool
    kind: MediaKind = MediaKind.VIDEO
    more_pictures: int = 0
    """How many other video streams, or pictures of a JPEG file, were not looked at."""

    @property
    def bits_per_px(self) -> float:
        """Of the whole file, sound included: bits for each pixel of each frame of a video."""
        return 8 * self.size_bytes / (self.frame_count * self.width_px * self.height_px)


@dataclass(frozen=True, kw_only=True, slots=True)
class AccuracyFigure:
    """One number about a detector, and whose it is."""

    metric: str
    value: float
    data: str
    origin: str
    """"measured" by this project, or "published" by the authors."""
    low: float | None = None
    high: float | None = None
    """The 95 % interval, where there is one. It covers the choice of cases, not material of another kind."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QualityFloor:
    """The worst material on which a detector's error rates were measured: beyond it they are not known."""

    min_face_px: float
    min_sharpness: float
    min_bits_per_px: float
    """Of the whole file: bits for each pixel of each frame."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOut:
    """A detector that was asked for and gave no scores, and why."""

    name: str
    explanation: str
    advice: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectorInfo:
    """Which network gave the scores, from which bytes, and how they are read.

    Of an ensemble, see `deeptrace_core.ensemble`, the fields sum up its members.
    """

    name: str
    architecture: str
    weights_sha256: str
    licence: str
    preset: str
    preset_sha256: str
    threshold_low: float
    """A likely range wholly below this reads as no signs found."""
    threshold_high: float
    """A likely range wholly above this reads as signs found; a frame at or above it is suspicious."""
    accuracy: tuple[AccuracyFigure, ...]
    quality_floor: QualityFloor | None = None
    """None where nobody has measured it on known material."""
    members: "tuple[DetectorInfo, ...]" = ()
    """The detectors of an ensemble that gave scores; empty for a single detector."""
    left_out: tuple[LeftOut, ...] = ()
    """The detectors of an ensemble that gave none."""


MAX_FRAMES = 500_000
"""Two hours at 60 frames a second. A report on as many frames takes 65 MB for two faces in each."""
MAX_RATE_HZ = 240
SMALLEST_FACE_PX = 20
"""What the face finder can see at all."""
LARGEST_FACE_PX = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class AnalysisOptions:
    """What the person asked for. Frames are spread evenly over the whole video."""

    detector: str
    """A detector, or several with "+" between their names."""
    min_frames: int = 32
    """Frames to look at, even in a short clip."""
    rate_hz: float = 1.0
    """Frames a second to look at, once that gives more than `min_frames`."""
    max_frames: int = 10_000
    """Above this the rate is lowered."""
    min_face_px: int = 64
    """The shorter side of a face box must be at least this long to be scored."""
    activation_maps: bool = False
    """Whether to keep, for each face that is kept as a picture, where the network looked."""

    def __post_init__(self) -> None:
        if not 1 <= self.min_frames <= self.max_frames <= MAX_FRAMES:
            raise ValueError(f"The number of frames must be from 1 to {MAX_FRAMES}, not {self.min_frames}.")
        if not 0 <= self.rate_hz <= MAX_RATE_HZ:
            raise ValueError(f"The sampling rate must be from 0 to {MAX_RATE_HZ} Hz, not {self.rate_hz:g}.")
        if not SMALLEST_FACE_PX <= self.min_face_px <= LARGEST_FACE_PX:
            raise ValueError(
                f"The smallest face must be from {SMALLEST_FACE_PX} to {LARGEST_FACE_PX} pixels, "
                f"not {self.min_face_px}."
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Software:
    """What computed the scores."""

    deeptrace: str
    commit: str | None
    device: str
    libraries: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Everything that was measured on one video. Its canonical bytes are what is hashed."""

    schema: str
    report_id: str
    salt: str
    """128 random bits: nobody with the same video can guess the digest of this report."""
    created_at: str
    media: MediaInfo
    options: AnalysisOptions
    detector: DetectorInfo | None
    """None where no detector could be loaded; the finding then says so."""
    software: Software
    coverage: Coverage
    finding: Finding
    tracks: tuple[FaceTrack, ...]
    frames: tuple[FrameScore, ...]
    limits: tuple[str, ...]
    visual_prob: float | None
    """The video score, under the name that older clients know."""
    visual_scores: tuple[float | None, ...]
    """The frame scores, one for each entry of `frames`; null where no face was scored."""
    suspicious_frames: tuple[int, ...]
    """The `index` of each frame whose score is at or above `threshold_high`."""
    provenance: Provenance | None = None
    """None where nobody looked: in reports made before this was read. No verdict rests on it."""
    audio: Audio | None = None
    """A finding of its own on the voices; None where nobody listened. The fields above do not rest on it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Thumbnail:
    """A small picture of one scored face."""

    track_id: int
    frame_index: int
    time_s: float
    fake_probability: float
    webp: bytes
    activation_webp: bytes | None = None
    """The face as the network was given it, with what raised its score made bright; only if asked for."""
