"""The use case: the sound of a file in, a finding on its voices out. No fault here ends an analysis."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from deeptrace_core.audio import Audio, AudioFinding, AudioNotAssessed, AudioReason
from deeptrace_core.audio_finding import LIMITS, find_audio
from deeptrace_core.errors import DeepTraceError, EnvironmentFault, ModelUnavailableError
from worker.audio.envelope import Envelope
from worker.audio.interface import AudioDetector, NotHeardError, OpensSound, SpeechFinder
from worker.audio.spectrogram import Spectrograph
from worker.audio.windows import MAX_WINDOWS, RATE_HZ, WINDOW_SAMPLES, Samples, Window, WindowCutter

log = logging.getLogger(__name__)

MIN_SPEECH_S = 1.0
"""A window with less speech than this has no score: the networks were trained on speech alone."""

SCORE_DIGITS = 6
TIME_DIGITS = 3

ADVICE = "Nothing else in this report rests on it. Analyze the video again to have it tried again."


class Listener:
    """Listens to files. `listen` is a `Listens`.

    Args:
        detector: gives the detector, and is asked only if there is something to score.
    """

    def __init__(
        self, sound: OpensSound, speech: SpeechFinder, detector: Callable[[], AudioDetector]
    ) -> None:
        self._sound, self._speech, self._detector = sound, speech, detector

    def listen(self, path: Path, *, on_wait: Callable[[], None]) -> Audio:
        """See `Listens`."""
        interruptions: list[BaseException] = []

        def on_wait_noted() -> None:
            try:
                on_wait()
            except BaseException as interruption:
                interruptions.append(interruption)
                raise

        try:
            return self._heard(path, on_wait_noted)
        except NotHeardError as error:
            return Audio(finding=error.finding, limits=LIMITS)
        except Exception as error:
            if error in interruptions:
                raise
            log.warning("The sound could not be listened to.", exc_info=error)
            return _failed(error)

    def _heard(self, path: Path, on_wait: Callable[[], None]) -> Audio:
        with self._sound.open(path, on_wait=on_wait) as sound:
            detector = self._found_detector()
            scores = _Scores(self._speech, None if isinstance(detector, AudioNotAssessed) else detector)
            envelope, spectrograph, cutter = Envelope(), Spectrograph(), WindowCutter()

            def told(finding: AudioFinding) -> Audio:
                return Audio(
                    finding=finding,
                    limits=LIMITS,
                    track=sound.track,
                    waveform=envelope.waveform(),
                    spectrogram=spectrograph.spectrogram(),
                )

            try:
                for start_s, samples in sound.blocks():
                    envelope.add(start_s, samples)
                    spectrograph.add(start_s, samples)
                    for window in cutter.add(start_s, samples):
                        on_wait()
                        scores.take(window)
            except NotHeardError as error:
                # What came before the damage can be looked at, and is no finding.
                return told(error.finding)
            for window in cutter.last():
                on_wait()
                scores.take(window)
        if isinstance(detector, AudioNotAssessed):
            return told(detector)
        return replace(
            told(find_audio(scores.scores, detector.info)),
            detector=detector.info,
            window_s=WINDOW_SAMPLES / RATE_HZ,
            times_s=tuple(scores.times_s),
            scores=tuple(scores.scores),
        )

    def _found_detector(self) -> AudioDetector | AudioNotAssessed:
        try:
            return self._detector()
        except ModelUnavailableError as error:
            return AudioNotAssessed(
                reason=AudioReason.MODEL_UNAVAILABLE, explanation=error.what, advice=error.advice
            )


class _Scores:
    """The score of each window; of a long track those of windows evenly spread over it."""

    def __init__(self, speech: SpeechFinder, detector: AudioDetector | None) -> None:
        self.times_s: list[float] = []
        self.scores: list[float | None] = []
        self._speech, self._detector = speech, detector
        self._seen, self._every = 0, 1

    def take(self, window: Window) -> None:
        """Score the next window, unless it is left out."""
        if self._detector is None:
            return
        if self._seen % self._every == 0:
            self.times_s.append(round(window.start_s, TIME_DIGITS))
            self.scores.append(self._score(self._detector, window.samples))
        self._seen += 1
        if len(self.scores) > MAX_WINDOWS:
            # How long a track is, only its end tells. So every second score is given up on the way.
            self.times_s, self.scores = self.times_s[::2], self.scores[::2]
            self._every *= 2

    def _score(self, detector: AudioDetector, samples: Samples) -> float | None:
        if self._speech.speech_s(samples) < MIN_SPEECH_S:
            return None
        [score] = detector.score(samples[None])
        if not 0 <= score <= 1:
            raise EnvironmentFault("The audio detector gave a score that is none.", advice=ADVICE)
        return round(float(score), SCORE_DIGITS)


def _failed(error: Exception) -> Audio:
    ours = f"There was a fault in DeepTrace ({type(error).__name__})."
    what = error.what if isinstance(error, DeepTraceError) else ours
    finding = AudioNotAssessed(
        reason=AudioReason.LISTENING_FAILED,
        explanation=what.removesuffix(" No result was produced."),
        advice=ADVICE,
    )
    return Audio(finding=finding, limits=LIMITS)
