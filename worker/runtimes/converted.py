"""Networks in OpenVINO's form: made once from PyTorch's, kept, and used only if both compute the same."""

import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.canonical import digest
from deeptrace_core.settings import PROJECT_ROOT
from worker.detectors.golden import TOLERANCE

if TYPE_CHECKING:
    import openvino

log = logging.getLogger(__name__)

CHILD = "worker.runtimes.conversion"
TIMEOUT_S = 600
MADE_BY = ("torch", "openvino", "timm", "facenet-pytorch")
"""What is converted anew with another version of one of these."""

NETWORK, KNOWN = "network.xml", "known.npz"
"""In the folder of a network: its layers, with the weights beside them, and what PyTorch computed."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What the process that converts is started with."""

    builder: str
    """The module that builds the network, see `worker.runtimes.conversion.Builder`."""
    arguments: tuple[str, ...]
    folder: str

    def encode(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def decode(text: str) -> "Order":
        fields: dict[str, Any] = json.loads(text)
        return Order(**fields | {"arguments": tuple(fields["arguments"])})


class UnusableError(Exception):
    """OpenVINO cannot be used for this network; the text says why. PyTorch can."""


class ConvertedNetwork:
    """A network that OpenVINO runs on the CPU.

    Args:
        folder: as `worker.runtimes.conversion` fills it.

    Raises:
        UnusableError: it cannot be read, or does not compute what PyTorch does.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from worker.runtimes.openvino_core import compiled

            self._compiled: openvino.CompiledModel = compiled(folder / NETWORK)
            with (folder / KNOWN).open("rb") as file, np.load(file) as known:
                inputs, *expected = (known[name] for name in known.files)
            found = self(inputs)
        except Exception as error:
            # Files may be damaged in any way, and each library has errors of its own for it.
            raise UnusableError(f"{folder} cannot be used ({type(error).__name__}: {error})") from error
        off = max(float(np.abs(a - b).max()) for a, b in zip(found, expected, strict=True))
        if not off <= TOLERANCE:
            raise UnusableError(f"{folder} gives results that differ from PyTorch's by {off:g}")

    def __call__(self, inputs: NDArray[Any]) -> list[NDArray[np.float32]]:
        """The outputs, in the order of the network."""
        results = self._compiled(np.ascontiguousarray(inputs))
        return [np.array(results[output]) for output in self._compiled.outputs]


def converted_network(
    builder: str, arguments: Sequence[str], data: bytes, kept_in: Path
) -> ConvertedNetwork | None:
    """The network in OpenVINO; None, with a line in the log, if PyTorch must run it.

    Args:
        builder, arguments: see `Order`.
        data: the bytes of its weights, if `arguments` do not say which they are.
        kept_in: where converted networks are kept.
    """
    versions = [f"{name} {version(name)}" for name in MADE_BY]
    folder = kept_in / digest(json.dumps([builder, *arguments, digest(data), *versions]).encode())
    try:
        if not folder.is_dir():
            _make(builder, tuple(arguments), data, folder)
        return ConvertedNetwork(folder)
    except UnusableError as error:
        log.warning("PyTorch runs a network in place of OpenVINO: %s.", error)
        return None


def _make(builder: str, arguments: tuple[str, ...], data: bytes, folder: Path) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(dir=folder.parent, prefix="partial-"))
    except OSError as error:
        raise UnusableError(f"{folder.parent} cannot be written ({error.strerror})") from error
    order = Order(builder=builder, arguments=arguments, folder=str(partial))
    try:
        done = subprocess.run(
            [sys.executable, "-m", CHILD, order.encode()],
            input=data,
            capture_output=True,
            cwd=PROJECT_ROOT,
            timeout=TIMEOUT_S,
            check=False,
            start_new_session=True,  # Ctrl-C in a terminal is for the worker
        )
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise UnusableError(f"it could not be converted ({' '.join(said) or done.returncode})")
        # Whoever is first at it stays: what another worker made is the same.
        if not folder.is_dir():
            os.rename(partial, folder)
    except (OSError, subprocess.TimeoutExpired) as error:
        if not folder.is_dir():
            raise UnusableError(f"it could not be converted ({error})") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
