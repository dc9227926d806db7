"""The use case: a video file in, a report and thumbnails out. Knows only interfaces."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

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
from worker.faces.sharpness import sharpness
from worker.faces.thumbnails import ThumbnailGallery
from worker.faces.tracking import FaceTracker
from worker.media.interface import MediaReader, OpenVideo, VideoFrame
from worker.media.sampling import choose_frames
from worker.robustness import Prober

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


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """A face that was found, and whose it is."""

    frame: VideoFrame
    face: Face
    track_id: int


class _FrameScorer:
    """Scores frames in order, and remembers who is who and which faces were worst."""

    def __init__(self, detector: Detector, face_finder: FaceFinder, options: AnalysisOptions) -> None:
        self.gallery = ThumbnailGallery()
        self._detector = detector
        self._face_finder = face_finder
        self._tracker = FaceTracker()
        self._min_face_px = options.min_face_px
        self._prober = Prober(detector)

    def score(self, frames: Sequence[VideoFrame]) -> list[FrameScore]:
        found = [self._find(frame) for frame in frames]
        scores = self._score_faces([seen for faces in found for seen in faces])
        return [
            FrameScore(
                index=frame.index,
                time_s=round(frame.time_s, TIME_DIGITS),
                faces=tuple(self._face_score(seen, scores) for seen in faces),
            )
            for frame, faces in zip(frames, found, strict=True)
        ]

    def _find(self, frame: VideoFrame) -> list[_Seen]:
        faces = self._face_finder.find(frame.image)
        tracks = self._tracker.track(frame.image, faces)
        return [
            _Seen(frame=frame, face=face, track_id=track_id)
            for face, track_id in zip(faces, tracks, strict=True)
        ]

    def _score_faces(self, seen: Sequence[_Seen]) -> Iterator[dict[str, Any]]:
        """The measured fields of `FaceScore` for each face large enough, in order."""
        large = [one for one in seen if self._is_large_enough(one.face)]
        if not large:
            return iter(())
        crops = np.stack([crop_face(one.frame.image, one.face, self._detector.preset) for one in large])
        measured = [
            {"fake_probability": score, "sharpness": sharpness(one.frame.image, one.face)}
            for one, score in zip(large, self._detector.score(crops).tolist(), strict=True)
        ]
        probed = [number for number, one in enumerate(large) if self._prober.wants(one.track_id)]
        for number, scores in zip(probed, self._prober.score(crops[probed]), strict=True):
            measured[number] |= scores
        return iter(
            [{name: round(value, SCORE_DIGITS) for name, value in values.items()} for values in measured]
        )

    def _face_score(self, seen: _Seen, measured: Iterator[dict[str, Any]]) -> FaceScore:
        face = seen.face
        kept = FaceScore(
            track_id=seen.track_id,
            box=_rounded(face.box),
            confidence=round(face.confidence, SCORE_DIGITS),
            fake_probability=None,
            unscored_reason=Reason.FACE_TOO_SMALL,
        )
        if not self._is_large_enough(face):
            return kept
        values = next(measured)
        self.gallery.offer(
            seen.frame.image,
            face,
            track_id=seen.track_id,
            frame_index=seen.frame.index,
            time_s=seen.frame.time_s,
            score=values["fake_probability"],
        )
        return replace(kept, unscored_reason=None, **values)

    def _is_large_enough(self, face: Face) -> bool:
        return min(face.box.width_px, face.box.height_px) >= self._min_face_px


def _rounded(box: Box) -> Box:
    return Box(**{side: round(value, BOX_DIGITS) for side, value in asdict(box).items()})


def _chunks(frames: Iterator[VideoFrame], size: int) -> Iterator[list[VideoFrame]]:
    while chunk := list(islice(frames, size)):
        yield chunk
