"""The list of jobs."""

from dataclasses import replace
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from deeptrace_core.casework import CaseLabel
from deeptrace_core.job import Job, JobState
from deeptrace_core.model import Verdict
from pages.history import actions
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
    assert "No files yet." in words(app)
    assert "Analyze a file" in words(app)


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


def test_filters_by_text_outcome_and_day(desk: Desk, open_page: OpenPage) -> None:
    """Each narrows the list, and a miss is not called an empty history."""
    harbour = desk.failed("harbour.mp4")
    desk.cancelled("airport.mp4")
    desk.completed(report_of([wave(0.93)]), "signs.mp4")
    desk.store.cases.label(harbour.id, CaseLabel(name="Speech", reference="R-7"), by="anna")
    app = open_page(HISTORY)
    assert "Speech · R-7" in words(app)
    for text, expected in (
        ("HARB", ["harbour\\.mp4"]),
        ("r-7", ["harbour\\.mp4"]),
        (harbour.media.sha256[:12], ["harbour\\.mp4"]),
    ):
        app.text_input(key="q").set_value(text).run()
        assert [label for label, _ in links(app)] == expected
    app.text_input(key="q").set_value("no such").run()
    assert "No file matches." in words(app)
    app.text_input(key="q").set_value("").run()
    app.button_group(key="outcome").set_value([JobState.CANCELLED, Verdict.SIGNS_FOUND]).run()
    assert [label for label, _ in links(app)] == ["signs\\.mp4", "airport\\.mp4"]
    app.date_input(key="days").set_value((date(2020, 1, 1), date(2020, 1, 2))).run()
    assert "No file matches." in words(app)
    app.date_input(key="days").set_value((date(2020, 1, 1), date(2999, 1, 1))).run()
    assert len(links(app)) == 2


def test_long_history_is_paged(desk: Desk, open_page: OpenPage) -> None:
    """Twenty at a time, however many there are; a search begins with the newest again."""
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
    app.button(key="older").click().run()
    app.text_input(key="q").set_value("video 20").run()
    assert [label for label, _ in links(app)] == ["video 20\\.mp4"]


def picked(app: AppTest, *jobs: Job) -> AppTest:
    """The boxes before these jobs are ticked."""
    for job in jobs:
        app.checkbox(key=f"pick-{job.id}").check()
    return app.run()


def delete_dialog(job_ids: list[str]) -> None:
    """The dialog alone: AppTest runs whole pages only, and in them a dialog is there for one run."""
    from pages.history import actions
    from pages.shared import backend

    actions._ask([backend.store().jobs.get(job_id) for job_id in job_ids])


def again_dialog(job_ids: list[str]) -> None:
    from pages.shared import again, backend

    again.ask([backend.store().jobs.get(job_id) for job_id in job_ids])


def test_several_are_deleted_after_a_question(desk: Desk, open_page: OpenPage) -> None:
    """The dialog names them and says what goes; what was not picked stays."""
    one, two, three = (desk.failed(f"{name}.mp4") for name in ("one", "<b>two</b>", "three"))
    app = picked(open_page(HISTORY), one, two)
    app.button(key="delete").click().run()
    said = words(app)
    assert "one.mp4" in said
    assert "<b>two</b>.mp4" in said
    assert "Its file goes, too, unless another job in the list needs it." in said
    assert len(desk.store.jobs.history(limit=5)) == 3
    dialog = AppTest.from_function(delete_dialog, default_timeout=15, args=([one.id, two.id],)).run()
    dialog.button(key="delete_confirm").click().run()
    assert [job.id for job in desk.store.jobs.history(limit=5)] == [three.id]
    deleted = [event for event in desk.store.audit.of(one.id) if event.event == "deleted"]
    assert [event.actor for event in deleted] == ["local"]
    assert actions._delete([two, three]) == 1  # somebody else was faster with the one


def test_all_on_a_page_are_picked_at_once(desk: Desk, open_page: OpenPage) -> None:
    """And dropped again."""
    for number in range(3):
        desk.pending(f"{number}.mp4")
    app = open_page(HISTORY)
    assert "delete" not in [button.key for button in app.button]
    app.checkbox(key="pick_all").check().run()
    assert app.button(key="delete").label == "Delete 3 …"
    app.checkbox(key="pick_all").uncheck().run()
    assert "delete" not in [button.key for button in app.button]


def test_a_video_runs_again_with_another_detector(desk: Desk, open_page: OpenPage) -> None:
    """A new job on the stored file, with the other options as they were."""
    desk.worker()
    old = desk.completed(report_of([wave(0.5)]))
    page = picked(open_page(HISTORY), old)
    page.button(key="again").click().run()
    assert "The report that there is stays as it is." in words(page)
    app = AppTest.from_function(again_dialog, default_timeout=15, args=([old.id],)).run()
    app.selectbox(key="again_detector").set_value("xception-ff").run()
    assert "python -m worker models pull xception-ff" in words(app)
    app.button(key="again_confirm").click().run()
    new = desk.store.jobs.history(limit=1)[0]
    assert new.options == replace(old.options, detector="xception-ff")
    assert new.media == old.media


def test_two_reports_can_be_compared(desk: Desk, open_page: OpenPage) -> None:
    """The button is there for two finished videos, and for nothing else."""
    one = desk.completed(report_of([wave(0.5)]), "one.mp4")
    two = desk.completed(report_of([wave(0.9)]), "two.mp4")
    waits = desk.pending("waits.mp4")
    app = picked(open_page(HISTORY), one, waits)
    assert "compare" not in [button.key for button in app.button]
    app.checkbox(key=f"pick-{waits.id}").uncheck()
    app = picked(app, two)
    assert app.button(key="compare").label == "Compare"


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>.mp4", "**b** [l](javascript:alert(1))", "x" * 900]
)
def test_strange_names_are_harmless(desk: Desk, open_page: OpenPage, name: str) -> None:
    """In rows, boxes and the dialog they are text."""
    job = desk.failed(name)
    desk.store.cases.label(job.id, CaseLabel(name=name, reference=name), by=name)
    app = picked(open_page(HISTORY), job)
    app.button(key="delete").click().run()
    bodies = " ".join(element.proto.body for element in app.get("html"))
    assert "<script" not in bodies
    labels = [label for label, _ in links(app)] + [box.label for box in app.checkbox]
    assert not any("<script>" in label or "[l](" in label for label in labels)


def test_a_search_is_still_there_on_the_way_back(desk: Desk, open_page: OpenPage) -> None:
    """Who opens a video from a list and goes back finds the list as it was."""
    desk.failed("harbour.mp4")
    desk.failed("airport.mp4")
    app = open_page(HISTORY)
    app.text_input(key="q").set_value("harb").run()
    app.switch_page("verify/page.py").run()
    app.switch_page(HISTORY).run()
    assert [label for label, _ in links(app)] == ["harbour\\.mp4"]
