"""Settings in a temporary folder, and an entry whose published file the tests know."""

import dataclasses
from pathlib import Path

import pytest

from deeptrace_core.canonical import digest
from deeptrace_core.settings import Settings, load_settings
from worker.weights.registry import RegisteredWeights, registered

PUBLISHED = bytes(range(256)) * 800
"""Stands for a weights file: 200 kB."""


@pytest.fixture
def published() -> bytes:
    return PUBLISHED


@pytest.fixture
def entry() -> RegisteredWeights:
    return dataclasses.replace(
        registered("meso4-df"), sha256=digest(PUBLISHED), size_bytes=len(PUBLISHED), name="some-weights"
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home of its own, and no mirror."""
    return load_settings({"DEEPTRACE_HOME": str(tmp_path / "home")})


@pytest.fixture
def mirrored(settings: Settings, tmp_path: Path) -> Settings:
    """The same with an empty mirror folder."""
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    return dataclasses.replace(settings, weights_mirror=mirror)
