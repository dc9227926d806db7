"""Where networks run."""

import ctypes
from pathlib import Path

from deeptrace_core.errors import InputError

CPU = "cpu"
DRIVERS = ("libcuda.so.1", "nvcuda.dll")
ROCM_DEVICE = Path("/dev/kfd")


def choose_device(name: str | None) -> str:
    """The device called `name`, or the GPU if there is one, else "cpu", as torch names it.

    Without a GPU's driver on the machine torch is not asked: importing it takes seconds and 300 MB.

    Raises:
        InputError: there is no such device on this machine.
    """
    if name == CPU or (name is None and not _has_driver()):
        return CPU
    import torch

    if name is None:
        return "cuda:0" if torch.cuda.is_available() else CPU
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise InputError(
            f"The device {name!r} is not available on this machine.", advice="Choose cpu, or cuda with a GPU."
        ) from error
    return "cuda:0" if name == "cuda" else name


def _has_driver() -> bool:
    for library in DRIVERS:
        try:
            ctypes.CDLL(library)
        except OSError:
            continue
        return True
    return ROCM_DEVICE.exists()
