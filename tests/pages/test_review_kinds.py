"""The page of a picture and that of a sound file: their own words, and nothing that only videos have."""

import re
from dataclasses import replace

import pytest

from deeptrace_core.audio_finding import LIMITS_OF_SOUND_ALONE
from deeptrace_core.formats import FORMATS
from deeptrace_core.model import Box, FaceScore, FrameScore, MediaInfo, MediaKind, Reason, Report
from deeptrace_core.report import make_report, make_unassessed_report
from pages.review.player.data import player_data
from pages.review.player.still import picture_html
from tests.formats.dossiers import dossier_of
from tests.formats.test_contract import written
from tests.pages.conftest import OpenPage
from tests.pages.reading import chart, words
from tests.pages.samples import DETECTOR, OPTIONS, SOFTWARE, Desk, media_info, report_of, wave
from tests.pages.voices import heard
from worker.pipeline import NO_PICTURE

REVIEW = "review/page.py"
OF_VIDEOS = re.compile(r"\b(videos?|frames?|0:00\S*|over time|seconds?)\b", re.IGNORECASE)
ABOUT_CSV = "One row for each face in each frame that was looked at: for spreadsheets and statistics."


def picture(*scores: float | None) -> Report:
    """A report on a picture with these faces; None is too small."""
    media: MediaInfo = replace(
        media_info(),
        container="JPEG",
        video_codec="",
        duration_s=0.0,
        frame_count=1,
        has_audio=False,
        kind=MediaKind.PICTURE,
    )
    faces = tuple(
        FaceScore(
            track_id=number,
            box=Box(x1=300.0 * number, y1=400.0, x2=300.0 * number + 192, y2=616),
            confidence=0.99,
            fake_probability=score,
            unscored_reason=Reason.FACE_TOO_SMALL if score is None else None,
        )
        for number, score in enumerate(scores)
    )
    return make_report(
        media=media,
        options=OPTIONS,
        detector=DETECTOR,
        software=SOFTWARE,
        frames=[FrameScore(index=0, time_s=0.0, faces=faces)],
        frames_asked=1,
    )


def sound() -> Report:
    media = replace(
        media_info(),
        container="mp3",
        video_codec="",
        width_px=0,
        height_px=0,
        frame_count=0,
        kind=MediaKind.SOUND,
    )
    report = make_unassessed_report(media=media, options=OPTIONS, software=SOFTWARE, finding=NO_PICTURE)
    return replace(report, audio=replace(heard(0.95), limits=LIMITS_OF_SOUND_ALONE))


def test_a_picture_shows_the_scores_of_its_faces_and_no_verdict(desk: Desk, open_page: OpenPage) -> None:
    """The highest first, each without a range; no chart, no times, no word of a video."""
    app = open_page(REVIEW, job=desk.completed(picture(0.2, 0.93, None), "a.jpg").id)
    said = words(app)
    assert "Not assessed: one picture gives no range." in said
    assert "Score 0.93, without a range." in said
    assert said.index("Score 0.93") < said.index("Score 0.20")
    assert "1 face picture was smaller than 64 px and not scored." in said
    assert not chart(app)
    assert not app.get("number_input")
    assert "try_again" not in [button.key for button in app.button]
    assert {
        found.lower() for found in OF_VIDEOS.findall(said.replace(ABOUT_CSV, "").replace("frame AUC", ""))
    } == {"video"}
    assert "trained on" in said
    assert "If there is a video of the same moment, analyze that, too." in said


def test_a_picture_is_drawn_with_boxes_told_by_more_than_colour() -> None:
    """Where the faces are, in shares of the picture; solid from the threshold on."""
    html = picture_html(picture(0.2, 0.93, None), "/files/a?type=image%2Fwebp&until=1")
    assert html.count("<i ") == 3
    (high,) = re.findall(r'<i class="dt-box dt-over" style="([^"]*)">', html)
    assert high.startswith("left:15.62%;top:37.04%;width:10.00%;height:20.00%")
    assert re.findall(r">(Face [A-Z] [\d.]+)<", html) == ["Face A 0.20", "Face B 0.93"]
    assert 'src="/files/a?type=image%2Fwebp&amp;until=1"' in html
    assert "3 faces found" in html


def test_a_sound_file_says_that_there_is_no_picture_and_what_was_heard(
    desk: Desk, open_page: OpenPage
) -> None:
    """No score of faces, no lip sync; the voices have their section."""
    app = open_page(REVIEW, job=desk.completed(sound(), "a.mp3").id)
    said = words(app)
    assert "Not assessed: no picture in this file." in said
    assert "There is no picture in the file: this is all that was examined." in said
    assert "Signs of manipulation found in the voices." in said
    assert "Waveform" in said
    assert "Lip sync" not in said
    assert "mouth" not in said
    assert not chart(app)
    assert "Face A" not in said
    assert "try_again" not in [button.key for button in app.button]


def test_the_player_of_a_sound_file_steps_by_seconds() -> None:
    """There are no frames to step by, and no division by their number."""
    data = player_data(sound(), [], threshold=2.0, theme="light")
    assert (data["isSound"], data["hasSound"], data["frameS"], data["stepS"]) == (True, True, 0.0, 1.0)
    assert data["durationS"] == 12.8
    assert data["people"] == []
    moving = player_data(report_of([wave(0.5)]), [], threshold=2.0, theme="light")
    assert (moving["isSound"], moving["stepS"]) == (False, moving["frameS"])


@pytest.mark.parametrize("report", [picture(0.2, 0.93, None), sound()], ids=["picture", "sound"])
def test_every_format_takes_it_and_speaks_of_no_video(desk: Desk, report: Report) -> None:
    dossier = dossier_of(desk, report, name="a")
    for format_ in FORMATS:
        assert written(format_, dossier)
    (html,) = (written(format_, dossier).decode() for format_ in FORMATS if format_.name == "html")
    body = re.sub(r"<style.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL).replace("frame AUC", "")
    said = {match.lower() for match in OF_VIDEOS.findall(body)}
    # What to analyze besides; and a waveform has a time.
    assert said <= {"video", "0:00"} if report.media.kind is MediaKind.SOUND else said <= {"video"}
    kind = "picture" if report.media.kind is MediaKind.PICTURE else "sound"
    assert f"The {kind}" in body
    assert "Scores over time" not in body or kind == "sound"
    if kind == "sound":
        assert LIMITS_OF_SOUND_ALONE[-1] in body
    if kind == "picture":
        assert "Score 0.93, without a range." in body
        assert "Suspicious segments" not in body


def test_the_history_has_no_line_of_one_point(desk: Desk, open_page: OpenPage) -> None:
    desk.completed(picture(0.93), "a.jpg")
    app = open_page("history/page.py")
    assert "one picture gives no range" in words(app)
    assert not any('class="dt-spark"' in element.proto.body for element in app.get("html"))


def test_a_note_on_a_picture_is_about_no_moment(desk: Desk, open_page: OpenPage) -> None:
    """Nobody is asked for a second that does not exist."""
    job = desk.completed(picture(0.93), "a.jpg")
    app = open_page(REVIEW, job=job.id)
    app.text_area(key="note_text").set_value("Look at the hair.")
    app.button(key="note_add").click().run()
    (note,) = desk.store.cases.file(job.id).notes
    assert (note.text, note.at_s) == ("Look at the hair.", None)


def test_a_sound_that_cannot_be_played_says_where_the_reason_is(desk: Desk, open_page: OpenPage) -> None:
    """To analyze it again would change nothing."""
    said = words(open_page(REVIEW, job=desk.completed(sound(), "a.m4a").id))
    assert "No copy to play or show here could be made of this file." in said
    assert "The section on the voices says what could be heard." in said
    assert "Analyze the file again" not in said
