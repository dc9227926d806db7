"""Scores of windows of sound -> verdict, by the rules that hold for faces. Pure, standard library only."""

from collections.abc import Sequence

from deeptrace_core.audio import AudioAssessed, AudioDetectorInfo, AudioFinding, AudioNotAssessed, AudioReason
from deeptrace_core.scoring import mean_range
from deeptrace_core.verdict import Verdict

MIN_WINDOWS = 4
"""Fewer windows with speech than this support no statement: about ten seconds, since windows overlap."""

EXPERIMENTAL = "Experimental: trained on ASVspoof 2019 LA, read English speech made by programs of 2019."

LIMITS = (
    EXPERIMENTAL,
    "Scores say how much a voice resembles the synthetic and converted voices of that collection. They are "
    "not proof, and a low score does not rule manipulation out.",
    "Music, noise, other languages, telephones and the codecs of the internet change scores by an unknown "
    "amount.",
    "Lip sync is not checked: whether the voice fits the mouth was not looked at.",
    "The verdict on the faces does not rest on the sound.",
)


LIMITS_OF_SOUND_ALONE = LIMITS[:3]
"""Where there is no picture whose lips and faces could be spoken of."""


def find_audio(scores: Sequence[float | None], detector: AudioDetectorInfo) -> AudioFinding:
    """The verdict on the voices, or why there is none.

    Args:
        scores: of each window, in order of time; None where nobody speaks.
    """
    if not scores:
        return AudioNotAssessed(
            reason=AudioReason.NO_AUDIO,
            explanation="The sound track is empty.",
            advice="Nothing needs to be done if the file is meant to be silent.",
        )
    spoken = [score for score in scores if score is not None]
    if not spoken:
        return AudioNotAssessed(
            reason=AudioReason.NO_SPEECH,
            explanation="No speech was heard in the sound track, and only voices can be assessed.",
            advice="If somebody speaks in it, get a version with a clearer sound.",
        )
    if len(spoken) < MIN_WINDOWS:
        return AudioNotAssessed(
            reason=AudioReason.TOO_LITTLE_SPEECH,
            explanation="There is too little speech: about ten seconds are needed for a statement.",
            advice="Get a longer version of the file.",
        )
    score = mean_range(spoken)
    if score.low > detector.threshold_high:
        verdict = Verdict.SIGNS_FOUND
    elif score.high < detector.threshold_low:
        verdict = Verdict.NO_SIGNS_FOUND
    else:
        verdict = Verdict.INCONCLUSIVE
    return AudioAssessed(verdict=verdict, score=score)
