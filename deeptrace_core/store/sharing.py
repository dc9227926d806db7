"""With whom the jobs of a case are shared. A share is by the owner of the jobs: it opens nobody else's."""

from pymongo.client_session import ClientSession
from pymongo.database import Database

from deeptrace_core.canonical import canonical_bytes, digest
from deeptrace_core.custody import case_chain
from deeptrace_core.permissions import Scope, Share
from deeptrace_core.store.audit import Audit
from deeptrace_core.store.connection import Document, translating_errors
from deeptrace_core.store.transaction import in_transaction

NOBODY = {"$in": ["", None]}
"""Jobs from before they had owners."""


class Sharing:
    """All shares. Each method raises StoreUnavailableError while the database cannot be reached."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._shares = database["case_shares"]
        self._audit = Audit(database)

    def add(self, owner: str, case: str, person: str, *, by: str) -> None:
        """Share; nothing happens where it is shared already. In the chain of the case."""
        row = _row(owner, case, person)

        def step(session: ClientSession) -> None:
            added = self._shares.update_one(
                {"_id": row["_id"]}, {"$setOnInsert": row}, upsert=True, session=session
            )
            if added.upserted_id is not None:
                self._note("shared", owner, case, person, by, session)

        with translating_errors():
            in_transaction(self._database, step)

    def remove(self, owner: str, case: str, person: str, *, by: str) -> None:
        """Share no longer; nothing happens where it is not shared."""
        row = _row(owner, case, person)

        def step(session: ClientSession) -> None:
            if self._shares.delete_one({"_id": row["_id"]}, session=session).deleted_count:
                self._note("unshared", owner, case, person, by, session)

        with translating_errors():
            in_transaction(self._database, step)

    def is_shared(self, owner: str, case: str, person: str) -> bool:
        """Whether this person sees the jobs of that owner in that case."""
        with translating_errors():
            return self._shares.find_one({"_id": _row(owner, case, person)["_id"]}) is not None

    def people(self, owner: str, case: str) -> tuple[str, ...]:
        """With whom the jobs of this owner in this case are shared."""
        with translating_errors():
            found = self._shares.find({"owner": owner, "case": case}, sort=[("person", 1)])
            return tuple(row["person"] for row in found)

    def with_person(self, person: str) -> tuple[Share, ...]:
        """All that is shared with a person."""
        with translating_errors():
            found = self._shares.find({"person": person})
            return tuple(Share(owner=row["owner"], case=row["case"], person=row["person"]) for row in found)

    def _note(self, event: str, owner: str, case: str, person: str, by: str, session: ClientSession) -> None:
        data = {"owner": owner, "person": person}
        self._audit.write(event, chain=case_chain(case), actor=by, data=data, session=session)


def seen_by(scope: Scope | None) -> list[Document]:
    """The condition on jobs, as a list of one; empty for somebody who sees all."""
    if scope is None:
        return []
    seen: list[Document] = [{"owner": scope.name}]
    for share in scope.shares:
        owner = share.owner or NOBODY
        seen.append({"owner": owner, "case.reference": share.case})
        seen.append({"owner": owner, "case.reference": NOBODY, "case.name": share.case})
    return [{"$or": seen}]


def _row(owner: str, case: str, person: str) -> Document:
    key = digest(canonical_bytes({"owner": owner, "case": case, "person": person}))
    return {"_id": key, "owner": owner, "case": case, "person": person}
