"""The page that checks a file which somebody holds."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from deeptrace_core.anchor import Anchor, AnchorState, ChainPlace, ChainRecord
from deeptrace_core.canonical import digest
from deeptrace_core.proof import proof_bytes
from deeptrace_core.report import report_bytes
from pages.shared import wording
from tests.pages.conftest import OpenPage
from tests.pages.reading import words
from tests.pages.samples import report_of, wave

VERIFY = "verify/page.py"
REPORT = report_bytes(report_of([wave(0.5)]))


def proof() -> bytes:
    """Of an anchor on a chain that nobody here can reach."""
    place = ChainPlace(
        chain_id=987654,
        contract="0x5FbDB2315678afecb367f032d93F642f64180aa3",
        issuer="0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    )
    record = ChainRecord(
        value=digest(REPORT),
        tx_hash="0x" + "12" * 32,
        block=7,
        block_hash="0x" + "34" * 32,
        time="2026-11-20T18:00:00Z",
    )
    anchor = Anchor(
        id="ab" * 16,
        digest=digest(REPORT),
        place=place,
        state=AnchorState.CONFIRMED,
        requested_at="2026-11-20T17:00:00Z",
        record=record,
        proof=(),
        fault=None,
    )
    return proof_bytes(REPORT, anchor, record, chain_name="Test chain")


@pytest.fixture
def checked(open_page: OpenPage) -> Callable[..., Any]:
    """The page after a file was dropped."""

    def drop(data: bytes, video: bytes | None = None) -> Any:
        app = open_page(VERIFY)
        app.file_uploader(key="verify_file").set_value(("file.json", data, "application/json"))
        if video is not None:
            app.file_uploader(key="verify_video").set_value(("clip.mp4", video, "video/mp4"))
        return app.run()

    return drop


def test_it_says_what_it_can_and_cannot_answer(open_page: OpenPage) -> None:
    """Before anything is dropped."""
    said = words(open_page(VERIFY))
    assert "What it leaves open" in said
    assert "Whether the verdict is right" in said


def test_a_report_alone_is_intact_and_says_no_more(checked: Callable[..., Any]) -> None:
    """Nothing is claimed on time or issuer."""
    app = checked(REPORT)
    said = words(app)
    assert wording.VERIFY_INTACT in said
    assert wording.VERIFY_NOT_ANCHORED in said
    assert digest(REPORT) in said
    assert not app.exception


def test_a_changed_report_and_another_video_fail(checked: Callable[..., Any]) -> None:
    """Each with its reason on a line of its own."""
    said = words(checked(REPORT.replace(b"interview", b"x").replace(b'"mean":0', b'"mean": 0')))
    assert wording.VERIFY_FAILED in said
    assert "These are not the bytes that were hashed" in said
    assert "This is another file" in words(checked(REPORT, b"another video"))


def test_a_chain_that_cannot_be_asked_is_not_a_proof(checked: Callable[..., Any]) -> None:
    """Not checked is not the same as right."""
    said = words(checked(proof()))
    assert wording.VERIFY_FAILED in said
    assert "Could not be checked" in said


@pytest.mark.parametrize("data", [b"", b"[]", json.dumps({"schema": "deeptrace.proof/7"}).encode()])
def test_anything_else_is_told_so(data: bytes, checked: Callable[..., Any]) -> None:
    """No error page."""
    app = checked(data)
    assert wording.VERIFY_FAILED in words(app)
    assert not app.exception
