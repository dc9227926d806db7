"""Scoring one case of a labelled list: a video as a job would, face crops as `worker score` would."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from deeptrace_core.canonical import canonical_bytes, digest
from deeptrace_core.errors import EnvironmentFault, InputError, UnreadableMediaError
from deeptrace_core.model import (
    AnalysisOptions,
    Assessed,
    Box,
    DetectorInfo,
    FaceScore,
    Finding,
    FrameScore,
    NotAssessed,
    Report,
    Software,
    Verdict,
)
from deeptrace_core.scoring import coverage_of, find, tracks_of
from worker.detectors.interface import Crops, Detector
from worker.evaluation.labels import Sample
from worker.faces.crop_files import read_crop
from worker.faces.crops import Preset
from worker.pipeline import ModelSource, analyze
from worker.sandbox import Sandbox
from worker.scorer import SCORE_DIGITS, FaceScorer

CROPS_AT_ONCE = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What was measured on one case."""

    media_sha256: str
    """See the function of this name."""
    verdict: Verdict | None
    """None where nothing could be read, and for a face crop of no named video."""
    reason: str | None
    """Why there is no score: a `Reason`, or the code of the error."""
    score: float | None
    """The video score, 0 to 1."""
    frame_scores: tuple[float, ...]
    """Of the frames that have one, 0 to 1."""
    frames: int
    """Frames looked at, with a score or without."""
    seconds: float
    """What it took, on this machine."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """With what the cases are scored."""

    detectors: tuple[Detector, ...]
    """One, or the members of an ensemble."""
    models: ModelSource
    options: AnalysisOptions
    software: Software

    @property
    def info(self) -> DetectorInfo:
        """What reports say of the detectors."""
        return FaceScorer(self.detectors).info

    @property
    def sha256(self) -> str:
        """What tells outcomes apart that were made with other weights, thresholds, options or software."""
        # What is known of the detector does not change what it measures.
        detector = asdict(replace(self.info, accuracy=()))
        document = {"detector": detector, "options": asdict(self.options), "software": asdict(self.software)}
        return digest(canonical_bytes(document))


def media_sha256(sample: Sample) -> str:
    """SHA-256 of a file; of the digests of its face crops, one after another, for a video given as crops.

    Raises:
        InputError: a file is gone or may not be read. That is a fault of the list, not an outcome.
    """
    digests = []
    try:
        for path in sample.paths:
            with path.open("rb") as file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    except OSError as error:
        raise InputError(
            f"{error.filename} cannot be read ({error.strerror}).",
            advice="Correct the list or the file and run again; what was measured is kept.",
        ) from error
    if sample.grouped:
        return hashlib.sha256("".join(digests).encode()).hexdigest()
    return digests[0]


def measure(sample: Sample, *, sha256: str, recipe: Recipe) -> Outcome:
    """Score a case. One that cannot be read has an outcome without a score.

    Raises:
        EnvironmentFault: this machine lacks something, which says nothing about the case.
    """
    started = time.perf_counter()
    scores: tuple[float | None, ...] = ()
    verdict, score, reason = None, None, None
    try:
        if sample.crops:
            scores = _score_crops(sample.paths, recipe.detectors[0])
            finding = _finding(scores, recipe) if sample.grouped else None
        else:
            report = _report(sample.paths[0], recipe)
            # What was analyzed counts, should the file have changed since it was hashed.
            sha256, scores, finding = report.media.sha256, report.visual_scores, report.finding
        match finding:
            case Assessed():
                verdict, score = finding.verdict, finding.score.mean
            case NotAssessed():
                verdict, reason = finding.verdict, str(finding.reason)
    except InputError as error:
        reason = error.code
    return Outcome(
        media_sha256=sha256,
        verdict=verdict,
        reason=reason,
        score=score,
        frame_scores=tuple(value for value in scores if value is not None),
        frames=len(scores),
        seconds=round(time.perf_counter() - started, 3),
    )


def _report(path: Path, recipe: Recipe) -> Report:
    report = analyze(
        path,
        recipe.options,
        media=Sandbox(),
        models=recipe.models,
        software=recipe.software,
        on_progress=lambda progress: None,
    ).report
    for left_out in report.detector.left_out if report.detector else ():
        # The figures are about all of the detectors together.
        raise EnvironmentFault(left_out.explanation, advice=left_out.advice)
    return report


def _score_crops(paths: Sequence[Path], detector: Detector) -> tuple[float | None, ...]:
    """The score of each crop, None for one that cannot be read.

    Raises:
        UnreadableMediaError: none can be read.
    """
    scores: list[float | None] = []
    for start in range(0, len(paths), CROPS_AT_ONCE):
        crops = [_crop(path, detector.preset) for path in paths[start : start + CROPS_AT_ONCE]]
        readable = [crop for crop in crops if crop is not None]
        found = iter(detector.score(np.stack(readable)) if readable else ())
        scores += [None if crop is None else round(float(next(found)), SCORE_DIGITS) for crop in crops]
    if all(score is None for score in scores):
        raise UnreadableMediaError("None of the face crops could be read.")
    return tuple(scores)


def _crop(path: Path, preset: Preset) -> Crops | None:
    try:
        return read_crop(path, preset)
    except InputError:
        return None


def _finding(scores: Sequence[float | None], recipe: Recipe) -> Finding:
    """What a report would say of one person with these scores, one a frame."""
    info, size_px = recipe.info, recipe.detectors[0].preset.size_px
    frames = [
        FrameScore(
            index=index,
            time_s=float(index),
            faces=()
            if score is None
            else (
                FaceScore(
                    track_id=0,
                    box=Box(x1=0, y1=0, x2=size_px, y2=size_px),
                    confidence=1.0,
                    fake_probability=score,
                ),
            ),
        )
        for index, score in enumerate(scores)
    ]
    return find(
        tracks_of(frames),
        coverage_of(frames, frames_asked=len(frames)),
        detector=info,
        bits_per_px=None,
        min_face_px=recipe.options.min_face_px,
    )
