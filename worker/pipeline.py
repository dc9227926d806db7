"""The use case: a video file in, a report and thumbnails out. Knows only interfaces."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np

from deeptrace_core.errors import ModelUnavailableError
from deeptrace_core.job import Progress, Stage
from deeptrace_core.model import (
    AnalysisOptions,
    Box,
    Face,
    FaceScore,
    FrameScore,
    NotAssessed,
    Reason,
    Report,
    Software,
    Thumbnail,
)
from deeptrace_core.report import make_report, make_unassessed_report
from worker.detectors.interface import Detector
from worker.faces.crops import crop_face
from worker.faces.interface import FaceFinder
from worker.faces.thumbnails import ThumbnailGallery
from worker.faces.tracking import FaceTracker
from worker.media.interface import MediaReader, OpenVideo, VideoFrame
from worker.media.sampling import choose_frames

FRAMES_AT_ONCE = 8
"""How many decoded frames are held; their faces are scored together."""

SCORE_DIGITS = 6
BOX_DIGITS = 2
TIME_DIGITS = 6
"""What is kept of each number: not more than was measured, and the same in the report and the database."""


class ModelSource(Protocol):
    """Where the networks come from."""

    def detector(self, name: str) -> Detector:
        """A detector ready to score.

        Raises:
            ModelUnavailableError: its weights are not on this machine, or are not what they should be.
            InputError: there is no detector of this name.
        """

    def face_finder(self, *, min_face_px: int) -> FaceFinder:
        """A face finder for faces of this size and up."""


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What comes out of a video."""

    report: Report
    thumbnails: tuple[Thumbnail, ...]


def analyze(
    path: Path,
    options: AnalysisOptions,
    *,
    media: MediaReader,
    models: ModelSource,
    software: Software,
    on_progress: Callable[[Progress], None],
) -> Analysis:
    """Find, follow and score every face of a video.

    Args:
        on_progress: called before each step, and with the same progress again about once a second while
            the file is being read; what it raises ends the analysis.

    Raises:
        InputError: the file cannot be analyzed. No report is made.
    """
    latest = Progress(stage=Stage.READING)

    def tell(progress: Progress) -> None:
        nonlocal latest
        latest = progress
        on_progress(progress)

    tell(latest)
    with media.open(path, on_wait=lambda: on_progress(latest)) as video:
        return _analyze(video, options, models=models, software=software, on_progress=tell)


def _analyze(
    video: OpenVideo,
    options: AnalysisOptions,
    *,
    models: ModelSource,
    software: Software,
    on_progress: Callable[[Progress], None],
) -> Analysis:
    try:
        detector = models.detector(options.detector)
    except ModelUnavailableError as error:
        finding = NotAssessed(reason=Reason.MODEL_UNAVAILABLE, explanation=error.what, advice=error.advice)
        report = make_unassessed_report(media=video.info, options=options, software=software, finding=finding)
        return Analysis(report=report, thumbnails=())

    wanted = choose_frames(video.times_s, options)
    decoded = video.frames(wanted)
    scorer = _FrameScorer(detector, models.face_finder(min_face_px=options.min_face_px), options)
    frames: list[FrameScore] = []
    on_progress(Progress(stage=Stage.SCORING, done=0, total=len(wanted)))
    for chunk in _chunks(decoded, FRAMES_AT_ONCE):
        frames += scorer.score(chunk)
        on_progress(Progress(stage=Stage.SCORING, done=len(frames), total=len(wanted)))

    on_progress(Progress(stage=Stage.REPORTING))
    report = make_report(
        media=video.info,
        options=options,
        detector=detector.info,
        software=software,
        frames=frames,
        frames_asked=len(wanted),
    )
    return Analysis(report=report, thumbnails=scorer.gallery.thumbnails())


class _FrameScorer:
    """Scores frames in order, and remembers who is who and which faces were worst."""

    def __init__(self, detector: Detector, face_finder: FaceFinder, options: AnalysisOptions) -> None:
        self.gallery = ThumbnailGallery()
        self._detector = detector
        self._face_finder = face_finder
        self._tracker = FaceTracker()
        self._min_face_px = options.min_face_px

    def score(self, frames: Sequence[VideoFrame]) -> list[FrameScore]:
        found = [self._face_finder.find(frame.image) for frame in frames]
        scores = self._score_faces(frames, found)
        return [self._frame_score(frame, faces, scores) for frame, faces in zip(frames, found, strict=True)]

    def _score_faces(
        self, frames: Sequence[VideoFrame], found: Sequence[tuple[Face, ...]]
    ) -> Iterator[float]:
        """Scores of the faces large enough, in the order of frames and faces."""
        crops = [
            crop_face(frame.image, face, self._detector.preset)
            for frame, faces in zip(frames, found, strict=True)
            for face in faces
            if self._is_large_enough(face)
        ]
        if not crops:
            return iter(())
        return iter(np.round(self._detector.score(np.stack(crops)).astype(float), SCORE_DIGITS).tolist())

    def _frame_score(self, frame: VideoFrame, faces: Sequence[Face], scores: Iterator[float]) -> FrameScore:
        tracks = self._tracker.track(frame.image, faces)
        return FrameScore(
            index=frame.index,
            time_s=round(frame.time_s, TIME_DIGITS),
            faces=tuple(
                self._face_score(frame, face, track_id, scores)
                for face, track_id in zip(faces, tracks, strict=True)
            ),
        )

    def _face_score(self, frame: VideoFrame, face: Face, track_id: int, scores: Iterator[float]) -> FaceScore:
        score: float | None = None
        if self._is_large_enough(face):
            score = next(scores)
            self.gallery.offer(
                frame.image,
                face,
                track_id=track_id,
                frame_index=frame.index,
                time_s=frame.time_s,
                score=score,
            )
        return FaceScore(
            track_id=track_id,
            box=_rounded(face.box),
            confidence=round(face.confidence, SCORE_DIGITS),
            fake_probability=score,
            unscored_reason=Reason.FACE_TOO_SMALL if score is None else None,
        )

    def _is_large_enough(self, face: Face) -> bool:
        return min(face.box.width_px, face.box.height_px) >= self._min_face_px


def _rounded(box: Box) -> Box:
    return Box(**{side: round(value, BOX_DIGITS) for side, value in asdict(box).items()})


def _chunks(frames: Iterator[VideoFrame], size: int) -> Iterator[list[VideoFrame]]:
    while chunk := list(islice(frames, size)):
        yield chunk
