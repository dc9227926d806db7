"""Which notary anchors for this system, and whether it was heard of lately. For the pages to show."""

from pymongo import WriteConcern
from pymongo.database import Database

from deeptrace_core.anchor import NotaryInfo
from deeptrace_core.store.anchor_document import fault_document, notary_from, place_document
from deeptrace_core.store.connection import Document, translating_errors


class Notaries:
    """Notaries that announced themselves. Each method raises StoreUnavailableError at need."""

    def __init__(self, database: Database[Document]) -> None:
        self._notaries = database.get_collection("notaries", write_concern=WriteConcern(w=1))

    def announce(self, info: NotaryInfo, *, good_for_s: float) -> None:
        """Say where this notary anchors and what keeps it from that. It counts as alive for so long."""
        place = info.place
        document: Document = {
            "_id": f"{place.chain_id} {place.contract} {place.issuer}",
            "place": place_document(place),
            "chain_name": info.chain_name,
            "explorer": info.explorer,
            "caution": info.caution,
            **({"fault": fault_document(info.fault)} if info.fault else {}),
        }
        times = {"seen_at": "$$NOW", "silent_after": {"$add": ["$$NOW", round(good_for_s * 1000)]}}
        seen = {"$mergeObjects": [{"$literal": document}, times]}
        with translating_errors():
            self._notaries.update_one({"_id": document["_id"]}, [{"$replaceWith": seen}], upsert=True)

    def latest(self) -> NotaryInfo | None:
        """The one heard of last, even if it is silent now; None if there never was one."""
        alive = {"$set": {"alive": {"$gt": ["$silent_after", "$$NOW"]}}}
        with translating_errors():
            found = list(self._notaries.aggregate([{"$sort": {"seen_at": -1}}, {"$limit": 1}, alive]))
        return notary_from(found[0], alive=found[0]["alive"]) if found else None
