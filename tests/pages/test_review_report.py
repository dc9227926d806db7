"""The page of a finished job: each verdict, faces, chart, details."""

import json
import re
from dataclasses import replace

from deeptrace_core.accuracy import FALSE_ALARMS, MISSES
from deeptrace_core.acting import Acting
from deeptrace_core.canonical import digest
from deeptrace_core.ensemble import ensemble_info
from deeptrace_core.formats import FORMATS
from deeptrace_core.model import AccuracyFigure, Assessed, Doubt, LeftOut, Report, Verdict
from deeptrace_core.permissions import Person, Role
from deeptrace_core.report import make_report, report_bytes
from pages.review.downloads import made
from tests.pages.conftest import OpenPage
from tests.pages.reading import chart, words
from tests.pages.samples import (
    DETECTOR,
    Desk,
    between,
    report_of,
    too_small,
    wave,
    webp,
    without_detector,
)

REVIEW = "review/page.py"


def test_signs_found_names_the_face_and_is_no_proof(desk: Desk, open_page: OpenPage) -> None:
    """The band says what, on whom, how sure, and what was not examined."""
    said = words(open_page(REVIEW, job=desk.completed(report_of([wave(0.1), wave(0.93)])).id))
    assert "Signs of manipulation found on Face B." in said
    assert re.search(
        r"Score 0\.93, likely range 0\.9\d to 0\.9\d\. Not proof; check with other evidence\.", said
    )
    assert "The score is that of Face B, the highest of 2 faces." in said
    assert "This verdict is on faces alone, not on the sound or the rest of the picture." in said
    assert "mesoinception4-df; its error rates on videos like this are not measured." in said
    assert "Faces were scored in 32 of the 32 frames looked at." in said


def test_inconclusive_says_that_the_detector_cannot_tell(desk: Desk, open_page: OpenPage) -> None:
    """The middle is a verdict of its own."""
    said = words(open_page(REVIEW, job=desk.completed(report_of([wave(0.55)])).id))
    assert "Inconclusive. Score 0.55" in said
    assert "The detector cannot tell." in said


def test_no_signs_is_not_the_same_as_unaltered(desk: Desk, open_page: OpenPage) -> None:
    """A low score does not become a clean bill of health."""
    said = words(open_page(REVIEW, job=desk.completed(report_of([wave(0.05)])).id))
    assert "No signs of manipulation found on the faces examined." in said
    assert "This does not show that the video is unaltered." in said


def test_partly_assessed_video_says_so(desk: Desk, open_page: OpenPage) -> None:
    """Coverage is in the band, in words; what could not be scored is counted."""
    report = report_of([between(wave(0.5), 0, 11), too_small], frames_asked=34)
    said = words(open_page(REVIEW, job=desk.completed(report).id))
    assert "Partly assessed: 38 % of frames had a face that could be scored (12 of 32)." in said
    assert "32 face pictures were smaller than 64 px and not scored." in said
    assert "2 frames of 34 could not be decoded." in said


def test_not_assessed_explains_and_shows_no_score(desk: Desk, open_page: OpenPage) -> None:
    """No face: why, what to do, and no number that could be taken for a score."""
    app = open_page(REVIEW, job=desk.completed(report_of([])).id)
    said = words(app)
    assert "Not assessed: no face found." in said
    assert "This says nothing about the rest of the picture or the sound." in said
    assert not re.search(r"score \d", said, re.IGNORECASE)
    assert not chart(app)


def test_no_face_can_be_tried_again_with_more_frames(desk: Desk, open_page: OpenPage) -> None:
    """The advice of the report is one click away."""
    app = open_page(REVIEW, job=desk.completed(report_of([])).id)
    app.button(key="try_again").click().run()
    assert desk.store.jobs.history(limit=1)[0].options.min_frames == 128


def test_faces_too_small_offers_no_second_try(desk: Desk, open_page: OpenPage) -> None:
    """Against small faces only another video helps."""
    app = open_page(REVIEW, job=desk.completed(report_of([too_small])).id)
    assert "Not assessed: faces too small." in words(app)
    assert "try_again" not in [button.key for button in app.button]


def test_missing_detector_names_the_command(desk: Desk, open_page: OpenPage) -> None:
    """Where no weights could be had, the page says how to get them."""
    said = words(open_page(REVIEW, job=desk.completed(without_detector()).id))
    assert "Not assessed: no detector." in said
    assert "python -m worker models pull mesoinception4-df" in said


def test_faces_come_with_pictures_the_worst_first(desk: Desk, open_page: OpenPage) -> None:
    """Each face has its score, its time and its most suspicious moments."""
    app = open_page(REVIEW, job=desk.completed(report_of([wave(0.1), wave(0.9), wave(0.4)])).id)
    (cards,) = [html.proto.body for html in app.main.get("html") if "dt-faces" in html.proto.body]
    assert re.findall(r"Face [A-Z](?=</h3>)", cards) == ["Face B", "Face C", "Face A"]
    assert cards.count("data:image/webp;base64,") == 18
    assert re.search(r'alt="Face B at \d:\d\d\.\d, score 0\.9\d"', cards)


def test_many_faces_stay_readable(desk: Desk, open_page: OpenPage) -> None:
    """Of 12 faces the highest are shown; the others are counted and one click away."""
    courses = [wave(0.05 * (n + 1)) for n in range(12)] + [between(wave(0.9), 2, 3)]
    app = open_page(REVIEW, job=desk.completed(report_of(courses)).id)
    assert "6 more faces, 1 face scored in too few frames for a statement" in words(app)
    chooser = app.multiselect(key="faces_in_chart")
    assert chooser.value == [f"Face {letter}" for letter in "LKJIHGFE"]
    chooser.set_value(["Face A", "Face M"]).run()
    assert [line["name"] for line in json.loads(chart(app))["data"]] == ["Face A", "Face M"]


def test_details_name_file_method_and_limits(desk: Desk, open_page: OpenPage) -> None:
    """What is needed to repeat the measurement is on the page."""
    report = report_of([wave(0.5)])
    said = words(open_page(REVIEW, job=desk.completed(report).id))
    assert report.detector is not None
    for fact in (
        report.media.sha256,
        "1920 × 1080 pixels",
        "52.4 MB (52,428,800 bytes)",
        report.detector.weights_sha256,
        "Apache-2.0",
        "32 asked for, 32 decoded",
        "torch 2.15.0",
        *report.limits,
    ):
        assert fact in said


def test_measured_error_rates_stand_beside_the_verdict(desk: Desk, open_page: OpenPage) -> None:
    """The set, its size and both rates, in the band, among the limits and in the method."""
    plain = report_of([wave(0.5)])
    assert plain.detector is not None
    figures = tuple(
        AccuracyFigure(
            metric=metric, value=value, data="<i>X</i>, 40 videos", origin="measured", low=0.2, high=0.6
        )
        for metric, value in ((FALSE_ALARMS, 0.25), (MISSES, 0.375))
    )
    report = report_of([wave(0.5)], detector=replace(plain.detector, accuracy=figures))
    said = words(open_page(REVIEW, job=desk.completed(report).id))
    rates = (
        "measured on <i>X</i>, 40 videos: false alarms 25 % (likely 20 % to 60 %), "
        "misses 37.5 % (likely 20 % to 60 %)"
    )
    assert f"Detector: mesoinception4-df; {rates}." in said
    assert f"Error rates of mesoinception4-df: {rates}." in said
    assert "false alarms 0.25 (95 % interval 0.2 to 0.6) on <i>X</i>, 40 videos (measured)" in said
    assert "not measured" not in said


def test_download_is_the_report_as_it_was_hashed(desk: Desk, open_page: OpenPage) -> None:
    """The bytes offered have the digest that is shown, and read back as the report."""
    report = report_of([wave(0.5)])
    job = desk.completed(report)
    app = open_page(REVIEW, job=job.id)
    assert job.result is not None
    (shown,) = [code.value for code in app.code]
    data = desk.blobs.read(shown)
    assert shown == job.result.report_sha256 == digest(data)
    assert data == report_bytes(report)
    assert [button.proto.label for button in app.get("download_button")] == [
        "Download the report to read (HTML)",
        "Download the report (JSON)",
        "Download all scores (CSV)",
        "Download the case bundle (ZIP)",
    ]
    anna = Acting(desk.store, Person(name="anna", role=Role.ADMIN))
    for format_ in FORMATS:
        with made(desk.store, format_, job, report, data, shown, anna) as file:
            assert (file.read() == data) == (format_.name == "json")
    taken = [event for event in desk.store.audit.of(job.id) if event.event == "exported"]
    assert [(event.actor, event.data["format"]) for event in taken] == [
        ("anna", format_.name) for format_ in FORMATS
    ]


def test_a_verdict_in_doubt_says_why(desk: Desk, open_page: OpenPage) -> None:
    """A high score alone is no verdict: the reason stands beside it."""
    report = report_of([wave(0.95)])
    assert isinstance(report.finding, Assessed)
    doubted = replace(
        report.finding, verdict=Verdict.INCONCLUSIVE, doubts=(Doubt.CHANGES_WITH_SIZE, Doubt.MOSTLY_UNSCORED)
    )
    said = words(open_page(REVIEW, job=desk.completed(replace(report, finding=doubted)).id))
    assert "Inconclusive. Score 0.95" in said
    assert "The scores change sides when the faces are shown at half the size." in said
    assert "no face was large enough to be scored." in said


def by_two_detectors() -> Report:
    """A third was asked for and could not be had."""
    plain = report_of([wave(0.6)])
    frames = tuple(
        replace(frame, faces=tuple(replace(face, member_probabilities=(0.75, 0.41)) for face in frame.faces))
        for frame in plain.frames
    )
    info = ensemble_info(
        [DETECTOR, replace(DETECTOR, name="other", licence="GPL-3.0")],
        [LeftOut(name="third", explanation="Its weights are not here.", advice="Pull them.")],
    )
    return make_report(
        media=plain.media,
        options=plain.options,
        detector=info,
        software=plain.software,
        frames=frames,
        frames_asked=len(frames),
    )


def test_each_detector_of_several_is_shown(desk: Desk, open_page: OpenPage) -> None:
    """What each says of a face, how they are combined, and who is missing, in the band itself."""
    said = words(open_page(REVIEW, job=desk.completed(by_two_detectors()).id))
    assert "mesoinception4-df 0.75 (0.75 to 0.75); other 0.41 (0.41 to 0.41)" in said
    assert "Left out: third. Its weights are not here." in said
    assert "the mean of their log-odds" in said
    assert "Apache-2.0; GPL-3.0" in said


def test_activation_maps_are_no_evidence(desk: Desk, open_page: OpenPage) -> None:
    """Where they are kept, they are shown with the words that belong to them; elsewhere nothing is said."""
    caption = "where the network looked; not evidence"
    job = desk.completed(report_of([wave(0.9)]))
    assert caption not in words(open_page(REVIEW, job=job.id))
    [picture, *_] = desk.store.results.thumbnails(job)
    desk.store.results.stage_thumbnails(job, [replace(picture, activation_webp=webp(3))])
    page = open_page(REVIEW, job=job.id)
    assert caption in words(page)
