"""Stored files by signed links: whole or in part, in pieces, so that no file is ever held in memory."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pages.http import links
from pages.http.links import Link
from pages.http.ranges import UnsatisfiableRange, parse_range
from pages.shared import backend


def stored_file(request: Request) -> Response:
    """GET /files/{sha256}?type=...&name=...&until=...&signature=..."""
    link = links.parse(request.path_params["sha256"], request.query_params)
    size_bytes = backend.blobs().size_bytes(link.sha256)
    tag = f'"{link.sha256}"'
    headers = {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=3600",
        # Whatever it is, it is not a page: nothing in it runs, and nobody guesses another type.
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; media-src 'self'",
        "Content-Disposition": _disposition(link),
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    asked = request.headers.get("range")
    if request.headers.get("if-range", tag) != tag:
        asked = None
    try:
        part = parse_range(asked, size_bytes)
    except UnsatisfiableRange:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size_bytes}"})
    start, end = part or (0, size_bytes)
    headers["Content-Length"] = str(end - start)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size_bytes}"
    status = 200 if part is None else 206
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=link.media_type)
    return StreamingResponse(
        backend.blobs().pieces(link.sha256, start, end),
        status_code=status,
        headers=headers,
        media_type=link.media_type,
    )


def _disposition(link: Link) -> str:
    return f"attachment; filename*=utf-8''{quote(link.name, safe='')}" if link.name else "inline"
