"""Every change of a job, as an update that the server carries out in one step on its own clock.

All of them are pipelines that end in `_SETTLE`, the one rule on which fields belong to which state.
A cancel that was asked for wins over every other way in which a claim can end.
Values that come from outside are wrapped in `$literal`: a `$` in a file name is no instruction.
"""

from typing import Any

from deeptrace_core.job import JobFailure, JobResult, JobState, Progress, Stage
from deeptrace_core.store.connection import Document, Pipeline
from deeptrace_core.store.job_document import failure_document, progress_document, result_document

RETRY_BASE_S = 2.0
RETRY_MAX_S = 300.0

NOW = "$$NOW"
_GONE = "$$REMOVE"

PENDING = JobState.PENDING.value
PROCESSING = JobState.PROCESSING.value
COMPLETED = JobState.COMPLETED.value
FAILED = JobState.FAILED.value
CANCELLED = JobState.CANCELLED.value


def _if(condition: Any, then: Any, otherwise: Any) -> Document:
    return {"$cond": [condition, then, otherwise]}


def _is(status: str) -> Document:
    return {"$eq": ["$status", status]}


def _later(seconds: Any) -> Document:
    return {"$add": [NOW, {"$multiply": [1000, seconds]}]}


def _unless_cancelled(status: Any) -> Document:
    return _if("$cancel_requested", CANCELLED, status)


_SPENT = {"$subtract": ["$attempt", "$releases"]}
"""How many attempts ended badly."""
_AGAIN = _if({"$lt": [_SPENT, "$max_attempts"]}, PENDING, FAILED)


_SETTLE: Pipeline = [
    {
        "$set": {
            "ready": {"$and": [_is(PENDING), "$ready"]},
            "lease_expires_at": _if(_is(PROCESSING), "$lease_expires_at", _GONE),
            "heartbeat_at": _if(_is(PROCESSING), "$heartbeat_at", _GONE),
            "progress": _if(_is(PROCESSING), "$progress", _GONE),
            "worker_id": _if(_is(PENDING), _GONE, "$worker_id"),
            "started_at": _if(_is(PENDING), _GONE, "$started_at"),
            "finished_at": _if({"$in": ["$status", [PENDING, PROCESSING]]}, _GONE, NOW),
        }
    }
]


def submitted(document: Document, *, kept_s: float | None) -> Pipeline:
    """A new job, at the server's time, to be kept for so long or, without `kept_s`, for ever."""
    times: Document = {"created_at": NOW, "run_at": NOW}
    if kept_s is not None:
        times["expires_at"] = _later(kept_s)
    return [{"$replaceWith": {"$mergeObjects": [{"$literal": document}, times]}}]


def claimed(worker_id: str, lease_s: float) -> Pipeline:
    """The attempt is also the token of the claim: it only ever grows, so no two claims share one."""
    change = {
        "status": PROCESSING,
        "attempt": {"$add": ["$attempt", 1]},
        "worker_id": {"$literal": worker_id},
        "started_at": NOW,
        "heartbeat_at": NOW,
        "lease_expires_at": _later(lease_s),
        "progress": {"$literal": progress_document(Progress(stage=Stage.STARTING))},
    }
    return [{"$set": change}, *_SETTLE]


def renewed(lease_s: float, progress: Progress | None) -> Pipeline:
    change: Document = {
        "status": _unless_cancelled("$status"),
        "heartbeat_at": NOW,
        "lease_expires_at": _later(lease_s),
    }
    if progress is not None:
        change["progress"] = {"$literal": progress_document(progress)}
    return [{"$set": change}, *_SETTLE]


def completed(result: JobResult) -> Pipeline:
    return [
        {"$set": {"status": _unless_cancelled(COMPLETED)}},
        {
            "$set": {
                "winner": _if(_is(COMPLETED), "$attempt", _GONE),
                "result": _if(_is(COMPLETED), {"$literal": result_document(result)}, _GONE),
            }
        },
        *_SETTLE,
    ]


def failed(failure: JobFailure, *, retry: bool, jitter: float) -> Pipeline:
    """Try again if that is wanted and attempts are left, each time after about twice the delay.

    Args:
        jitter: a random factor about 1, so that jobs which failed together do not come back together.
    """
    doubled = {"$multiply": [RETRY_BASE_S, {"$pow": [2, {"$subtract": [_SPENT, 1]}]}]}
    delay_s = {"$multiply": [jitter, {"$min": [RETRY_MAX_S, doubled]}]}
    return [
        {"$set": {"status": _unless_cancelled(_AGAIN if retry else FAILED), "ready": False}},
        {
            "$set": {
                "error": _if(_is(FAILED), {"$literal": failure_document(failure)}, _GONE),
                "run_at": _if(_is(PENDING), _later(delay_s), "$run_at"),
            }
        },
        *_SETTLE,
    ]


def released() -> Pipeline:
    """Back to the queue as if never claimed; only the token is not used again."""
    change = {
        "status": _unless_cancelled(PENDING),
        "ready": True,
        "releases": {"$add": ["$releases", 1]},
    }
    return [{"$set": change}, *_SETTLE]


def reaped() -> Pipeline:
    """The worker was silent for longer than its lease."""
    times = _if({"$eq": ["$lapses", 1]}, "once", {"$concat": [{"$toString": "$lapses"}, " times"]})
    error = {
        "code": "WORKER_LOST",
        "what": {"$concat": ["The worker stopped ", times, " while analyzing this file."]},
        "advice": "Look into the worker's log: it may have run out of memory. Then submit the file again.",
    }
    return [
        {"$set": {"status": _unless_cancelled(_AGAIN), "lapses": {"$add": ["$lapses", 1]}, "ready": True}},
        {"$set": {"error": _if(_is(FAILED), error, _GONE), "run_at": _if(_is(PENDING), NOW, "$run_at")}},
        *_SETTLE,
    ]


def cancelled() -> Pipeline:
    """At once if it waits; if it runs, at the next sign of life of its worker."""
    change = {"status": _if(_is(PENDING), CANCELLED, "$status"), "cancel_requested": True}
    return [{"$set": change}, *_SETTLE]
