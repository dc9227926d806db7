"""What may have been heard, invented."""

import base64
import math

from deeptrace_core.audio import (
    Audio,
    AudioDetectorInfo,
    AudioNotAssessed,
    AudioReason,
    AudioTrack,
    Spectrogram,
    Waveform,
)
from deeptrace_core.audio_finding import LIMITS, find_audio

DETECTOR = AudioDetectorInfo(
    name="aasist",
    architecture="aasist",
    weights_sha256="51d2" * 16,
    licence="MIT",
    trained_on="ASVspoof 2019 LA",
    threshold_low=0.0,
    threshold_high=0.9,
)
TRACK = AudioTrack(codec="aac", channels=2, rate_hz=48_000, more_tracks=0)
WINDOW_S = 4.0375


def spectrogram(columns: int = 400, bands: int = 64) -> Spectrogram:
    """A tone that goes up and down, over noise."""
    levels = bytes(
        max(
            90 - band + (7 * column * band) % 23,
            220 - 20 * abs(band - round(20 + 12 * math.sin(column / 30))),
        )
        for column in range(columns)
        for band in range(bands)
    )
    return Spectrogram(
        start_s=0.0,
        column_s=0.032,
        edges_hz=tuple(round(8000 * (band / bands) ** 2) for band in range(bands + 1)),
        floor_db=-100,
        levels=base64.b64encode(levels).decode("ascii"),
    )


def heard(middle: float, windows: int = 30, step_s: float = 0.4) -> Audio:
    """Speech with a pause in it, and scores about a value."""
    scores = tuple(
        None if 12 <= n < 16 else min(max(middle + 0.04 * math.sin(2.1 * n), 0.0), 1.0)
        for n in range(windows)
    )
    loud = [round(300 * abs(math.sin(n / 9) * math.sin(n / 40)) + 10) for n in range(800)]
    return Audio(
        finding=find_audio(scores, DETECTOR),
        limits=LIMITS,
        track=TRACK,
        detector=DETECTOR,
        window_s=WINDOW_S,
        times_s=tuple(n * step_s for n in range(windows)),
        scores=scores,
        waveform=Waveform(start_s=0.0, column_s=0.016, low=tuple(-n for n in loud), high=tuple(loud)),
        spectrogram=spectrogram(),
    )


def unheard(reason: AudioReason) -> Audio:
    finding = AudioNotAssessed(reason=reason, explanation=f"Explained: {reason}.", advice="Advised.")
    return Audio(finding=finding, limits=LIMITS)
