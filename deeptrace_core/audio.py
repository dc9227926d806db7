"""What may be said about the voices in a file. Standard library only.

Experimental, and a finding of its own: the verdict on the faces does not rest on it, nor it on them.
"""

from dataclasses import dataclass
from enum import StrEnum

from deeptrace_core.verdict import ScoreRange, Verdict


class AudioReason(StrEnum):
    """Why nothing is said about the voices."""

    NO_AUDIO = "NO_AUDIO"
    """There is no sound track, or nothing is in it."""
    NO_SPEECH = "NO_SPEECH"
    """There is sound, and no speech was heard in it."""
    TOO_LITTLE_SPEECH = "TOO_LITTLE_SPEECH"
    MODEL_UNAVAILABLE = "MODEL_UNAVAILABLE"
    PROTECTED = "PROTECTED"
    """The track is encrypted (DRM)."""
    UNDECODABLE = "UNDECODABLE"
    """Its coding is not known here, or it is damaged."""
    LISTENING_FAILED = "LISTENING_FAILED"
    """A fault of this program or machine."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AudioAssessed:
    """A verdict that rests on scores. Never NOT_ASSESSED."""

    verdict: Verdict
    score: ScoreRange
    """Over all windows in which somebody speaks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AudioNotAssessed:
    """Nothing can be said, and this is why. It carries no score on purpose."""

    reason: AudioReason
    explanation: str
    advice: str
    verdict: Verdict = Verdict.NOT_ASSESSED


AudioFinding = AudioAssessed | AudioNotAssessed


@dataclass(frozen=True, kw_only=True, slots=True)
class AudioTrack:
    """The sound track that was listened to, the first one of the file."""

    codec: str
    channels: int
    rate_hz: int
    more_tracks: int
    """How many others are in the file; they were not listened to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waveform:
    """The course of the loudness, coarse enough to be drawn: columns that follow each other."""

    start_s: float
    column_s: float
    low: tuple[int, ...]
    """The lowest sample in each column, in thousandths of full scale, -1000 to 1000."""
    high: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Spectrogram:
    """How loud low and high tones are over time, coarse enough to be drawn: columns as of a `Waveform`."""

    start_s: float
    column_s: float
    edges_hz: tuple[int, ...]
    """Where each band begins, the lowest first, and where the last one ends."""
    floor_db: int
    """The level 0: this or less. The level 255 is 0 dB or more, and 0 dB a sine of full scale."""
    levels: str
    """A byte for the loudest moment of each band in each column: the bands of the first column, then those of
    the next; in base64."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AudioDetectorInfo:
    """Which network gave the scores, from which bytes, and how they are read. Thresholds as for faces."""

    name: str
    architecture: str
    weights_sha256: str
    licence: str
    trained_on: str
    threshold_low: float
    threshold_high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Audio:
    """Everything that was heard. Times are seconds from the first frame of the video."""

    finding: AudioFinding
    limits: tuple[str, ...]
    track: AudioTrack | None = None
    """None where there is none, or nothing could be learned about it."""
    detector: AudioDetectorInfo | None = None
    window_s: float = 0.0
    """How long each window is; the next begins before it ends."""
    times_s: tuple[float, ...] = ()
    """Where each window begins."""
    scores: tuple[float | None, ...] = ()
    """The likelihood that the voice in each window was made or changed by a program, 0 to 1; null where
    nobody speaks."""
    waveform: Waveform | None = None
    spectrogram: Spectrogram | None = None
