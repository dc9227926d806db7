"""A failure is put into every stage of an analysis, and nowhere does a number come out."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import worker.loop
import worker.pipeline
import worker.robustness
import worker.sighting
from deeptrace_core.audio import AudioNotAssessed, AudioReason
from deeptrace_core.blobs import Blobs
from deeptrace_core.errors import DecoderUnavailableError, EnvironmentFault, UnreadableMediaError
from deeptrace_core.job import JobState
from deeptrace_core.report import parse_report
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store
from deeptrace_core.store.results import Results
from tests.clips import plain_frame, write_video
from tests.sounds import tone, write_with_sound
from tests.worker.fakes import FakeDetector, FakeFaceFinder, FakeModels
from tests.worker.test_loop import submit
from worker.audio.envelope import Envelope
from worker.faces.shots import ShotDetector
from worker.faces.thumbnails import ThumbnailGallery
from worker.faces.tracking import FaceTracker
from worker.loop import Worker
from worker.media.audio import SoundReader
from worker.sandbox import Sandbox

STAGES: dict[str, tuple[Any, str]] = {
    "fetching the file": (Blobs, "local_file"),
    "opening it": (Sandbox, "open"),
    "choosing frames": (worker.pipeline, "choose_frames"),
    "loading the detector": (FakeModels, "detector"),
    "loading the face finder": (FakeModels, "face_finder"),
    "finding faces": (FakeFaceFinder, "find"),
    "looking for cuts": (ShotDetector, "is_new"),
    "following faces": (FaceTracker, "track"),
    "cutting faces": (worker.sighting, "crop_face"),
    "measuring sharpness": (worker.sighting, "sharpness"),
    "scoring": (FakeDetector, "score"),
    "compressing faces": (worker.robustness, "_compressed"),
    "shrinking faces": (worker.robustness, "_half_size"),
    "keeping pictures": (ThumbnailGallery, "offer"),
    "making the report": (worker.pipeline, "make_report"),
    "staging pictures": (Results, "stage_thumbnails"),
    "staging scores": (Results, "stage_frames"),
    "making the overview": (worker.loop, "overview_of"),
    "writing the report": (worker.loop, "report_bytes"),
    "storing the report": (Blobs, "put_bytes"),
}

FAULTS: dict[str, Exception] = {
    "a fault of ours": ZeroDivisionError(),
    "no memory": MemoryError(),
    "a fault of the machine": EnvironmentFault("The disk is full.", advice="Free some space."),
    "no decoder": DecoderUnavailableError("No decoder."),
    "a bad file": UnreadableMediaError("The file is damaged."),
}


@pytest.fixture
def blobs(settings: Settings) -> Blobs:
    return Blobs(settings.blobs_url)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_video(tmp_path / "video.mp4", [plain_frame(100)] * 12)


def raising(error: Exception) -> Callable[..., Any]:
    def fail(*_arguments: object, **_options: object) -> Any:
        raise error

    return fail


def assert_no_result(store: Store, job_id: str, states: set[JobState]) -> None:
    """The job ended or waits, and nothing that could be read as a score is kept for it."""
    after = store.jobs.get(job_id)
    assert after.state in states
    assert after.result is None
    assert store.results.thumbnails(after) == ()
    assert list(store.results.frames(after)) == []


def test_without_a_failure_there_is_a_score(
    store: Store, blobs: Blobs, settings: Settings, video: Path
) -> None:
    """What the others are held against."""
    job = submit(store, blobs, video)
    Worker(store, blobs, FakeModels(), settings).run_once()
    done = store.jobs.get(job.id)
    assert done.result is not None
    assert done.result.score == pytest.approx(100 / 255, abs=0.02)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_failure_is_never_a_score(
    store: Store,
    blobs: Blobs,
    settings: Settings,
    video: Path,
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
    fault: str,
) -> None:
    """The job fails with a reason, or is tried again."""
    job = submit(store, blobs, video)
    monkeypatch.setattr(*STAGES[stage], raising(FAULTS[fault]))
    assert Worker(store, blobs, FakeModels(), settings).run_once()
    expected = JobState.FAILED if fault == "a bad file" else JobState.PENDING
    assert_no_result(store, job.id, {expected})


@pytest.mark.parametrize("nonsense", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_no_score(
    store: Store,
    blobs: Blobs,
    settings: Settings,
    video: Path,
    monkeypatch: pytest.MonkeyPatch,
    nonsense: float,
) -> None:
    """A detector that gives it makes no report: such values have no canonical form."""
    job = submit(store, blobs, video)
    monkeypatch.setattr(FakeDetector, "score", lambda _self, crops: np.full(len(crops), nonsense, np.float32))
    Worker(store, blobs, FakeModels(), settings).run_once()
    assert_no_result(store, job.id, {JobState.PENDING})


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("stage", [(Envelope, "add"), (SoundReader, "open"), (FakeModels, "audio_detector")])
def test_a_fault_in_the_sound_leaves_the_faces_alone(
    store: Store,
    blobs: Blobs,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stage: tuple[Any, str],
    fault: str,
) -> None:
    """The job completes with the scores of the faces, and says that nobody listened."""
    video = write_with_sound(tmp_path / "video.mkv", tone(3), images=[plain_frame(100)] * 12)
    job = submit(store, blobs, video)
    monkeypatch.setattr(*stage, raising(FAULTS[fault]))
    Worker(store, blobs, FakeModels(), settings).run_once()
    done = store.jobs.get(job.id)
    assert done.result is not None
    assert done.result.score == pytest.approx(100 / 255, abs=0.02)
    audio = parse_report(blobs.read(done.result.report_sha256)).audio
    assert audio is not None
    assert isinstance(audio.finding, AudioNotAssessed)
    assert audio.finding.reason is AudioReason.LISTENING_FAILED
    assert audio.scores == ()


def test_a_decoder_that_stops_in_the_middle_gives_no_score(
    store: Store, blobs: Blobs, settings: Settings, tmp_path: Path
) -> None:
    """Frames that were scored before the damage do not become a result."""
    video = write_video(tmp_path / "video.mp4", [plain_frame(100)] * 60)
    data = bytearray(video.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 200] = bytes(200)
    video.write_bytes(bytes(data))
    job = submit(store, blobs, video)
    Worker(store, blobs, FakeModels(), settings).run_once()
    assert_no_result(store, job.id, {JobState.FAILED})
