"""Getting a published weights file onto this machine: whole and proven right, or not at all."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pooch
import requests
from tqdm import tqdm

from deeptrace_core.canonical import digest
from deeptrace_core.errors import EnvironmentFault, ModelUnavailableError, WeightsRejectedError
from deeptrace_core.settings import Settings
from worker.weights.files import (
    BUNDLED_DIR,
    expected_sha256,
    kept_sha256_path,
    mirror_advice,
    mirror_path,
    read_as_published,
    read_verified,
    stored_path,
    verify,
)
from worker.weights.registry import RegisteredWeights

TIMEOUT_S = 30
"""How long a server may be silent."""
CHUNK_BYTES = 1 << 16


def pull(entry: RegisteredWeights, settings: Settings) -> Path:
    """Store the file of `entry` under the weights folder, from the mirror if it has it, else by download.

    Bundled weights are only checked. A file that is there already is kept if it is right and replaced if it
    is not. Draws a progress bar on stderr while downloading, if that is a terminal. Nothing appears under
    the final name until the whole file is written and its SHA-256 is the published one. Where none is
    published, that of the first download is kept, and every later file is held to it.

    Raises:
        ModelUnavailableError: the file cannot be had: no network, no such address, a broken connection.
        WeightsRejectedError: what was found or downloaded is not the published file.
        EnvironmentFault: the weights folder cannot be written.
    """
    if entry.bundled:
        read_verified(entry, settings)
        return BUNDLED_DIR / entry.file_name
    final, expected = stored_path(entry, settings), expected_sha256(entry, settings)
    if final.is_file():
        with contextlib.suppress(WeightsRejectedError):  # a wrong file: replace it
            read_as_published(entry, final, expected, advice="")
            return final
    mirrored = mirror_path(entry, settings)
    data = mirrored and read_as_published(entry, mirrored, expected, advice=mirror_advice(entry))
    try:
        with _appearing_whole(final) as partial:
            if data:
                partial.write_bytes(data)
            else:
                _download(entry, partial)
                verify(entry, partial.read_bytes(), expected, source=entry.address, advice=_by_hand(entry))
            if expected is None:
                kept_sha256_path(entry, settings).write_text(digest(partial.read_bytes()) + "\n")
    except OSError as error:
        raise EnvironmentFault(
            f"The weights of {entry.name} could not be stored under {final.parent} ({error.strerror}).",
            advice="Free some space or make the folder writable, or set DEEPTRACE_HOME to another one.",
        ) from error
    return final


@contextlib.contextmanager
def _appearing_whole(final: Path) -> Iterator[Path]:
    """A file beside `final` that takes its place if the block succeeds, and is gone if it does not."""
    final.parent.mkdir(parents=True, exist_ok=True)
    # A folder of its own: it takes the usual permissions for the file inside, which mkstemp would not give.
    with tempfile.TemporaryDirectory(prefix=".pull-", dir=final.parent) as folder:
        partial = Path(folder) / final.name
        yield partial
        os.replace(partial, final)


def _download(entry: RegisteredWeights, target: Path) -> None:
    with tqdm(
        # The server tells the real one; with none at all, pooch could not ask whether there is a bar.
        total=entry.size_bytes or 1,
        desc=entry.file_name,
        unit="B",
        unit_scale=True,
        file=sys.stderr,
        disable=not sys.stderr.isatty(),
    ) as bar:
        fetch = pooch.HTTPDownloader(progressbar=bar, chunk_size=CHUNK_BYTES, timeout=TIMEOUT_S)
        try:
            fetch(entry.address, str(target), None)
        except requests.RequestException as error:
            raise ModelUnavailableError(
                f"{entry.address} could not be downloaded: {_reason(error)}.", advice=_by_hand(entry)
            ) from error


def _reason(error: requests.RequestException) -> str:
    """One plain phrase: what requests says runs over several lines of internals."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answered {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return f"the server did not answer within {TIMEOUT_S} s"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke before the file was complete"
    if isinstance(error, requests.ConnectionError):
        return "the server cannot be reached from this machine"
    return type(error).__name__


def _by_hand(entry: RegisteredWeights) -> str:
    return (
        "Check the network and try again, or put the file "
        f"{entry.file_name} in a folder and set DEEPTRACE_WEIGHTS_MIRROR to it."
    )
