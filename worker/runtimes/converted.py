"""Networks in OpenVINO's form: made once from PyTorch's, kept, and used only if both compute the same."""

import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deeptrace_core.canonical import digest
from deeptrace_core.settings import PROJECT_ROOT
from worker.detectors.golden import TOLERANCE, largest_shift
from worker.runtimes.spread import Spread

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
    """The module that builds the networks, see `worker.runtimes.conversion.Builder`."""
    arguments: tuple[tuple[str, ...], ...]
    """What each is called there."""
    folders: tuple[str, ...]
    """Where each goes."""

    def encode(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def decode(text: str) -> "Order":
        fields: dict[str, Any] = json.loads(text)
        return Order(
            builder=fields["builder"],
            arguments=tuple(map(tuple, fields["arguments"])),
            folders=tuple(fields["folders"]),
        )


class UnusableError(Exception):
    """OpenVINO cannot be used for this network; the text says why. PyTorch can."""


class ConvertedNetwork:
    """A network that OpenVINO runs on the CPU. One thread may use it at a time.

    Args:
        folder: as `worker.runtimes.conversion` fills it.
        spread: which of its inputs are run together, and on how many cores.

    Raises:
        UnusableError: it cannot be read, or does not compute what PyTorch does.
    """

    def __init__(self, folder: Path, spread: Spread) -> None:
        self.folder, self.spread = folder, spread
        try:
            from worker.runtimes.compiled import CompiledNetwork

            self._network = CompiledNetwork(folder / NETWORK, spread)
            with (folder / KNOWN).open("rb") as file, np.load(file) as known:
                inputs, *expected = (known[name] for name in known.files)
            found = self(inputs)
        except Exception as error:
            # Files may be damaged in any way, and each library has errors of its own for it.
            raise UnusableError(f"{folder} cannot be used ({type(error).__name__}: {error})") from error
        off = max(largest_shift(a, b) for a, b in zip(found, expected, strict=True))
        if not off <= TOLERANCE:
            raise UnusableError(f"{folder} gives results that differ from PyTorch's by {off:g}")

    def __call__(self, inputs: NDArray[Any]) -> list[NDArray[np.float32]]:
        """The outputs, in the order of the network."""
        return self._network(inputs)


def converted_networks(
    builder: str, arguments: Sequence[tuple[str, ...]], data: bytes, kept_in: Path, spread: Spread
) -> tuple[ConvertedNetwork, ...] | None:
    """Networks in OpenVINO; None, with a line in the log, if PyTorch must run them.

    Args:
        builder, arguments: see `Order`.
        data: the bytes of their weights, if the builder does not know them.
        kept_in: where converted networks are kept.
        spread: see `ConvertedNetwork`.
    """
    versions = [f"{name} {version(name)}" for name in MADE_BY]
    folders = {
        kept_in / digest(json.dumps([builder, *each, digest(data), *versions]).encode()): each
        for each in arguments
    }
    try:
        missing = {folder: each for folder, each in folders.items() if not folder.is_dir()}
        if missing:
            _make(builder, missing, data, kept_in)
        return tuple(ConvertedNetwork(folder, spread) for folder in folders)
    except UnusableError as error:
        log.warning("PyTorch runs a network in place of OpenVINO: %s.", error)
        return None


def _make(builder: str, missing: dict[Path, tuple[str, ...]], data: bytes, kept_in: Path) -> None:
    try:
        kept_in.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept_in, prefix="partial-") as partial:
            made = {Path(partial) / folder.name: each for folder, each in missing.items()}
            for folder in made:
                folder.mkdir()
            _run(Order(builder=builder, arguments=(*made.values(),), folders=(*map(str, made),)), data)
            for folder, target in zip(made, missing, strict=True):
                _put(folder, target)
    except OSError as error:
        raise UnusableError(f"{kept_in} cannot be written ({error.strerror})") from error


def _run(order: Order, data: bytes) -> None:
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
    except subprocess.TimeoutExpired as error:
        raise UnusableError(f"it could not be converted within {TIMEOUT_S} s") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise UnusableError(f"it could not be converted ({' '.join(said) or done.returncode})")


def _put(folder: Path, target: Path) -> None:
    try:
        folder.rename(target)
    except OSError:
        # Another worker was first; what it made is the same.
        if not target.is_dir():
            raise
