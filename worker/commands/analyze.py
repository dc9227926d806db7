"""`python -m worker analyze FILE`: the whole analysis with no database."""

import argparse
import logging
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

from tqdm import tqdm

from deeptrace_core import audio_words
from deeptrace_core.doubts import DOUBTS
from deeptrace_core.errors import InputError
from deeptrace_core.job import Progress
from deeptrace_core.model import AnalysisOptions, Assessed, FaceTrack, MediaInfo, MediaKind, Reason, Report
from deeptrace_core.provenance_words import headline
from deeptrace_core.report import report_bytes
from deeptrace_core.sentences import standing
from deeptrace_core.settings import load_settings
from deeptrace_core.words import REASONS, first_of_several
from worker.audio.listener import Listener
from worker.audio.speech import SileroSpeechFinder
from worker.commands import detector_choice
from worker.media.audio import SoundReader
from worker.media.provenance import ProvenanceReader
from worker.models import Models
from worker.pipeline import Analysis, analyze
from worker.sandbox import Sandbox
from worker.software import software


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "analyze", help="analyze one video, picture or sound file, without a database"
    )
    defaults = AnalysisOptions(detector="")
    parser.add_argument("file", type=Path, metavar="FILE")
    detector_choice.add_options(parser)
    parser.add_argument("--json", metavar="OUT", help="write the report to this file, or to stdout with -")
    parser.add_argument("--min-frames", type=int, default=defaults.min_frames, metavar="N")
    parser.add_argument("--rate-hz", type=float, default=defaults.rate_hz, metavar="HZ")
    parser.add_argument("--min-face-px", type=int, default=defaults.min_face_px, metavar="PX")
    parser.set_defaults(func=run)


def run(arguments: argparse.Namespace) -> int:
    """Print a summary or the report. 0 with a report, NOT_ASSESSED included."""
    if not arguments.file.is_file():
        raise InputError(f"There is no file {str(arguments.file)!r}.")
    logging.getLogger().setLevel(logging.WARNING)
    settings = load_settings()
    provenance = ProvenanceReader(settings.trust_anchors)
    models = Models(settings)
    listener = Listener(SoundReader(), SileroSpeechFinder(), models.audio_detector)
    detector_choice.check(arguments)
    name = arguments.detector or settings.detector
    if arguments.weights is not None:
        own = detector_choice.load(arguments, settings)
        models.add(own)
        name = own.info.name
    try:
        options = AnalysisOptions(
            detector=name,
            min_frames=arguments.min_frames,
            rate_hz=arguments.rate_hz,
            min_face_px=arguments.min_face_px,
        )
    except ValueError as error:
        raise InputError(str(error)) from error
    with ExitStack() as closing:
        bars: list[tqdm[NoReturn]] = []

        def on_progress(progress: Progress) -> None:
            # Drawn once there is something to count, so that bad input gives one line and nothing else.
            if progress.total and not bars:
                bars.append(closing.enter_context(_bar(progress.total)))
            for bar in bars:
                bar.update(max(progress.done - bar.n, 0))

        analysis = analyze(
            arguments.file,
            options,
            media=Sandbox(),
            models=models,
            software=software(models.device),
            on_progress=on_progress,
            read_provenance=provenance.read,
            listen=listener.listen,
        )
    _write(analysis, arguments.json)
    return 0


def _bar(total: int) -> "tqdm[NoReturn]":
    return tqdm(total=total, desc="Scoring", unit="frame", file=sys.stderr, leave=False)


def _write(analysis: Analysis, out: str | None) -> None:
    data = report_bytes(analysis.report)
    if out == "-":
        sys.stdout.buffer.write(data + b"\n")
        sys.stdout.buffer.flush()
    elif out:
        Path(out).write_bytes(data)
        print(_summary(analysis))
        print(f"Report      {out}")
    else:
        print(_summary(analysis))


def _summary(analysis: Analysis) -> str:
    report = analysis.report
    media, coverage, finding = report.media, report.coverage, report.finding
    lines = [_described(media), f"SHA-256     {media.sha256}"]
    if media.kind is MediaKind.VIDEO:
        lines.append(
            f"Frames      {coverage.frames_decoded} of {coverage.frames_asked} read, "
            f"{coverage.frames_with_face} with a face, {coverage.frames_scored} scored"
        )
    if media.more_pictures:
        lines.append(f"            {first_of_several(media)}")
    lines.append(
        f"Detector    {report.detector.name if report.detector else 'none'} on {report.software.device}"
    )
    lines += [
        f"Left out    {left_out.name}: {left_out.explanation} {left_out.advice}"
        for left_out in (report.detector.left_out if report.detector else ())
    ]
    if isinstance(finding, Assessed):
        worst = next(track for track in report.tracks if track.id == finding.track_id)
        lines.append(
            f"Verdict     {finding.verdict}: face {worst.label}, score {finding.score.mean:.2f}, "
            f"likely range {finding.score.low:.2f} to {finding.score.high:.2f}"
        )
        lines += [f"            {DOUBTS[doubt]}" for doubt in finding.doubts]
    else:
        lines.append(f"Verdict     {finding.verdict} ({finding.reason}): {finding.explanation}")
        lines.append(f"            {finding.advice}")
    if report.provenance is not None:
        lines.append(f"Origin      {headline(report.provenance.credentials)}")
    if report.audio is not None:
        lines.append(f"Voices      {audio_words.headline(report.audio)} {audio_words.EXPERIMENTAL_MARK}")
        lines += [f"            {line}" for line in audio_words.explained(report.audio)]
    for track in report.tracks:
        lines.append(f"Face {track.label:<6} {_seen(track, report)}")
        if report.detector:
            lines += [
                f"            {member.name} {own.mean:.2f} ({own.low:.2f} to {own.high:.2f})"
                for member, own in zip(report.detector.members, track.member_scores, strict=False)
            ]
    lines.append(f"Time        {analysis.times}")
    lines += [f"Note        {limit}" for limit in report.limits[:2]]
    return "\n".join(lines)


def _described(media: MediaInfo) -> str:
    if media.kind is MediaKind.PICTURE:
        return f"Picture     {media.width_px} x {media.height_px}, {media.container}"
    if media.kind is MediaKind.SOUND:
        return f"Sound       {media.duration_s:.1f} s, {media.container}"
    return (
        f"Video       {media.width_px} x {media.height_px}, {media.duration_s:.1f} s, "
        f"{media.frame_count} frames, {media.video_codec}"
    )


def _seen(track: FaceTrack, report: Report) -> str:
    if report.media.kind is MediaKind.PICTURE:
        return standing(track, report) if track.frames_scored else f"{REASONS[Reason.FACE_TOO_SMALL]}."
    score = f"score {track.score.mean:.2f}" if track.score else "too few scored frames"
    return (
        f"{track.first_s:.1f} to {track.last_s:.1f} s, "
        f"{track.frames_scored} of {track.frames_seen} frames scored, {score}"
    )
