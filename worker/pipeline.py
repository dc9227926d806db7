"""The use case: a file in, a report and thumbnails out. Knows only interfaces."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from deeptrace_core.audio_finding import LIMITS_OF_SOUND_ALONE
from deeptrace_core.ensemble import member_names
from deeptrace_core.errors import ModelUnavailableError
from deeptrace_core.job import Progress, Stage
from deeptrace_core.model import (
    AccuracyFigure,
    AnalysisOptions,
    Box,
    DetectorInfo,
    FaceScore,
    FrameScore,
    LeftOut,
    MediaKind,
    NotAssessed,
    Reason,
    Report,
    Software,
    Thumbnail,
)
from deeptrace_core.report import make_report, make_unassessed_report
from worker.ahead import one_ahead
from worker.audio.interface import Listens
from worker.detectors.interface import Detector
from worker.faces.interface import BatchFaceFinder, FaceFinder
from worker.faces.key_frames import frames_together
from worker.faces.thumbnails import ThumbnailGallery
from worker.media.interface import MediaReader, OpenVideo, ReadProvenance
from worker.media.sampling import choose_frames
from worker.scorer import SCORE_DIGITS, FaceScorer, FaceToScore, MemberFailedError
from worker.sighting import Lookout, SeenFrame, sightings
from worker.stage_times import StageTimes

log = logging.getLogger(__name__)

FRAMES_AT_ONCE = 8
"""The faces of so many frames are scored together, while those of the next are looked for; or so many times
as many as are searched together: where that is done, a detector wants large batches, too."""

BOX_DIGITS = 2
TIME_DIGITS = 6
"""See `SCORE_DIGITS`."""


NO_PICTURE = NotAssessed(
    reason=Reason.NO_PICTURE,
    explanation="There is sound alone in this file, so there is no face to examine. "
    "The voices have a finding of their own.",
    advice="If there is a video of it, analyze that.",
)


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

    def face_finder(self, *, min_face_px: int) -> FaceFinder | BatchFaceFinder:
        """A face finder for faces of this size and up."""


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What comes out of a file."""

    report: Report
    thumbnails: tuple[Thumbnail, ...]
    times: StageTimes


def analyze(
    path: Path,
    options: AnalysisOptions,
    *,
    media: MediaReader,
    models: ModelSource,
    software: Software,
    on_progress: Callable[[Progress], None],
    read_provenance: ReadProvenance | None = None,
    listen: Listens | None = None,
) -> Analysis:
    """Find, follow and score every face of a video or picture. Of sound alone there is nothing to score.

    A detector of an ensemble that fails is left out, and the video is scored again from its start without
    it: a person's score must not rest on some detectors here and on others there.

    Args:
        on_progress: called before each step, and with the same progress again about once a second while
            the file is being read; what it raises ends the analysis.
        read_provenance: says where the file comes from; None leaves that out of the report.
        listen: says what there is to say of the voices; None leaves that out, too.

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
                analysis = _analyze(
                    video, options, left_out, models=models, software=software, on_progress=tell
                )
            report = analysis.report
            if read_provenance is not None:
                provenance = read_provenance(path, on_wait=lambda: on_progress(latest))
                report = replace(report, provenance=provenance)
            if listen is not None and report.media.kind is not MediaKind.PICTURE:
                tell(Progress(stage=Stage.LISTENING))
                audio = listen(path, on_wait=lambda: on_progress(latest))
                if report.media.kind is MediaKind.SOUND:
                    audio = replace(audio, limits=LIMITS_OF_SOUND_ALONE)
                report = replace(report, audio=audio)
            return replace(analysis, report=report)
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
    if video.info.kind is MediaKind.SOUND:
        report = make_unassessed_report(
            media=video.info, options=options, software=software, finding=NO_PICTURE
        )
        return Analysis(report=report, thumbnails=(), times=StageTimes())

    detectors, left_out = _detectors(options.detector, failed, models)
    if not detectors:
        finding = NotAssessed(
            reason=Reason.MODEL_UNAVAILABLE,
            explanation=" ".join(one.explanation for one in left_out),
            advice=" ".join(dict.fromkeys(one.advice for one in left_out)),
        )
        report = make_unassessed_report(media=video.info, options=options, software=software, finding=finding)
        return Analysis(report=report, thumbnails=(), times=StageTimes())

    wanted = choose_frames(video.times_s, options)
    faces = FaceScorer(detectors, left_out)
    lookout = Lookout(
        models.face_finder(min_face_px=options.min_face_px),
        [detector.preset for detector in detectors],
        min_face_px=options.min_face_px,
        near=frames_together(video.times_s[wanted], 3 * video.info.width_px * video.info.height_px),
    )
    gallery = ThumbnailGallery(activation_of=detectors[0] if options.activation_maps else None)
    frames: list[FrameScore] = []
    times = StageTimes()
    on_progress(Progress(stage=Stage.SCORING, done=0, total=len(wanted)))
    seen = sightings(video.frames(wanted), lookout, times)
    with one_ahead(_chunks(seen, FRAMES_AT_ONCE * lookout.searched_at_once)) as chunks:
        for chunk in chunks:
            with times.of("scoring"):
                frames += _scored(chunk, faces, gallery)
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
    return Analysis(report=report, thumbnails=gallery.thumbnails(), times=times)


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


def _scored(frames: Sequence[SeenFrame], scorer: FaceScorer, gallery: ThumbnailGallery) -> list[FrameScore]:
    """The scores of each frame; the worst faces go to the gallery."""
    large = [
        FaceToScore(view=seen.view, track_id=seen.track_id)
        for frame in frames
        for seen in frame.faces
        if seen.view is not None
    ]
    measured = iter(scorer.score(large))
    scores = []
    for frame in frames:
        faces = []
        for seen in frame.faces:
            fields: dict[str, Any] = {"fake_probability": None, "unscored_reason": Reason.FACE_TOO_SMALL}
            if seen.view is not None:
                fields = {"unscored_reason": None} | next(measured)
                gallery.offer(
                    seen.view.portrait,
                    seen.view.crops[0],
                    track_id=seen.track_id,
                    frame_index=frame.index,
                    time_s=frame.time_s,
                    score=fields["fake_probability"],
                )
            faces.append(
                FaceScore(
                    track_id=seen.track_id,
                    box=_rounded(seen.face.box),
                    confidence=round(seen.face.confidence, SCORE_DIGITS),
                    **fields,
                )
            )
        scores.append(
            FrameScore(index=frame.index, time_s=round(frame.time_s, TIME_DIGITS), faces=tuple(faces))
        )
    return scores


def _rounded(box: Box) -> Box:
    return Box(**{side: round(value, BOX_DIGITS) for side, value in asdict(box).items()})


def _chunks(frames: Iterator[SeenFrame], size: int) -> Iterator[list[SeenFrame]]:
    while chunk := list(islice(frames, size)):
        yield chunk
