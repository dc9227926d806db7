"""The workers that were heard of lately."""

from deeptrace_core.job import WorkerInfo
from pages.shared import backend, desk_words, parts, times


def show() -> tuple[WorkerInfo, ...]:
    """Each with its device, version and since when; returns them."""
    alive = backend.store().workers.alive()
    parts.heading("Workers")
    if not alive:
        parts.notice("inconclusive", desk_words.NO_WORKER_AT_ALL, desk_words.NO_WORKER_ADVICE)
        return alive
    parts.remark(desk_words.workers(len(alive)))
    parts.facts(
        {
            f"{worker.host}, process {worker.pid}": (
                f"{worker.device} · DeepTrace {worker.version} · since {times.local_time(worker.started_at)}"
            )
            for worker in alive
        }
    )
    return alive
