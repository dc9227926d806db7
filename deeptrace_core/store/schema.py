"""The collections: which documents they accept and which indexes they have.

Documents are described as strictly as they are used, so that a mistake in an update is refused by the
server and does not become a strange job.
"""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.database import Database
from pymongo.errors import CollectionInvalid, OperationFailure

from deeptrace_core.job import ACTIVE_STATES, JobState
from deeptrace_core.store.connection import Document
from deeptrace_core.store.frame_buckets import COLUMNS
from deeptrace_core.store.job_document import OVERVIEW_COLUMNS

NAMESPACE_EXISTS = 48
INDEX_NOT_FOUND = 27
WORKER_KEPT_S = 24 * 3600

CLAIM_INDEX = "claim"
PROMOTE_INDEX = "promote"
REAP_INDEX = "reap"
EXPIRE_INDEX = "expire"
MEDIA_INDEX = "media"
REPORT_INDEX = "report"
STATE_INDEX = "state"
COPY_INDEX = "viewing_copy"
OUTDATED = frozenset({"dedupe"})
"""Indexes of older versions that stand in the way."""

_ID = {"bsonType": "string", "pattern": "^[0-9a-f]{32}$"}
_SHA256 = {"bsonType": "string", "pattern": "^[0-9a-f]{64}$"}
_COUNT = {"bsonType": ["int", "long"], "minimum": 0}
_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_BYTES = {"bsonType": "binData"}
_NUMBER = {"bsonType": ["double", "int", "long"]}


def strict_object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> Document:
    """A document with these fields and no other."""
    return {
        "bsonType": "object",
        "required": sorted(required),
        "properties": {**required, **(optional or {})},
        "additionalProperties": False,
    }


_PROGRESS = strict_object({"stage": _TEXT, "done": _COUNT, "total": _COUNT})
_RESULT = strict_object(
    {"report_sha256": _SHA256, "verdict": _TEXT},
    {
        "reason": {"bsonType": ["string", "null"]},
        "score": {"bsonType": ["double", "int", "null"]},
        "overview": strict_object(dict.fromkeys(OVERVIEW_COLUMNS, _BYTES)),
        "viewing_copy": strict_object({"sha256": _SHA256, "frames": _COUNT})
        | {"bsonType": ["object", "null"]},
    },
)
_ERROR = strict_object({"code": _TEXT, "what": _TEXT, "advice": _TEXT})
_CASE = strict_object({"acts": _COUNT}, {"name": _TEXT, "reference": _TEXT})

_JOB = strict_object(
    {
        "_id": _ID,
        "schema_v": {"enum": [1]},
        "kind": {"enum": ["analyze_video"]},
        "media_id": _SHA256,
        "media_bytes": _COUNT,
        "media_name": _TEXT,
        "params": {"bsonType": "object"},
        "params_hash": _SHA256,
        "status": {"enum": [state.value for state in JobState]},
        "ready": {"bsonType": "bool"},
        "priority": {"bsonType": "int"},
        "attempt": _COUNT,
        "max_attempts": _COUNT,
        "lapses": _COUNT,
        "releases": _COUNT,
        "run_at": _DATE,
        "created_at": _DATE,
        "cancel_requested": {"bsonType": "bool"},
    },
    {
        "started_at": _DATE,
        "heartbeat_at": _DATE,
        "finished_at": _DATE,
        "lease_expires_at": _DATE,
        "expires_at": _DATE,
        "worker_id": _TEXT,
        "winner": _COUNT,
        "progress": _PROGRESS,
        "result": _RESULT,
        "error": _ERROR,
        "case": _CASE,
        "owner": _TEXT,
    },
)


def _when(state: str, required: list[str], *, without: str | None = None) -> Document:
    """In this state these fields are there, and that one is not."""
    rule: Document = {"properties": {"status": {"enum": [state]}}, "required": ["status", *required]}
    return rule if without is None else {**rule, "not": {"required": [without]}}


_JOB["oneOf"] = [
    _when("PENDING", [], without="worker_id"),
    _when("PROCESSING", ["worker_id", "started_at", "lease_expires_at"], without="finished_at"),
    _when("COMPLETED", ["finished_at", "winner", "result"], without="lease_expires_at"),
    _when("FAILED", ["finished_at", "error"], without="lease_expires_at"),
    _when("CANCELLED", ["finished_at"], without="lease_expires_at"),
]

_THUMBNAIL = strict_object(
    {
        "_id": strict_object({"job": _ID, "token": _COUNT, "track": _COUNT, "i": _COUNT}),
        "frame": _COUNT,
        "time_s": _NUMBER,
        "probability": _NUMBER,
        "webp": _BYTES,
    },
    {"activation": {"bsonType": ["binData", "null"]}},
)

_FRAME_SCORES = strict_object(
    {
        "_id": strict_object({"job": _ID, "token": _COUNT, "bucket": _COUNT}),
        "first_s": _NUMBER,
        "last_s": _NUMBER,
        "reasons": {"bsonType": "array", "items": _TEXT},
        **dict.fromkeys(COLUMNS, _BYTES),
    },
    {"members": {"bsonType": "array", "items": _BYTES}},
)

_WORKER = strict_object(
    {
        "_id": _TEXT,
        "host": _TEXT,
        "pid": _COUNT,
        "version": _TEXT,
        "device": _TEXT,
        "detectors": {"bsonType": "array"},
        "default_detector": _TEXT,
        "started_at": _TEXT,
        "seen_at": _DATE,
        "silent_after": _DATE,
    }
)

_AUDIT_EVENT = strict_object(
    {
        "_id": {"bsonType": "objectId"},
        "at": _DATE,
        "event": _TEXT,
        "actor": _TEXT,
        "data": {"bsonType": "object"},
    },
    # Events from before there were chains have no place in one.
    {"job": _ID, "token": _COUNT, "chain": _TEXT, "number": _COUNT, "previous": _TEXT, "hash": _SHA256},
)

_CUSTODY_HEAD = strict_object({"_id": _TEXT, "number": _COUNT, "hash": _SHA256})

_TURN = strict_object({"_id": _TEXT, "taker": _TEXT, "next_at": _DATE})

_SIGNING_KEY = strict_object({"_id": _TEXT, "key": _BYTES})

_WEBHOOK = strict_object(
    {"_id": _ID, "job": _ID, "url": _TEXT, "tries": _COUNT, "created_at": _DATE, "next_at": _DATE}
)

_OPEN = {"$in": sorted(state.value for state in ACTIVE_STATES)}

Collections = dict[str, tuple[Document, list[IndexModel]]]

COLLECTIONS: Collections = {
    "jobs": (
        _JOB,
        [
            # Delayed jobs (ready: false) stay out: in front of the queue they would slow every claim.
            IndexModel(
                [("priority", DESCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)],
                name=CLAIM_INDEX,
                partialFilterExpression={"status": "PENDING", "ready": True},
            ),
            IndexModel(
                [("run_at", ASCENDING)],
                name=PROMOTE_INDEX,
                partialFilterExpression={"status": "PENDING", "ready": False},
            ),
            IndexModel(
                [("lease_expires_at", ASCENDING)],
                name=REAP_INDEX,
                partialFilterExpression={"status": "PROCESSING"},
            ),
            IndexModel([("created_at", DESCENDING), ("_id", DESCENDING)], name="list"),
            IndexModel([("owner", ASCENDING), ("created_at", DESCENDING)], name="owner"),
            IndexModel([("status", ASCENDING), ("created_at", DESCENDING)], name=STATE_INDEX),
            # Not for others: that somebody else has the same video in work is not theirs to know.
            # A job that is being cancelled does not stand in the way of a new one.
            IndexModel(
                [("media_id", ASCENDING), ("params_hash", ASCENDING), ("owner", ASCENDING)],
                name="dedupe_own",
                unique=True,
                partialFilterExpression={"status": _OPEN, "cancel_requested": False},
            ),
            IndexModel(
                [("expires_at", ASCENDING)],
                name=EXPIRE_INDEX,
                partialFilterExpression={"expires_at": {"$exists": True}},
            ),
            # For the sweep: which stored files does any job need?
            IndexModel([("media_id", ASCENDING)], name=MEDIA_INDEX),
            IndexModel([("result.report_sha256", ASCENDING)], name=REPORT_INDEX, sparse=True),
            IndexModel([("result.viewing_copy.sha256", ASCENDING)], name=COPY_INDEX, sparse=True),
        ],
    ),
    "thumbnails": (_THUMBNAIL, []),  # read by a range of _id
    "frame_scores": (_FRAME_SCORES, []),  # likewise
    "workers": (
        _WORKER,
        [IndexModel([("seen_at", ASCENDING)], name="ttl", expireAfterSeconds=WORKER_KEPT_S)],
    ),
    "audit_events": (
        _AUDIT_EVENT,
        [
            IndexModel([("job", ASCENDING), ("at", ASCENDING)], name="job"),
            IndexModel([("at", ASCENDING)], name="deleted", partialFilterExpression={"event": "deleted"}),
            # No chain can fork: of two who add the same number, one is refused.
            IndexModel(
                [("chain", ASCENDING), ("number", ASCENDING)],
                name="chain",
                unique=True,
                partialFilterExpression={"number": {"$exists": True}},
            ),
        ],
    ),
    "custody_heads": (_CUSTODY_HEAD, []),
    "turns": (_TURN, []),
    "signing_keys": (_SIGNING_KEY, []),
    "webhooks": (_WEBHOOK, [IndexModel([("next_at", ASCENDING)], name="due")]),
}


def ensure_schema(database: Database[Document], collections: Collections = COLLECTIONS) -> None:
    """Make the collections and indexes as above; safe at the same time.

    Where all is as it should be, nothing is asked for that only an administrator of the database may do.
    """
    present = {found["name"]: found.get("options", {}) for found in database.list_collections()}
    for name, (schema, indexes) in collections.items():
        validator = {"$jsonSchema": schema}
        if name not in present:
            _create(database, name, validator)
        elif present[name].get("validator") != validator:
            database.command("collMod", name, validator=validator, validationLevel="strict")
        there = database[name].index_information() if indexes else {}
        for old in OUTDATED & set(there):
            _drop_index(database, name, old)
        if missing := [index for index in indexes if index.document["name"] not in there]:
            database[name].create_indexes(missing)


def _drop_index(database: Database[Document], collection: str, name: str) -> None:
    try:
        database[collection].drop_index(name)
    except OperationFailure as error:
        if error.code != INDEX_NOT_FOUND:  # another process was faster
            raise


def _create(database: Database[Document], name: str, validator: Document) -> None:
    try:
        database.create_collection(name, validator=validator, check_exists=False)
    except CollectionInvalid:
        return
    except OperationFailure as error:
        if error.code != NAMESPACE_EXISTS:  # another process was faster
            raise
