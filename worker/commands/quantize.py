"""`python -m worker quantize LABELS.csv`: let a detector run in 8-bit integers, if it scores the same."""

import argparse
import logging
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from deeptrace_core.errors import EnvironmentFault, InputError
from deeptrace_core.model import AnalysisOptions, DetectorInfo
from deeptrace_core.settings import Settings, load_settings
from worker.commands import detector_choice
from worker.detectors import INT8_NAME
from worker.detectors.interface import Crops, Detector
from worker.detectors.network_detector import NetworkDetector
from worker.evaluation.int8_gate import Judgement, Scored, judge
from worker.evaluation.labels import Sample, read_labels
from worker.evaluation.measure import Recipe, measure, media_sha256
from worker.faces.crops import Preset
from worker.models import Models
from worker.runtimes.converted import ConvertedNetwork
from worker.runtimes.int8 import discard, keep, quantize
from worker.runtimes.openvino_runtime import OpenVinoRuntime
from worker.software import software

CALIBRATION_FACES = 128


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "quantize",
        help="let a detector run in 8-bit integers on this machine's CPU, if it scores the same",
        description="Half of the videos of each label show the ranges of the numbers, the others judge. "
        "Workers use the result with DEEPTRACE_PRECISION=int8. See `evaluate` for the list.",
    )
    parser.add_argument("labels", type=Path, metavar="LABELS.csv")
    detector_choice.add_options(parser)
    parser.set_defaults(func=run)


def run(arguments: argparse.Namespace) -> int:
    """Quantize, judge, and keep the network or say why not. 0 if it is kept, 1 if not.

    Raises:
        InputError: the list or an option cannot be used.
        ModelUnavailableError: the detector cannot be loaded.
        EnvironmentFault: the detector does not run in OpenVINO here, or a video cannot be scored.
    """
    logging.getLogger().setLevel(logging.WARNING)
    settings = replace(load_settings(), precision=None)
    samples = read_labels(arguments.labels).samples
    if not all(sample.is_video for sample in samples):
        raise InputError(
            "A face crop of no named video cannot judge: it is the scores of videos that must stay.",
            advice="Add a column video to the list.",
        )
    detector = detector_choice.load(arguments, settings)
    network = _converted(detector)
    showing, judging = _halves(samples)
    faces = _faces([*showing, *judging], detector, settings)
    shown = np.concatenate([_none(detector.preset), *(faces[sample.name] for sample in showing)])
    if not len(shown):
        raise InputError("No face was found in the half of the list that shows the ranges.")
    chosen = shown[np.linspace(0, len(shown) - 1, min(CALIBRATION_FACES, len(shown))).astype(int)]
    discard(network)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        int8 = _detector_of(quantize(network, chosen, scratch), detector)
        judgement = judge(
            [
                Scored(
                    name=sample.name,
                    fake=sample.fake,
                    fp32=detector.score(faces[sample.name]),
                    int8=int8.score(faces[sample.name]),
                )
                for sample in judging
                if len(faces[sample.name])
            ]
        )
        if not judgement.objections:
            keep(network, scratch, asdict(judgement))
    sys.stdout.write(_text(detector.info.name, judgement))
    return 1 if judgement.objections else 0


def _converted(detector: Detector) -> ConvertedNetwork:
    runtime = detector.runtime if isinstance(detector, NetworkDetector) else None
    if not isinstance(runtime, OpenVinoRuntime):
        raise EnvironmentFault(
            f"{detector.info.name} does not run in OpenVINO here, and only there it can run in 8 bits.",
            advice="Set DEEPTRACE_DEVICE=cpu, and leave DEEPTRACE_RUNTIME out.",
        )
    return runtime.network


def _halves(samples: Sequence[Sample]) -> tuple[list[Sample], list[Sample]]:
    """Every second video of each label."""
    showing: list[Sample] = []
    judging: list[Sample] = []
    for label in (False, True):
        of_label = [sample for sample in samples if sample.fake is label]
        showing += of_label[1::2]
        judging += of_label[::2]
    return showing, judging


def _faces(samples: Sequence[Sample], detector: Detector, settings: Settings) -> dict[str, Crops]:
    """What the detector is given of each video; shape (0, ...) where it has no face or cannot be read."""
    models = Models(settings)
    recording = _Recording(detector)
    models.add(recording)
    recipe = Recipe(
        detectors=(recording,),
        models=models,
        options=AnalysisOptions(detector=detector.info.name),
        software=software(models.device),
    )
    faces = {}
    for sample in tqdm(samples, desc="Looking", unit="video", file=sys.stderr):
        recording.seen = []
        measure(sample, sha256=media_sha256(sample), recipe=recipe)
        faces[sample.name] = np.concatenate([_none(detector.preset), *recording.seen])
    return faces


def _none(preset: Preset) -> Crops:
    return np.empty((0, preset.size_px, preset.size_px, 3), np.uint8)


class _Recording:
    """A detector that keeps what it is given. Crops that were made worse to probe it are among them."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self.seen: list[Crops] = []

    @property
    def info(self) -> DetectorInfo:
        return self._detector.info

    @property
    def preset(self) -> Preset:
        return self._detector.preset

    @property
    def device(self) -> str:
        return self._detector.device

    def score(self, crops: Crops) -> NDArray[np.float32]:
        """See `Detector.score`."""
        self.seen.append(crops)
        return self._detector.score(crops)

    def activation_maps(self, crops: Crops) -> NDArray[np.float32]:
        """See `Detector.activation_maps`."""
        return self._detector.activation_maps(crops)


def _detector_of(network: ConvertedNetwork, like: Detector) -> Detector:
    assert isinstance(like, NetworkDetector)
    return like.with_runtime(OpenVinoRuntime(network, INT8_NAME))


def _text(name: str, judgement: Judgement) -> str:
    lines = [
        f"Judged by    {judgement.videos} videos, {judgement.faces} faces",
        f"Video AUC    {judgement.auc_fp32:.3f} as it is, {judgement.auc_int8:.3f} in 8 bits",
        f"Video score  moves by at most {judgement.largest_shift:.3f} ({judgement.largest_shift_in})",
    ]
    if judgement.objections:
        lines.append(f"Refused      {'; '.join(judgement.objections)}. {name} goes on as it is.")
    else:
        lines.append(f"Let through  {name} runs in 8-bit integers where DEEPTRACE_PRECISION=int8 is set.")
    return "\n".join(lines) + "\n"
