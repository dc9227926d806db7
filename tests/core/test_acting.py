"""Who may do what with whose jobs: the table, held against a real database."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from deeptrace_core.acting import Acting
from deeptrace_core.anchor import ChainPlace
from deeptrace_core.casework import VIDEO, CaseLabel, Opinion
from deeptrace_core.custody import case_chain
from deeptrace_core.errors import JobNotFoundError, NotAllowedError, RequestInvalidError
from deeptrace_core.job import Job, JobResult
from deeptrace_core.listing import Search
from deeptrace_core.model import AnalysisOptions, Verdict
from deeptrace_core.permissions import MAY, RANK, Act, Person, Role
from deeptrace_core.store import Store
from tests.store.conftest import claimed, make_media

OPTIONS = AnalysisOptions(detector="test")
RESULT = JobResult(report_sha256="c" * 64, verdict=Verdict.INCONCLUSIVE, reason=None, score=0.5)
PLACE = ChainPlace(chain_id=1, contract="0x" + "0" * 40, issuer="0x" + "1" * 40)
HARBOUR = CaseLabel(name="Harbour", reference="R-1")

DOINGS: dict[str, Callable[[Acting, str], Any]] = {
    "submit again": lambda acting, job_id: acting.submit(acting.job(job_id).media, OPTIONS),
    "cancel": lambda acting, job_id: acting.cancel(job_id),
    "mark": lambda acting, job_id: acting.mark(job_id, VIDEO, Opinion.AGREE),
    "add a note": lambda acting, job_id: acting.add_note(job_id, "lips"),
    "remove a note": lambda acting, job_id: acting.remove_note(job_id, "0" * 32),
    "label": lambda acting, job_id: acting.label(job_id, HARBOUR),
    "share": lambda acting, job_id: acting.share(job_id, "carl"),
    "unshare": lambda acting, job_id: acting.unshare(job_id, "carl"),
    "anchor": lambda acting, job_id: acting.anchor(job_id, "c" * 64, PLACE),
    "delete": lambda acting, job_id: acting.delete(job_id),
}
OF_THE_OWNER = {"cancel", "label", "share", "unshare", "anchor", "delete"}
READING: dict[str, Callable[[Acting, str], Any]] = {
    "see": lambda acting, job_id: acting.job(job_id),
    "export": lambda acting, job_id: acting.job(job_id, Act.EXPORT),
    "read the case file": lambda acting, job_id: acting.case_file(job_id),
}


def as_(store: Store, name: str, role: Role) -> Acting:
    return Acting(store, Person(name=name, role=role))


@pytest.fixture
def annas(store: Store) -> Job:
    """A finished job of anna's, in a case."""
    store.jobs.submit(make_media(), OPTIONS, by="anna")
    job = claimed(store)
    store.jobs.complete(job, RESULT)
    store.cases.label(job.id, HARBOUR, by="anna")
    return store.jobs.get(job.id)


def state_of(store: Store) -> dict[str, list[Any]]:
    """All that people could change, and no event of looking at it."""
    names = ("jobs", "case_marks", "case_notes", "case_shares", "anchors")
    return {name: list(store._database[name].find(sort=[("_id", 1)])) for name in names}


def test_every_act_and_role_is_in_the_table() -> None:
    """And each role may do all that the one before may."""
    assert set(MAY) == set(Act)
    for roles in MAY.values():
        assert set(roles) == set(Role)
        assert [roles[role] for role in RANK] == sorted(roles.values())


@pytest.mark.parametrize("doing", DOINGS)
@pytest.mark.parametrize("shared", [False, True], ids=["hidden", "shared"])
def test_viewer_changes_nothing(store: Store, annas: Job, doing: str, shared: bool) -> None:
    """Of their own jobs from other days neither: refused, or not there, and all stays as it was."""
    viewer = as_(store, "vera", Role.VIEWER)
    if shared:
        store.sharing.add("anna", "R-1", "vera", by="anna")
    before = state_of(store)
    with pytest.raises(NotAllowedError if shared else JobNotFoundError):
        DOINGS[doing](viewer, annas.id)
    with pytest.raises(NotAllowedError):
        DOINGS[doing](as_(store, "anna", Role.VIEWER), annas.id)
    assert state_of(store) == before


@pytest.mark.parametrize("doing", [*DOINGS, *READING])
@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST])
def test_job_of_another_is_not_there(store: Store, annas: Job, doing: str, role: Role) -> None:
    """The same answer as for no job at all: that there is one is not theirs to know."""
    before = state_of(store)
    stranger = as_(store, "ben", role)
    with pytest.raises(JobNotFoundError) as other:
        (DOINGS | READING)[doing](stranger, annas.id)
    with pytest.raises(JobNotFoundError) as none:
        (DOINGS | READING)[doing](stranger, "0" * 32)
    assert other.value.diagnostics() == none.value.diagnostics()
    assert state_of(store) == before
    assert stranger.page(Search(), 10).jobs == ()
    assert stranger.history(limit=10) == ()
    assert stranger.of_media(annas.media.sha256) is None


@pytest.mark.parametrize("doing", DOINGS)
def test_analyst_judges_what_is_shared_and_leaves_the_rest_to_its_owner(
    store: Store, annas: Job, doing: str
) -> None:
    """Opinions and notes are welcome; the case, the anchor and the deletion are the owner's."""
    store.sharing.add("anna", "R-1", "ben", by="anna")
    ben = as_(store, "ben", Role.ANALYST)
    if doing in OF_THE_OWNER:
        with pytest.raises(NotAllowedError):
            DOINGS[doing](ben, annas.id)
    else:
        DOINGS[doing](ben, annas.id)


@pytest.mark.parametrize("doing", [*DOINGS, *READING])
@pytest.mark.parametrize(("name", "role"), [("anna", Role.ANALYST), ("root", Role.ADMIN)])
def test_owner_and_admin_may_do_all(store: Store, annas: Job, doing: str, name: str, role: Role) -> None:
    """Under their own name."""
    (DOINGS | READING)[doing](as_(store, name, role), annas.id)
    if doing == "mark":
        assert store.cases.file(annas.id).marks[VIDEO].by == name


def test_share_opens_the_jobs_of_its_owner_in_that_case_only(store: Store, annas: Job) -> None:
    """In lists and by address; jobs to come, too; nobody else's, though they name the same case."""
    other = store.jobs.submit(make_media(), OPTIONS, by="anna").job_id
    bens = store.jobs.submit(make_media(), OPTIONS, by="ben").job_id
    as_(store, "ben", Role.ANALYST).label(bens, HARBOUR)
    anna, carl = as_(store, "anna", Role.ANALYST), as_(store, "carl", Role.VIEWER)
    anna.share(annas.id, " carl ")
    assert anna.shared_with(annas) == ("carl",)
    assert [job.id for job in carl.page(Search(), 10).jobs] == [annas.id]
    assert [job.id for job in carl.history(limit=10)] == [annas.id]
    assert carl.of_media(annas.media.sha256) is not None
    for hidden in (other, bens):
        with pytest.raises(JobNotFoundError):
            carl.job(hidden)
    anna.label(other, CaseLabel(name="another word for it", reference="R-1"))
    assert {job.id for job in carl.page(Search(), 10).jobs} == {annas.id, other}
    anna.unshare(annas.id, "carl")
    assert carl.page(Search(), 10).jobs == ()
    with pytest.raises(JobNotFoundError):
        carl.job(annas.id)
    events = [(event.event, event.actor) for event in store.audit.of(case_chain("R-1"))]
    assert ("shared", "anna") in events
    assert events[-1] == ("unshared", "anna")


def test_case_without_a_reference_is_shared_by_its_name(store: Store, annas: Job) -> None:
    """And a reference that is given later makes it another case."""
    anna, carl = as_(store, "anna", Role.ANALYST), as_(store, "carl", Role.VIEWER)
    anna.label(annas.id, CaseLabel(name="Harbour"))
    anna.share(annas.id, "carl")
    assert carl.job(annas.id).id == annas.id
    assert len(carl.history(limit=10)) == 1
    anna.label(annas.id, HARBOUR)
    with pytest.raises(JobNotFoundError):
        carl.job(annas.id)
    assert carl.history(limit=10) == ()


def test_only_a_case_can_be_shared_and_only_with_a_name(store: Store, annas: Job) -> None:
    """Refused with a reason."""
    anna = as_(store, "anna", Role.ANALYST)
    for name in ("", "  ", "a\nb", "x" * 300):
        with pytest.raises(RequestInvalidError):
            anna.share(annas.id, name)
    anna.label(annas.id, CaseLabel())
    with pytest.raises(RequestInvalidError, match="no case"):
        anna.share(annas.id, "carl")


def test_same_video_of_two_people_is_two_jobs(store: Store) -> None:
    """That somebody else has it in work is not theirs to know; one's own is found as before."""
    media = make_media()
    anna, ben = as_(store, "anna", Role.ANALYST), as_(store, "ben", Role.ANALYST)
    first = anna.submit(media, OPTIONS)
    assert anna.submit(media, OPTIONS).job_id == first.job_id
    second = ben.submit(media, OPTIONS)
    assert (second.already_open, second.job_id != first.job_id) == (False, True)


def test_job_from_before_there_were_owners_is_the_admins(store: Store, annas: Job) -> None:
    """It opens as before, for who sees all."""
    store._database["jobs"].update_one({"_id": annas.id}, {"$unset": {"owner": ""}})
    assert as_(store, "root", Role.ADMIN).job(annas.id).owner == ""
    with pytest.raises(JobNotFoundError):
        as_(store, "", Role.ANALYST).job(annas.id + "0")
    with pytest.raises(JobNotFoundError):
        as_(store, "anna", Role.ANALYST).job(annas.id)


def test_anchor_is_of_the_report_of_that_job(store: Store, annas: Job) -> None:
    """Nobody anchors a digest of their own making by the way of a job."""
    with pytest.raises(JobNotFoundError):
        as_(store, "anna", Role.ANALYST).anchor(annas.id, "d" * 64, PLACE)


def test_refusals_are_in_the_log(store: Store, annas: Job, caplog: pytest.LogCaptureFixture) -> None:
    """Who, what and which job."""
    with caplog.at_level(logging.WARNING), pytest.raises(NotAllowedError):
        as_(store, "anna", Role.VIEWER).delete(annas.id)
    assert f"REFUSED: anna (viewer) may not delete this: job {annas.id}." in caplog.text


def test_note_is_removed_by_who_wrote_it_or_by_the_owner(store: Store, annas: Job) -> None:
    """One with whom a case is shared takes back their own words only."""
    store.sharing.add("anna", "R-1", "ben", by="anna")
    anna, ben = as_(store, "anna", Role.ANALYST), as_(store, "ben", Role.ANALYST)
    first, second = anna.add_note(annas.id, "lips"), ben.add_note(annas.id, "ears")
    with pytest.raises(NotAllowedError):
        ben.remove_note(annas.id, first)
    ben.remove_note(annas.id, second)
    third = ben.add_note(annas.id, "eyes")
    anna.remove_note(annas.id, third)
    assert [note.id for note in anna.case_file(annas.id).notes] == [first]
