"""`python -m worker run`: claim jobs from the database until stopped."""

import argparse
import logging
import signal
import threading
from types import FrameType

from deeptrace_core.blobs import Blobs
from deeptrace_core.errors import StoreUnavailableError
from deeptrace_core.settings import Settings, load_settings
from deeptrace_core.store import Store, open_store
from worker.loop import IDLE_S, Worker
from worker.models import Models

log = logging.getLogger(__name__)


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("run", help="claim jobs from the database until stopped")
    parser.set_defaults(func=run)


def run(_arguments: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM; the job at hand is given back."""
    settings = load_settings()
    stopping = threading.Event()
    workers: list[Worker] = []

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()
        for worker in workers:
            worker.stop()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    models = Models(settings)
    store = _open_store(settings, stopping)
    if store is None:
        return 0
    with store:
        worker = Worker(store, Blobs(settings.blobs_url), models, settings)
        workers.append(worker)
        log.info("Worker %s is ready on %s.", worker.info.id, worker.info.device)
        if not stopping.is_set():
            worker.run()
        log.info("Worker %s stopped.", worker.info.id)
    return 0


def _open_store(settings: Settings, stopping: threading.Event) -> Store | None:
    """The store, as soon as its database answers; None if the worker is stopped before."""
    while not stopping.is_set():
        try:
            return open_store(settings)
        except StoreUnavailableError as error:
            log.warning("%s", error.diagnostics())
            stopping.wait(IDLE_S)
    return None
