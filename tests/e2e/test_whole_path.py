"""The whole path of a video, as a person takes it: upload, frames, sound, faces, scores, report, anchor."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from deeptrace_core.audio import AudioAssessed
from deeptrace_core.model import Assessed
from deeptrace_core.report import parse_report
from deeptrace_core.settings import PROJECT_ROOT
from tests.chain.anvil import needs_anvil
from tests.clips import MEDIA, WEIGHTS, face_frame, needs_media, needs_weights
from tests.e2e.anchoring import WAIT_MS, AnchoringSystem, verified
from tests.e2e.conftest import free_port
from tests.sounds import voice, write_with_sound

pytestmark = [needs_anvil, needs_media, needs_weights]

LENGTH_S = 24
PICTURE_HZ = 5


class WholeSystem(AnchoringSystem):
    """It hears, too: the published weights come from their mirror."""

    rpc = f"http://127.0.0.1:{free_port()}"

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"DEEPTRACE_WEIGHTS_MIRROR": str(WEIGHTS)}


@pytest.fixture(scope="module")
def whole_system() -> Iterator[WholeSystem]:
    home = Path(tempfile.mkdtemp(prefix="dt-whole-", dir="/tmp"))
    system = WholeSystem(home=home, port=free_port())
    try:
        pull = [sys.executable, "-m", "worker", "models", "pull", "aasist"]
        subprocess.run(pull, cwd=PROJECT_ROOT, env=os.environ | system.environment, check=True)
        system.start()
        yield system
    finally:
        system.stop()
        shutil.rmtree(home)


@pytest.mark.parametrize("with_sound", [False, True])
def test_a_video_becomes_an_anchored_report(
    whole_system: WholeSystem, page: Page, tmp_path: Path, with_sound: bool
) -> None:
    """A manipulated clip without sound, a made one with a voice: each proof holds, for its video alone."""
    silent = MEDIA / "fake" / "003_000.mp4"
    path = spoken(tmp_path) if with_sound else silent
    page.goto(whole_system.url)
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Analyze").click()
    page.wait_for_url("**/review?job=*")
    expect(page.get_by_text("Face A").first).to_be_visible(timeout=180_000)
    page.get_by_role("button", name="Anchor this report").click()
    page.get_by_role("button", name="Anchor it for good").click()
    expect(page.get_by_text("Anchored in block")).to_be_visible(timeout=WAIT_MS)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the proof file").click()
    proof = tmp_path / "proof.json"
    download.value.save_as(proof)

    report = parse_report(json.loads(proof.read_bytes())["report"].encode())
    assert report.coverage.frames_scored == 32
    assert isinstance(report.finding, Assessed)
    assert report.provenance is not None
    assert report.audio is not None
    if with_sound:
        assert isinstance(report.audio.finding, AudioAssessed)
        assert report.audio.spectrogram is not None
    else:
        assert report.audio.scores == ()

    held = verified(proof, whole_system.rpc, "--media", str(path))
    assert held.returncode == 0, held.stdout
    other = MEDIA / "real" / "dfo_real.mp4"
    assert verified(proof, whole_system.rpc, "--media", str(other)).returncode != 0


def spoken(folder: Path) -> Path:
    faces = [face_frame(n // 2) for n in range(LENGTH_S * PICTURE_HZ)]
    return write_with_sound(folder / "voice.mp4", voice(LENGTH_S), images=faces, picture_hz=PICTURE_HZ)
