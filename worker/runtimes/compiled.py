"""Running a network of OpenVINO's on the CPU."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray

from worker.runtimes.openvino_core import core
from worker.runtimes.spread import Spread

OPTIONS = {
    # Rounding to half precision, the default on some processors, would change results.
    "INFERENCE_PRECISION_HINT": "f32",
    # Other workers and other programs may run on this machine: its scheduler knows better.
    "ENABLE_CPU_PINNING": False,
}
MOST_AT_ONCE = 8
"""Pictures: as many as an analysis brings at a time. With more cores than this they share pictures."""


class CompiledNetwork:
    """A network, ready to run. One thread may use it at a time.

    Args:
        path: its layers, with the weights beside them.
        spread: which inputs are run together, and on how many cores.

    Raises:
        RuntimeError: OpenVINO cannot read or run it.
    """

    def __init__(self, path: Path, spread: Spread) -> None:
        model = core().read_model(path)
        streams, threads = 1, 1 if spread is Spread.NOTHING else len(os.sched_getaffinity(0))
        self._one_by_one = spread is Spread.OVER_PICTURES
        if self._one_by_one:
            streams = min(threads, MOST_AT_ONCE)
            shape = model.input().partial_shape
            shape[0] = 1
            model.reshape(shape)
        options = OPTIONS | {"NUM_STREAMS": streams, "INFERENCE_NUM_THREADS": threads}
        self._queue = openvino.AsyncInferQueue(core().compile_model(model, "CPU", options), streams)
        self._queue.set_callback(_take)

    def __call__(self, inputs: NDArray[Any]) -> list[NDArray[np.float32]]:
        """The outputs, in the order of the network, for one or more inputs."""
        together = 1 if self._one_by_one else len(inputs)
        runs = [inputs[start : start + together] for start in range(0, len(inputs), together)]
        answers: list[list[NDArray[np.float32]]] = [[] for _ in runs]
        for run, answer in zip(runs, answers, strict=True):
            self._queue.start_async([np.ascontiguousarray(run)], answer)
        self._queue.wait_all()
        return [np.concatenate(parts) for parts in zip(*answers, strict=True)]


def _take(request: openvino.InferRequest, answer: list[NDArray[np.float32]]) -> None:
    answer += [np.array(output.data) for output in request.output_tensors]
