"""Whether a chain of custody is whole; if not, at which event it breaks first, and how."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import rfc8785

from deeptrace_core.canonical import canonical_bytes, digest
from deeptrace_core.custody import AuditEvent, Head

_HASHED = ("event", "at", "actor", "data", "token", "chain", "number", "previous")


@dataclass(frozen=True, kw_only=True, slots=True)
class Break:
    """The first event at which a chain does not hold. What comes after it is not vouched for."""

    number: int
    what: str


def hash_of(event: AuditEvent) -> str:
    """SHA-256 of the RFC 8785 form of all fields but the hash.

    Raises:
        ValueError: it holds something that has no canonical form.
    """
    document = {name: getattr(event, name) for name in _HASHED}
    try:
        return digest(canonical_bytes({**document, "data": dict(event.data)}))
    except rfc8785.CanonicalizationError as error:
        raise ValueError(str(error)) from error


def linked(event: AuditEvent, *, after: Head | None) -> AuditEvent:
    """The event as the next one of its chain."""
    placed = dataclasses.replace(
        event, number=after.number + 1 if after else 1, previous=after.hash if after else ""
    )
    return dataclasses.replace(placed, hash=hash_of(placed))


def first_break(chain: str, events: Sequence[AuditEvent], remembered: Head | None = None) -> Break | None:
    """Where a chain is broken first; None if it is whole.

    Args:
        chain: whose events these are.
        events: those that have a number, in its order.
        remembered: an end of this chain that was seen before. It must still be in it: without one, nobody
            can tell that the last events were taken away.
    """
    previous = ""
    for expected, event in enumerate(events, 1):
        if event.number != expected:
            if (event.number or 0) > expected:
                return Break(number=expected, what=f"it is missing; the next that is there is {event.number}")
            return Break(number=expected, what=f"there is another event with the number {event.number}")
        if event.chain != chain:
            return Break(number=expected, what=f"it belongs to another chain: {event.chain}")
        if _altered(event):
            return Break(
                number=expected, what=f"{_named(event)} was altered: its content is not what its hash says"
            )
        if event.previous != previous:
            return Break(number=expected, what=f"{_named(event)} does not follow the event before it")
        previous = event.hash or ""
    if remembered is not None:
        if remembered.number > len(events):
            return Break(
                number=len(events) + 1,
                what=f"it is missing; the chain was seen with {remembered.number} events",
            )
        if events[remembered.number - 1].hash != remembered.hash:
            return Break(number=remembered.number, what="it was another one when the chain was seen before")
    return None


def _altered(event: AuditEvent) -> bool:
    try:
        return hash_of(event) != event.hash
    except ValueError:
        return True


def _named(event: AuditEvent) -> str:
    return f"{event.event!r} of {event.at} by {event.actor or 'the system'}"
