"""Finished jobs, for tests that care only about their reports' digests."""

from hashlib import sha256

from deeptrace_core.job import Job, JobResult, StoredMedia
from deeptrace_core.model import AnalysisOptions, Verdict
from deeptrace_core.store import Store


def completed_job(store: Store, report_sha256: str) -> Job:
    """A job that ended with this report."""
    media = StoredMedia(sha256=sha256(report_sha256.encode()).hexdigest(), size_bytes=1, name="clip.mp4")
    store.jobs.submit(media, AnalysisOptions(detector="test"))
    job = store.jobs.claim("worker-1")
    assert job is not None
    result = JobResult(report_sha256=report_sha256, verdict=Verdict.INCONCLUSIVE, reason=None, score=0.5)
    store.jobs.complete(job, result)
    return job
