"""The weights that DeepTrace knows: each with its address, SHA-256, licence and preset.

The project brings its own; those of others are downloaded. To add one, add an entry: nothing else names
weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from deeptrace_core.accuracy import FALSE_ALARMS, MISSES
from deeptrace_core.errors import InputError
from deeptrace_core.model import AccuracyFigure, QualityFloor


class LabelOrder(StrEnum):
    """What the outputs of a network mean. Nothing in a weights file says it, so it is bound here."""

    SIGMOID_REAL = "sigmoid_real"
    """One logit; its sigmoid is the probability of a real face."""
    SIGMOID_FAKE = "sigmoid_fake"
    """One logit; its sigmoid is the probability of a manipulated face."""
    SOFTMAX_FAKE_FIRST = "softmax_fake_first"
    """Two logits; index 0 is manipulated."""
    SOFTMAX_FAKE_SECOND = "softmax_fake_second"
    """Two logits; index 1 is manipulated."""

    @property
    def outputs(self) -> int:
        """How many logits the network has."""
        return 1 if self in (LabelOrder.SIGMOID_REAL, LabelOrder.SIGMOID_FAKE) else 2


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredWeights:
    """One published weights file, and everything that must be known to use it rightly."""

    name: str
    """How people and options call the detector that these weights make."""
    description: str
    architecture: str
    """A key of `worker.detectors.ARCHITECTURES`."""
    address: str
    """Where its authors publish it; of bundled weights, where the project has them. Its last part is the
    file's name, in a mirror too."""
    sha256: str | None
    """None where its authors publish none: then that of the first download is kept and held to."""
    size_bytes: int | None
    """None where it is not known."""
    licence: str
    licence_note: str
    preset: str
    """A key of `worker.faces.crops.PRESETS`: how the authors cut the faces they trained on."""
    label_order: LabelOrder
    threshold_low: float
    threshold_high: float
    accuracy: tuple[AccuracyFigure, ...]
    quality_floor: QualityFloor | None = None
    """The worst material on which `accuracy` was measured; None where its quality is not known."""
    golden_logits: tuple[float, ...] = ()
    """What the network gives for `worker.detectors.golden.golden_crop`: checked at each load, since a new
    version of a library can change scores without a word. Empty where nobody has run these weights yet."""
    bundled: bool = False
    """Whether they come with the project and need no download."""

    @property
    def file_name(self) -> str:
        """As published, for example "Meso4_DF.h5"."""
        return PurePosixPath(self.address).name


# Nobody has calibrated these networks on material like the user's. Of four unmanipulated clips that were
# tried with MesoInception4, one had a person whose likely range was 0.83 to 0.89, so only the topmost tenth
# says anything. A low score says nothing: all three manipulated FaceForensics++ clips that were tried scored
# at or below 0.14. A lower threshold of 0 can never be undercut, so the verdict is never "no signs found".
# An evaluation replaces these numbers.
UNCALIBRATED_LOW = 0.0
UNCALIBRATED_HIGH = 0.9


def _mesonet(
    *,
    name: str,
    description: str,
    architecture: str,
    file_name: str,
    sha256: str,
    size_bytes: int,
    golden_logit: float,
    accuracy: tuple[AccuracyFigure, ...] = (),
) -> RegisteredWeights:
    """Afchar et al. 2018 (arXiv:1809.00888), github.com/DariusAf/MesoNet; the sigmoid is P(real)."""
    commit = "2144d56a30e48cdcac1976ff13a1c5cdc86376c6"
    return RegisteredWeights(
        name=name,
        description=description,
        architecture=architecture,
        address=f"https://raw.githubusercontent.com/DariusAf/MesoNet/{commit}/weights/{file_name}",
        sha256=sha256,
        size_bytes=size_bytes,
        licence="Apache-2.0",
        licence_note="MesoNet, by Darius Afchar and others. May be used and passed on with its notice.",
        preset="meso256",
        label_order=LabelOrder.SIGMOID_REAL,
        threshold_low=UNCALIBRATED_LOW,
        threshold_high=UNCALIBRATED_HIGH,
        accuracy=accuracy,
        golden_logits=(golden_logit,),
    )


def _icpr2020(*, name: str, description: str, file_name: str, sha256: str) -> RegisteredWeights:
    """Bonettini et al. 2020 (arXiv:2004.07676), github.com/polimi-ispl/icpr2020dfdc."""
    return RegisteredWeights(
        name=name,
        description=description,
        architecture="xception",
        address=f"https://f002.backblazeb2.com/file/icpr2020/{file_name}",
        sha256=sha256,
        size_bytes=None,
        licence="GPL-3.0",
        licence_note="By Politecnico di Milano. What you pass on with it must be under the GPL, too.",
        preset="icpr224",
        label_order=LabelOrder.SIGMOID_FAKE,
        threshold_low=UNCALIBRATED_LOW,
        threshold_high=UNCALIBRATED_HIGH,
        accuracy=(),
    )


def _published_frame_auc(value: float, data: str) -> AccuracyFigure:
    return AccuracyFigure(metric="frame AUC", value=value, data=data, origin="published")


def _measured(
    metric: str, value: float, data: str, low: float | None = None, high: float | None = None
) -> AccuracyFigure:
    return AccuracyFigure(metric=metric, value=value, data=data, origin="measured", low=low, high=high)


_ODD_VIDEOS = "MesoNet's validation set (2018 web deepfakes), 65 videos not used before"
_MESONET_FACES = "MesoNet's own validation faces (2018 web deepfakes)"
_CLIPS = "FaceForensics++, DFDC and others, 8 clips"

REGISTRY = {
    entry.name: entry
    for entry in (
        RegisteredWeights(
            name="deeptrace-light-1",
            description="MobileNetV1 x0.25, our own, trained on public face sets. Small, of limited power.",
            architecture="mobilenetv1-025",
            address="worker/weights/default/deeptrace-light-1.safetensors",
            bundled=True,
            sha256="ec479adaa3b1fdfee3c90caf0d138b4d6e338d2994402ea4af9943f2ba27a885",
            size_bytes=886_428,
            licence="research only",
            licence_note="Trained on public sets with terms of their own, the DFDC's above all: for research "
            "until a person has cleared more. See worker/weights/default/MODEL_CARD.md.",
            preset="light128",
            label_order=LabelOrder.SIGMOID_FAKE,
            # Chosen on the sets to choose by, for few false alarms; the model card has the counts.
            threshold_low=0.2,
            threshold_high=0.75,
            accuracy=(
                _measured(FALSE_ALARMS, 0.0, _ODD_VIDEOS, 0.0, 0.102),
                _measured(MISSES, 0.161, _ODD_VIDEOS, 0.071, 0.326),
                _measured(FALSE_ALARMS, 0.0, _CLIPS, 0.0, 0.49),
                _measured(MISSES, 0.8, _CLIPS, 0.376, 0.964),
                _measured("video AUC", 1.0, _ODD_VIDEOS),
                _measured("video AUC", 0.85, _CLIPS, 0.452, 0.972),
                _measured("face AUC", 0.889, "held-out faces of the DFDC set", 0.876, 0.901),
            ),
            quality_floor=QualityFloor(min_face_px=76, min_sharpness=32, min_bits_per_px=0.005),
            golden_logits=(0.522760,),
        ),
        _mesonet(
            name="mesoinception4-df",
            description="MesoInception4, trained on 2018 web deepfakes. Weak on other manipulations.",
            architecture="mesoinception4",
            file_name="MesoInception_DF.h5",
            sha256="234586d40058e76ef8b6f27ca4b63c06e31c2a5a69c0d8ba6f30b1468ab7bafa",
            size_bytes=197_504,
            golden_logit=1.615260,
            accuracy=(_measured("frame AUC", 0.976, _MESONET_FACES),),
        ),
        _mesonet(
            name="meso4-df",
            description="Meso4, trained on 2018 web deepfakes. Weak on other manipulations.",
            architecture="meso4",
            file_name="Meso4_DF.h5",
            sha256="036ed30d04ffd9c7506f825b97c86aa64915f5818931da96817b169aad790af5",
            size_bytes=156_128,
            golden_logit=1.070237,
            accuracy=(_measured("frame AUC", 0.958, _MESONET_FACES),),
        ),
        _mesonet(
            name="mesoinception4-f2f",
            description="MesoInception4, trained on Face2Face reenactment. Weak on other manipulations.",
            architecture="mesoinception4",
            file_name="MesoInception_F2F.h5",
            sha256="d4533ac8a3197dc35c47405d23d99e888c1d0135e267e03540c7451feaccff3f",
            size_bytes=197_504,
            golden_logit=0.385386,
        ),
        _mesonet(
            name="meso4-f2f",
            description="Meso4, trained on Face2Face reenactment. Weak on other manipulations.",
            architecture="meso4",
            file_name="Meso4_F2F.h5",
            sha256="bcfda015d217b9f8d6557693edbdf9f4e79cfd22672541968dd0e2954462b5d7",
            size_bytes=156_128,
            golden_logit=-1.234585,
        ),
        RegisteredWeights(
            name="xception-dfbench",
            description="Xception of DeepfakeBench, trained on FaceForensics++ (c23).",
            architecture="xception",
            address="https://github.com/SCLBD/DeepfakeBench/releases/download/v1.0.1/xception_best.pth",
            sha256=None,
            size_bytes=None,
            licence="CC-BY-NC-4.0",
            licence_note="By the authors of DeepfakeBench (arXiv:2307.01426). Not for commercial use.",
            preset="dfb256",
            label_order=LabelOrder.SOFTMAX_FAKE_SECOND,
            threshold_low=UNCALIBRATED_LOW,
            threshold_high=UNCALIBRATED_HIGH,
            accuracy=(
                _published_frame_auc(0.9637, "FaceForensics++ c23, its training set's own test part"),
                _published_frame_auc(0.7365, "Celeb-DF v2"),
                _published_frame_auc(0.7077, "DFDC"),
            ),
        ),
        _icpr2020(
            name="xception-dfdc",
            description="Xception, trained on the Deepfake Detection Challenge set.",
            file_name="Xception_DFDC_bestval-"
            "e826cdb64d73ef491e6b8ff8fce0e1e1b7fc1d8e2715bc51a56280fff17596f9.pth",
            sha256="e826cdb64d73ef491e6b8ff8fce0e1e1b7fc1d8e2715bc51a56280fff17596f9",
        ),
        _icpr2020(
            name="xception-ffpp",
            description="Xception, trained on FaceForensics++ (c23).",
            file_name="Xception_FFPP_bestval-"
            "bb119e4913cb8f816cd28a03f81f4c603d6351bf8e3f8e3eb99eebc923aecd22.pth",
            sha256="bb119e4913cb8f816cd28a03f81f4c603d6351bf8e3f8e3eb99eebc923aecd22",
        ),
    )
}
"""All published weights by name, the one to try first in front."""


def registered(
    name: str, registry: Mapping[str, RegisteredWeights] = REGISTRY, kind: str = "detector"
) -> RegisteredWeights:
    """The entry called `name`.

    Args:
        registry: where to look.
        kind: what people call its entries.

    Raises:
        InputError: there is none; the error lists the names.
    """
    try:
        return registry[name]
    except KeyError:
        raise InputError(
            f"There is no {kind} called {name!r}.", advice=f"Choose one of: {', '.join(registry)}."
        ) from None


def registered_by_sha256(sha256: str) -> RegisteredWeights | None:
    """The entry whose file has this SHA-256 (64 lower-case hexadecimal digits), or None."""
    return next((entry for entry in REGISTRY.values() if entry.sha256 == sha256), None)
