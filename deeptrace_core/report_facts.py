"""A report as names and values: the file, and how it was measured."""

from deeptrace_core.model import AccuracyFigure, MediaInfo, MediaKind, Report
from deeptrace_core.phrases import counted, duration, score, size


def file_facts(name: str, media: MediaInfo) -> dict[str, str | None]:
    """What the file is."""
    turned = f", turned by {media.rotation_deg}°" if media.rotation_deg else ""
    rows: dict[str, str | None] = {
        "Name": name,
        "SHA-256": media.sha256,
        "Size": f"{size(media.size_bytes)} ({counted(media.size_bytes, 'byte', 'bytes')})",
    }
    others = f"{media.more_pictures:,}, not looked at" if media.more_pictures else None
    picture = f"{media.width_px} × {media.height_px} pixels{turned}"
    if media.kind is MediaKind.PICTURE:
        return rows | {"Format": media.container, "Picture": picture, "Other pictures in it": others}
    rows["Container"] = media.container
    if media.kind is MediaKind.SOUND:
        return rows | {"Picture": "none", "Duration": duration(media.duration_s)}
    return rows | {
        "Video codec": media.video_codec,
        "Other video streams": others,
        "Picture": picture,
        "Duration": duration(media.duration_s),
        "Frames": f"{media.frame_count:,}",
        "Sound": "yes" if media.has_audio else "none",
    }


def method_facts(report: Report) -> dict[str, str | None]:
    """How the scores came about."""
    options = report.options
    if report.media.kind is MediaKind.SOUND:
        return _maker_facts(report)
    rows: dict[str, str | None] = {"Detector": options.detector}
    if detector := report.detector:
        one_by_one = detector.members or (detector,)
        rows |= {
            "Detector": "; ".join(f"{one.name} ({one.architecture})" for one in one_by_one),
            "Combined by": "the mean of their log-odds" if len(detector.members) > 1 else None,
            "Left out": "; ".join(f"{one.name}: {one.explanation}" for one in detector.left_out) or None,
            "Weights SHA-256": "; ".join(one.weights_sha256 for one in one_by_one),
            "Licence of the weights": detector.licence,
            "Face preset": "; ".join(f"{one.preset}, SHA-256 {one.preset_sha256}" for one in one_by_one),
            "Thresholds": (
                f"a likely range below {score(detector.threshold_low)} reads as no signs found, "
                f"above {score(detector.threshold_high)} as signs found"
            ),
            "Accuracy elsewhere": "; ".join(
                f"{figure.metric} {_figure(figure)} on {figure.data} ({figure.origin})"
                for figure in detector.accuracy
            ),
        }
    return rows | _coverage_facts(report) | _maker_facts(report)


def _coverage_facts(report: Report) -> dict[str, str | None]:
    coverage, options = report.coverage, report.options
    rows: dict[str, str | None] = {}
    asked = f"faces from {options.min_face_px} px"
    if report.media.kind is MediaKind.VIDEO:
        asked = f"at least {options.min_frames} frames, {options.rate_hz:g} a second, {asked}"
        rows["Frames"] = (
            f"{coverage.frames_asked:,} asked for, {coverage.frames_decoded:,} decoded, "
            f"{coverage.frames_with_face:,} with a face, {coverage.frames_scored:,} scored"
        )
    return rows | {
        "Face pictures": f"{coverage.faces_found:,} found, {coverage.faces_too_small:,} too small",
        "Options": asked,
    }


def _maker_facts(report: Report) -> dict[str, str | None]:
    software = report.software
    return {
        "Device": software.device,
        "Software": ", ".join(
            [f"DeepTrace {software.deeptrace}"]
            + ([f"commit {software.commit[:12]}"] if software.commit else [])
            + [f"{name} {version}" for name, version in sorted(software.libraries.items())]
        ),
        "Report": f"{report.schema}, {report.report_id}, made {report.created_at}",
    }


def _figure(figure: AccuracyFigure) -> str:
    if figure.low is None or figure.high is None:
        return f"{figure.value:.3g}"
    return f"{figure.value:.3g} (95 % interval {figure.low:.3g} to {figure.high:.3g})"
