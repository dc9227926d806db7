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
        threads = 1 if spread is Spread.NOTHING else len(os.sched_getaffinity(0))
        streams = 1
        if spread is Spread.OVER_PICTURES:
            streams = min(threads, MOST_AT_ONCE)
            shape = model.input().partial_shape
            shape[0] = 1
            model.reshape(shape)
        options = OPTIONS | {"NUM_STREAMS": streams, "INFERENCE_NUM_THREADS": threads}
        self._network = core().compile_model(model, "CPU", options)
        self._queue: openvino.AsyncInferQueue | None = None
        if spread is Spread.OVER_PICTURES:
            self._queue = openvino.AsyncInferQueue(self._network, streams)
            self._queue.set_callback(_take)

    def __call__(self, inputs: NDArray[Any]) -> list[NDArray[np.float32]]:
        """The outputs, in the order of the network, for one or more inputs."""
        if self._queue is None:
            return [np.array(output) for output in self._network(np.ascontiguousarray(inputs)).values()]
        answers: list[list[NDArray[np.float32]]] = [[] for _ in inputs]
        for one, answer in zip(inputs, answers, strict=True):
            self._queue.start_async([np.ascontiguousarray(one[None])], answer)
        self._queue.wait_all()
        return [np.concatenate(parts) for parts in zip(*answers, strict=True)]


def _take(request: openvino.InferRequest, answer: list[NDArray[np.float32]]) -> None:
    answer += [np.array(output.data) for output in request.output_tensors]
