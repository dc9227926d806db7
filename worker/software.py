"""What computes the scores: versions, as they go into the report."""

import subprocess
from functools import cache
from importlib.metadata import version

from deeptrace_core import __version__
from deeptrace_core.model import Software
from deeptrace_core.settings import PROJECT_ROOT

LIBRARIES = (
    *("torch", "torchvision", "timm", "facenet-pytorch", "openvino"),
    *("opencv-python-headless", "av", "pillow", "numpy"),
)
"""Those that can change a score."""


@cache
def software(device: str) -> Software:
    """This program and its libraries, running on `device`."""
    return Software(
        deeptrace=__version__,
        commit=_commit(),
        device=device,
        libraries={name: version(name) for name in LIBRARIES},
    )


def _commit() -> str | None:
    """The Git commit of the code, with "-dirty" where files were changed; None outside a checkout."""
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
