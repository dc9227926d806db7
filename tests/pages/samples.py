"""Jobs in every state, made from invented scores, through the same calls that a worker makes."""

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image
from skimage.data import astronaut

from deeptrace_core.blobs import Blobs
from deeptrace_core.job import (
    DetectorOffer,
    Job,
    JobFailure,
    JobResult,
    Progress,
    Stage,
    StoredMedia,
    WorkerInfo,
)
from deeptrace_core.model import (
    AccuracyFigure,
    AnalysisOptions,
    Assessed,
    Box,
    DetectorInfo,
    FaceScore,
    FrameScore,
    MediaInfo,
    NotAssessed,
    Reason,
    Report,
    Software,
    Thumbnail,
)
from deeptrace_core.overview import overview_of
from deeptrace_core.report import make_report, make_unassessed_report, report_bytes
from deeptrace_core.store import Store

Course = Callable[[int], float | None]
"""The score of a face in the n-th sampled frame; None where it was too small. KeyError where not seen."""

OPTIONS = AnalysisOptions(detector="mesoinception4-df")
DETECTOR = DetectorInfo(
    name="mesoinception4-df",
    architecture="mesoinception4",
    weights_sha256="2345" * 16,
    licence="Apache-2.0",
    preset="meso256",
    preset_sha256="abcd" * 16,
    threshold_low=0.2,
    threshold_high=0.8,
    accuracy=(
        AccuracyFigure(
            metric="frame AUC", value=0.976, data="the authors' own test faces", origin="measured"
        ),
    ),
)
SOFTWARE = Software(
    deeptrace="0.1.0", commit=None, device="cpu", libraries={"torch": "2.15.0", "av": "18.1.0"}
)
WORKER = WorkerInfo(
    id="worker-1",
    host="desk",
    pid=1,
    version="0.1.0",
    device="cpu",
    detectors=(
        DetectorOffer(name="mesoinception4-df", description="Trained on 2018 web deepfakes.", ready=True),
        DetectorOffer(name="xception-ff", description="Trained on FaceForensics++.", ready=False),
    ),
    default_detector="mesoinception4-df",
    started_at="2026-11-20T10:00:00.000Z",
)


def wave(middle: float, spread: float = 0.03) -> Course:
    """A face that is seen and scored in every frame."""
    return lambda n: min(max(middle + spread * math.sin(1.7 * n) + spread * math.cos(0.6 * n), 0.0), 1.0)


def between(course: Course, first: int, last: int) -> Course:
    """The same face, seen only from one frame to another."""

    def seen(n: int) -> float | None:
        if not first <= n <= last:
            raise KeyError(n)
        return course(n)

    return seen


def too_small(n: int) -> None:
    """A face that is seen, but too small to be scored."""


def frames_of(courses: Sequence[Course], count: int = 32, step_s: float = 0.4) -> tuple[FrameScore, ...]:
    """Sampled frames with a face for each course."""
    return tuple(
        FrameScore(index=n * 10, time_s=n * step_s, faces=tuple(_faces(courses, n))) for n in range(count)
    )


def _faces(courses: Sequence[Course], n: int) -> list[FaceScore]:
    faces = []
    for track_id, course in enumerate(courses):
        try:
            score = course(n)
        except KeyError:
            continue
        faces.append(
            FaceScore(
                track_id=track_id,
                box=Box(x1=10.0, y1=10.0, x2=110.0, y2=120.0),
                confidence=0.99,
                fake_probability=score,
                unscored_reason=Reason.FACE_TOO_SMALL if score is None else None,
            )
        )
    return faces


def report_of(
    courses: Sequence[Course],
    *,
    count: int = 32,
    frames_asked: int | None = None,
    detector: DetectorInfo = DETECTOR,
) -> Report:
    """A report on a video with these faces."""
    frames = frames_of(courses, count)
    return make_report(
        media=media_info(),
        options=OPTIONS,
        detector=detector,
        software=SOFTWARE,
        frames=frames,
        frames_asked=frames_asked or count,
    )


def without_detector() -> Report:
    """A report on a video for which no weights could be had."""
    finding = NotAssessed(
        reason=Reason.MODEL_UNAVAILABLE,
        explanation="The weights of mesoinception4-df are not on the worker's machine.",
        advice="Run: python -m worker models pull mesoinception4-df",
    )
    return make_unassessed_report(media=media_info(), options=OPTIONS, software=SOFTWARE, finding=finding)


def media_info() -> MediaInfo:
    return MediaInfo(
        sha256="0123456789abcdef" * 4,
        size_bytes=52_428_800,
        container="mov,mp4,m4a,3gp,3g2,mj2",
        video_codec="h264",
        width_px=1920,
        height_px=1080,
        rotation_deg=0,
        duration_s=12.8,
        frame_count=320,
        has_audio=True,
    )


def webp(shade: int = 0, width_px: int = 128, height_px: int = 128) -> bytes:
    """A small picture of a face."""
    picture = Image.fromarray(astronaut()[0:240, 100:340]).resize((width_px, height_px))
    tinted = Image.blend(picture, Image.new("RGB", picture.size, (shade % 256, 90, 160)), 0.12)
    with io.BytesIO() as data:
        tinted.save(data, "WEBP", quality=70)
        return data.getvalue()


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A store and its blobs, and the jobs that a test needs in them."""

    store: Store
    blobs: Blobs

    def worker(self) -> WorkerInfo:
        """A worker that is alive."""
        self.store.workers.announce(WORKER)
        return WORKER

    def pending(self, name: str = "interview.mp4", content: str | None = None) -> Job:
        """A job that waits. Another name is another video, unless the content is given."""
        sha256 = self.blobs.put_bytes((content or name).encode("utf-8", "replace"))
        media = StoredMedia(sha256=sha256, size_bytes=52_428_800, name=name)
        return self.store.jobs.get(self.store.jobs.submit(media, OPTIONS).job_id)

    def processing(
        self, name: str = "interview.mp4", *, done: int = 212, total: int = 600, stage: Stage = Stage.SCORING
    ) -> Job:
        """A job that a worker has claimed."""
        job = self._claimed(name)
        self.store.jobs.renew(job, Progress(stage=stage, done=done, total=total))
        return self.store.jobs.get(job.id)

    def completed(self, report: Report, name: str = "interview.mp4") -> Job:
        """A job with this report, and with pictures of its faces."""
        job = self._claimed(name)
        finding = report.finding
        self.store.results.stage_thumbnails(job, _thumbnails(report))
        self.store.results.stage_frames(job, report.frames)
        result = JobResult(
            report_sha256=self.blobs.put_bytes(report_bytes(report)),
            verdict=finding.verdict,
            reason=finding.reason if isinstance(finding, NotAssessed) else None,
            score=finding.score.mean if isinstance(finding, Assessed) else None,
            overview=overview_of(report.frames),
        )
        self.store.jobs.complete(job, result)
        return self.store.jobs.get(job.id)

    def failed(self, name: str = "interview.mp4") -> Job:
        """A job whose video could not be read to its end."""
        failure = JobFailure(
            code="UNREADABLE_MEDIA",
            what="The video could not be decoded after frame 212.",
            advice="Check that the file plays elsewhere, or get it again from its source.",
        )
        job = self._claimed(name)
        self.store.jobs.fail(job, failure, retry=False)
        return self.store.jobs.get(job.id)

    def cancelled(self, name: str = "interview.mp4") -> Job:
        """A job that somebody cancelled while it waited."""
        job = self.pending(name)
        self.store.jobs.cancel(job.id)
        return self.store.jobs.get(job.id)

    def _claimed(self, name: str) -> Job:
        """Claim the one job that waits: make those that shall go on waiting afterwards."""
        wanted = self.pending(name)
        job = self.store.jobs.claim(WORKER.id)
        assert job is not None
        assert job.id == wanted.id
        return job


def _thumbnails(report: Report) -> list[Thumbnail]:
    best: dict[int, list[Thumbnail]] = {}
    for frame in report.frames:
        for face in frame.faces:
            if face.fake_probability is None:
                continue
            best.setdefault(face.track_id, []).append(
                Thumbnail(
                    track_id=face.track_id,
                    frame_index=frame.index,
                    time_s=frame.time_s,
                    fake_probability=face.fake_probability,
                    webp=b"",
                )
            )
    kept = []
    for track_id, pictures in best.items():
        pictures.sort(key=lambda picture: picture.fake_probability, reverse=True)
        # Neither square nor of one size, as faces are.
        data = webp(track_id * 37, 96 + 16 * (track_id % 4), 128)
        kept += [
            Thumbnail(
                track_id=picture.track_id,
                frame_index=picture.frame_index,
                time_s=picture.time_s,
                fake_probability=picture.fake_probability,
                webp=data,
            )
            for picture in pictures[:6]
        ]
    return kept
