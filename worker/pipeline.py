"""The use case: a video file in, a report and thumbnails out. Knows only interfaces."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Protocol

from deeptrace_core.ensemble import member_names
from deeptrace_core.errors import ModelUnavailableError
from deeptrace_core.job import Progress, Stage
from deeptrace_core.model import (
    AccuracyFigure,
    AnalysisOptions,
    Box,
    DetectorInfo,
    Face,
    FaceScore,
    FrameScore,
    LeftOut,
    NotAssessed,
    Reason,
    Report,
    Software,
    Thumbnail,
)
from deeptrace_core.report import make_report, make_unassessed_report
from worker.detectors.interface import Detector
from worker.faces.interface import FaceFinder
from worker.faces.thumbnails import ThumbnailGallery
from worker.faces.tracking import FaceTracker
from worker.media.interface import MediaReader, OpenVideo, VideoFrame
from worker.media.sampling import choose_frames
from worker.scorer import SCORE_DIGITS, FaceScorer, FaceToScore, MemberFailedError, ScoredFace

log = logging.getLogger(__name__)

FRAMES_AT_ONCE = 8
"""How many decoded frames are held; their faces are scored together."""

BOX_DIGITS = 2
TIME_DIGITS = 6
"""See `SCORE_DIGITS`."""


class ModelSource(Protocol):
    """Where the networks come from."""

    def detector(self, name: str) -> Detector:
        """A detector ready to score.

        Raises:
            ModelUnavailableError: its weights are not on this machine, or are not what they should be.
            InputError: there is no detector of this name.
        """

    def figures(self, info: DetectorInfo) -> tuple[AccuracyFigure, ...]:
        """What was measured with this ensemble, on this machine."""

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

    A detector of an ensemble that fails is left out, and the video is scored again from its start without
    it: a person's score must not rest on some detectors here and on others there.

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

    left_out: list[LeftOut] = []
    while True:
        tell(Progress(stage=Stage.READING))
        try:
            with media.open(path, on_wait=lambda: on_progress(latest)) as video:
                return _analyze(video, options, left_out, models=models, software=software, on_progress=tell)
        except MemberFailedError as failure:
            log.warning("%s is left out: %s", failure.left_out.name, failure.left_out.explanation)
            left_out.append(failure.left_out)


def _analyze(
    video: OpenVideo,
    options: AnalysisOptions,
    failed: Sequence[LeftOut],
    *,
    models: ModelSource,
    software: Software,
    on_progress: Callable[[Progress], None],
) -> Analysis:
    detectors, left_out = _detectors(options.detector, failed, models)
    if not detectors:
        finding = NotAssessed(
            reason=Reason.MODEL_UNAVAILABLE,
            explanation=" ".join(one.explanation for one in left_out),
            advice=" ".join(dict.fromkeys(one.advice for one in left_out)),
        )
        report = make_unassessed_report(media=video.info, options=options, software=software, finding=finding)
        return Analysis(report=report, thumbnails=())

    wanted = choose_frames(video.times_s, options)
    decoded = video.frames(wanted)
    face_finder = models.face_finder(min_face_px=options.min_face_px)
    faces = FaceScorer(detectors, left_out)
    scorer = _FrameScorer(faces, face_finder, options)
    frames: list[FrameScore] = []
    on_progress(Progress(stage=Stage.SCORING, done=0, total=len(wanted)))
    for chunk in _chunks(decoded, FRAMES_AT_ONCE):
        frames += scorer.score(chunk)
        on_progress(Progress(stage=Stage.SCORING, done=len(frames), total=len(wanted)))

    on_progress(Progress(stage=Stage.REPORTING))
    info = faces.info
    device = "; ".join(dict.fromkeys(detector.device for detector in detectors))
    report = make_report(
        media=video.info,
        options=options,
        detector=replace(info, accuracy=models.figures(info)) if info.members else info,
        software=replace(software, device=device),
        frames=frames,
        frames_asked=len(wanted),
    )
    return Analysis(report=report, thumbnails=scorer.gallery.thumbnails())


def _detectors(
    names: str, failed: Sequence[LeftOut], models: ModelSource
) -> tuple[list[Detector], list[LeftOut]]:
    """The detectors that were asked for, and those of them that cannot be had."""
    detectors, left_out = [], list(failed)
    for name in member_names(names):
        if name in [one.name for one in failed]:
            continue
        try:
            detectors.append(models.detector(name))
        except ModelUnavailableError as error:
            left_out.append(LeftOut(name=name, explanation=error.what, advice=error.advice))
    return detectors, left_out


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """A face that was found, and whose it is."""

    frame: VideoFrame
    face: Face
    track_id: int


class _FrameScorer:
    """Scores frames in order, and remembers who is who and which faces were worst."""

    def __init__(self, faces: FaceScorer, face_finder: FaceFinder, options: AnalysisOptions) -> None:
        self._faces = faces
        self.gallery = ThumbnailGallery(activation_of=faces.detectors[0] if options.activation_maps else None)
        self._face_finder = face_finder
        self._tracker = FaceTracker()
        self._min_face_px = options.min_face_px

    def score(self, frames: Sequence[VideoFrame]) -> list[FrameScore]:
        found = [self._find(frame) for frame in frames]
        scored = self._score_faces([seen for faces in found for seen in faces])
        return [
            FrameScore(
                index=frame.index,
                time_s=round(frame.time_s, TIME_DIGITS),
                faces=tuple(self._face_score(seen, scored) for seen in faces),
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

    def _score_faces(self, seen: Sequence[_Seen]) -> Iterator[ScoredFace]:
        """Each face that is large enough, in order."""
        return iter(
            self._faces.score(
                [
                    FaceToScore(image=one.frame.image, face=one.face, track_id=one.track_id)
                    for one in seen
                    if self._is_large_enough(one.face)
                ]
            )
        )

    def _face_score(self, seen: _Seen, scored: Iterator[ScoredFace]) -> FaceScore:
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
        measured = next(scored)
        self.gallery.offer(
            seen.frame.image,
            face,
            measured.crop,
            track_id=seen.track_id,
            frame_index=seen.frame.index,
            time_s=seen.frame.time_s,
            score=measured.fields["fake_probability"],
        )
        return replace(kept, unscored_reason=None, **measured.fields)

    def _is_large_enough(self, face: Face) -> bool:
        return min(face.box.width_px, face.box.height_px) >= self._min_face_px


def _rounded(box: Box) -> Box:
    return Box(**{side: round(value, BOX_DIGITS) for side, value in asdict(box).items()})


def _chunks(frames: Iterator[VideoFrame], size: int) -> Iterator[list[VideoFrame]]:
    while chunk := list(islice(frames, size)):
        yield chunk
