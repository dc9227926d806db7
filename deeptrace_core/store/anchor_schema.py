"""The collections of anchoring. What `schema` says about documents holds here too."""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from deeptrace_core.anchor import AnchorState
from deeptrace_core.store.connection import Document
from deeptrace_core.store.schema import Collections, strict_object

IN_BATCH = "IN_BATCH"
"""The status of an anchor whose state is that of its batch."""

_ID = {"bsonType": "string", "pattern": "^[0-9a-f]{32}$"}
_DIGEST = {"bsonType": "string", "pattern": "^[0-9a-f]{64}$"}
_HASH = {"bsonType": "string", "pattern": "^0x[0-9a-f]{64}$"}
_ADDRESS = {"bsonType": "string", "pattern": "^0x[0-9a-fA-F]{40}$"}
_COUNT = {"bsonType": ["int", "long"], "minimum": 0}
_TEXT = {"bsonType": "string"}
_TEXT_OR_NONE = {"bsonType": ["string", "null"]}
_DATE = {"bsonType": "date"}


def _array(items: Any, *, at_least: int = 0) -> Document:
    return {"bsonType": "array", "items": items, "minItems": at_least}


_PLACE = strict_object({"chain_id": _COUNT, "contract": _ADDRESS, "issuer": _ADDRESS})
_RECORD = strict_object(
    {
        "value": _DIGEST,
        "tx_hash": {"anyOf": [_HASH, {"bsonType": "null"}]},
        "block": _COUNT,
        "block_hash": _HASH,
        "time": _TEXT,
    }
)
_FAULT = strict_object({"code": _TEXT, "what": _TEXT, "advice": _TEXT})

_ANCHOR = strict_object(
    {
        "_id": _ID,
        "schema_v": {"enum": [1]},
        "digest": _DIGEST,
        "place": _PLACE,
        "status": {"enum": ["REQUESTED", IN_BATCH, "CONFIRMED", "FAILED"]},
        "requested_at": _DATE,
    },
    {
        "job": _ID,
        "batch": _ID,
        "record": _RECORD,
        "proof": _array(_DIGEST),
        "error": _FAULT,
        "ended_at": _DATE,
    },
)


def _when(status: str, required: list[str], *, without: str) -> Document:
    """In this state these fields are there, and that one is not."""
    return {
        "properties": {"status": {"enum": [status]}},
        "required": ["status", *required],
        "not": {"required": [without]},
    }


_ANCHOR["oneOf"] = [
    _when("REQUESTED", [], without="batch"),
    _when(IN_BATCH, ["batch"], without="ended_at"),
    _when("CONFIRMED", ["record", "proof", "ended_at"], without="error"),
    _when("FAILED", ["error", "ended_at"], without="record"),
]

_ATTEMPT = strict_object(
    {
        "nonce": _COUNT,
        "raw": {"bsonType": "binData"},
        "tx_hash": _HASH,
        "tip_wei": _COUNT,
        "max_fee_wei": _COUNT,
        "signed_at": _DATE,
    }
)

_BATCH = strict_object(
    {
        "_id": _ID,
        "schema_v": {"enum": [1]},
        "place": _PLACE,
        "status": {"enum": [state.value for state in AnchorState if state is not AnchorState.REQUESTED]},
        "inflight": {"bsonType": "bool"},
        "value": _DIGEST,
        "digests": _array(_DIGEST, at_least=1),
        "attempts": _array(_ATTEMPT, at_least=1),
        "reverts": _COUNT,
        "notary_id": _TEXT,
        "token": _COUNT,
        "lease_expires_at": _DATE,
        "seen_at": _DATE,
    },
    {"record": _RECORD, "error": _FAULT},
)
_BATCH["oneOf"] = [
    {"properties": {"status": {"enum": ["SIGNED", "SUBMITTED", "MINED"]}, "inflight": {"enum": [True]}}},
    {"properties": {"status": {"enum": ["CONFIRMED", "FAILED"]}, "inflight": {"enum": [False]}}},
]

_NOTARY = strict_object(
    {
        "_id": _TEXT,
        "place": _PLACE,
        "chain_name": _TEXT,
        "explorer": _TEXT_OR_NONE,
        "caution": _TEXT_OR_NONE,
        "seen_at": _DATE,
        "silent_after": _DATE,
    },
    {"fault": _FAULT},
)

ANCHOR_COLLECTIONS: Collections = {
    "anchors": (
        _ANCHOR,
        [
            IndexModel(
                [("place", ASCENDING), ("requested_at", ASCENDING)],
                name="waiting",
                partialFilterExpression={"status": "REQUESTED"},
            ),
            IndexModel([("digest", ASCENDING), ("requested_at", DESCENDING)], name="digest"),
        ],
    ),
    "anchor_batches": (
        _BATCH,
        [
            # One transaction at a time for each key: two with one nonce would replace each other.
            IndexModel(
                [("place.chain_id", ASCENDING), ("place.issuer", ASCENDING)],
                name="one_in_flight",
                unique=True,
                partialFilterExpression={"inflight": True},
            ),
        ],
    ),
    "notaries": (_NOTARY, [IndexModel([("seen_at", DESCENDING)], name="latest")]),
}
