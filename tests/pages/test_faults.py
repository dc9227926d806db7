"""What a page shows when something does not work."""

import logging

import pytest

from pages.shared import backend, wording
from tests.pages.conftest import OpenPage
from tests.pages.reading import words
from tests.pages.samples import Desk, report_of, wave


def test_database_down_is_said_calmly_and_passes(
    desk: Desk, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the database is away there is a banner; when it is back the page goes on by itself."""
    job = desk.completed(report_of([wave(0.9)]))
    with monkeypatch.context() as away:
        away.setenv("DEEPTRACE_MONGODB_URI", "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100")
        backend.settings.clear()
        app = open_page("review/page.py", job=job.id)
        assert wording.DATABASE_DOWN in words(app)
        assert not app.exception
    backend.settings.clear()
    app.run()
    assert "Signs of manipulation found" in words(app)


def test_database_lost_while_waiting_is_said_in_place(desk: Desk, open_page: OpenPage) -> None:
    """The polling part of the page explains itself too: Streamlit runs it without the frame."""
    job = desk.processing()
    app = open_page("review/page.py", job=job.id)
    backend.store().close()
    app.button(key="cancel").click().run()
    assert wording.DATABASE_DOWN in words(app)
    assert not app.exception


def test_unexpected_error_has_an_id_and_no_traceback(
    desk: Desk, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The page names an id under which the log has the details; the details stay in the log."""
    job = desk.completed(report_of([wave(0.9)]))

    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret of the machine")

    monkeypatch.setattr("pages.review.verdict.show", broken)
    with caplog.at_level(logging.ERROR, logger="deeptrace.pages"):
        app = open_page("review/page.py", job=job.id)
    said = words(app)
    assert wording.UNEXPECTED in said
    assert "secret" not in said
    assert not app.exception
    error_id = said.split("report error ")[1][:8]
    assert f"error id {error_id}" in caplog.text
    assert "secret of the machine" in caplog.text


def test_missing_report_says_what_to_check(desk: Desk, open_page: OpenPage) -> None:
    """A report whose bytes are gone is an error in words, not an empty page."""
    job = desk.completed(report_of([wave(0.9)]))
    assert job.result is not None
    folder = desk.blobs._folder
    assert folder is not None
    sha256 = job.result.report_sha256
    (folder / "sha256" / sha256[:2] / sha256).unlink()
    app = open_page("review/page.py", job=job.id)
    assert "is missing" in words(app)
    assert "DEEPTRACE_BLOBS" in words(app)
