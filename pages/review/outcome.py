"""A finished job, in the order in which a reader needs it: verdict, faces, course of time, details."""

from deeptrace_core.job import Job, JobResult
from pages.review import anchor, chart, details, ended, faces, hand, verdict
from pages.review.player import show as player
from pages.shared import backend


def show(job: Job, result: JobResult) -> None:
    """Everything that is known about the video of this job."""
    report, data = backend.report(result.report_sha256)
    verdict.show(report)
    if result.reason is not None:
        ended.after_no_assessment(job, result.reason)
    player.show(report, result.viewing_copy)
    if any(track.frames_scored for track in report.tracks):
        faces.show(report, backend.store().results.thumbnails(job))
        chart.show(report)
    hand.show(job, report)
    details.show(job, report, data, result.report_sha256)
    anchor.show(job, data, result.report_sha256)
