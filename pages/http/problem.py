"""Errors as RFC 9457 problem documents: what happened, what to do, and the stable code of errors.py."""

import logging
import secrets
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deeptrace_core import errors

log = logging.getLogger("deeptrace.http")

MEDIA_TYPE = "application/problem+json"

# The nearest class counts.
STATUS: dict[type[errors.DeepTraceError], int] = {
    errors.DeepTraceError: 500,
    errors.InputError: 400,
    errors.AccessDeniedError: 401,
    errors.OtherSiteError: 403,
    errors.NotAllowedError: 403,
    errors.LinkInvalidError: 403,
    errors.JobNotFoundError: 404,
    errors.UploadNotFoundError: 404,
    errors.UploadConflictError: 409,
    errors.FileTooLargeError: 413,
    errors.NotAVideoError: 415,
    errors.SettingsError: 500,
    errors.EnvironmentFault: 503,
    errors.BlobMissingError: 404,
}


def problem(status: int, code: str, what: str, advice: str, **more: object) -> Response:
    """A problem document."""
    document = {
        "type": f"urn:deeptrace:problem:{code.lower()}",
        "title": what,
        "detail": advice,
        "status": status,
        "code": code,
        **more,
    }
    headers = {"Cache-Control": "no-store"}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(document, status, media_type=MEDIA_TYPE, headers=headers)


def of_error(_request: Request, error: errors.DeepTraceError) -> Response:
    """The answer to one of our own errors."""
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("%s: %s", error.code, error, exc_info=True)
    return problem(status, error.code, error.what, error.advice)


def of_http_exception(_request: Request, error: HTTPException) -> Response:
    """The answer where there is no such address, or not this method at it."""
    code = HTTPStatus(error.status_code).name
    advice = "The addresses and what they take are in /api/openapi.json."
    answer = problem(error.status_code, code, f"{error.detail}.", advice)
    answer.headers.update(error.headers or {})
    return answer


def of_disconnect(_request: Request, _error: Exception) -> Response:
    """The sender is gone: nobody reads this, and nothing is wrong here."""
    return Response(status_code=400)


def of_accident(_request: Request, error: Exception) -> Response:
    """The answer to a mistake of ours: the log has it, under an id."""
    error_id = secrets.token_hex(4)
    log.error("error id %s", error_id, exc_info=error)
    return problem(
        500, "ERROR", "Something went wrong. Stored files and reports are not affected.",
        f"If it happens again, report error {error_id}; the server's log says more.",
    )  # fmt: skip
