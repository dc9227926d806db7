"""OpenVINO itself, once for a process."""

import functools

import openvino


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
