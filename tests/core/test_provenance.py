"""Where a file came from: in the report, and in words that say no more than was found."""

import json
import re
from dataclasses import replace
from itertools import combinations

import pytest

from deeptrace_core import provenance_words as words
from deeptrace_core.provenance import (
    Action,
    CredentialsState,
    FrameTiming,
    HintKind,
    NotRead,
    Provenance,
    SignerDoubt,
)
from deeptrace_core.report import parse_report, report_bytes
from tests.pages.origins import (
    ABSENT,
    BROKEN,
    CAPTURED,
    CONTAINER,
    CUT,
    LIST_SHA256,
    NOT_READ,
    TRUSTED,
    UNTRUSTED,
    origin,
)
from tests.pages.samples import report_of, wave

OUTCOMES = [ABSENT, TRUSTED, UNTRUSTED, BROKEN, NOT_READ]
READ_AT = "2026-11-21T10:00:00.000Z"
TOO_MUCH = re.compile(r"\b(fake\w*|real|authentic\w*|genuine|proof|proves?|proven|tamper\w*|forged?)\b", re.I)


@pytest.mark.parametrize("provenance", [origin(found) for found in OUTCOMES] + [origin(ABSENT, NOT_READ)])
def test_a_report_keeps_it_bit_for_bit(provenance: Provenance) -> None:
    """Also the types: what could not be read comes back as what could not be read."""
    report = replace(report_of([wave(0.5)]), provenance=provenance)
    data = report_bytes(report)
    again = parse_report(data)
    assert again.provenance == provenance
    assert report_bytes(again) == data


def test_a_report_from_before_keeps_its_bytes() -> None:
    """Nothing is added to a report for which nobody looked."""
    data = report_bytes(report_of([wave(0.5)]))
    assert "provenance" not in json.loads(data)
    assert parse_report(data).provenance is None


def test_everything_has_words() -> None:
    """A value that is added to the domain is noticed here."""
    assert set(words.STATES) == set(words.MEANINGS) == set(CredentialsState)
    assert set(words.DOUBTS) == set(SignerDoubt)
    assert set(words.HINTS) == set(HintKind)
    assert set(words.TIMINGS) == set(FrameTiming)


def said(found: object) -> str:
    assert isinstance(found, type(ABSENT) | NotRead)
    return " ".join([words.headline(found), *words.explained(found)])


def test_the_five_outcomes_are_told_apart() -> None:
    """No two of them share a headline, or what it means."""
    for one, other in combinations(OUTCOMES, 2):
        assert words.headline(one) != words.headline(other)
        assert words.explained(one) != words.explained(other)


@pytest.mark.parametrize("found", OUTCOMES, ids=lambda found: type(found).__name__)
def test_no_outcome_says_more_than_was_found(found: object) -> None:
    assert TOO_MUCH.findall(said(found)) == []


def test_each_outcome_says_its_limit() -> None:
    """Absent says nothing, intact not that it is true, broken not why, unread nothing of the video."""
    assert "says nothing about what it shows" in said(ABSENT)
    assert "not that it is true" in said(TRUSTED)
    assert "anybody can make a certificate with any name" in said(UNTRUSTED)
    assert "changed after signing, or the signature does not verify" in said(BROKEN)
    assert "sending a file does that, too" in said(BROKEN)
    assert "about the reading, not about what the file shows" in said(NOT_READ)


def test_reasons_are_named() -> None:
    """Known codes in words, others as they are; the missing list where it is why."""
    assert "The content is not what was signed." in said(BROKEN)
    assert "C2PA's code for it is claim.malformed." in said(BROKEN)
    assert "DEEPTRACE_TRUST_ANCHORS" in said(UNTRUSTED)
    listed = replace(UNTRUSTED, trust_list_sha256=LIST_SHA256)
    assert "DEEPTRACE_TRUST_ANCHORS" not in said(listed)
    assert words.DOUBTS[SignerDoubt.UNLISTED] in said(listed)


def test_the_history_tells_who_when_what_and_from_what() -> None:
    newest, oldest = words.history(TRUSTED, READ_AT)
    assert newest.who == "Newsroom, Example News"
    assert newest.lines == (
        "Signed at a time that nobody vouches for.",
        "Written with CutMaster 7.",
        "Claims: opened; cut in time with CutMaster, 20 Nov 2026, 10:00:00 UTC by its own clock; "
        "org.example.blur; 4 more.",
        "Made from: C0012.MP4 (what was edited, entry 2).",
    )
    assert oldest.lines == (
        "Time stamp of 19 Nov 2026, 08:30:00 UTC; its authority is on the trust list.",
        "Written with KameraFirmware 2.1.",
        "Claims: created (captured by a camera).",
    )


def test_a_time_stamp_of_a_stranger_is_not_vouched_for() -> None:
    step = replace(CAPTURED, time_vouched=False)
    (entry,) = words.history(replace(TRUSTED, steps=(step,)), READ_AT)
    assert "its authority is not on the trust list" in entry.lines[0]


@pytest.mark.parametrize(
    ("signed_at", "said"),
    [
        ("2026-11-21T10:04:59Z", False),
        ("2026-11-21T10:05:01Z", True),
        ("2026-11-21T10:30:00+02:00", False),
        ("2036-11-19T08:30:00+00:00", True),
        ("2036-11-19T08:30:00", False),
        ("in ten years", False),
    ],
)
def test_a_time_stamp_from_the_future_is_said_to_be_none_that_can_be(signed_at: str, said: bool) -> None:
    """Beyond what good clocks differ by. Who stamped it changes nothing."""
    for vouched in (True, False):
        step = replace(CAPTURED, signed_at=signed_at, time_vouched=vouched)
        (entry,) = words.history(replace(TRUSTED, steps=(step,)), READ_AT)
        assert (words.STAMPED_LATER in entry.lines[0]) == said


@pytest.mark.parametrize("written", ["yesterday", "2026-11-20T10:00:00", ""])
def test_a_time_that_is_none_is_shown_as_it_is_written(written: str) -> None:
    """Without a zone it may be hours off, so it is not turned into another."""
    act = Action(action="c2pa.edited", software=None, source_type=None, at=written)
    (entry,) = words.history(replace(TRUSTED, steps=(replace(CUT, actions=(act,), more_actions=0),)), READ_AT)
    assert any(line.startswith(f"Claims: edited{', ' if written else ''}{written}") for line in entry.lines)


def test_hints_of_a_kind_stand_together_and_are_marked() -> None:
    lines = words.hint_lines(CONTAINER)
    assert len(lines) == 3
    assert all("may have" in line and "Seen: " in line for line in lines)
    assert words.HINTS_ARE.startswith("Hints, not findings")


def test_the_container_in_rows() -> None:
    rows = words.container_rows(CONTAINER)
    assert rows["Streams"] == "video h264 High 4,435 kbit/s; audio aac LC 136 kbit/s"
    assert rows["Frame rate"] == "variable, 29.97 a second"
    assert rows["Key frames"] == "12 key frames, 2 s apart in the median, 4.2 s at most"
    assert rows["Tags not kept"] == "title, location"
