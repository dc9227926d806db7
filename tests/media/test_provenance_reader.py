"""The process that reads where a file comes from: what becomes of it says nothing about the file."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deeptrace_core.errors import JobCancelledError, SettingsError
from deeptrace_core.provenance import ContainerFacts, NotRead, NotReadReason
from tests.media.in_process import ignore
from worker.media.limits import Limits
from worker.media.provenance import ProvenanceReader

BAD_CHILD = "tests.worker.bad_child"
SMALL = Limits(address_space_bytes=2**30)


@pytest.mark.parametrize(
    ("act", "limits", "said"),
    [
        ("crash", SMALL, "The decoder crashed while reading this file (SIGSEGV)."),
        ("hang", replace(SMALL, silence_s=1), "The decoder stopped making progress"),
        ("eat", SMALL, "The decoder ran out of the memory it is allowed"),
        ("burn-politely", replace(SMALL, cpu_base_s=1), "The decoder used more processor time"),
        ("babble", SMALL, "The decoder gave an answer that makes no sense"),
        ("claim 1e400", SMALL, "The decoder gave an answer that makes no sense"),
        ("claim 90071992547409931", SMALL, "The decoder gave an answer that makes no sense"),
        ('claim "many"', SMALL, "The reader gave an answer that makes no sense"),
    ],
)
def test_a_reader_that_fails_is_not_about_the_file(
    tmp_path: Path, act: str, limits: Limits, said: str
) -> None:
    """An outcome of its own, with what happened and what to do, and no state."""
    path = tmp_path / "video"
    path.write_text(act)
    found = ProvenanceReader(limits=limits, child=BAD_CHILD).read(path, on_wait=ignore)
    for half in (found.credentials, found.container):
        assert isinstance(half, NotRead)
        assert half.reason is NotReadReason.READER_FAILED
        assert half.explanation.startswith(said)
        assert "No result" not in half.explanation
        assert half.advice


def test_a_reader_that_dies_late_leaves_the_container(tmp_path: Path) -> None:
    path = tmp_path / "video"
    path.write_text("die-after-container")
    found = ProvenanceReader(limits=SMALL, child=BAD_CHILD).read(path, on_wait=ignore)
    assert isinstance(found.container, ContainerFacts)
    assert isinstance(found.credentials, NotRead)


def test_a_file_that_is_gone_ends_nothing(tmp_path: Path) -> None:
    found = ProvenanceReader().read(tmp_path / "nowhere.mp4", on_wait=ignore)
    assert isinstance(found.credentials, NotRead)
    assert isinstance(found.container, NotRead)


def test_who_cancels_is_heard(tmp_path: Path) -> None:
    """What ends the job ends the reading, too."""

    def cancel() -> None:
        raise JobCancelledError

    path = tmp_path / "video"
    path.write_text("hang")
    with pytest.raises(JobCancelledError):
        ProvenanceReader(limits=SMALL, child=BAD_CHILD).read(path, on_wait=cancel)


@pytest.mark.parametrize("write", [lambda path: None, lambda path: path.write_text("no certificate")])
def test_a_trust_list_that_is_none_is_said_at_the_start(
    tmp_path: Path, write: Callable[[Path], object]
) -> None:
    path = tmp_path / "anchors.pem"
    write(path)
    with pytest.raises(SettingsError, match="DEEPTRACE_TRUST_ANCHORS"):
        ProvenanceReader(path)


def test_only_the_process_that_reads_manifests_loads_c2pa() -> None:
    """Neither the decoder of pictures, which starts for every video, nor the worker, which has secrets."""
    code = "import sys, worker.media.child, worker.loop; sys.exit('c2pa' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
