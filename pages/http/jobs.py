"""Jobs for programs: one, all of them in pages, cancelling, deleting, and the report's exact bytes."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.responses import StreamingResponse as Streaming

from deeptrace_core.errors import JobNotFoundError, RequestInvalidError
from deeptrace_core.job import JobState
from deeptrace_core.permissions import Act
from pages.http import access, paths
from pages.http.documents import job_document, status_document
from pages.shared import backend

NO_STORE = {"Cache-Control": "no-store"}
MAX_LIMIT, DEFAULT_LIMIT = 100, 20
MAX_SKIP = 1_000_000


def status(request: Request) -> Response:
    """GET /api/status/{jobId}: where it stands; and the result, once there is one."""
    job = access.acting(request).job(_id(request))
    return JSONResponse(status_document(job), headers=NO_STORE)


def history(request: Request) -> Response:
    """GET /api/jobs?limit=&skip=&state=&name=: the newest first; `next` leads to older ones."""
    who = access.acting(request)
    query = request.query_params
    limit = _count(query, "limit", DEFAULT_LIMIT, low=1, high=MAX_LIMIT)
    skip = _count(query, "skip", 0, low=0, high=MAX_SKIP)
    try:
        states = [JobState(state) for state in query.getlist("state")]
    except ValueError as error:
        raise RequestInvalidError(f"A state is one of {', '.join(JobState)}.") from error
    found = who.history(
        limit=limit + 1, skip=skip, name_contains=query.get("name") or None, states=states or None
    )
    more = None
    if len(found) > limit:
        rest = request.url.include_query_params(skip=skip + limit, limit=limit).query
        more = f"{paths.base()}{paths.API}/jobs?{rest}"
    document = {"jobs": [job_document(job) for job in found[:limit]], "next": more}
    return JSONResponse(document, headers=NO_STORE)


def cancel(request: Request) -> Response:
    """POST /api/jobs/{jobId}/cancel: at once if it waits; if it runs, at its worker's next sign of life."""
    state = access.acting(request).cancel(_id(request))
    return JSONResponse({"jobId": _id(request), "state": state.value}, headers=NO_STORE)


def delete(request: Request) -> Response:
    """DELETE /api/jobs/{jobId}: with its video, pictures and report; its chain of custody remains."""
    access.acting(request).delete(_id(request))
    return Response(status_code=204)


def report(request: Request) -> Response:
    """GET /api/jobs/{jobId}/report: its canonical bytes, as they were hashed; the ETag is their SHA-256."""
    who = access.acting(request)
    job = who.job(_id(request), Act.EXPORT)
    if job.result is None:
        raise JobNotFoundError(
            f"This job has no report: it is {job.state.value}.", advice="Ask for its status first."
        )
    sha256 = job.result.report_sha256
    size_bytes = backend.blobs().size_bytes(sha256)
    headers = {"ETag": f'"{sha256}"', "Content-Length": str(size_bytes), "Cache-Control": "private"}
    who.note_export(job, "json")
    pieces = backend.blobs().pieces(sha256, 0, size_bytes)
    return Streaming(pieces, headers=headers, media_type="application/json")


def _id(request: Request) -> str:
    return str(request.path_params["id"])


def _count(query: Mapping[str, str], name: str, default: int, *, low: int, high: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high):
        raise RequestInvalidError(f"{name} is a number from {low} to {high:,}.")
    return int(text)
