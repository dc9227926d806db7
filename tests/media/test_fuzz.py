"""The small form of `python -m benchmarks.fuzz`."""

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.fuzzing.seeds import make_seeds
from tests.media.in_process import InProcess, ignore

ROOT = Path(__file__).resolve().parents[2]


def test_damaged_videos_end_in_a_report_or_a_reason() -> None:
    """Sixty files: no escape, no hang, nothing left behind."""
    # In a process of its own, since it counts what that process holds, and other tests hold databases.
    command = [sys.executable, "-m", "benchmarks.fuzz", "--files", "60", "--seed", "7"]
    answer = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False, text=True).stdout
    outcome = json.loads(answer)
    assert outcome["fuzz"] == "passed", outcome


def test_the_whole_videos_can_be_read(tmp_path: Path) -> None:
    """What is damaged was whole before."""
    for path in make_seeds(tmp_path):
        with InProcess().open(path, on_wait=ignore) as video:
            assert video.info.frame_count > 0, path.name
