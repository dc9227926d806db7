"""The database refuses what the code should never write, and many processes may set it up at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo.database import Database
from pymongo.errors import WriteError

from deeptrace_core.model import AnalysisOptions
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store, open_store
from tests.store.conftest import Submit, make_media


def test_many_openings_at_once_make_one_schema(
    settings: Settings, database: Database[dict[str, Any]]
) -> None:
    """Processes that start together on an empty database do not trip over each other."""
    with ThreadPoolExecutor(6) as pool:
        stores = list(pool.map(open_store, [settings] * 6))
    for store in stores:
        store.close()
    expected = {"jobs", "thumbnails", "frame_scores", "workers", "audit_events", "turns"} | {
        "custody_heads",
        "signing_keys",
        "case_marks",
        "case_notes",
        "case_shares",
        "webhooks",
        "anchors",
        "anchor_batches",
        "notaries",
    }
    assert expected == set(database.list_collection_names())
    expected = {"_id_", "claim", "promote", "reap", "list", "state", "dedupe_own", "expire"} | {
        "media",
        "report",
        "viewing_copy",
        "owner",
    }
    assert expected == set(database.jobs.index_information())


def test_jobs_are_written_to_the_journal_of_a_majority(store: Store) -> None:
    """What was acknowledged survives the death of a server: `--broken w1` shows what happens without it."""
    assert store._database["jobs"].write_concern.document == {"w": "majority", "j": True, "wtimeout": 10_000}


@pytest.mark.parametrize(
    "change",
    [
        {"status": "DONE"},
        {"status": "PROCESSING"},
        {"status": "COMPLETED"},
        {"attempt": -1},
        {"media_id": "../../etc/passwd"},
        {"surprise": 1},
    ],
)
def test_impossible_job_is_refused(
    store: Store, submit: Submit, database: Database[dict[str, Any]], change: dict[str, Any]
) -> None:
    """A job cannot be in a state without what belongs to that state."""
    job = submit()
    with pytest.raises(WriteError, match="validation"):
        database.jobs.update_one({"_id": job.id}, {"$set": change})


def test_index_of_an_older_version_is_taken_away(
    settings: Settings, database: Database[dict[str, Any]]
) -> None:
    """It would let no two people submit the same video."""
    keys = [("media_id", 1), ("params_hash", 1)]
    database.jobs.create_index(keys, name="dedupe", unique=True)
    media, options = make_media(), AnalysisOptions(detector="test")
    with open_store(settings) as store:
        assert "dedupe" not in database.jobs.index_information()
        first = store.jobs.submit(media, options, by="anna")
        assert store.jobs.submit(media, options, by="ben").job_id != first.job_id


def test_older_schema_is_brought_up_to_date(settings: Settings, database: Database[dict[str, Any]]) -> None:
    """A database from an older version gets the present rules and indexes when it is opened."""
    database.create_collection("workers", validator={"old": {"$exists": True}})
    open_store(settings).close()
    options = database.workers.options()
    assert list(options["validator"]) == ["$jsonSchema"]
    assert "ttl" in database.workers.index_information()


def test_claim_reads_one_index_entry_with_a_long_history(
    store: Store, submit: Submit, database: Database[dict[str, Any]]
) -> None:
    """A claim does not look at jobs that have ended or wait to be retried."""
    row = database.jobs.find_one({"_id": submit().id})
    assert row is not None
    ended = {**row, "status": "CANCELLED", "ready": False, "finished_at": row["created_at"]}
    delayed = {**row, "ready": False}
    rows = [{**ended, "_id": f"{number:032x}"} for number in range(500)]
    rows += [
        {**delayed, "_id": f"{number:032x}", "params_hash": f"{number:064x}"} for number in range(500, 1000)
    ]
    database.jobs.insert_many(rows)
    plan = database.command(
        "explain",
        {
            "find": "jobs",
            "filter": {"status": "PENDING", "ready": True},
            "sort": {"priority": -1, "created_at": 1, "_id": 1},
            "hint": "claim",
        },
    )
    assert plan["executionStats"]["totalKeysExamined"] == 1
    reap = {"status": "PROCESSING", "$expr": {"$lt": ["$lease_expires_at", "$$NOW"]}}
    plan = database.command("explain", {"find": "jobs", "filter": reap, "hint": "reap"})
    assert plan["executionStats"]["totalDocsExamined"] == 0
