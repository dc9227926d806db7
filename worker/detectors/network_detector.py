"""A network as a detector: what it puts out becomes probabilities, or an error. Brings no network library."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.errors import EnvironmentFault, WeightsRejectedError
from deeptrace_core.model import DetectorInfo
from worker.detectors.golden import TOLERANCE, golden_crop
from worker.detectors.interface import Crops
from worker.detectors.probability import fake_probability
from worker.faces.crops import Preset
from worker.runtimes.interface import Runtime
from worker.weights.registry import LabelOrder

DEFAULT_LABEL_ORDERS = {1: LabelOrder.SIGMOID_FAKE, 2: LabelOrder.SOFTMAX_FAKE_SECOND}
"""By number of logits, where nobody says: what the FaceForensics++ and DeepfakeBench code does."""

Maps = Callable[[Crops, LabelOrder], NDArray[np.float32]]
"""See `Detector.activation_maps`."""


class NetworkDetector:
    """See `worker.detectors.interface.Detector`.

    Args:
        label_order: what the logits mean; None takes it from `DEFAULT_LABEL_ORDERS`.
        golden_logits: what the network must give for `golden_crop`; none are held against it if empty.
        activation_maps: where the network looked.

    Raises:
        WeightsRejectedError: the network does not give what `label_order` or `golden_logits` say.
    """

    def __init__(
        self,
        *,
        runtime: Runtime,
        info: DetectorInfo,
        preset: Preset,
        label_order: LabelOrder | None,
        activation_maps: Maps,
        golden_logits: Sequence[float] = (),
    ) -> None:
        self.runtime = runtime
        self._info, self._preset, self._maps = info, preset, activation_maps
        self._label_order = self._tried(label_order, golden_logits)

    def with_runtime(self, runtime: Runtime) -> "NetworkDetector":
        """The same detector, run by something else, whatever that gives for known pictures."""
        return NetworkDetector(
            runtime=runtime,
            info=self._info,
            preset=self._preset,
            label_order=self._label_order,
            activation_maps=self._maps,
        )

    @property
    def info(self) -> DetectorInfo:
        return self._info

    @property
    def preset(self) -> Preset:
        return self._preset

    @property
    def device(self) -> str:
        return f"{self.runtime.device}, {self.runtime.name}"

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
        if not len(crops):
            return np.empty(0, np.float32)
        return fake_probability(self._logits(crops), self._label_order)

    def activation_maps(self, crops: Crops) -> NDArray[np.float32]:
        """See `Detector.activation_maps`."""
        return self._maps(crops, self._label_order)

    def _logits(self, crops: Crops) -> NDArray[np.float32]:
        """(n, 1 or 2), finite."""
        logits = self.runtime.logits(crops)
        if not np.isfinite(logits).all():
            raise EnvironmentFault(
                f"{self._info.name} gave a result that is not a number, so there is no score.",
                advice="Try again, or on the CPU. If it stays, the weights or the GPU are damaged.",
            )
        return logits

    def _tried(self, label_order: LabelOrder | None, golden_logits: Sequence[float]) -> LabelOrder:
        """The label order, once a crop shows that the network runs, fits it, and computes what it should."""
        logits = self._logits(golden_crop(self._preset.size_px))
        outputs = logits.shape[1:]
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
