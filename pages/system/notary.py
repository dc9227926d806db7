"""The notary: can reports be anchored at the moment?"""

from deeptrace_core.anchor import NotaryInfo
from pages.shared import backend, desk_words, parts, wording


def show() -> None:
    """Where it anchors, and what keeps it from that."""
    notary = backend.store().notaries.latest()
    parts.heading("Notary")
    if notary is None:
        parts.remark(desk_words.NOTARY_NONE)
        return
    _say(notary)
    parts.facts(
        {
            "Chain": f"{notary.chain_name}, id {notary.place.chain_id}",
            "Issuer": notary.place.issuer,
            "Contract": notary.place.contract,
        }
    )


def _say(notary: NotaryInfo) -> None:
    if not notary.alive:
        parts.notice("inconclusive", wording.NOTARY_SILENT)
    elif notary.fault is not None:
        parts.notice("inconclusive", notary.fault.what, notary.fault.advice)
    else:
        parts.remark(desk_words.NOTARY_READY)
    if notary.caution:
        parts.notice("inconclusive", notary.caution)
