"""A network as an audio detector: what it puts out becomes likelihoods, or an error. Brings no torch."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.audio import AudioDetectorInfo
from deeptrace_core.canonical import digest
from deeptrace_core.errors import EnvironmentFault, WeightsRejectedError
from deeptrace_core.settings import Settings
from worker.audio.golden import golden_window
from worker.audio.windows import Samples
from worker.detectors.golden import TOLERANCE
from worker.detectors.probability import fake_probability
from worker.runtimes.spread import Spread
from worker.weights import files
from worker.weights.audio_registry import AUDIO_REGISTRY, TRAINED_ON
from worker.weights.registry import RegisteredWeights, registered

BATCH = 4

Logits = Callable[[NDArray[Any]], NDArray[np.float32]]
"""A network that runs: (n, WINDOW_SAMPLES) float32 -> (n, 2)."""


class NetworkAudioDetector:
    """See `AudioDetector`.

    Args:
        logits: the network.

    Raises:
        WeightsRejectedError: the network does not compute what it did when it was registered.
    """

    def __init__(self, logits: Logits, entry: RegisteredWeights, weights_sha256: str) -> None:
        self._network, self._label_order = logits, entry.label_order
        self.info = AudioDetectorInfo(
            name=entry.name,
            architecture=entry.architecture,
            weights_sha256=weights_sha256,
            licence=entry.licence,
            trained_on=TRAINED_ON,
            threshold_low=entry.threshold_low,
            threshold_high=entry.threshold_high,
        )
        found = self._logits(golden_window())[0]
        if not np.allclose(found, entry.golden_logits, rtol=0, atol=TOLERANCE):
            raise WeightsRejectedError(
                f"{entry.name} no longer computes what it did when it was registered, so it gives no "
                f"scores: {found.tolist()} in place of {list(entry.golden_logits)} for a known sound.",
                advice="Install the versions of requirements.txt (make setup).",
            )

    def score(self, windows: Samples) -> NDArray[np.float32]:
        """See `AudioDetector.score`."""
        return fake_probability(self._logits(windows), self._label_order)

    def _logits(self, windows: Samples) -> NDArray[np.float32]:
        logits = self._network(windows)
        if not np.isfinite(logits).all():
            raise EnvironmentFault(
                f"{self.info.name} gave a result that is not a number, so there is no score.",
                advice="Try again. If it stays, the weights are damaged: pull them again.",
            )
        return logits


def load_audio_detector(name: str, settings: Settings) -> NetworkAudioDetector:
    """The registered audio detector called `name`. It always runs on the CPU.

    Raises:
        InputError: there is none of this name.
        ModelUnavailableError: its weights are not on this machine; the advice is the command that mends it.
        WeightsRejectedError: the file is not the published one.
    """
    entry = registered(name, AUDIO_REGISTRY, "audio detector")
    data = files.read_verified(entry, settings)
    network = _openvino(entry, data, settings) or _torch(entry, data)
    return NetworkAudioDetector(network, entry, digest(data))


def _openvino(entry: RegisteredWeights, data: bytes, settings: Settings) -> Logits | None:
    if settings.runtime == "torch":
        return None
    from worker.runtimes.converted import converted_networks
    from worker.runtimes.openvino_runtime import OpenVinoRuntime

    found = converted_networks(
        "worker.detectors.aasist", [(entry.architecture,)], data, settings.converted_dir, Spread.WITHIN_A_RUN
    )
    return OpenVinoRuntime(found[0]).logits if found else None


def _torch(entry: RegisteredWeights, data: bytes) -> Logits:
    from worker.detectors.aasist import load_network
    from worker.runtimes.torch_runtime import TorchRuntime

    return TorchRuntime(load_network(entry.architecture, data), "cpu", BATCH).logits
