"""Settings: defaults, and refusal of what cannot be used."""

from pathlib import Path

import pytest

from deeptrace_core.errors import SettingsError
from deeptrace_core.settings import load_settings


def test_defaults_need_no_environment() -> None:
    """With nothing set, everything lives in one folder beside app.py."""
    settings = load_settings({})
    assert settings.home.name == ".deeptrace"
    assert settings.mongodb_uri is None
    assert settings.blobs_url == (settings.home / "blobs").as_uri()
    assert settings.weights_mirror is None
    assert settings.port == 8501


def test_an_empty_variable_means_the_default() -> None:
    """`DEEPTRACE_MONGODB_URI= make run` is the embedded database."""
    assert load_settings({"DEEPTRACE_MONGODB_URI": "", "DEEPTRACE_PORT": ""}) == load_settings({})


def test_paths_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Children of this process run elsewhere, so a relative path is resolved once."""
    monkeypatch.chdir(tmp_path)
    assert load_settings({"DEEPTRACE_HOME": "data"}).home == tmp_path / "data"


@pytest.mark.parametrize(
    ("name", "value"),
    [("DEEPTRACE_PORT", "http"), ("DEEPTRACE_PORT", "0"), ("DEEPTRACE_LEASE_S", "nan")],
)
def test_a_value_that_cannot_be_used_is_named(name: str, value: str) -> None:
    """The message names the variable and what it was."""
    with pytest.raises(SettingsError, match=f"{name} is '{value}'"):
        load_settings({name: value})
