"""The pages as somebody who may not do everything."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from deeptrace_core.casework import VIDEO, CaseLabel, Opinion
from deeptrace_core.custody import case_chain
from deeptrace_core.job import Job, JobState
from deeptrace_core.permissions import Person, Role
from pages.http import login
from pages.shared import desk_words, who, wording
from tests.pages.conftest import FRAME, OpenPage
from tests.pages.reading import words
from tests.pages.samples import Desk, between, report_of, wave
from tests.pages.test_history import again_dialog, delete_dialog
from tests.pages.test_review_anchor import NOTARY

REVIEW = "review/page.py"
Become = Callable[[str, Role], None]


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch) -> Become:
    """From now on the pages are looked at by this person."""

    def became(name: str, role: Role) -> None:
        monkeypatch.setattr(login, "by_provider", lambda: True)
        monkeypatch.setattr(who, "current_person", lambda: Person(name=name, role=role))

    return became


def shared(desk: Desk, job: Job) -> Job:
    """The job is anna's now, in a case that she shares with vera and ben."""
    desk.store._database["jobs"].update_one({"_id": job.id}, {"$set": {"owner": "anna"}})
    desk.store.cases.label(job.id, CaseLabel(name="Harbour", reference=job.id), by="anna")
    for name in ("vera", "ben"):
        desk.store.sharing.add("anna", job.id, name, by="anna")
    return desk.store.jobs.get(job.id)


def in_state(desk: Desk, state: JobState) -> Job:
    if state is JobState.COMPLETED:
        job = desk.completed(report_of([between(wave(0.9), 3, 12), wave(0.1)]))
        desk.store.cases.mark(job.id, VIDEO, Opinion.UNSURE, by="anna")
        desk.store.cases.add_note(job.id, "look at the lips", by="anna")
        return job
    makers = {
        JobState.PENDING: desk.pending,
        JobState.PROCESSING: desk.processing,
        JobState.FAILED: desk.failed,
        JobState.CANCELLED: desk.cancelled,
    }
    return makers[state]()


def state_of(desk: Desk) -> dict[str, Any]:
    names = ("jobs", "case_marks", "case_notes", "case_shares", "anchors")
    return {name: list(desk.store._database[name].find(sort=[("_id", 1)])) for name in names}


def click_everything(app: AppTest, again: Callable[[], AppTest]) -> int:
    """Every button and choice of a page, each on the page as it was opened. Returns how many there were."""
    count = len(app.button)
    for number in range(count):
        fresh = again()
        if not fresh.button[number].disabled:
            fresh.button[number].click().run()
    for _ in app.checkbox:
        fresh = again()
        for box in fresh.checkbox:
            box.check()
        fresh.run()
        for number in range(len(fresh.button)):
            fresh.button[number].click().run()
    assert {group.key for group in app.get("button_group")} <= {"outcome"}  # which filters a list
    assert app.text_area == []
    return count


@pytest.mark.parametrize("state", list(JobState))
def test_viewer_changes_nothing_on_the_page_of_a_job(
    desk: Desk, open_page: OpenPage, become: Become, state: JobState
) -> None:
    """Whatever can be clicked there; what people said is read, and not asked for."""
    desk.store.notaries.announce(NOTARY, good_for_s=60)
    job = shared(desk, in_state(desk, state))
    before = state_of(desk)
    become("vera", Role.VIEWER)
    app = open_page(REVIEW, job=job.id)
    click_everything(app, lambda: open_page(REVIEW, job=job.id))
    assert state_of(desk) == before
    keys = {button.key for button in app.button}
    assert keys & {"cancel", "try_again", "anchor", "again", "note_add", "case_save", "share_add"} == set()
    if state is JobState.COMPLETED:
        assert "look at the lips" in words(app)
        assert "anna" in words(app)


@pytest.mark.parametrize("page", ["analyze/page.py", "history/page.py", "system/page.py", "verify/page.py"])
def test_viewer_changes_nothing_on_any_other_page(
    desk: Desk, open_page: OpenPage, become: Become, page: str
) -> None:
    """The history shows what is shared, with nothing to delete or to run again."""
    shared(desk, in_state(desk, JobState.COMPLETED))
    desk.pending("hidden.mp4")
    before = state_of(desk)
    become("vera", Role.VIEWER)
    app = open_page(page)
    click_everything(app, lambda: open_page(page))
    assert state_of(desk) == before
    assert "hidden" not in words(app)
    assert {button.key for button in app.button} & {"analyze", "delete", "again"} == set()
    if page == "analyze/page.py":
        assert wording.VIEWERS_LOOK in words(app)
    if page == "history/page.py":
        assert "interview" in words(app)
        assert desk_words.HISTORY_OF_SOME in words(app)
        for box in app.checkbox:
            box.check()
        app.run()
        assert {button.key for button in app.button} & {"delete", "again"} == set()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST])
def test_job_of_another_has_no_page(desk: Desk, open_page: OpenPage, become: Become, role: Role) -> None:
    """By its address, as one of two to compare, and in the list: as if it were not there."""
    job = in_state(desk, JobState.COMPLETED)
    desk.store._database["jobs"].update_one({"_id": job.id}, {"$set": {"owner": "anna"}})
    become("ben", role)
    nobodys = open_page(REVIEW, job="0" * 32)
    for app in (open_page(REVIEW, job=job.id), open_page("compare/page.py", a=job.id, b=job.id)):
        assert wording.JOB_NOT_FOUND in words(app)
        assert "interview" not in words(app)
    assert words(open_page(REVIEW, job=job.id)) == words(nobodys)
    assert "interview" not in words(open_page("history/page.py"))
    assert [event.actor for event in desk.store.audit.of(job.id) if event.event == "viewed"] == []


def test_analyst_judges_what_is_shared(desk: Desk, open_page: OpenPage, become: Become) -> None:
    """An opinion and notes on another's video; its case and its anchor are the owner's."""
    desk.store.notaries.announce(NOTARY, good_for_s=60)
    job = shared(desk, in_state(desk, JobState.COMPLETED))
    become("ben", Role.ANALYST)
    app = open_page(REVIEW, job=job.id)
    keys = {button.key for button in app.button}
    assert "note_add" in str(keys)
    assert keys & {"anchor", "case_save", "share_add"} == set()
    app.get("button_group")[0].set_value(Opinion.DISAGREE).run()
    app.text_area(key="note_text").set_value("not so")
    app.button(key="note_add").click().run()
    file = desk.store.cases.file(job.id)
    assert (file.marks[VIDEO].by, file.marks[VIDEO].opinion) == ("ben", Opinion.DISAGREE)
    assert [note.by for note in file.notes] == ["anna", "ben"]
    removable = {button.key for button in app.button if str(button.key).startswith("remove-")}
    assert removable == {f"remove-{file.notes[1].id}"}


def test_dialogs_do_nothing_for_a_viewer(desk: Desk, become: Become) -> None:
    """Even if one were open: the role was another when it was opened."""
    job = shared(desk, in_state(desk, JobState.COMPLETED))
    before = state_of(desk)
    become("vera", Role.VIEWER)
    for dialog, confirm in ((delete_dialog, "delete_confirm"), (again_dialog, "again_confirm")):
        app = AppTest.from_function(dialog, default_timeout=15, args=([job.id],)).run()
        app.button(key=confirm).click().run()
        assert "Viewers may not" in words(app)
    assert state_of(desk) == before


def test_owner_shares_a_case_and_takes_it_back(desk: Desk, open_page: OpenPage, become: Become) -> None:
    """From the page of one of its videos; both acts are in the chain of the case."""
    job = in_state(desk, JobState.COMPLETED)
    desk.store._database["jobs"].update_one({"_id": job.id}, {"$set": {"owner": "anna"}})
    become("anna", Role.ANALYST)
    app = open_page(REVIEW, job=job.id)
    assert "share_add" not in str({button.key for button in app.button})  # it belongs to no case yet
    app.text_input(key="case_reference").input("R-7")
    app.button(key="case_save").click().run()
    app.text_input(key="share_with").input("carl")
    app.button(key="share_add").click().run()
    assert desk.store.sharing.people("anna", "R-7") == ("carl",)
    assert desk_words.SHARING_MEANS in words(app)
    app.button(key="unshare-carl").click().run()
    assert desk.store.sharing.people("anna", "R-7") == ()
    acts = [(event.event, event.actor) for event in desk.store.audit.of(case_chain("R-7"))]
    assert acts == [("job_added", "anna"), ("shared", "anna"), ("unshared", "anna")]


def test_look_is_noted_once_for_a_session(desk: Desk, open_page: OpenPage, become: Become) -> None:
    """Not for each drawing of the page; another session is another look."""
    job = shared(desk, in_state(desk, JobState.COMPLETED))
    become("vera", Role.VIEWER)
    app = open_page(REVIEW, job=job.id)
    app.run()
    app.run()
    looks = [event.actor for event in desk.store.audit.of(job.id) if event.event == "viewed"]
    assert looks == ["vera"]
    open_page(REVIEW, job=job.id)
    assert len([event for event in desk.store.audit.of(job.id) if event.event == "viewed"]) == 2


def test_nobody_shares_where_nobody_logs_in(desk: Desk, open_page: OpenPage) -> None:
    """On one's own machine there is nobody to share with, and everything is allowed."""
    job = in_state(desk, JobState.COMPLETED)
    desk.store.cases.label(job.id, CaseLabel(name="Harbour"), by="local")
    app = open_page(REVIEW, job=job.id)
    keys = {button.key for button in app.button}
    assert "case_save" in str(keys)
    assert "share_add" not in str(keys)


def test_who_has_no_role_sees_nothing(
    desk: Desk, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the provider let them in: whom to ask, and the way out."""
    desk.completed(report_of([wave(0.5)]))
    monkeypatch.setattr(login, "by_provider", lambda: True)
    monkeypatch.setattr(who, "current_person", lambda: None)
    monkeypatch.setattr(who, "provider_knows", lambda: "ada@example.org")
    app = AppTest.from_file(str(FRAME), default_timeout=15).run()
    assert "have no role on this server" in words(app)
    assert "Was a face" not in words(app)
    assert [button.key for button in app.button] == ["log_out"]
