"""What happened to a job, when and by whom, as the audit trail remembers it.

Events form chains: each names the hash of the one before it in its chain, so that none can be changed, taken
out or put elsewhere without every later one telling. A chain belongs to

* a job: all that was done to one video under one analysis. The unit that people judge, export and delete;
* a case: which jobs belong to it, and with whom it is shared. It names its jobs, so a job's whole chain
  cannot vanish without notice either. A case's custody is this chain and those of its jobs;
* the system: what concerns no one job, such as the transactions of the notary.

One chain for everything would say no more of a job, and would let every writer wait for every other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from deeptrace_core.casework import CaseLabel

SYSTEM = "system"
"""The chain of what concerns no one job."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEvent:
    """One act. It names hashes and numbers, never a person in the video, and is never changed."""

    event: str
    at: str
    """RFC 3339, on the clock of the database."""
    actor: str
    """A user, a worker, or "" for the system itself."""
    data: Mapping[str, Any]
    token: int | None = None
    """The attempt that a worker acted in."""
    chain: str = ""
    number: int | None = None
    """Its place in the chain, from 1 on; None if it is older than chains are: then nothing protects it."""
    previous: str | None = None
    """`hash` of the event before; "" for the first."""
    hash: str | None = None
    """SHA-256 of the canonical form of all the other fields, as `custody_check.hash_of` says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """The end of a chain: it stands for all that is before it."""

    number: int
    hash: str


def head_of(events: tuple[AuditEvent, ...]) -> Head | None:
    """The end of a chain given in order; None if nothing in it is chained."""
    if not events or events[-1].number is None or events[-1].hash is None:
        return None
    return Head(number=events[-1].number, hash=events[-1].hash)


def case_key(label: CaseLabel) -> str:
    """What tells cases apart: the reference, or the name where there is none; "" for no case."""
    return label.reference or label.name


def case_chain(key: str) -> str:
    """The chain of the case with this key. The key itself may name somebody, and chains are never deleted."""
    return "case-" + sha256(key.encode()).hexdigest()[:32]
