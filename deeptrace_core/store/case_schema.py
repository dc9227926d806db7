"""The collections of the analyst's hand. What `schema` says about documents holds here too."""

from pymongo import ASCENDING, IndexModel

from deeptrace_core.casework import Opinion
from deeptrace_core.store.schema import Collections, strict_object

_ID = {"bsonType": "string", "pattern": "^[0-9a-f]{32}$"}
_SHA256 = {"bsonType": "string", "pattern": "^[0-9a-f]{64}$"}
_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}

_MARK = strict_object(
    {
        "_id": _TEXT,
        "job": _ID,
        "subject": _TEXT,
        "opinion": {"enum": [opinion.value for opinion in Opinion]},
        "by": _TEXT,
        "at": _DATE,
    }
)

_NOTE = strict_object(
    {
        "_id": _ID,
        "job": _ID,
        "text": _TEXT,
        "at_s": {"bsonType": ["double", "int", "long", "null"]},
        "by": _TEXT,
        "at": _DATE,
    }
)

_SHARE = strict_object({"_id": _SHA256, "owner": _TEXT, "case": _TEXT, "person": _TEXT})

CASE_COLLECTIONS: Collections = {
    "case_shares": (
        _SHARE,
        [
            IndexModel([("person", ASCENDING)], name="person"),
            IndexModel([("owner", ASCENDING), ("case", ASCENDING)], name="case"),
        ],
    ),
    "case_marks": (_MARK, [IndexModel([("job", ASCENDING)], name="job")]),
    "case_notes": (_NOTE, [IndexModel([("job", ASCENDING), ("at", ASCENDING)], name="job")]),
}
