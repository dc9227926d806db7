"""Jobs as MongoDB keeps them, and back."""

import dataclasses
import uuid
from datetime import datetime
from typing import Any

from deeptrace_core.canonical import canonical_bytes, digest
from deeptrace_core.casework import CaseLabel
from deeptrace_core.job import (
    Job,
    JobFailure,
    JobResult,
    JobState,
    Progress,
    Stage,
    StoredMedia,
    ViewingCopy,
)
from deeptrace_core.model import AnalysisOptions, Reason, Verdict
from deeptrace_core.overview import OverviewPoint
from deeptrace_core.store.connection import Document
from deeptrace_core.store.packing import pack_numbers, unpack_numbers

OVERVIEW_COLUMNS = ("time_s", "lowest", "highest")
MAX_ATTEMPTS = 3
MAX_NAME_CHARS = 1_000
MAX_TEXT_CHARS = 4_000


def new_job(media: StoredMedia, options: AnalysisOptions, *, priority: int, owner: str) -> Document:
    """The document of a job that waits, without its times, which are the server's."""
    params = dataclasses.asdict(options)
    return {
        "_id": uuid.uuid4().hex,
        "schema_v": 1,
        "kind": "analyze_video",
        "media_id": media.sha256,
        "media_bytes": media.size_bytes,
        "media_name": clean_text(media.name, MAX_NAME_CHARS),
        "params": params,
        "params_hash": digest(canonical_bytes(params)),
        "status": JobState.PENDING.value,
        "ready": True,
        "priority": priority,
        "owner": clean_text(owner, MAX_NAME_CHARS),
        "attempt": 0,
        "max_attempts": MAX_ATTEMPTS,
        "lapses": 0,
        "releases": 0,
        "cancel_requested": False,
    }


def job_from(document: Document) -> Job:
    """The job that a document of the collection describes."""
    progress, result, error = (document.get(name) for name in ("progress", "result", "error"))
    return Job(
        id=document["_id"],
        state=JobState(document["status"]),
        media=StoredMedia(
            sha256=document["media_id"], size_bytes=document["media_bytes"], name=document["media_name"]
        ),
        options=_options_from(document["params"]),
        attempt=document["attempt"],
        # An attempt that was handed back was none, but its number stays used.
        max_attempts=document["max_attempts"] + document["releases"],
        created_at=rfc3339(document["created_at"]),
        started_at=rfc3339(document["started_at"]) if "started_at" in document else None,
        finished_at=rfc3339(document["finished_at"]) if "finished_at" in document else None,
        worker_id=document.get("worker_id"),
        cancel_requested=document["cancel_requested"],
        progress=_progress_from(progress) if progress else None,
        result=_result_from(result) if result else None,
        failure=JobFailure(**error) if error else None,
        case=label_from(document.get("case", {})),
        owner=document.get("owner", ""),
    )


def label_from(case: Document) -> CaseLabel:
    return CaseLabel(name=case.get("name", ""), reference=case.get("reference", ""))


def progress_document(progress: Progress) -> Document:
    return {"stage": progress.stage.value, "done": progress.done, "total": progress.total}


def result_document(result: JobResult) -> Document:
    copy = result.viewing_copy
    return {
        "report_sha256": result.report_sha256,
        "viewing_copy": None if copy is None else {"sha256": copy.sha256, "frames": copy.frames},
        "verdict": result.verdict.value,
        "reason": result.reason.value if result.reason else None,
        "score": result.score,
        "overview": {
            name: pack_numbers([getattr(point, name) for point in result.overview])
            for name in OVERVIEW_COLUMNS
        },
    }


def failure_document(failure: JobFailure) -> Document:
    return {name: clean_text(text, MAX_TEXT_CHARS) for name, text in dataclasses.asdict(failure).items()}


def clean_text(text: str, max_chars: int) -> str:
    """The text as MongoDB can hold it: file names may contain what UTF-8 cannot express."""
    return text[:max_chars].encode("utf-8", "replace").decode("utf-8")


def rfc3339(moment: datetime) -> str:
    """A UTC time of the server, to the millisecond."""
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _options_from(params: Document) -> AnalysisOptions:
    # A document may be older or newer than this program.
    known = {field.name for field in dataclasses.fields(AnalysisOptions)}
    return AnalysisOptions(**{name: value for name, value in params.items() if name in known})


def _progress_from(document: Document) -> Progress:
    return Progress(stage=Stage(document["stage"]), done=document["done"], total=document["total"])


def _result_from(document: Document) -> JobResult:
    reason = document.get("reason")
    return JobResult(
        report_sha256=document["report_sha256"],
        verdict=Verdict(document["verdict"]),
        reason=Reason(reason) if reason else None,
        score=document.get("score"),
        overview=_overview_from(document["overview"]) if "overview" in document else (),
        viewing_copy=ViewingCopy(**document["viewing_copy"]) if document.get("viewing_copy") else None,
    )


def _overview_from(document: Document) -> tuple[OverviewPoint, ...]:
    columns: list[list[Any]] = [unpack_numbers(document[name]) for name in OVERVIEW_COLUMNS]
    return tuple(
        OverviewPoint(time_s=time_s, lowest=lowest, highest=highest)
        for time_s, lowest, highest in zip(*columns, strict=True)
    )
