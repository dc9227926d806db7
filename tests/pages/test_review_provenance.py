"""The section on where a file came from: each outcome looks and reads like no other."""

from dataclasses import replace

import pytest

from deeptrace_core.provenance import Credentials, CredentialsState, NotRead
from deeptrace_core.provenance_words import (
    CLAIMS,
    CLAIMS_OF_NOBODY,
    HINTS_ARE,
    NEWEST_CHECKED,
    NO_HINTS,
    headline,
)
from pages.review.provenance import LOOKS, NOT_READ_LOOK
from tests.pages.conftest import OpenPage
from tests.pages.origins import (
    ABSENT,
    BROKEN,
    CONTAINER,
    CUT,
    NOT_READ,
    TRUSTED,
    UNTRUSTED,
    origin,
)
from tests.pages.reading import words
from tests.pages.samples import Desk, report_of, wave

REVIEW = "review/page.py"
REPORT = report_of([wave(0.5)])
OUTCOMES = [ABSENT, TRUSTED, UNTRUSTED, BROKEN, NOT_READ]


@pytest.mark.parametrize("found", OUTCOMES, ids=["absent", "trusted", "untrusted", "broken", "not read"])
def test_each_outcome_has_its_headline_and_no_other(
    desk: Desk, open_page: OpenPage, found: Credentials | NotRead
) -> None:
    said = words(open_page(REVIEW, job=desk.completed(replace(REPORT, provenance=origin(found))).id))
    assert [headline(other) in said for other in OUTCOMES] == [other is found for other in OUTCOMES]
    assert "The verdict does not rest on it." in said
    assert HINTS_ARE in said


def test_the_history_is_shown_with_what_was_checked(desk: Desk, open_page: OpenPage) -> None:
    said = words(open_page(REVIEW, job=desk.completed(replace(REPORT, provenance=origin(TRUSTED))).id))
    assert said.index("Newsroom, Example News") < said.index("Kamera Werk, Example GmbH")
    assert "created (captured by a camera)" in said
    assert NEWEST_CHECKED in said


def test_what_a_broken_manifest_says_is_nobodys_claim(desk: Desk, open_page: OpenPage) -> None:
    """The text may be what was changed, so it is not put into the mouth of the signer."""
    said = words(open_page(REVIEW, job=desk.completed(replace(REPORT, provenance=origin(BROKEN))).id))
    assert CLAIMS_OF_NOBODY in said
    assert CLAIMS not in said


def test_an_old_report_has_no_section(desk: Desk, open_page: OpenPage) -> None:
    said = words(open_page(REVIEW, job=desk.completed(REPORT).id))
    assert "Where the file came from" not in said
    assert "Content Credentials" not in said


def test_a_container_that_could_not_be_read_says_so(desk: Desk, open_page: OpenPage) -> None:
    """Which is not the same as one without traces."""
    said = words(
        open_page(REVIEW, job=desk.completed(replace(REPORT, provenance=origin(ABSENT, NOT_READ))).id)
    )
    assert "What the container holds could not be read." in said
    assert NO_HINTS not in said


def test_no_trace_is_no_clean_bill_of_health(desk: Desk, open_page: OpenPage) -> None:
    plain = replace(CONTAINER, hints=())
    said = words(open_page(REVIEW, job=desk.completed(replace(REPORT, provenance=origin(ABSENT, plain))).id))
    assert NO_HINTS in said
    assert HINTS_ARE not in said


def test_what_a_stranger_signed_is_text(desk: Desk, open_page: OpenPage) -> None:
    """Names in a certificate are anybody's words."""
    evil = "<script>alert(1)</script>\u202egpj.exe"
    signed = replace(TRUSTED, steps=(replace(CUT, signer=evil, software=evil, title=evil),))
    app = open_page(REVIEW, job=desk.completed(replace(REPORT, provenance=origin(signed))).id)
    bodies = " ".join(element.proto.body for element in app.get("html"))
    assert "<script>" not in bodies
    assert "\u202e" not in bodies
    assert "&lt;script&gt;" in bodies


def test_every_state_has_a_look_of_its_own() -> None:
    """A shape of its own for each of the five, and a tone of its own for each that says something."""
    assert set(LOOKS) == set(CredentialsState)
    assert len({shape for _, shape in [*LOOKS.values(), NOT_READ_LOOK]}) == 5
    assert len({tone for tone, _ in LOOKS.values()}) == 4
