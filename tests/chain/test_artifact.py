"""The committed artifact is what the committed source compiles to."""

import hashlib
import json
import subprocess
from pathlib import Path

from deeptrace_core.chain.artifact import ARTIFACT, artifact
from tests.chain.npm import CONTRACTS, NODE, needs_npm

DOCUMENT = json.loads(ARTIFACT.read_bytes())
ROOT = CONTRACTS.parent


def test_the_artifact_names_the_source_it_was_made_from() -> None:
    """A changed source without `make contract` is noticed without Node."""
    assert DOCUMENT["sourceSha256"] == hashlib.sha256((ROOT / DOCUMENT["source"]).read_bytes()).hexdigest()


def test_the_artifact_names_its_compiler_and_settings() -> None:
    """Whoever wants to compile it again knows with what."""
    pinned = json.loads((CONTRACTS / "package.json").read_bytes())["devDependencies"]["solc"]
    assert DOCUMENT["compiler"].startswith(f"{pinned}+commit.")
    assert f"pragma solidity {pinned};" in (ROOT / DOCUMENT["source"]).read_text()
    assert DOCUMENT["settings"]["evmVersion"] == "shanghai"


def test_the_versions_of_npm_packages_are_exact_and_sealed() -> None:
    """The lock pins every package by hash and names no registry."""
    lock = json.loads((CONTRACTS / "package-lock.json").read_bytes())["packages"]
    packages = [entry for name, entry in lock.items() if name]
    assert all(entry["integrity"].startswith("sha512-") for entry in packages)
    assert not any("resolved" in entry for entry in packages)


def test_line_endings_of_the_source_do_not_depend_on_the_machine() -> None:
    """The compiler hashes the source into the code."""
    assert "*.sol text eol=lf" in (ROOT / ".gitattributes").read_text()
    assert b"\r" not in (ROOT / DOCUMENT["source"]).read_bytes()


def test_the_code_has_a_creation_and_a_deployed_part() -> None:
    """The deployed code is what the creation code leaves behind: it is contained in it."""
    assert artifact().deployed_code.hex() in artifact().creation_code


@needs_npm
def test_compiling_again_gives_the_same_bytes(tmp_path: Path) -> None:
    """What `make contract-check` does."""
    again = tmp_path / "ReportAnchor.json"
    subprocess.run([str(NODE), str(CONTRACTS / "compile.cjs"), str(again)], check=True, timeout=120)
    assert again.read_bytes() == ARTIFACT.read_bytes()
