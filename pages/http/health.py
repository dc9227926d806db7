"""Is the server there, and can it work? For load balancers and service managers; both tell nothing else."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pages.shared import backend

NO_STORE = {"Cache-Control": "no-store"}


def alive(_: Request) -> Response:
    """GET /api/health: the process answers."""
    return JSONResponse({"status": "ok"}, headers=NO_STORE)


def ready(_: Request) -> Response:
    """GET /api/ready: the database answers, too; 503 if not."""
    backend.store().ping()
    return JSONResponse({"status": "ok"}, headers=NO_STORE)
