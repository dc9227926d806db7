"""Anchors and their batches as MongoDB keeps them, and back."""

import hashlib

from deeptrace_core.anchor import (
    Anchor,
    AnchorFault,
    AnchorState,
    Attempt,
    Batch,
    ChainPlace,
    ChainRecord,
    NotaryInfo,
)
from deeptrace_core.store.connection import Document
from deeptrace_core.store.job_document import MAX_TEXT_CHARS, clean_text, rfc3339


def anchor_id(place: ChainPlace, digest: str) -> str:
    """The same wish has the same id, so that it cannot be there twice."""
    key = f"{place.chain_id} {place.contract} {place.issuer} {digest}"
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def place_document(place: ChainPlace) -> Document:
    """Fields in one order: places are compared as a whole."""
    return {"chain_id": place.chain_id, "contract": place.contract, "issuer": place.issuer}


def record_document(record: ChainRecord) -> Document:
    return {
        "value": record.value,
        "tx_hash": record.tx_hash,
        "block": record.block,
        "block_hash": record.block_hash,
        "time": record.time,
    }


def fault_document(fault: AnchorFault) -> Document:
    texts = {"code": fault.code, "what": fault.what, "advice": fault.advice}
    return {name: clean_text(text, MAX_TEXT_CHARS) for name, text in texts.items()}


def attempt_document(attempt: Attempt) -> Document:
    """Without the time of signing, which is the server's."""
    return {
        "nonce": attempt.nonce,
        "raw": attempt.raw,
        "tx_hash": attempt.tx_hash,
        "tip_wei": attempt.tip_wei,
        "max_fee_wei": attempt.max_fee_wei,
    }


def anchor_from(document: Document, batch: Batch | None) -> Anchor:
    """The anchor of a document, which has the state of its batch while it is in one."""
    record, error = document.get("record"), document.get("error")
    state, fault = document["status"], AnchorFault(**error) if error else None
    if batch is not None:
        state, fault = batch.state.value, batch.fault
        record = record_document(batch.record) if batch.record else None
    return Anchor(
        id=document["_id"],
        digest=document["digest"],
        place=ChainPlace(**document["place"]),
        state=AnchorState(state),
        requested_at=rfc3339(document["requested_at"]),
        record=ChainRecord(**record) if record else None,
        proof=tuple(document.get("proof", ())),
        fault=fault,
    )


def batch_from(document: Document) -> Batch:
    record, error, attempts = document.get("record"), document.get("error"), document["attempts"]
    return Batch(
        id=document["_id"],
        place=ChainPlace(**document["place"]),
        state=AnchorState(document["status"]),
        value=document["value"],
        digests=tuple(document["digests"]),
        attempts=tuple(
            Attempt(
                nonce=attempt["nonce"],
                raw=bytes(attempt["raw"]),
                tx_hash=attempt["tx_hash"],
                tip_wei=attempt["tip_wei"],
                max_fee_wei=attempt["max_fee_wei"],
            )
            for attempt in attempts
        ),
        since_attempt_s=(document["seen_at"] - attempts[-1]["signed_at"]).total_seconds(),
        reverts=document["reverts"],
        record=ChainRecord(**record) if record else None,
        fault=AnchorFault(**error) if error else None,
        notary_id=document["notary_id"],
        token=document["token"],
    )


def notary_from(document: Document, *, alive: bool) -> NotaryInfo:
    fault = document.get("fault")
    return NotaryInfo(
        place=ChainPlace(**document["place"]),
        chain_name=document["chain_name"],
        explorer=document["explorer"],
        caution=document["caution"],
        fault=AnchorFault(**fault) if fault else None,
        alive=alive,
    )
