"""The anchor of a report: not set up, to be asked for, under way, on the chain, or failed."""

import streamlit as st

from deeptrace_core.anchor import ENDED, Anchor, AnchorState, NotaryInfo
from deeptrace_core.chain.presets import chain_numbered
from deeptrace_core.job import Job
from deeptrace_core.permissions import Act
from deeptrace_core.proof import CHECKER, proof_bytes
from pages.shared import backend, faults, parts, places, times, who, wording

POLL_S = 2.0


def show(job: Job, data: bytes, sha256: str) -> None:
    """The section at the end of a report's page. It follows an anchor that is under way."""
    parts.heading("Anchor", wording.ANCHOR_BELOW)
    anchor = backend.store().anchors.of(sha256)
    if anchor is not None and anchor.state not in ENDED:
        st.fragment(_poll, run_every=POLL_S)(sha256)
        return
    notary = backend.store().notaries.latest()
    if anchor is not None and anchor.state is AnchorState.CONFIRMED:
        _show_confirmed(job, data, anchor, notary)
        return
    if anchor is not None:
        fault = anchor.fault
        parts.notice("failed", wording.ANCHOR_FAILED, *((fault.what, fault.advice) if fault else ()))
    _offer(job, sha256, notary, wording.ANCHOR_AGAIN if anchor else wording.ANCHOR_ASK)


def _poll(sha256: str) -> None:
    with faults.explained(retried_by_caller=True):
        store = backend.store()
        anchor, notary = store.anchors.of(sha256), store.notaries.latest()
        if anchor is None or anchor.state in ENDED:
            st.rerun()
        _show_under_way(anchor, notary)


def _show_under_way(anchor: Anchor, notary: NotaryInfo | None) -> None:
    waits: tuple[str, ...] = ()
    if fault := anchor.fault or (notary.fault if notary else None):
        waits = (fault.what, fault.advice)
    elif notary is None or not notary.alive:
        waits = (wording.NOTARY_SILENT,)
    what = wording.ANCHOR_STATES[anchor.state]
    if anchor.record is not None:
        what = what.format(block=f"{anchor.record.block:,}")
    parts.notice("inconclusive" if waits else "active", what, *waits, wording.CAN_CLOSE, _caution(anchor))


def _show_confirmed(job: Job, data: bytes, anchor: Anchor, notary: NotaryInfo | None) -> None:
    record, place = anchor.record, anchor.place
    if record is None:
        return
    chain = chain_numbered(place.chain_id)
    name, explorer = chain.name, chain.explorer
    if notary is not None and notary.place == place:
        name, explorer = notary.chain_name, notary.explorer
    when = times.local_time(record.time)
    parts.vouched(wording.anchored(record.block, when), wording.ANCHOR_MEANS, chain.caution)
    parts.facts(
        {
            "Chain": f"{name}, id {place.chain_id}",
            "Block": f"{record.block:,}, {record.time}",
            "Issuer": place.issuer,
            "Contract": place.contract,
            "Transaction": record.tx_hash,
            "Batch": wording.batch(record.value) if anchor.proof else None,
        }
    )
    with st.container(horizontal=True):
        st.download_button(
            wording.DOWNLOAD_PROOF,
            proof_bytes(data, anchor, record, chain_name=name),
            file_name=f"deeptrace-{places.short_id(job.id)}-proof.json",
            mime="application/json",
            key="download_proof",
            on_click="ignore",
            type="primary",
        )
        st.download_button(
            wording.DOWNLOAD_CHECKER,
            CHECKER.read_bytes(),
            file_name="deeptrace-verify.html",
            mime="text/html",
            key="download_checker",
            on_click="ignore",
        )
        if explorer and record.tx_hash:
            st.link_button(wording.TO_EXPLORER, f"{explorer}/tx/{record.tx_hash}")
    parts.remark(wording.PROOF_KEEP)


def _offer(job: Job, sha256: str, notary: NotaryInfo | None, label: str) -> None:
    if notary is None:
        parts.notice("none", wording.ANCHOR_NOT_SET_UP, wording.ANCHOR_HOW)
        return
    if notary.caution:
        parts.notice("inconclusive", notary.caution)
    if not notary.alive:
        parts.notice("inconclusive", wording.NOTARY_SILENT)
    elif notary.fault:
        parts.notice("inconclusive", notary.fault.what, notary.fault.advice)
    if who.acting().may(Act.ANCHOR, job) and st.button(label, key="anchor"):
        _ask(job.id, sha256, notary)


@st.dialog(wording.ANCHOR_TITLE)
def _ask(job_id: str, sha256: str, notary: NotaryInfo) -> None:
    parts.points(wording.anchor_dialog(notary.chain_name, notary.caution))
    parts.facts({"SHA-256 of the report": sha256, "Written by": notary.place.issuer})
    # A dialog runs alone, outside of the frame, as a fragment does.
    with faults.explained(retried_by_caller=True):
        if st.button(wording.ANCHOR_CONFIRM, key="anchor_confirm", type="primary"):
            who.acting().anchor(job_id, sha256, notary.place)
            st.rerun()


def _caution(anchor: Anchor) -> str:
    return chain_numbered(anchor.place.chain_id).caution or ""
