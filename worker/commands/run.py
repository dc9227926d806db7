"""`python -m worker run`: claim jobs from the database until stopped."""

import argparse
import logging
import signal
from types import FrameType

from deeptrace_core.blobs import Blobs
from deeptrace_core.settings import load_settings
from deeptrace_core.store import open_store
from worker.loop import Worker
from worker.models import Models

log = logging.getLogger(__name__)


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("run", help="claim jobs from the database until stopped")
    parser.set_defaults(func=run)


def run(_arguments: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM; the job at hand is given back."""
    settings = load_settings()
    models = Models(settings)
    models.face_finder(min_face_px=64)
    store = open_store(settings)
    try:
        worker = Worker(store, Blobs(settings.blobs_url), models, settings)

        def stop(_signal: int, _frame: FrameType | None) -> None:
            worker.stop()

        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        log.info("Worker %s is ready on %s.", worker.info.id, worker.info.device)
        worker.run()
        log.info("Worker %s stopped.", worker.info.id)
    finally:
        store.close()
    return 0
