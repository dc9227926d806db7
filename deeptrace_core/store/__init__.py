"""What DeepTrace remembers: jobs, results, workers, anchors. The only package that knows MongoDB."""

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from pymongo import MongoClient
from pymongo.errors import ConfigurationError

from deeptrace_core.errors import SettingsError
from deeptrace_core.settings import Settings
from deeptrace_core.store.anchor_schema import ANCHOR_COLLECTIONS
from deeptrace_core.store.anchors import Anchors
from deeptrace_core.store.audit import Audit
from deeptrace_core.store.batches import Batches
from deeptrace_core.store.case_schema import CASE_COLLECTIONS
from deeptrace_core.store.cases import Cases
from deeptrace_core.store.connection import Document, check_deployment, connect, translating_errors
from deeptrace_core.store.embedded import EmbeddedMongod
from deeptrace_core.store.figures import Figures
from deeptrace_core.store.jobs import Jobs, Submission
from deeptrace_core.store.listing import Listing
from deeptrace_core.store.notaries import Notaries
from deeptrace_core.store.pulse import Pulse
from deeptrace_core.store.results import Results
from deeptrace_core.store.schema import ensure_schema
from deeptrace_core.store.sharing import Sharing
from deeptrace_core.store.signing_keys import SigningKeys
from deeptrace_core.store.turns import Turns
from deeptrace_core.store.webhooks import Webhooks
from deeptrace_core.store.workers import Workers

__all__ = ["Store", "Submission", "open_store"]

DEFAULT_DATABASE = "deeptrace"


class Store:
    """The database of DeepTrace. One for a process; its methods may be called from any thread.

    Opened once, it serves across failures: while the database is away each method raises
    StoreUnavailableError within seconds, and when it is back they work again.
    """

    def __init__(
        self,
        client: MongoClient[Document],
        *,
        lease_s: float,
        retention_days: float | None = None,
        embedded: EmbeddedMongod | None = None,
    ) -> None:
        try:
            database = client.get_default_database(DEFAULT_DATABASE)
        except ConfigurationError as error:
            raise SettingsError(f"DEEPTRACE_MONGODB_URI cannot be used: {error}") from error
        self._client = client
        self._embedded = embedded
        self._database = database
        self.jobs = Jobs(database, lease_s=lease_s, retention_days=retention_days)
        self.listing = Listing(database)
        self.figures = Figures(database)
        self.results = Results(database)
        self.cases = Cases(database)
        self.sharing = Sharing(database)
        self.audit = Audit(database)
        self.workers = Workers(database)
        self.pulse = Pulse(database, self.jobs, self.workers)
        self.turns = Turns(database)
        self.signing_keys = SigningKeys(database)
        self.webhooks = Webhooks(database)
        self.anchors = Anchors(database)
        self.batches = Batches(database)
        self.notaries = Notaries(database)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ping(self) -> None:
        """Raise StoreUnavailableError if the database does not answer."""
        with translating_errors():
            self._client.admin.command("ping")

    def revive(self) -> None:
        """Start the embedded database again if it died. Cheap if not; nothing to do for any other.

        Raises:
            EmbeddedDatabaseError: it cannot be started.
        """
        if self._embedded is not None:
            self._embedded.start()

    def close(self) -> None:
        """End the connection. The embedded database is stopped if nobody else uses it."""
        self.jobs.close()
        try:
            self._client.close()
        finally:
            if self._embedded is not None:
                self._embedded.release()

    def _prepare(self) -> None:
        with translating_errors():
            ensure_schema(self._database)
            ensure_schema(self._database, ANCHOR_COLLECTIONS)
            ensure_schema(self._database, CASE_COLLECTIONS)


def open_store(settings: Settings) -> Store:
    """Connect to the database of the settings, or start the embedded one and connect to that.

    Raises:
        StoreUnavailableError: it does not answer.
        EmbeddedDatabaseError: it cannot be started here.
        SettingsError: its address cannot be used.
    """
    with ExitStack() as undo:
        embedded = None
        uri = settings.mongodb_uri
        if uri is None:
            embedded = EmbeddedMongod(settings.home, settings.mongod)
            undo.callback(embedded.release)
            uri = embedded.start()
        client = connect(uri)
        undo.callback(client.close)
        check_deployment(client)
        store = Store(
            client, lease_s=settings.lease_s, retention_days=settings.retention_days, embedded=embedded
        )
        store._prepare()
        undo.pop_all()
        return store
