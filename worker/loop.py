"""The worker process: claim a job, keep its lease, analyze, complete or fail, again."""

import logging
import os
import socket
import tempfile
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from deeptrace_core import __version__
from deeptrace_core.blobs import Blobs
from deeptrace_core.errors import (
    ClaimEnded,
    DeepTraceError,
    EnvironmentFault,
    InputError,
    JobCancelledError,
    LeaseLostError,
    MediaChangedError,
    StoreUnavailableError,
)
from deeptrace_core.job import Job, JobFailure, JobResult, Progress, Stage, ViewingCopy, WorkerInfo
from deeptrace_core.model import Assessed
from deeptrace_core.overview import overview_of
from deeptrace_core.report import report_bytes
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store
from deeptrace_core.sweep import Sweeper
from worker.audio.listener import Listener
from worker.audio.speech import SileroSpeechFinder
from worker.lease import LeaseKeeper
from worker.media.audio import SoundReader
from worker.media.interface import MediaReader
from worker.media.provenance import ProvenanceReader
from worker.media.viewing_copy import write_viewing_copy
from worker.models import Models
from worker.pipeline import Analysis, analyze
from worker.sandbox import Sandbox
from worker.software import software

log = logging.getLogger(__name__)

IDLE_S = 5.0
"""How long a worker waits for a database that is away."""
POLL_S = 120.0
"""How often an idle worker looks for jobs that no event and no pulse has told it of."""


class WorkerStopping(ClaimEnded):
    """The worker was asked to stop; it hands its job back."""

    code = "WORKER_STOPPING"


class Worker:
    """One worker. Any number may run, on any machines that reach the same database and blobs."""

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        models: Models,
        settings: Settings,
        media: MediaReader | None = None,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._models = models
        self._media = media or Sandbox()
        self._provenance = ProvenanceReader(settings.trust_anchors)
        self._sound = SoundReader()
        self._listener = Listener(self._sound, SileroSpeechFinder(), models.audio_detector)
        self._settings = settings
        self._sweeper = Sweeper(store, blobs)
        self._stopping = threading.Event()
        self.info = WorkerInfo(
            # Never the host name: two lives of one host must not share leases.
            id=str(uuid.uuid4()),
            host=socket.gethostname(),
            pid=os.getpid(),
            version=__version__,
            device=models.runs_on,
            detectors=models.offers(),
            default_detector=settings.detector,
            started_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        )

    def stop(self) -> None:
        """Ask the worker to hand its job back and end. Safe to call from a signal handler."""
        self._stopping.set()
        self._store.jobs.wake()

    def run(self) -> None:
        """Work until `stop`. A database that is away is waited for."""
        pulse = threading.Thread(target=self._pulse, name="pulse", daemon=True)
        pulse.start()
        try:
            while not self._stopping.is_set():
                try:
                    if not self.run_once():
                        self._store.jobs.wait(POLL_S)
                except EnvironmentFault as error:
                    log.warning("%s", error.diagnostics())
                    self._stopping.wait(IDLE_S)
        finally:
            self._stopping.set()
            pulse.join()

    def run_once(self) -> bool:
        """Do one job, if one is waiting. True if there was one."""
        job = self._store.jobs.claim(self.info.id)
        if job is None:
            return False
        log.info("Job %s, attempt %d of %d.", job.id, job.attempt, job.max_attempts)
        try:
            with LeaseKeeper(self._store, job, lease_s=self._settings.lease_s) as lease:
                analysis, viewing_copy = self._analyze(job, lease)
                self._complete(job, analysis, viewing_copy)
        except WorkerStopping:
            self._release(job)
        except (LeaseLostError, JobCancelledError) as error:
            log.info("Job %s: %s", job.id, error.diagnostics())
        except StoreUnavailableError:
            # The lease runs out, and the job is done again by whoever is there then.
            raise
        except InputError as error:
            self._fail(job, error, retry=False)
        except DeepTraceError as error:
            self._fail(job, error, retry=True)
        except Exception:
            log.exception("Job %s failed.", job.id)
            unexpected = DeepTraceError(
                "The analysis stopped because of a fault in DeepTrace.",
                advice=f"Look for job {job.id} in the worker's log, and report it.",
            )
            self._fail(job, unexpected, retry=True)
        return True

    def _analyze(self, job: Job, lease: LeaseKeeper) -> tuple[Analysis, ViewingCopy | None]:
        def on_progress(progress: Progress) -> None:
            if self._stopping.is_set():
                raise WorkerStopping
            lease.update(progress)

        on_progress(Progress(stage=Stage.STARTING))
        with self._blobs.local_file(job.media.sha256) as path:
            analysis = analyze(
                path,
                job.options,
                media=self._media,
                models=self._models,
                software=software(self._models.device),
                on_progress=on_progress,
                read_provenance=self._provenance.read,
                listen=self._listener.listen,
            )
            log.info("Job %s: %s.", job.id, analysis.times)
            if analysis.report.media.sha256 != job.media.sha256:
                raise MediaChangedError
            return analysis, self._viewing_copy(job, path, analysis, on_progress)

    def _viewing_copy(
        self, job: Job, path: Path, analysis: Analysis, on_progress: Callable[[Progress], None]
    ) -> ViewingCopy | None:
        """Make and store the copy to watch. Without it the report is worth as much, so faults end nothing."""
        with tempfile.TemporaryDirectory(prefix="deeptrace-") as folder:
            out = Path(folder) / "copy.mp4"
            try:
                frames = write_viewing_copy(
                    path,
                    out,
                    [frame.index for frame in analysis.report.frames],
                    media=self._media,
                    sound=self._sound,
                    on_progress=lambda done, total: on_progress(
                        Progress(stage=Stage.COPYING, done=done, total=total)
                    ),
                )
                with out.open("rb") as file:
                    sha256, _ = self._blobs.put_stream(file)
            except (InputError, EnvironmentFault, OSError) as error:
                log.warning("Job %s has no copy to watch: %s", job.id, error)
                return None
        return ViewingCopy(sha256=sha256, frames=frames)

    def _complete(self, job: Job, analysis: Analysis, viewing_copy: ViewingCopy | None) -> None:
        report = analysis.report
        finding = report.finding
        self._store.results.stage_thumbnails(job, analysis.thumbnails)
        self._store.results.stage_frames(job, report.frames)
        result = JobResult(
            report_sha256=self._blobs.put_bytes(report_bytes(report)),
            verdict=finding.verdict,
            reason=None if isinstance(finding, Assessed) else finding.reason,
            score=report.visual_prob,
            overview=overview_of(report.frames),
            viewing_copy=viewing_copy,
        )
        self._store.jobs.complete(job, result)
        log.info("Job %s completed: %s.", job.id, finding.verdict)

    def _release(self, job: Job) -> None:
        try:
            self._store.jobs.release(job)
        except LeaseLostError as error:
            log.info("Job %s: %s", job.id, error.diagnostics())
        else:
            log.info("Job %s handed back: the worker is stopping.", job.id)

    def _fail(self, job: Job, error: DeepTraceError, *, retry: bool) -> None:
        failure = JobFailure(code=error.code, what=error.what, advice=error.advice)
        try:
            self._store.jobs.fail(job, failure, retry=retry)
        except LeaseLostError as lost:
            log.info("Job %s: %s", job.id, lost.diagnostics())
        else:
            log.info("Job %s ended without a report: %s", job.id, error.diagnostics())

    def _pulse(self) -> None:
        """Say that this worker is alive, and look after jobs whose workers are not."""
        while not self._stopping.is_set():
            try:
                self._store.revive()
                rest_s = self._store.pulse.beat(self.info)
                self._sweeper.sweep_if_due()
            except EnvironmentFault as error:
                log.warning("%s", error.diagnostics())
                rest_s = IDLE_S
            self._stopping.wait(rest_s)
        try:
            self._store.workers.forget(self.info.id)
        except EnvironmentFault as error:
            log.info("This worker's entry will expire by itself. %s", error.what)
