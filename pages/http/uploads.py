"""Files in chunks, for a page that shows progress and goes on after a broken connection."""

import json
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deeptrace_core.errors import RequestInvalidError, UploadConflictError, UploadNotFoundError
from deeptrace_core.permissions import Act, Person, Reach, reach
from deeptrace_core.uploads import Upload
from pages.http import access, body, problem
from pages.shared import backend

NO_STORE = {"Cache-Control": "no-store"}


async def begin(request: Request) -> Response:
    """POST /api/uploads {name, sizeBytes}: expect a file."""
    who = await run_in_threadpool(access.submitter, request)
    wanted = as_object(await body.small(request))
    name, size_bytes = wanted.get("name"), wanted.get("sizeBytes")
    if not isinstance(name, str) or type(size_bytes) is not int or size_bytes < 0:
        raise RequestInvalidError("An upload begins with its name and its sizeBytes.")
    upload = await run_in_threadpool(partial(backend.uploads().begin, name, size_bytes, owner=who.name))
    return JSONResponse(_document(upload, 0), 201, headers=NO_STORE)


def state(request: Request) -> Response:
    """GET or HEAD /api/uploads/{id}: how much has arrived."""
    upload = _asked_for(request)
    have = backend.uploads().have_bytes(upload)
    return JSONResponse(_document(upload, have), headers={**NO_STORE, "Upload-Offset": str(have)})


async def append(request: Request) -> Response:
    """PUT /api/uploads/{id}?offset=N: the bytes from N on. 409 says where to go on instead."""
    uploads = backend.uploads()
    upload = await run_in_threadpool(_asked_for, request)
    offset = request.query_params.get("offset", "")
    if not (offset.isascii() and offset.isdigit() and len(offset) <= 18):
        raise RequestInvalidError("The offset says at which byte these begin.")
    try:
        async with body.in_thread(uploads.writing(upload, int(offset))) as writer:
            await body.each_piece(request, writer.write)
    except UploadConflictError as error:
        have = await run_in_threadpool(uploads.have_bytes, upload)
        return problem.problem(409, error.code, error.what, error.advice, have=have)
    return JSONResponse({"have": writer.have_bytes}, headers=NO_STORE)


def finish(request: Request) -> Response:
    """POST /api/uploads/{id}/finish: all of it has arrived; store it under its SHA-256."""
    media = backend.uploads().finish(_asked_for(request))
    return JSONResponse(
        {"id": request.path_params["id"], "sha256": media.sha256, "sizeBytes": media.size_bytes},
        headers=NO_STORE,
    )


def cancel(request: Request) -> Response:
    """DELETE /api/uploads/{id}: forget it, and what has arrived."""
    backend.uploads().cancel(_asked_for(request).id)
    return Response(status_code=204)


def own_upload(who: Person, upload_id: str) -> Upload:
    """An upload of this person, or of anybody where an admin asks.

    Raises:
        UploadNotFoundError: there is none, or it is somebody else's.
    """
    upload = backend.uploads().get(upload_id)
    if upload.owner not in ("", who.name) and reach(who, Act.SUBMIT) is not Reach.ALL:
        raise UploadNotFoundError
    return upload


def _asked_for(request: Request) -> Upload:
    return own_upload(access.submitter(request), request.path_params["id"])


def as_object(data: bytes) -> dict[str, Any]:
    """A JSON object.

    Raises:
        RequestInvalidError: this is none.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RequestInvalidError("The body is not JSON.") from error
    if not isinstance(found, dict):
        raise RequestInvalidError("The body is not a JSON object.")
    return found


def _document(upload: Upload, have: int) -> dict[str, object]:
    return {
        "id": upload.id,
        "name": upload.name,
        "sizeBytes": upload.size_bytes,
        "have": have,
        "sha256": upload.sha256,
    }
