"""What the README names exists, and what exists is named where it must be."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_every_setting_is_in_the_readme_and_the_other_way_round() -> None:
    """The table of settings and settings.py name the same variables."""
    pattern = re.compile(r"DEEPTRACE_[A-Z_]+")
    assert set(pattern.findall(README)) == set(
        pattern.findall((ROOT / "deeptrace_core" / "settings.py").read_text())
    )


@pytest.mark.parametrize("command", sorted(set(re.findall(r"python -m (\w+) (\w+)", README))))
def test_every_command_in_the_readme_exists(command: tuple[str, str]) -> None:
    """Each `python -m PACKAGE COMMAND` answers to --help."""
    package, name = command
    if package == "pip":
        return
    answer = subprocess.run(
        [sys.executable, "-m", package, name, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert "usage:" in answer.stdout


def tree_entries() -> list[str]:
    """Paths that the tree in the README names, with the folders that they are indented under."""
    block = README.split("## The tree")[1].split("```")[1]
    entries, folder = [], ""
    for line in block.strip("\n").splitlines():
        names = re.split(r"\s{3,}", line.strip())[0]
        indented = line.startswith("  ")
        entries += [f"{folder}{name}" if indented else name for name in names.split()]
        if not indented:
            folder = names if names.endswith("/") else ""
    return entries


@pytest.mark.parametrize("entry", tree_entries())
def test_every_file_in_the_tree_exists(entry: str) -> None:
    """The tree shows what is there."""
    assert (ROOT / entry).exists()


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:tests|worker|requirements)/[\w/.]+)`", README)))
)
def test_every_path_in_the_text_exists(path: str) -> None:
    """Paths in the prose exist."""
    assert (ROOT / path).exists()


def test_the_make_targets_exist() -> None:
    """`make run` and `make test` stand in the README before anything else to type."""
    makefile = (ROOT / "Makefile").read_text()
    assert re.findall(r"make (\w+)", README)[:2] == ["run", "test"]
    assert all(f"\n{target}:" in makefile for target in ("run", "test", "setup"))


def test_versions_are_pinned_once_and_split_by_part() -> None:
    """Every line of requirements.txt is an exact pin, and each part takes its pins from there."""
    pins = [
        line.split(";")[0].strip()
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert all(re.fullmatch(r"[\w.-]+(\[\w+\])?==[\w.]+", pin) for pin in pins)
    names = {pin.split("==")[0] for pin in pins}
    for part in (ROOT / "requirements").glob("*.txt"):
        lines = part.read_text().splitlines()
        assert "-c ../requirements.txt" in lines
        assert {line.split(";")[0].strip() for line in lines if re.match(r"\w", line)} <= names


@pytest.mark.parametrize(("part", "absent"), [("ui", "torch"), ("worker", "streamlit"), ("notary", "torch")])
def test_a_part_does_not_install_what_it_must_not_need(part: str, absent: str) -> None:
    """A UI host needs no torch, a GPU host no Streamlit."""
    assert absent not in (ROOT / "requirements" / f"{part}.txt").read_text().splitlines()
