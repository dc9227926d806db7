"""From a pickled network, which is code, to safetensors, which is numbers alone."""

import os
import subprocess
import sys
from pathlib import Path

from deeptrace_core.errors import InputError, WeightsRejectedError
from deeptrace_core.settings import PROJECT_ROOT
from worker.weights.checkpoint import read_checkpoint
from worker.weights.xception_keys import face_xception

TIMEOUT_S = 300
MAX_BYTES = 2 * 2**30


def convert(source: Path, target: Path) -> None:
    """Write the arrays of the face Xception in `source` to `target`, as safetensors.

    The pickle is opened in a process of its own, which can do nothing but compute.

    Raises:
        InputError: a file cannot be read or written, or `target` is there already.
        WeightsRejectedError: there is no face Xception in it.
    """
    if target.exists():
        raise InputError(f"{target} is there already.", advice="Name another file with --out.")
    try:
        data = source.read_bytes() if source.stat().st_size <= MAX_BYTES else b""
    except OSError as error:
        raise InputError(f"{source} cannot be read ({error.strerror}).") from error
    converted = _unpickled(data)
    face_xception(read_checkpoint(converted))
    try:
        target.write_bytes(converted)
    except OSError as error:
        raise InputError(f"{target} cannot be written ({error.strerror}).") from error


def _unpickled(data: bytes) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-B", "-E", "-s", "-m", "worker.weights.unpickle", str(os.getpid())],
            input=data,
            capture_output=True,
            cwd=PROJECT_ROOT,
            env={},
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise WeightsRejectedError("The file took too long to open, and was given up.") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        raise WeightsRejectedError(
            f"No network could be taken out of the file: {said[-1]}.",
            advice="Ask its authors for a state dict, or for safetensors.",
        )
    return done.stdout
