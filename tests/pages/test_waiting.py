"""How long a job will probably wait."""

from pages.review.waiting import expected_wait_s, lately_took_s
from tests.pages.conftest import OpenPage
from tests.pages.reading import words
from tests.pages.samples import Desk, report_of, wave


def test_the_wait_grows_with_those_ahead_and_shrinks_with_workers() -> None:
    """By hand: the median of 10, 20, 90 is 20; two ahead on two workers are one job and half of another."""
    assert expected_wait_s(2, 2, [10, 20, 90]) == 30
    assert expected_wait_s(0, 1, [10, 20, 90]) == 10
    assert expected_wait_s(4, 1, [10, 20, 90]) == 90


def test_nobody_guesses_from_nothing() -> None:
    """Too few jobs, or no worker: no number."""
    assert expected_wait_s(1, 1, [10, 20]) is None
    assert expected_wait_s(1, 0, [10, 20, 30]) is None


def test_the_page_says_it(desk: Desk, open_page: OpenPage) -> None:
    """With its place in the queue."""
    desk.worker()
    for number in range(3):
        desk.completed(report_of([wave(0.5)]), name=f"before{number}.mp4")
    lately_took_s.clear()
    said = words(open_page("review/page.py", job=desk.pending("mine.mp4").id))
    assert "Yours is next." in said
    assert "It will probably start in about" in said
