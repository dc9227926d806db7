"""OpenVINO itself, once for a process."""

import functools
from pathlib import Path

import openvino

OPTIONS = {
    # Rounding to half precision, the default on some processors, would change results.
    "INFERENCE_PRECISION_HINT": "f32",
    "PERFORMANCE_HINT": "LATENCY",
}


@functools.cache
def core() -> openvino.Core:
    """The one of this process.

    Loading OpenVINO for the CPU gives the thread another stack to handle signals on, and unloading it frees
    that stack, in whatever thread lets go of it last: the next signal then kills the process. So it stays.
    """
    made = openvino.Core()
    # Each weight is kept as the processor wants it; mapped, the file's copy of it would stay in memory, too.
    made.set_property({"ENABLE_MMAP": False})
    return made


def compiled(path: Path) -> openvino.CompiledModel:
    """The network in this file, ready to run on the CPU.

    Raises:
        RuntimeError: OpenVINO cannot read or run it.
    """
    return core().compile_model(path, "CPU", OPTIONS)
