"""Report <-> JSON document, and the making of a report from what was measured."""

import json
import secrets
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import cattrs
from cattrs.gen import make_dict_unstructure_fn, override

from deeptrace_core import words
from deeptrace_core.accuracy import limit
from deeptrace_core.audio import Audio, AudioAssessed, AudioFinding, AudioNotAssessed
from deeptrace_core.canonical import canonical_bytes
from deeptrace_core.errors import ReportInvalidError
from deeptrace_core.frame_columns import FaceColumns, FrameColumns, from_columns, to_columns
from deeptrace_core.model import (
    REPORT_SCHEMA,
    AnalysisOptions,
    Assessed,
    Coverage,
    DetectorInfo,
    FaceTrack,
    Finding,
    FrameScore,
    MediaInfo,
    MediaKind,
    NotAssessed,
    Report,
    Software,
)
from deeptrace_core.provenance import ContainerFacts, Credentials, NotRead
from deeptrace_core.scoring import coverage_of, find, tracks_of

DIGITS = 6
"""Every number in a report has at most this many decimals: more would be noise that changes the digest."""

LIMITS = (
    "Scores say how much a face resembles the manipulated faces that the detector was trained on. "
    "They are not proof, and a low score does not rule manipulation out.",
    "The verdict is on faces alone: not on the rest of the picture, the sound, or the context of the video.",
    "The likely range covers variation between frames. It does not cover the detector's own error.",
    "The video score is that of the worst person: the more persons, the higher it tends to be.",
    "Kinds of manipulation newer than the detector, heavy compression and small or dark faces "
    "lower its accuracy by an unknown amount.",
)

PICTURE_LIMITS = (
    LIMITS[0],
    "Scores are of faces alone: not of the rest of the picture, or its context.",
    "A single picture has no likely range: how much the score would vary between pictures of the same person "
    "was not measured.",
    "How often the detector is wrong on a single picture was not measured.",
    LIMITS[-1],
)
SOUND_LIMITS = ("There is no picture in the file, so no face was examined.",)

_converter = cattrs.Converter(forbid_extra_keys=True)
_converter.register_unstructure_hook(float, lambda value: round(value, DIGITS))
_ADDED_LATER = {
    AnalysisOptions: ("activation_maps",),
    Audio: ("spectrogram",),
    DetectorInfo: ("members", "left_out"),
    FaceColumns: ("member_probabilities",),
    FaceTrack: ("member_scores",),
    MediaInfo: ("kind", "more_pictures"),
    Report: ("provenance", "audio"),
}
"""Left out where they say nothing, so that reports which were made before they existed keep their bytes."""


def _as_document(type_: type) -> Callable[[Any], dict[str, Any]]:
    brief: dict[str, Any] = dict.fromkeys(_ADDED_LATER[type_], override(omit_if_default=True))
    return make_dict_unstructure_fn(type_, _converter, **brief)


_converter.register_unstructure_hook_factory(lambda type_: type_ in _ADDED_LATER, _as_document)
_FRAMES = tuple[FrameScore, ...]
_converter.register_unstructure_hook_func(
    lambda type_: type_ == _FRAMES, lambda frames: _converter.unstructure(to_columns(frames))
)
_converter.register_structure_hook_func(
    lambda type_: type_ == _FRAMES, lambda value, _: from_columns(_converter.structure(value, FrameColumns))
)
_converter.register_structure_hook_func(
    lambda type_: type_ == Finding,
    lambda value, _: _converter.structure(value, NotAssessed if "reason" in value else Assessed),
)
_converter.register_structure_hook_func(
    lambda type_: type_ == AudioFinding,
    lambda value, _: _converter.structure(value, AudioNotAssessed if "reason" in value else AudioAssessed),
)
for _kind in (Credentials, ContainerFacts):
    _converter.register_structure_hook(
        _kind | NotRead,
        lambda value, _, kind=_kind: _converter.structure(value, NotRead if "reason" in value else kind),
    )


def make_report(
    *,
    media: MediaInfo,
    options: AnalysisOptions,
    detector: DetectorInfo,
    software: Software,
    frames: Sequence[FrameScore],
    frames_asked: int,
) -> Report:
    """Aggregate the frame scores into a report."""
    tracks, coverage = tracks_of(frames), coverage_of(frames, frames_asked=frames_asked)
    finding = find(
        tracks,
        coverage,
        detector=detector,
        bits_per_px=media.bits_per_px if media.kind is MediaKind.VIDEO else None,
        min_face_px=options.min_face_px,
        kind=media.kind,
    )
    return _assembled(media, options, detector, software, coverage, finding, tracks, tuple(frames))


def make_unassessed_report(
    *, media: MediaInfo, options: AnalysisOptions, software: Software, finding: NotAssessed
) -> Report:
    """A report on a file that could be read, but has no picture, or for which there was no detector."""
    nothing = coverage_of((), frames_asked=0)
    return _assembled(media, options, None, software, nothing, finding, (), ())


def report_document(report: Report) -> dict[str, Any]:
    """The report as a JSON document."""
    document: dict[str, Any] = _converter.unstructure(report)
    return document


def report_bytes(report: Report) -> bytes:
    """The canonical bytes of the report: what is stored, downloaded, hashed and anchored."""
    return canonical_bytes(report_document(report))


def parse_report(data: bytes) -> Report:
    """Read a report back from its bytes.

    Raises:
        ReportInvalidError: the bytes are not a `deeptrace.report/1` document.
    """
    try:
        document = json.loads(data)
        if document["schema"] != REPORT_SCHEMA:
            raise ReportInvalidError(
                f"The report says {document['schema']!r}; this version reads {REPORT_SCHEMA}."
            )
        return _converter.structure(document, Report)
    except (ValueError, TypeError, KeyError, cattrs.BaseValidationError) as error:
        raise ReportInvalidError from error


def _assembled(
    media: MediaInfo,
    options: AnalysisOptions,
    detector: DetectorInfo | None,
    software: Software,
    coverage: Coverage,
    finding: Finding,
    tracks: tuple[FaceTrack, ...],
    frames: tuple[FrameScore, ...],
) -> Report:
    scores = tuple(frame.fake_probability for frame in frames)
    threshold = detector.threshold_high if detector else None
    return Report(
        schema=REPORT_SCHEMA,
        report_id=str(uuid.uuid4()),
        salt=secrets.token_hex(16),
        created_at=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        media=media,
        options=options,
        detector=detector,
        software=software,
        coverage=coverage,
        finding=finding,
        tracks=tracks,
        frames=frames,
        limits=_limits(media, detector),
        visual_prob=finding.score.mean if isinstance(finding, Assessed) else None,
        visual_scores=scores,
        suspicious_frames=tuple(
            frame.index
            for frame, score in zip(frames, scores, strict=True)
            if score is not None and threshold is not None and score >= threshold
        ),
    )


def _limits(media: MediaInfo, detector: DetectorInfo | None) -> tuple[str, ...]:
    """What this report cannot say."""
    first = (words.first_of_several(media),) if media.more_pictures else ()
    if media.kind is MediaKind.SOUND:
        return SOUND_LIMITS
    if media.kind is MediaKind.PICTURE:
        return (*first, *PICTURE_LIMITS)
    return (*((limit(detector),) if detector else ()), *first, *LIMITS)
