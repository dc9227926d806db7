"""Collecting what formats are given."""

from deeptrace_core.formats.interface import Dossier
from deeptrace_core.job import Job
from deeptrace_core.model import Report
from deeptrace_core.store import Store


def gather(store: Store, job: Job, report: Report, report_bytes: bytes, sha256: str) -> Dossier:
    """The dossier of a finished job as it is now.

    Raises:
        StoreUnavailableError: the database cannot be reached.
        JobNotFoundError: the job was deleted meanwhile.
    """
    return Dossier(
        job=store.jobs.get(job.id),
        report=report,
        report_bytes=report_bytes,
        thumbnails=store.results.thumbnails(job),
        case=store.cases.file(job.id),
        events=store.audit.of(job.id),
        anchors=store.anchors.every(sha256),
    )
