"""`python -m worker models list | pull NAME`."""

import argparse
import dataclasses
import re
from pathlib import Path

import pytest

from deeptrace_core.canonical import digest
from deeptrace_core.errors import InputError, WeightsRejectedError
from tests.detectors import numpy_mesonet
from worker.commands import models
from worker.weights.audio_registry import AUDIO_REGISTRY
from worker.weights.registry import REGISTRY

PUBLISHED = b"stands for a weights file"


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror that has one of the registered files, and an empty home."""
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    entry = dataclasses.replace(REGISTRY["meso4-df"], sha256=digest(PUBLISHED))
    monkeypatch.setitem(REGISTRY, "meso4-df", entry)
    (mirror / entry.file_name).write_bytes(PUBLISHED)
    monkeypatch.setenv("DEEPTRACE_WEIGHTS_MIRROR", str(mirror))
    monkeypatch.setenv("DEEPTRACE_HOME", str(tmp_path / "home"))
    return mirror


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    models.register(parser.add_subparsers(required=True))
    args = parser.parse_args(["models", *words])
    code: int = args.func(args)
    return code


def rows(text: str) -> dict[str, str]:
    return {line.split()[0]: line for line in text.splitlines()}


def test_list_shows_every_entry_and_where_it_is(mirror: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Name, licence, size, state and preset, one line each."""
    assert run("list") == 0
    listed = rows(capsys.readouterr().out)
    assert listed.keys() == {"NAME", *REGISTRY, *AUDIO_REGISTRY}
    columns = re.split(r"\s{2,}", listed["meso4-df"])
    assert columns[1:5] == ["Apache-2.0", "156 kB", "in the mirror", "meso256"]
    assert "not here" in listed["meso4-f2f"]
    assert " bundled " in listed["deeptrace-light-1"]


def test_pull_shows_the_licence_then_makes_the_weights_ready(
    mirror: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """What is pulled is here afterwards, under its SHA-256."""
    assert run("pull", "meso4-df") == 0
    told = capsys.readouterr().out
    assert told.index("Licence: Apache-2.0") < told.index("Address: https://") < told.index("Ready:")
    assert (tmp_path / "home" / "weights" / f"{digest(PUBLISHED)}.h5").read_bytes() == PUBLISHED
    run("list")
    assert " here " in rows(capsys.readouterr().out)["meso4-df"]


def test_pulling_what_is_bundled_only_checks_it(
    mirror: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Nothing is downloaded or copied."""
    assert run("pull", "deeptrace-light-1") == 0
    assert "deeptrace-light-1.safetensors, SHA-256 " in capsys.readouterr().out
    assert not (tmp_path / "home").exists()


def test_a_wrong_file_is_refused_after_the_licence_was_shown(
    mirror: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The main program turns the error into one line and exit code 2."""
    (mirror / REGISTRY["meso4-df"].file_name).write_bytes(b"something else")
    with pytest.raises(WeightsRejectedError):
        run("pull", "meso4-df")
    assert "Ready" not in capsys.readouterr().out
    assert not (tmp_path / "home" / "weights").exists()


def test_an_unknown_name_lists_the_known_ones(mirror: Path) -> None:
    """The error is ours, not argparse's: its advice lists the names."""
    with pytest.raises(InputError, match="meso5"):
        run("pull", "meso5")


def test_an_action_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    """`models` alone shows what can follow."""
    with pytest.raises(SystemExit):
        run()
    assert "list | pull" in capsys.readouterr().err


def test_check_says_what_is_known_of_the_outputs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Weights that compute what they did, and weights that do not."""
    data = numpy_mesonet.hdf5(numpy_mesonet.random_layers("meso4"))
    entry = dataclasses.replace(REGISTRY["meso4-df"], sha256=digest(data), golden_logits=())
    (tmp_path / entry.file_name).write_bytes(data)
    monkeypatch.setenv("DEEPTRACE_WEIGHTS_MIRROR", str(tmp_path))
    monkeypatch.setitem(REGISTRY, "meso4-df", entry)
    assert run("check", "meso4-df") == 0
    assert "nobody has registered" in capsys.readouterr().out
    monkeypatch.setitem(REGISTRY, "meso4-df", dataclasses.replace(entry, golden_logits=(1234.5,)))
    with pytest.raises(WeightsRejectedError, match="no longer computes"):
        run("check", "meso4-df")


def test_remove_deletes_what_was_pulled_and_nothing_else(
    mirror: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The mirror belongs to somebody else."""
    with pytest.raises(InputError, match="is not in"):
        run("remove", "meso4-df")
    run("pull", "meso4-df")
    assert run("remove", "meso4-df") == 0
    assert (mirror / REGISTRY["meso4-df"].file_name).exists()
    run("list")
    assert " in the mirror " in rows(capsys.readouterr().out)["meso4-df"]
