"""What a report says about the voices, in words, the same on every page and in every export."""

from collections.abc import Mapping

from deeptrace_core import words
from deeptrace_core.audio import Audio, AudioNotAssessed, AudioReason
from deeptrace_core.audio_finding import EXPERIMENTAL
from deeptrace_core.media_kind import MediaKind
from deeptrace_core.phrases import counted, score
from deeptrace_core.sentences import score_and_range
from deeptrace_core.verdict import Verdict

TITLE = "The voices"
BELOW = "A finding of its own: the verdict on the faces does not rest on the sound."
BELOW_ALONE = "There is no picture in the file: this is all that was examined."
EXPERIMENTAL_MARK = "(experimental)"
LIP_SYNC = "Lip sync is not checked: whether the voice fits the mouth was not looked at."

WAVEFORM = "Waveform, scaled to its loudest moment."
SPECTROGRAM = "Spectrogram: high tones at the top; the brighter, the louder."
SPECTROGRAM_IS = "To look at; no finding."
SCORES = "Scores of the voices over time, 0 to 1."
UNDER_THE_PLAYER = "The sound is drawn under the timeline of the player."
LOW_SAYS_NOTHING = "low scores say nothing"

REASONS = {
    AudioReason.NO_AUDIO: "no sound",
    AudioReason.NO_SPEECH: "no speech heard",
    AudioReason.TOO_LITTLE_SPEECH: "too little speech",
    AudioReason.MODEL_UNAVAILABLE: "no detector for voices",
    AudioReason.PROTECTED: "sound track protected",
    AudioReason.UNDECODABLE: "sound cannot be decoded",
    AudioReason.LISTENING_FAILED: "a fault while listening",
}

VERDICTS = words.VERDICTS | {
    Verdict.SIGNS_FOUND: "Signs of manipulation found in the voices",
    Verdict.NO_SIGNS_FOUND: "No signs of manipulation found in the voices heard",
}

MEANINGS = words.MEANINGS | {
    Verdict.NO_SIGNS_FOUND: "This does not show that the sound is unaltered.",
}


def below(kind: MediaKind) -> str:
    """What kind of finding it is."""
    return BELOW_ALONE if kind is MediaKind.SOUND else BELOW


def headline(audio: Audio) -> str:
    """The verdict on the voices: "Not assessed: no speech heard." """
    finding = audio.finding
    if isinstance(finding, AudioNotAssessed):
        return f"{VERDICTS[finding.verdict]}: {REASONS[finding.reason]}."
    return f"{VERDICTS[finding.verdict]}."


def explained(audio: Audio) -> list[str]:
    """What the headline rests on, and what it does not say; a line each."""
    finding = audio.finding
    if isinstance(finding, AudioNotAssessed):
        return [f"{finding.explanation} {finding.advice}"]
    return [f"{score_and_range(finding.score)} {MEANINGS[finding.verdict]}", spoken(audio), EXPERIMENTAL]


def spoken(audio: Audio) -> str:
    """In how many windows somebody speaks."""
    scored = sum(value is not None for value in audio.scores)
    windows = counted(len(audio.scores), "window", "windows")
    return f"Speech was heard and scored in {scored:,} of {windows} of {audio.window_s:.1f} s."


def scores_below(audio: Audio) -> str:
    """What the lane of scores shows."""
    assert audio.detector is not None
    return (
        "Experimental scores of the voices, 0 (bottom) to 1 (top). "
        f"Dashed: {score(audio.detector.threshold_high)}. A gap: nobody speaks there."
    )


def peak(audio: Audio) -> str:
    """The highest score, for those who do not see the drawing."""
    spoken_scores = [value for value in audio.scores if value is not None]
    return f"Highest score {score(max(spoken_scores))}." if spoken_scores else "Nothing was scored."


def rows(audio: Audio) -> Mapping[str, str]:
    """Names and values: the track and the detector."""
    found: dict[str, str] = {}
    if audio.track is not None:
        track = audio.track
        channels = "mono" if track.channels == 1 else f"{track.channels} channels"
        found["Sound track"] = f"{track.codec}, {track.rate_hz:,} Hz, {channels}"
        if track.more_tracks:
            found["Other sound tracks"] = f"{track.more_tracks}, not listened to"
    if audio.detector is not None:
        detector = audio.detector
        low = (
            f"below {score(detector.threshold_low)}: no signs" if detector.threshold_low else LOW_SAYS_NOTHING
        )
        found["Detector for voices"] = f"{detector.name}, trained on {detector.trained_on}"
        found["Its thresholds"] = f"above {score(detector.threshold_high)}: signs; {low}"
        found["Its licence"] = detector.licence
        found["SHA-256 of its weights"] = detector.weights_sha256
    return found
