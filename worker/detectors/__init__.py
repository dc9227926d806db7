"""The detectors. Importing this imports no network library: one comes with the first detector loaded."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.accuracy import error_rates
from deeptrace_core.canonical import digest
from deeptrace_core.errors import InputError
from deeptrace_core.job import DetectorOffer
from deeptrace_core.model import DetectorInfo
from deeptrace_core.settings import Settings
from worker.detectors.golden import known_crops
from worker.detectors.interface import Crops, Detector
from worker.detectors.network_detector import NetworkDetector
from worker.faces.crops import PRESETS, Preset
from worker.runtimes.device import CPU, choose_device
from worker.runtimes.interface import Runtime
from worker.runtimes.spread import Spread
from worker.weights import files
from worker.weights.measured import registered_figures
from worker.weights.registry import (
    REGISTRY,
    UNCALIBRATED_HIGH,
    UNCALIBRATED_LOW,
    LabelOrder,
    RegisteredWeights,
    registered,
    registered_by_sha256,
)

if TYPE_CHECKING:
    from torch import nn

ARCHITECTURES = {
    "meso4": "worker.detectors.mesonet",
    "mesoinception4": "worker.detectors.mesonet",
    "mobilenetv1-025": "worker.detectors.mobilenet",
    "xception": "worker.detectors.xception",
}
"""Architecture -> the module whose `load_network(architecture, data)` builds it, and whose `LAST_MAP` names
the part that gives the last features which still have a place in the picture. Add yours here."""

INT8_NAME = "OpenVINO, 8-bit integers"
"""How reports call the runtime of a network that was quantized."""
EXACT = ("OpenVINO", "PyTorch")
"""The runtimes that must give a network's golden logits."""

UNREGISTERED = "unregistered weights"
"""What a detector from a file of one's own is called in reports."""


def offers(settings: Settings) -> tuple[DetectorOffer, ...]:
    """All registered detectors, and whether their weights are at hand. Cheap: no torch, no hashing."""
    return tuple(
        DetectorOffer(
            name=entry.name,
            description=entry.description,
            ready=files.locate(entry, settings) is not None,
            error_rates=_error_rates(entry, settings),
        )
        for entry in REGISTRY.values()
    )


def load_detector(
    name: str, settings: Settings, *, device: str | None = None, batch_size: int = 32
) -> Detector:
    """The registered detector called `name`, with its published weights, proven by SHA-256.

    Args:
        device: as torch names it; None takes the GPU if there is one.
        batch_size: crops that PyTorch scores at once; changes the speed, not the scores.

    Raises:
        InputError: there is no such detector or device.
        ModelUnavailableError: its weights are not on this machine; the advice is the command that mends it.
        WeightsRejectedError: the file is not the published one.
    """
    entry = registered(name)
    return _registered_detector(entry, files.read_verified(entry, settings), settings, device, batch_size)


def load_detector_from_file(
    path: Path,
    preset_name: str | None = None,
    *,
    settings: Settings | None = None,
    label_order: LabelOrder | None = None,
    device: str | None = None,
    batch_size: int = 32,
) -> Detector:
    """A detector from a weights file of one's own: registered weights by their SHA-256, else an Xception.

    Args:
        path: safetensors, or a PyTorch checkpoint that holds tensors only; for registered weights their
            published form.
        preset_name: a key of `worker.faces.crops.PRESETS`. Needed unless the file is registered: weights
            do not say how the faces were cut.
        settings: where figures measured on one's own material are registered; None looks for none.
        label_order: what the outputs mean; None takes sigmoid P(fake) for one, index 1 fake for two.

    Raises:
        InputError: no such file, preset or device; or what was said contradicts the registry.
        WeightsRejectedError: this is not a face Xception, or not safe to read; the error says why.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from error
    sha256 = digest(data)
    entry = registered_by_sha256(sha256)
    if entry is not None:
        if preset_name not in (None, entry.preset) or label_order not in (None, entry.label_order):
            raise InputError(
                f"{path} is the published file of {entry.name}, which goes with the preset {entry.preset} "
                f"and the label order {entry.label_order}.",
                advice="Leave the preset and the label order out.",
            )
        return _registered_detector(entry, data, settings, device, batch_size)
    if preset_name not in PRESETS:
        raise InputError(
            f"There is no preset called {preset_name!r}."
            if preset_name
            else f"{path} is not a registered file, so its preset must be named.",
            advice=f"Name the preset it was trained with, one of: {', '.join(PRESETS)}.",
        )
    return _detector(
        data,
        DetectorInfo(
            name=UNREGISTERED,
            architecture="xception",
            weights_sha256=sha256,
            licence="unknown",
            preset=preset_name,
            preset_sha256=PRESETS[preset_name].sha256,
            threshold_low=UNCALIBRATED_LOW,
            threshold_high=UNCALIBRATED_HIGH,
            accuracy=(),
        ),
        settings,
        label_order,
        device,
        batch_size,
    )


def _info_of(entry: RegisteredWeights, weights_sha256: str) -> DetectorInfo:
    return DetectorInfo(
        name=entry.name,
        architecture=entry.architecture,
        weights_sha256=weights_sha256,
        licence=entry.licence,
        preset=entry.preset,
        preset_sha256=PRESETS[entry.preset].sha256,
        threshold_low=entry.threshold_low,
        threshold_high=entry.threshold_high,
        accuracy=entry.accuracy,
        quality_floor=entry.quality_floor,
    )


def _error_rates(entry: RegisteredWeights, settings: Settings) -> str | None:
    info = _info_of(entry, entry.sha256 or "")
    return error_rates(replace(info, accuracy=info.accuracy + registered_figures(info, settings)))


def _registered_detector(
    entry: RegisteredWeights,
    data: bytes,
    settings: Settings | None,
    device: str | None,
    batch_size: int,
) -> Detector:
    info = _info_of(entry, digest(data))
    return _detector(data, info, settings, entry.label_order, device, batch_size, entry.golden_logits)


def _detector(
    data: bytes,
    info: DetectorInfo,
    settings: Settings | None,
    label_order: LabelOrder | None,
    device: str | None,
    batch_size: int,
    golden_logits: tuple[float, ...] = (),
) -> Detector:
    if batch_size < 1:
        raise InputError("The batch size must be at least 1.", advice="Choose a batch size such as 32.")
    if settings is not None:
        info = replace(info, accuracy=info.accuracy + registered_figures(info, settings))
    device = choose_device(device)

    @cache
    def network() -> "nn.Module":
        from worker.detectors.networks import normalised_network

        return normalised_network(info.architecture, info.preset, data)

    def activation_maps(crops: Crops, order: LabelOrder) -> NDArray[np.float32]:
        from worker.detectors.activation import ActivationMaps
        from worker.detectors.networks import last_map

        return ActivationMaps(network, last_map(info.architecture), device)(crops, order)

    runtime = _openvino(info, data, settings, device) or _torch(
        network, device, batch_size, PRESETS[info.preset], settings
    )
    return NetworkDetector(
        runtime=runtime,
        info=info,
        preset=PRESETS[info.preset],
        label_order=label_order,
        activation_maps=activation_maps,
        # Rounded they are others; what that costs was measured before.
        golden_logits=golden_logits if runtime.name in EXACT else (),
    )


def _openvino(info: DetectorInfo, data: bytes, settings: Settings | None, device: str) -> Runtime | None:
    """OpenVINO on a CPU, unless the settings say otherwise or it cannot be had."""
    if settings is None or settings.runtime == "torch" or device != CPU:
        return None
    from worker.runtimes.converted import converted_networks
    from worker.runtimes.int8 import int8_network
    from worker.runtimes.openvino_runtime import OpenVinoRuntime

    found = converted_networks(
        "worker.detectors.networks",
        [(info.architecture, info.preset)],
        data,
        settings.converted_dir,
        Spread.OVER_PICTURES,
    )
    if not found:
        return None
    [network] = found
    int8 = int8_network(network, info.name) if settings.precision == "int8" else None
    return OpenVinoRuntime(int8, INT8_NAME) if int8 else OpenVinoRuntime(network)


def _torch(
    network: Callable[[], "nn.Module"],
    device: str,
    batch_size: int,
    preset: Preset,
    settings: Settings | None,
) -> Runtime:
    from worker.runtimes.torch_runtime import TorchRuntime

    return TorchRuntime(
        network(),
        device,
        batch_size,
        compiled=settings is not None and settings.compiled,
        bf16=settings is not None and settings.precision == "bf16",
        known=known_crops(preset.size_px),
    )
