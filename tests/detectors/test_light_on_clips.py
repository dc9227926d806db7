"""The default detector on whole clips: no false alarms here, and scores that survive another encoding.

With -s the scores are printed.
"""

import csv
import statistics
from pathlib import Path

import av
import pytest

from deeptrace_core.model import AnalysisOptions, Assessed, Report, Verdict
from deeptrace_core.settings import load_settings
from tests.clips import MEDIA, needs_media
from worker.models import Models
from worker.pipeline import analyze
from worker.sandbox import Sandbox
from worker.software import software

FRAMES = AnalysisOptions(detector="").min_frames
"""As the product looks at by default."""

pytestmark = [needs_media, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory, converted_dir: Path) -> Models:
    """The networks of a fresh clone."""
    return Models(
        load_settings(
            {
                "DEEPTRACE_HOME": str(tmp_path_factory.mktemp("home")),
                "DEEPTRACE_CONVERTED": str(converted_dir),
            }
        )
    )


def report_of(path: Path, models: Models) -> Report:
    options = AnalysisOptions(detector=load_settings({}).detector, min_frames=FRAMES)
    return analyze(
        path,
        options,
        media=Sandbox(),
        models=models,
        software=software("cpu"),
        on_progress=lambda progress: None,
    ).report


def clips() -> list[tuple[str, str]]:
    """Path and label of the clips that show faces."""
    if not MEDIA.is_dir():
        return []
    with (MEDIA / "labels.csv").open() as file:
        return [(row["path"], row["label"]) for row in csv.DictReader(file) if row["label"] != "none"]


@pytest.fixture(scope="module")
def reports(models: Models) -> dict[str, Report]:
    return {name: report_of(MEDIA / name, models) for name, _ in clips()}


def score(report: Report) -> float | None:
    return report.finding.score.mean if isinstance(report.finding, Assessed) else None


def test_no_real_clip_gives_signs(reports: dict[str, Report]) -> None:
    """None of the unmanipulated clips is flagged."""
    for name, label in clips():
        print(f"{name}: {label}, {reports[name].finding.verdict}, score {score(reports[name])}")
    flagged = [n for n, label in clips() if label == "real" and is_flagged(reports[n])]
    assert flagged == []


def test_manipulated_clips_score_above_real_ones(reports: dict[str, Report]) -> None:
    """Of the clips of one person each, the area under the curve is 0.85 or more."""
    scored = [(score(reports[n]), label) for n, label in clips() if not n.startswith("many_faces")]
    fakes = [value for value, label in scored if label == "fake" and value is not None]
    reals = [value for value, label in scored if label == "real" and value is not None]
    above = statistics.fmean((fake > real) + (fake == real) / 2 for fake in fakes for real in reals)
    print(f"AUC over {len(fakes)} manipulated and {len(reals)} real clips: {above:.3f}")
    assert above >= 0.85


def is_flagged(report: Report) -> bool:
    return isinstance(report.finding, Assessed) and report.finding.verdict is Verdict.SIGNS_FOUND


def test_half_the_bitrate_hardly_changes_the_score(
    reports: dict[str, Report], models: Models, tmp_path: Path
) -> None:
    """At the median over all clips, the score moves by at most 0.10 when the clip is encoded again."""
    changes = {}
    for name, _ in clips():
        again = half_bitrate(MEDIA / name, tmp_path / f"{Path(name).stem}.mp4")
        before, after = score(reports[name]), score(report_of(again, models))
        if before is not None and after is not None:
            changes[name] = abs(after - before)
            print(f"{name}: {before:.3f} -> {after:.3f}")
    print(f"median change {statistics.median(changes.values()):.3f}")
    assert statistics.median(changes.values()) <= 0.10


def half_bitrate(path: Path, out: Path) -> Path:
    """The picture of a clip, encoded anew with H.264 at half its bitrate."""
    with av.open(str(path)) as source, av.open(str(out), "w") as target:
        video = source.streams.video[0]
        seconds = float(video.frames / video.average_rate)
        stream = target.add_stream("libx264", rate=video.average_rate)
        stream.width, stream.height, stream.pix_fmt = video.width, video.height, "yuv420p"
        stream.bit_rate = int(path.stat().st_size * 8 / seconds / 2)
        stream.options = {"preset": "veryfast"}
        for frame in source.decode(video):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return out
