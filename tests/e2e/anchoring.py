"""A running DeepTrace with a chain of this machine, and the command that checks what it anchored."""

import os
import subprocess
import sys
from pathlib import Path

from deeptrace_core.settings import PROJECT_ROOT
from tests.e2e.conftest import free_port
from tests.e2e.system import RunningSystem

WAIT_MS = 60_000
"""A loaded machine draws slowly."""


class AnchoringSystem(RunningSystem):
    """With the chain of this machine, as `make run CHAIN=local` starts it."""

    rpc = f"http://127.0.0.1:{free_port()}"

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"DEEPTRACE_CHAIN": "local", "DEEPTRACE_CHAIN_RPC": self.rpc}


def verified(proof: Path, rpc: str, *more: str) -> subprocess.CompletedProcess[str]:
    """What the command says, which knows neither database nor key."""
    return subprocess.run(
        [sys.executable, "-m", "deeptrace_core", "verify", str(proof), "--rpc", rpc, *more],
        cwd=PROJECT_ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("DEEPTRACE_")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
