"""What happened to a job, when and by whom, as the audit trail remembers it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEvent:
    """One act. It names hashes and numbers, never a person in the video, and is never changed."""

    event: str
    at: str
    """RFC 3339, on the clock of the database."""
    actor: str
    """A user, a worker, or "" for the system itself."""
    data: Mapping[str, Any]
