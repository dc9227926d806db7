"""Anchors: a report's digest on its way to a public chain, and what is known of it there.

Standard library only, and frozen, as `model`.
"""

from dataclasses import dataclass
from enum import StrEnum

Proof = tuple[str, ...]
"""Sibling hashes from a leaf of a Merkle tree to its root, 64 hexadecimal digits each."""


class AnchorState(StrEnum):
    """Where an anchor is in its life."""

    REQUESTED = "REQUESTED"
    """Somebody asked for it. Nothing was sent; it can still be withdrawn."""
    SIGNED = "SIGNED"
    """Its transaction is signed and stored, and may have been sent."""
    SUBMITTED = "SUBMITTED"
    """A node has the transaction."""
    MINED = "MINED"
    """It is in a block, which is still young."""
    CONFIRMED = "CONFIRMED"
    """It is in a block with enough others on top."""
    FAILED = "FAILED"
    """It will not be tried again by itself; nothing was written."""


ENDED = frozenset({AnchorState.CONFIRMED, AnchorState.FAILED})


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainPlace:
    """Under which key of which contract on which chain records are kept. Addresses with their checksum."""

    chain_id: int
    contract: str
    issuer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainRecord:
    """A record on the chain."""

    value: str
    """What stands there: the digest itself, or the root of its batch."""
    tx_hash: str | None
    """None where the chain was asked for the record only, and the event could not be found."""
    block: int
    block_hash: str
    time: str
    """The block's time, RFC 3339."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnchorFault:
    """Why an anchor waits or failed."""

    code: str
    what: str
    advice: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchor:
    """A wish to have a digest on the chain, and what became of it."""

    id: str
    digest: str
    place: ChainPlace
    state: AnchorState
    requested_at: str
    record: ChainRecord | None
    """Where it stands; None before it is in a block."""
    proof: Proof
    """From the digest to `record.value`; empty if they are the same."""
    fault: AnchorFault | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """A signed transaction. Kept before it is sent, so that it can be sent again as it is."""

    nonce: int
    raw: bytes
    tx_hash: str
    tip_wei: int
    max_fee_wei: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Digests that go to the chain under one value, and the transaction that takes them there."""

    id: str
    place: ChainPlace
    state: AnchorState
    value: str
    """The digest, if there is one; else the root of the Merkle tree over all of them."""
    digests: tuple[str, ...]
    attempts: tuple[Attempt, ...]
    """The newest last. Those with the same nonce replace each other: one of them at most is ever mined."""
    since_attempt_s: float
    """How long ago the newest was signed, on the store's clock."""
    reverts: int
    """How many attempts the contract refused."""
    record: ChainRecord | None
    fault: AnchorFault | None
    """What a node answered when it did not take the transaction."""
    notary_id: str
    token: int
    """Grows each time another notary takes over; fences the writes of the one before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotaryInfo:
    """The notary that anchors for this system, as it announced itself. It holds the key; nobody else does."""

    place: ChainPlace
    chain_name: str
    explorer: str | None
    caution: str | None
    """What a reader must know about this chain: that it is a local one, say."""
    fault: AnchorFault | None = None
    """Why it cannot anchor at the moment: no funds, no connection."""
    alive: bool = True
    """Whether it was heard of lately."""
