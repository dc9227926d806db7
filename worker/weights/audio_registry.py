"""The weights of audio detectors, apart from those for faces: nobody can choose one in place of the other."""

from deeptrace_core.model import AccuracyFigure
from worker.weights.registry import UNCALIBRATED_HIGH, UNCALIBRATED_LOW, LabelOrder, RegisteredWeights

TRAINED_ON = "ASVspoof 2019 LA"
WINDOW = "16 kHz"
"""In place of a preset: these networks are given samples, not faces."""


def _aasist(
    *,
    name: str,
    description: str,
    file_name: str,
    sha256: str,
    size_bytes: int,
    error_rate: float,
    golden_logits: tuple[float, float],
) -> RegisteredWeights:
    """Jung et al. 2022 (arXiv:2110.01200), github.com/clovaai/aasist; index 1 is bona fide speech."""
    commit = "a04c9863f63d44471dde8a6abcb3b082b07cd1d1"
    return RegisteredWeights(
        name=name,
        description=description,
        architecture=name,
        address=f"https://raw.githubusercontent.com/clovaai/aasist/{commit}/models/weights/{file_name}",
        sha256=sha256,
        size_bytes=size_bytes,
        licence="MIT",
        licence_note="AASIST, by NAVER Corp. May be used and passed on with its notice.",
        preset=WINDOW,
        label_order=LabelOrder.SOFTMAX_FAKE_FIRST,
        # Nobody has calibrated them on voices like the user's: a low score says nothing.
        threshold_low=UNCALIBRATED_LOW,
        threshold_high=UNCALIBRATED_HIGH,
        accuracy=(
            AccuracyFigure(
                metric="EER", value=error_rate, data=f"{TRAINED_ON}, its evaluation part", origin="published"
            ),
        ),
        golden_logits=golden_logits,
    )


AUDIO_REGISTRY = {
    entry.name: entry
    for entry in (
        _aasist(
            name="aasist",
            description="AASIST, for voices. Experimental, trained on ASVspoof 2019 LA.",
            file_name="AASIST.pth",
            sha256="51d2d9cf0738172f61e2a384ec50a54a55363240f67c971ed55a92435bc1a1c0",
            size_bytes=1_281_532,
            error_rate=0.0083,
            golden_logits=(10.230779, -10.793491),
        ),
        _aasist(
            name="aasist-l",
            description="AASIST-L, the small one. Experimental, trained on ASVspoof 2019 LA.",
            file_name="AASIST-L.pth",
            sha256="814331d088032bb4c3fa61cc014789eadeed464209dd094ab3a2dd6ffbdce27a",
            size_bytes=426_428,
            error_rate=0.0099,
            golden_logits=(5.967195, -5.661286),
        ),
    )
}
"""All published weights for voices by name."""
