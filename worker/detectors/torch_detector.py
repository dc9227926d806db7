"""What all torch networks share as detectors: normalising, batches, the device, and honest outputs."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from deeptrace_core.errors import EnvironmentFault, InputError, WeightsRejectedError
from deeptrace_core.model import DetectorInfo
from worker.detectors.golden import TOLERANCE, golden_crop
from worker.detectors.interface import Crops
from worker.faces.crops import Preset
from worker.runtimes.interface import Runtime
from worker.runtimes.network import Normalised
from worker.runtimes.torch_runtime import TorchRuntime
from worker.weights.registry import LabelOrder

DEFAULT_LABEL_ORDERS = {1: LabelOrder.SIGMOID_FAKE, 2: LabelOrder.SOFTMAX_FAKE_SECOND}
"""By number of logits, where nobody says: what the FaceForensics++ and DeepfakeBench code does."""

LARGE_PARAMETERS = 1_000_000
"""Smaller networks take a small part of the time of an analysis, and their conversion more than they do."""


class TorchDetector:
    """A torch network that scores face crops. Fulfils `worker.detectors.interface.Detector`."""

    def __init__(
        self,
        *,
        network: nn.Module,
        info: DetectorInfo,
        preset: Preset,
        label_order: LabelOrder | None,
        last_map: str,
        golden_logits: Sequence[float] = (),
        device: str | None = None,
        converted_dir: Path | None = None,
        batch_size: int = 32,
    ) -> None:
        """Put `network` on the device and try it once.

        Args:
            network: (n, 3, size, size) float32, normalised -> (n, 1 or 2) logits.
            label_order: what the logits mean; None takes it from `DEFAULT_LABEL_ORDERS`.
            last_map: the module of `network` that gives the last features which still have a place in
                the picture, (n, channels, rows, columns).
            golden_logits: what the network must give for `golden_crop`; none are held against it if empty.
            device: as torch names it; None takes the GPU if there is one.
            converted_dir: where OpenVINO's form of the network is kept, which is used on the CPU if its
                logits are the same; None leaves all to PyTorch.
            batch_size: crops in memory at once; changes the speed, not the scores.

        Raises:
            InputError: there is no such device, or `batch_size` is less than 1.
            WeightsRejectedError: the network does not give what `label_order` or `golden_logits` say.
        """
        if batch_size < 1:
            raise InputError("The batch size must be at least 1.", advice="Choose a batch size such as 32.")
        self._device = choose_device(device)
        self._network = Normalised(network, preset).eval().requires_grad_(False).to(self._device)
        self._info, self._preset, self._batch_size = info, preset, batch_size
        self._last_map = network.get_submodule(last_map)
        self._runtime = self._chosen_runtime(converted_dir)
        self._label_order = self._tried(label_order, golden_logits)

    @property
    def info(self) -> DetectorInfo:
        return self._info

    @property
    def preset(self) -> Preset:
        return self._preset

    @property
    def device(self) -> str:
        return f"{self._device}, {self._runtime.name}"

    def score(self, crops: Crops) -> NDArray[np.float32]:
        """The probability that each crop was manipulated.

        Args:
            crops: (n, size, size, 3) uint8 RGB, cut by `preset`; n may be 0.

        Returns:
            (n,) float32, 0 to 1.

        Raises:
            ValueError: `crops` has another shape or dtype.
            EnvironmentFault: memory ran out, or the network gave something that is not a number.
        """
        size = self._preset.size_px
        if crops.dtype != np.uint8 or crops.shape[1:] != (size, size, 3):
            raise ValueError(f"crops are {crops.dtype} {crops.shape}, expected uint8 (n, {size}, {size}, 3)")
        scores = [np.empty(0, np.float32)]
        for start in range(0, len(crops), self._batch_size):
            logits = self._logits(crops[start : start + self._batch_size])
            scores.append(fake_probability(logits, self._label_order).numpy())
        return np.concatenate(scores)

    def activation_maps(self, crops: Crops) -> NDArray[np.float32]:
        """Grad-CAM (Selvaraju et al., arXiv:1610.02391) of the log-odds of manipulation.

        Where the last features are averaged and weighed, as in Xception and MobileNet, it is the class
        activation map (Zhou et al., arXiv:1512.04150).

        Args:
            crops: see `score`.

        Returns:
            (n, rows, columns) float32, 0 to 1: each map's largest value is 1, or all are 0.
        """
        maps = [self._activation_maps(crops[n : n + 1]) for n in range(len(crops))]
        return np.concatenate(maps) if maps else np.empty((0, 1, 1), np.float32)

    def _activation_maps(self, crops: Crops) -> NDArray[np.float32]:
        kept: list[Tensor] = []

        def keep(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
            kept.append(output.detach().requires_grad_())
            return kept[0]

        handle = self._last_map.register_forward_hook(keep)
        try:
            with torch.enable_grad():
                pictures = torch.tensor(np.ascontiguousarray(crops), device=self._device)
                score = fake_probability(self._network(pictures).double(), self._label_order)
                [gradient] = torch.autograd.grad(score.logit(eps=1e-12).sum(), kept)
        finally:
            handle.remove()
        maps = (gradient.mean(dim=(2, 3), keepdim=True) * kept[0].detach()).sum(dim=1).relu()
        peak = maps.amax(dim=(1, 2), keepdim=True)
        scaled: NDArray[np.float32] = torch.where(peak > 0, maps / peak, 0.0).float().cpu().numpy()
        return scaled

    def _chosen_runtime(self, converted_dir: Path | None) -> Runtime:
        """OpenVINO for a large network on a CPU if it can be had, else PyTorch."""
        reference = TorchRuntime(self._network, self._device)
        size = sum(parameter.numel() for parameter in self._network.parameters())
        if self._device.type != "cpu" or converted_dir is None or size < LARGE_PARAMETERS:
            return reference
        from worker.runtimes.openvino_runtime import openvino_runtime

        found = openvino_runtime(
            self._network,
            reference,
            size_px=self._preset.size_px,
            key=f"{self._info.architecture} {self._info.weights_sha256} {self._preset.sha256}",
            folder=converted_dir,
        )
        return found or reference

    def _logits(self, crops: Crops) -> Tensor:
        """(n, 1 or 2) finite float32 on the CPU."""
        logits = torch.from_numpy(self._runtime.logits(crops))
        if not logits.isfinite().all():
            raise EnvironmentFault(
                f"{self._info.name} gave a result that is not a number, so there is no score.",
                advice="Try again, or on the CPU. If it stays, the weights or the GPU are damaged.",
            )
        return logits

    def _tried(self, label_order: LabelOrder | None, golden_logits: Sequence[float]) -> LabelOrder:
        """The label order, once a crop shows that the network runs, fits it, and computes what it should."""
        logits = self._logits(golden_crop(self._preset.size_px))
        outputs = tuple(logits.shape)[1:]
        found = label_order or DEFAULT_LABEL_ORDERS.get(outputs[0])
        if found is None or outputs != (found.outputs,):
            raise WeightsRejectedError(
                f"The network gives outputs of shape {outputs}; {found or 'no label order'} does not fit.",
                advice="Check that these weights belong to this architecture and label order.",
            )
        if golden_logits and not np.allclose(logits[0], golden_logits, rtol=0, atol=TOLERANCE):
            raise WeightsRejectedError(
                f"{self._info.name} no longer computes what it did when it was registered, so it gives no "
                f"scores: {logits[0].tolist()} in place of {list(golden_logits)} for a known picture.",
                advice="Install the versions of requirements.txt (make setup), or use another device.",
            )
        return found


def fake_probability(logits: Tensor, label_order: LabelOrder) -> Tensor:
    """(n, 1 or 2) logits -> (n,) probability of manipulation, 0 to 1."""
    match label_order:
        case LabelOrder.SIGMOID_FAKE:
            return logits[:, 0].sigmoid()
        case LabelOrder.SIGMOID_REAL:
            return logits[:, 0].neg().sigmoid()  # 1 - sigmoid(x), without its rounding near 1
        case LabelOrder.SOFTMAX_FAKE_FIRST:
            return logits.softmax(dim=1)[:, 0]
        case LabelOrder.SOFTMAX_FAKE_SECOND:
            return logits.softmax(dim=1)[:, 1]


def choose_device(name: str | None) -> torch.device:
    """The device called `name`, or the GPU if there is one, else the CPU.

    Raises:
        InputError: there is no such device on this machine.
    """
    if name is None:
        return torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise InputError(
            f"The device {name!r} is not available on this machine.", advice="Choose cpu, or cuda with a GPU."
        ) from error
    return torch.device("cuda:0") if name == "cuda" else device
