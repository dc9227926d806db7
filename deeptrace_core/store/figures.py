"""How much there is: of jobs in each state, and of the database itself. For people who run the system."""

from pymongo.database import Database

from deeptrace_core.job import JobState, QueueFigures
from deeptrace_core.store.connection import Document, translating_errors
from deeptrace_core.store.job_document import rfc3339
from deeptrace_core.store.schema import STATE_INDEX


class Figures:
    """Counts of the moment. Each method raises StoreUnavailableError while the database is away."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._jobs = database["jobs"]

    def queue(self) -> QueueFigures:
        """How many jobs there are in each state, and since when the oldest waits."""
        with translating_errors():
            groups = self._jobs.aggregate(
                [{"$group": {"_id": "$status", "count": {"$sum": 1}}}], hint=STATE_INDEX
            )
            counts = {row["_id"]: row["count"] for row in groups}
            oldest = self._jobs.find_one(
                {"status": JobState.PENDING.value},
                {"created_at": 1},
                sort=[("created_at", 1)],
                hint=STATE_INDEX,
            )
        return QueueFigures(
            counts={state: counts.get(state.value, 0) for state in JobState},
            oldest_waiting_since=rfc3339(oldest["created_at"]) if oldest else None,
        )

    def database_bytes(self) -> int:
        """What the database takes on its disk, indexes included."""
        with translating_errors():
            stats = self._database.command("dbStats")
        return int(stats["storageSize"] + stats["indexSize"])
