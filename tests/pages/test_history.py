"""The list of jobs."""

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import OpenPage
from tests.pages.reading import words
from tests.pages.samples import Desk, report_of, wave

HISTORY = "history/page.py"


def links(app: AppTest) -> list[tuple[str, str]]:
    """Label and query of each row."""
    return [(link.proto.label, link.proto.query_string) for link in app.get("page_link")]


def test_empty_history_leads_to_the_first_page(open_page: OpenPage) -> None:
    """Who comes here first is told what will be here, and where to begin."""
    app = open_page(HISTORY)
    assert "No videos yet." in words(app)
    assert "Analyze a video" in words(app)


def test_rows_say_the_outcome_and_lead_to_the_job(desk: Desk, open_page: OpenPage) -> None:
    """Newest first; verdict or state in words, with the score where there is one."""
    signs = desk.completed(report_of([wave(0.93)]), "one.mp4")
    nothing = desk.completed(report_of([]), "two.mp4")
    failed = desk.failed("three.mp4")
    desk.processing("four.mp4")
    desk.pending("five.mp4")
    app = open_page(HISTORY)
    said = words(app)
    for outcome in (
        "Signs found · 0.93",
        "Not assessed",
        "no face found",
        "Failed",
        "In progress",
        "Waiting",
    ):
        assert outcome in said
    assert [label.replace("\\", "") for label, _ in links(app)] == [
        f"{number}.mp4" for number in ("five", "four", "three", "two", "one")
    ]
    queries = [query for _, query in links(app)]
    assert queries[2:] == [f"job={job.id}" for job in (failed, nothing, signs)]


def test_filters_by_name_and_state(desk: Desk, open_page: OpenPage) -> None:
    """Both filters narrow the list, and a miss is not called an empty history."""
    desk.failed("harbour.mp4")
    desk.cancelled("airport.mp4")
    app = open_page(HISTORY)
    app.text_input(key="history_name").set_value("HARB").run()
    assert [label for label, _ in links(app)] == ["harbour\\.mp4"]
    app.text_input(key="history_name").set_value("no such").run()
    assert "No video matches." in words(app)
    app.text_input(key="history_name").set_value("").run()
    app.button_group(key="history_states").set_value(["CANCELLED"]).run()
    assert [label for label, _ in links(app)] == ["airport\\.mp4"]


def test_long_history_is_paged(desk: Desk, open_page: OpenPage) -> None:
    """Twenty at a time, however many there are."""
    for number in range(21):
        desk.pending(f"video {number}.mp4")
    app = open_page(HISTORY)
    assert len(links(app)) == 20
    assert app.button(key="newer").disabled
    app.button(key="older").click().run()
    assert [label for label, _ in links(app)] == ["video 0\\.mp4"]
    assert app.button(key="older").disabled
    app.button(key="newer").click().run()
    assert len(links(app)) == 20
