"""The analyst's own hand on the page of a report."""

import pytest
from streamlit.testing.v1 import AppTest

from deeptrace_core.casework import VIDEO, CaseLabel, Opinion, subject_of
from deeptrace_core.segments import segments_of
from pages.review.hand import MAX_SHOWN
from tests.pages.conftest import OpenPage
from tests.pages.reading import words
from tests.pages.samples import Course, Desk, between, report_of, wave

REVIEW = "review/page.py"
STRANGE = "<script>alert(1)</script><img src=x onerror=alert(1)> **b** [l](javascript:alert(1)) 🎬\u202e"


def spikes(n: int) -> float:
    """High in every fifth frame only: a segment each."""
    return 0.95 if n % 5 == 0 else 0.1


def segments_on(app: AppTest) -> list[str]:
    """The labels of the controls, that on the whole video first."""
    return [control.proto.label for control in app.get("button_group")]


def test_each_segment_and_the_video_take_an_opinion(desk: Desk, open_page: OpenPage) -> None:
    """By person, the highest score first; the machine's verdict stands beside, and stays."""
    report = report_of([between(wave(0.9), 3, 8), wave(0.1), wave(0.95)])
    job = desk.completed(report)
    app = open_page(REVIEW, job=job.id)
    assert segments_on(app) == [
        "The whole video",
        "Face C, 0:00.0 to 0:12.4",
        "Face A, 0:01.2 to 0:03.2",
    ]
    first, last = segments_of(report.frames, 0.8)
    app.get("button_group")[0].set_value(Opinion.UNSURE).run()
    app.button_group(key=f"opinion-{job.id}-{subject_of(last)}").set_value(Opinion.DISAGREE).run()
    marks = desk.store.cases.file(job.id).marks
    assert {subject: mark.opinion for subject, mark in marks.items()} == {
        VIDEO: Opinion.UNSURE,
        subject_of(last): Opinion.DISAGREE,
    }
    assert marks[VIDEO].by == "local"
    said = words(app)
    assert "Disagree: local," in said
    assert "Signs of manipulation found on Face C." in said
    assert desk.store.jobs.get(job.id).result == job.result
    assert subject_of(first) not in marks


def test_an_opinion_can_be_taken_back(desk: Desk, open_page: OpenPage) -> None:
    """Pressing what is pressed lifts it."""
    job = desk.completed(report_of([wave(0.9)]))
    desk.store.cases.mark(job.id, VIDEO, Opinion.AGREE, by="anna")
    app = open_page(REVIEW, job=job.id)
    assert "Agree: anna," in words(app)
    app.get("button_group")[0].set_value(None).run()
    assert desk.store.cases.file(job.id).marks == {}


def test_the_page_shows_what_others_said_meanwhile(desk: Desk, open_page: OpenPage) -> None:
    """An act of another person is not overwritten by what this session saw before."""
    job = desk.completed(report_of([wave(0.9)]))
    app = open_page(REVIEW, job=job.id)
    desk.store.cases.mark(job.id, VIDEO, Opinion.AGREE, by="anna")
    app.get("button_group")[1].set_value(Opinion.UNSURE).run()
    assert desk.store.cases.file(job.id).marks[VIDEO].opinion is Opinion.AGREE
    assert app.get("button_group")[0].value == Opinion.AGREE


def test_notes_are_added_and_removed(desk: Desk, open_page: OpenPage) -> None:
    """With a moment of the video; shown as they were written, whatever they hold."""
    job = desk.completed(report_of([wave(0.5)]))
    app = open_page(REVIEW, job=job.id)
    assert "Nothing was written down yet." in words(app)
    app.text_area(key="note_text").set_value(f"{STRANGE}\nsecond line")
    app.number_input(key="note_at_None").set_value(4.2)
    app.button(key="note_add").click().run()
    (note,) = desk.store.cases.file(job.id).notes
    assert (note.text, note.at_s, note.by) == (f"{STRANGE}\nsecond line", 4.2, "local")
    bodies = " ".join(element.proto.body for element in app.main.get("html"))
    assert "<script" not in bodies
    assert "onerror=alert(1)&gt;" in bodies
    assert "\u202e" not in bodies
    assert "0:04.2" in words(app)
    app.button(key=f"remove-{note.id}").click().run()
    assert desk.store.cases.file(job.id).notes == ()


def test_an_empty_note_is_none(desk: Desk, open_page: OpenPage) -> None:
    """A slip of the finger leaves no trace."""
    job = desk.completed(report_of([wave(0.5)]))
    app = open_page(REVIEW, job=job.id)
    app.text_area(key="note_text").set_value("  \n")
    app.button(key="note_add").click().run()
    assert desk.store.cases.file(job.id).notes == ()


@pytest.mark.parametrize("name", ["Harbour", STRANGE, "x" * 300])
def test_a_video_belongs_to_a_case(desk: Desk, open_page: OpenPage, name: str) -> None:
    """Name and reference are one click away; strange ones are shown as they are."""
    job = desk.completed(report_of([wave(0.5)]))
    app = open_page(REVIEW, job=job.id)
    app.text_input(key="case_name").set_value(name[:200])
    app.text_input(key="case_reference").set_value("R-7")
    app.button(key="case_save").click().run()
    assert desk.store.jobs.get(job.id).case == CaseLabel(name=name[:200], reference="R-7")
    (label,) = [element.label for element in app.get("expander") if "7" in element.label]
    assert "<script" not in label


def test_without_a_score_there_is_nothing_to_agree_with(desk: Desk, open_page: OpenPage) -> None:
    """Notes and the case are there all the same."""
    app = open_page(REVIEW, job=desk.completed(report_of([])).id)
    assert segments_on(app) == []
    assert app.text_area(key="note_text")


@pytest.mark.parametrize("course", [wave(0.5), wave(0.05)])
def test_a_video_without_suspicious_frames_says_so(desk: Desk, open_page: OpenPage, course: Course) -> None:
    """The verdict on the whole video can still be judged: a miss is a miss."""
    app = open_page(REVIEW, job=desk.completed(report_of([course])).id)
    assert segments_on(app) == ["The whole video"]
    assert "so there is no segment to judge" in words(app)


def test_many_segments_come_in_pages(desk: Desk, open_page: OpenPage) -> None:
    """A long video with hundreds of them stays usable."""
    job = desk.completed(report_of([spikes], count=5 * (MAX_SHOWN + 3)))
    app = open_page(REVIEW, job=job.id)
    assert len(segments_on(app)) == 1 + MAX_SHOWN
    assert f"{MAX_SHOWN + 3} segments, 0 with an opinion." in words(app)
