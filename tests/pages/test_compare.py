"""Two reports beside each other."""

from dataclasses import replace

from tests.pages.conftest import OpenPage
from tests.pages.reading import words
from tests.pages.samples import DETECTOR, Desk, report_of, wave, without_detector

COMPARE = "compare/page.py"


def test_what_differs_is_said_in_words(desk: Desk, open_page: OpenPage) -> None:
    """First whether they can be compared at all, then how they were made, then what came out."""
    other = replace(DETECTOR, name="other-net", threshold_high=0.75)
    one = desk.completed(report_of([wave(0.5)]), "one.mp4")
    two = desk.completed(report_of([wave(0.93)], detector=other), "two.mp4")
    said = words(open_page(COMPARE, a=one.id, b=two.id))
    for sentence in (
        "Both reports are on the same file: its SHA-256 is the same.",
        "They were made differently in the detector.",
        "They come to different verdicts: Inconclusive (A), Signs found (B).",
        "The score of the video is 0.50 (A) and 0.93 (B).",
        "Detector mesoinception4-df other-net",
        "Verdict Inconclusive Signs found",
        "Score 0.50 0.93",
    ):
        assert sentence in said
    assert "detector.name" not in said


def test_the_same_twice_says_so(desk: Desk, open_page: OpenPage) -> None:
    """No table of nothing."""
    report = report_of([wave(0.5)])
    one, two = desk.completed(report, "one.mp4"), desk.completed(report, "two.mp4")
    said = words(open_page(COMPARE, a=one.id, b=two.id))
    assert "They were made in the same way" in said
    assert "Both come to the same verdict: Inconclusive." in said
    assert "All scores, faces and frames are the same." in said
    assert "What came out" not in said


def test_other_files_and_missing_detectors_are_pointed_out(desk: Desk, open_page: OpenPage) -> None:
    """Numbers of different videos say nothing about each other."""
    report = without_detector()
    other = replace(report, media=replace(report.media, sha256="9" * 64))
    one = desk.completed(report_of([wave(0.5)]), "one.mp4")
    two = desk.completed(other, "two.mp4")
    said = words(open_page(COMPARE, a=one.id, b=two.id))
    assert "The reports are on two different files" in said
    assert "B had no detector, so there are no scores." in said


def test_what_cannot_be_compared_says_why(desk: Desk, open_page: OpenPage) -> None:
    """A job without a report, a job that is gone, no job at all."""
    one, waits = desk.completed(report_of([wave(0.5)]), "one.mp4"), desk.pending("waits.mp4")
    assert "One of these files has no report." in words(open_page(COMPARE, a=one.id, b=waits.id))
    for query in ({"a": one.id, "b": "f" * 32}, {"a": "<script>"}, {}):
        assert "No job with this address." in words(open_page(COMPARE, **query))
