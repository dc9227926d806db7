"""The process that takes the arrays out of a pickled network: `python -m worker.weights.unpickle PARENT_PID`.

It reads the file from stdin and writes safetensors to stdout. A pickle may call anything, so this one finds
torch and a few plain types, and an empty stand-in for whatever else it names; and the process can by then
open no file, reach no network, start no program and signal nobody.
"""

import io
import os
import pickle
import sys
from types import SimpleNamespace
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn

from worker.media.confine import confine
from worker.media.limits import GIB, Limits

LIMITS = Limits(address_space_bytes=64 * GIB, cpu_base_s=300)
"""torch itself reserves a good part of this."""

PLAIN = {"collections OrderedDict", "__builtin__ set", "builtins set", "argparse Namespace"}
"""Pickles of torch keep the names that Python 2 had."""


class StandIn(nn.Module):
    """Takes the place of a class whose code is not here: its arrays are what is wanted."""

    def __init__(self, *_arguments: object) -> None:
        super().__init__()


class Unpickler(pickle.Unpickler):
    """Finds what a network of torch is made of, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if module.split(".")[0] == "torch" or f"{module} {name}" in PLAIN:
            return super().find_class(module, name)
        return type(name, (StandIn,), {"__module__": module})


PICKLE = SimpleNamespace(
    __name__="pickle",
    Unpickler=Unpickler,
    load=lambda file, **options: Unpickler(file, **options).load(),
)
"""What torch.load takes for a module like `pickle`."""


def arrays_of(data: bytes) -> dict[str, Tensor]:
    """The state dict in a pickled network or checkpoint."""
    loaded = torch.load(io.BytesIO(data), map_location="cpu", weights_only=False, pickle_module=PICKLE)
    while isinstance(loaded, dict) and not any(isinstance(value, Tensor) for value in loaded.values()):
        loaded = next(value for value in loaded.values() if isinstance(value, nn.Module | dict))
    arrays = loaded.state_dict() if isinstance(loaded, nn.Module) else loaded
    return {
        name: array.detach().clone().contiguous()
        for name, array in arrays.items()
        if isinstance(array, Tensor)
    }


def _warm_up() -> None:
    """Import now what is imported when it is first needed: later no file can be opened."""
    for zipped in (True, False):
        buffer = io.BytesIO()
        torch.save(nn.BatchNorm2d(1), buffer, _use_new_zipfile_serialization=zipped)
        safetensors.torch.save(arrays_of(buffer.getvalue()))


def main() -> int:
    """Convert; the exit code. What goes wrong is said on stderr in one line."""
    _warm_up()
    data = sys.stdin.buffer.read()
    answers = os.dup(1)
    os.dup2(2, 1)
    if not confine(LIMITS, int(sys.argv[1])).system_calls_filtered:
        sys.stderr.write("this machine cannot confine it (libseccomp is missing)")
        return 1
    try:
        converted = safetensors.torch.save(arrays_of(data))
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}: {error}"[:500])
        return 1
    with os.fdopen(answers, "wb") as out:
        out.write(converted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
