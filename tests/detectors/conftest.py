"""Pictures made by arithmetic, weights made by the tests, and the published weights where they are."""

import os
from pathlib import Path

import numpy as np
import pytest

from deeptrace_core.settings import PROJECT_ROOT, Settings, load_settings
from worker.detectors.interface import Crops


@pytest.fixture(scope="session")
def pictures() -> Crops:
    """Seven synthetic pictures, (7, 256, 256, 3) uint8: integers only, so the same everywhere."""
    y, x, c = np.meshgrid(np.arange(256), np.arange(256), np.arange(3), indexing="ij")
    blocks = (x // 32 * 37 + y // 32 * 101 + c * 59) % 256
    waves = np.abs((x * 3 + y * 2 + c * 40) % 510 - 255)
    disc = np.where((x - 128) ** 2 + (y - 120) ** 2 < 90**2, 190 - c * 30, 40 + c * 20)
    shaded = disc * (256 + y) // 512
    return np.stack([np.full_like(x, 128), x, 255 - y, blocks, waves, disc, shaded]).astype(np.uint8)


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The folder with the published weights, where this machine has one."""
    mirror = Path(os.environ.get("DEEPTRACE_WEIGHTS_MIRROR") or PROJECT_ROOT.parent / "shared" / "weights")
    if not mirror.is_dir():
        pytest.skip(f"no published weights here: {mirror} (set DEEPTRACE_WEIGHTS_MIRROR)")
    return mirror


@pytest.fixture(scope="session")
def mirrored(mirror: Path, tmp_path_factory: pytest.TempPathFactory, converted_dir: Path) -> Settings:
    """Settings that read the published weights."""
    home = tmp_path_factory.mktemp("home")
    return load_settings(
        {
            "DEEPTRACE_HOME": str(home),
            "DEEPTRACE_WEIGHTS_MIRROR": str(mirror),
            "DEEPTRACE_CONVERTED": str(converted_dir),
        }
    )
