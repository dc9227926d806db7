"""POST /api/analyze: have a video analyzed that comes with the request, or was uploaded before.

The file is the body itself (its name in ?name=), the part `file` of a multipart form, or the `uploadId` of
a JSON object. Options stand in the query, the form or the object; so does a `webhook` to be told at the end.
"""

import dataclasses
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from streaming_form_data import StreamingFormDataParser
from streaming_form_data.parser import ParseFailedException
from streaming_form_data.targets import BaseTarget, ValueTarget

from deeptrace_core import webhook
from deeptrace_core.acting import Acting
from deeptrace_core.errors import (
    DeepTraceError,
    RequestInvalidError,
    UploadNotFoundError,
    WebhookRefusedError,
)
from deeptrace_core.job import StoredMedia
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.permissions import Person
from deeptrace_core.store import Submission
from pages.http import access, body, paths
from pages.http.uploads import as_object, own_upload
from pages.shared import backend

MAX_DETECTOR_CHARS = 300
"""Several names may be joined."""


def _flag(value: object) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise ValueError
    return str(value).lower() == "true"


OPTIONS: dict[str, Callable[[Any], Any]] = {
    "detector": str,
    "min_frames": int,
    "rate_hz": float,
    "min_face_px": int,
    "activation_maps": _flag,
}


async def analyze(request: Request) -> Response:
    """202 and the id of the job. `alreadyOpen`: the same was waiting or in work, and this is that job."""
    who = await run_in_threadpool(access.submitter, request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        given = as_object(await body.small(request))
        options = options_from(given)
        await run_in_threadpool(_check_webhook, given)
        media = await run_in_threadpool(_uploaded, who, given.get("uploadId"))
    else:
        given = dict(request.query_params)
        # A mistake here is better known before the file has come.
        options_from(given)
        await run_in_threadpool(_check_webhook, given)
        media = await _received(request, who, given if kind == "multipart/form-data" else None)
        options = options_from(given)
        await run_in_threadpool(_check_webhook, given)
    submission = await run_in_threadpool(partial(_submit, who, media, options))
    if given.get("webhook"):
        # Before the answer: who has it can rely on being told.
        await run_in_threadpool(backend.store().webhooks.add, submission.job_id, given["webhook"])
    address = f"{paths.base()}{paths.API}/status/{submission.job_id}"
    document = {"jobId": submission.job_id, "alreadyOpen": submission.already_open, "status": address}
    return JSONResponse(document, 202, headers={"Location": address, "Cache-Control": "no-store"})


def _submit(who: Person, media: StoredMedia, options: AnalysisOptions) -> Submission:
    return Acting(backend.store(), who).submit(media, options, uploaded=True)


def options_from(given: Mapping[str, Any]) -> AnalysisOptions:
    """How to analyze; what is not said is as by default.

    Raises:
        RequestInvalidError: a value cannot be used.
    """
    named: dict[str, Any] = {"detector": backend.settings().detector}
    for name, kind in OPTIONS.items():
        if given.get(name) in (None, ""):
            continue
        try:
            named[name] = kind(given[name])
        except (TypeError, ValueError, OverflowError) as error:
            raise RequestInvalidError(f"The option {name} cannot be {str(given[name])[:40]!r}.") from error
    if len(named["detector"]) > MAX_DETECTOR_CHARS or not named["detector"].isprintable():
        raise RequestInvalidError("This is not the name of a detector.")
    try:
        return AnalysisOptions(**named)
    except ValueError as error:
        raise RequestInvalidError(str(error)) from error


def _check_webhook(given: Mapping[str, Any]) -> None:
    url = given.get("webhook")
    if url in (None, ""):
        return
    if not isinstance(url, str):
        raise WebhookRefusedError
    webhook.address_of(url, private=backend.settings().webhook_private)


def _uploaded(who: Person, upload_id: object) -> StoredMedia:
    if not isinstance(upload_id, str):
        raise UploadNotFoundError
    return backend.uploads().finish(own_upload(who, upload_id))


async def _received(request: Request, who: Person, form: dict[str, Any] | None) -> StoredMedia:
    """Store the file that comes with the request."""
    length = request.headers.get("content-length", "")
    # The form around a file adds to its length, and says nothing about it.
    size_bytes = int(length) if form is None and length.isascii() and length.isdigit() else None
    uploads = backend.uploads()
    name = request.query_params.get("name", "")
    upload = await run_in_threadpool(partial(uploads.begin, name, size_bytes, owner=who.name))
    try:
        async with body.in_thread(uploads.writing(upload, 0)) as writer:
            if form is None:
                await body.each_piece(request, writer.write)
            else:
                name = await _read_form(request, writer.write, form)
                upload = dataclasses.replace(upload, name=name)
        return await run_in_threadpool(uploads.finish, upload)
    except (DeepTraceError, ClientDisconnect):
        with suppress(UploadNotFoundError):
            await run_in_threadpool(uploads.cancel, upload.id)
        raise


class _FileTarget(BaseTarget):  # type: ignore[misc]
    def __init__(self, take: Callable[[bytes], None]) -> None:
        super().__init__()
        self._take = take

    def on_data_received(self, chunk: bytes) -> None:
        self._take(chunk)


async def _read_form(request: Request, take: Callable[[bytes], None], form: dict[str, Any]) -> str:
    """Take the part `file`, add the options to `form`, and return the name of the file."""
    file, values = _FileTarget(take), {name: ValueTarget() for name in (*OPTIONS, "webhook")}
    try:
        parser = StreamingFormDataParser(headers={"Content-Type": request.headers["content-type"]})
        parser.register("file", file)
        for name, value in values.items():
            parser.register(name, value)
        await body.each_piece(request, parser.data_received)
    except ParseFailedException as error:
        raise RequestInvalidError("The form cannot be read.") from error
    found = {name: value.value.decode("utf-8", "replace") for name, value in values.items()}
    form.update({name: text for name, text in found.items() if text})
    return file.multipart_filename or ""
