"""`streamlit run app.py` as a child process of the tests."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import requests

from deeptrace_core.settings import PROJECT_ROOT, Settings
from tests.e2e.system import wait_for


@dataclass(kw_only=True)
class Server:
    """One running server of pages over a database of the tests."""

    settings: Settings
    port: int
    base: str = ""
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.base}"

    @property
    def log(self) -> Path:
        return self.settings.home / f"server-{self.port}.log"

    def launch(self) -> None:
        """Start it without waiting."""
        command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={self.port}"]
        command += [f"--server.baseUrlPath={self.base}"] if self.base else []
        ours = {
            "DEEPTRACE_HOME": str(self.settings.home),
            "DEEPTRACE_MONGODB_URI": self.settings.mongodb_uri or "",
            "DEEPTRACE_BLOBS": self.settings.blobs_url,
        }
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [*command, *self.options],
                cwd=PROJECT_ROOT,
                env=os.environ | ours | self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.launch()
        wait_for(lambda: self._answers() or self._ended(), "the server")
        assert not self._ended(), self.log.read_text()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def rss_mb(self) -> float:
        """The memory it holds now."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/_stcore/health", timeout=2).ok
        except requests.RequestException:
            return False

    def _ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None
