"""Jobs as the HTTP API shows them. `visual_prob`, `visual_scores` and `suspicious_frames` are the names that
older clients know."""

import dataclasses
from typing import Any

from deeptrace_core.job import Job
from pages.shared import backend

Document = dict[str, Any]


def job_document(job: Job) -> Document:
    """A job without what only its report knows."""
    return {
        "jobId": job.id,
        "state": job.state.value,
        "owner": job.owner,
        "name": job.media.name,
        "sha256": job.media.sha256,
        "sizeBytes": job.media.size_bytes,
        "options": dataclasses.asdict(job.options),
        "createdAt": job.created_at,
        "startedAt": job.started_at,
        "finishedAt": job.finished_at,
        "cancelRequested": job.cancel_requested,
        "progress": None if job.progress is None else dataclasses.asdict(job.progress),
        "failure": None if job.failure is None else dataclasses.asdict(job.failure),
        "verdict": job.result.verdict.value if job.result else None,
        "score": job.result.score if job.result else None,
        "reportSha256": job.result.report_sha256 if job.result else None,
    }


def status_document(job: Job) -> Document:
    """A job with its result."""
    result = None
    if job.result is not None:
        report, _ = backend.report(job.result.report_sha256)
        result = {
            "verdict": job.result.verdict.value,
            "reason": job.result.reason.value if job.result.reason else None,
            "visual_prob": report.visual_prob,
            "visual_scores": report.visual_scores,
            "suspicious_frames": report.suspicious_frames,
            "limits": report.limits,
        }
    return {**job_document(job), "result": result}
