"""The program in the README does what it says."""

import re
import subprocess
import sys
from pathlib import Path

from deeptrace_core.settings import PROJECT_ROOT
from tests.clips import face_video
from tests.e2e.system import RunningSystem


def test_the_program_in_the_readme_gets_a_result(system: RunningSystem, tmp_path: Path) -> None:
    """Line by line as it stands there, but for the address and the name of the video."""
    face_video(tmp_path / "clip.mp4", frames=40).rename(tmp_path / "VIDEO")
    (program,) = re.findall(r"```python\n(.*?)```", (PROJECT_ROOT / "README.md").read_text(), re.DOTALL)
    assert len([line for line in program.splitlines() if line]) <= 10
    assert "http://127.0.0.1:8501" in program
    answer = subprocess.run(
        [sys.executable, "-c", program.replace("http://127.0.0.1:8501", system.url)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=200,
    )
    assert "'visual_prob': 0." in answer.stdout
