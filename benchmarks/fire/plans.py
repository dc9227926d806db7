"""What is to happen to a job, told by its id alone, so that every process knows it."""

import hashlib
from enum import StrEnum


class Plan(StrEnum):
    """How the work on a job goes."""

    QUICK = "QUICK"
    LONG = "LONG"
    """Longer than a lease: long enough for a frozen worker to come back while another has its job."""
    DOOMED = "DOOMED"
    """Each attempt fails and is to be tried again."""
    HOPELESS = "HOPELESS"
    """Fails and is not to be tried again."""


def plan_of(job_id: str) -> Plan:
    """4 % are long, 2 % doomed, 2 % hopeless."""
    number = int(job_id[:8], 16) % 100
    if number < 4:
        return Plan.LONG
    if number < 6:
        return Plan.DOOMED
    return Plan.HOPELESS if number < 8 else Plan.QUICK


def fingerprint(job_id: str, token: int, worker_id: str | None) -> str:
    """What stands for the report of this claim, and of no other."""
    return hashlib.sha256(f"{job_id} {token} {worker_id}".encode()).hexdigest()
