"""`python -m deeptrace_core purge`: delete jobs and files by hand. Workers sweep every hour by themselves."""

import argparse
import sys

from deeptrace_core.blobs import Blobs
from deeptrace_core.job import Job
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store, open_store
from deeptrace_core.sweep import GRACE_S, delete_expired, delete_garbage, unneeded_files

HOUR_S = 3600.0


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("purge", help="delete jobs, and files that no job needs")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--job", metavar="ID", help="delete this job, in whatever state it is")
    what.add_argument("--expired", action="store_true", help="only jobs whose time is over")
    what.add_argument("--garbage", action="store_true", help="only files that no job needs")
    parser.add_argument(
        "--grace-hours",
        type=float,
        default=GRACE_S / HOUR_S,
        metavar="H",
        help="keep files that were stored in the last H hours (default: %(default)g); "
        "with 0, an upload that is going on may lose its file",
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be deleted")
    parser.set_defaults(func=purge)


def purge(
    settings: Settings, *, job: str | None, expired: bool, garbage: bool, grace_hours: float, dry_run: bool
) -> None:
    """Delete what was asked for; without a wish, expired jobs and then files that no job needs.

    Raises:
        JobNotFoundError: there is no such job.
        EnvironmentFault: the database or the storage cannot be used.
    """
    with open_store(settings) as store:
        if job is not None:
            _purge_job(store, job, dry_run=dry_run)
            return
        if not garbage:
            _purge_expired(store, dry_run=dry_run)
        if not expired:
            _purge_garbage(store, Blobs(settings.blobs_url), max(grace_hours, 0) * HOUR_S, dry_run=dry_run)


def _purge_job(store: Store, job_id: str, *, dry_run: bool) -> None:
    job = store.jobs.get(job_id)
    if dry_run:
        _say(f"Would delete {_described(job)}.")
        return
    store.jobs.delete(job_id, actor="purge")
    _say(f"Deleted {_described(job)}.")
    _say("Its file and report are removed by the next sweep once they were stored a day ago,")
    _say("unless another job needs them. To remove them now: purge --garbage --grace-hours 0")


def _purge_expired(store: Store, *, dry_run: bool) -> None:
    if dry_run:
        for job_id in store.jobs.expired():
            _say(f"Would delete {_described(store.jobs.get(job_id))}: its time is over.")
        return
    _say(f"Expired jobs deleted: {delete_expired(store)}.")


def _purge_garbage(store: Store, blobs: Blobs, grace_s: float, *, dry_run: bool) -> None:
    if dry_run:
        for sha256 in unneeded_files(store, blobs, blobs.now_s() - grace_s):
            _say(f"Would remove the file {sha256}: no job needs it.")
        return
    found = delete_garbage(store, blobs, grace_s=grace_s)
    for sha256 in found.files:
        _say(f"Removed the file {sha256}: no job needs it.")
    _say(f"Files removed: {len(found.files)}. Broken uploads removed: {found.parts}.")


def _described(job: Job) -> str:
    return f"job {job.id} ({job.state.value}, {job.media.name!r}, submitted {job.created_at})"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
