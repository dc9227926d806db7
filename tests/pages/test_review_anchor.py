"""The anchor of a report on its page, in every state."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from deeptrace_core.anchor import (
    Anchor,
    AnchorFault,
    AnchorState,
    Attempt,
    ChainPlace,
    ChainRecord,
    NotaryInfo,
)
from deeptrace_core.chain.presets import PRESETS
from deeptrace_core.job import Job
from deeptrace_core.proof import parse_proof, proof_bytes
from pages.shared import wording
from tests.pages.conftest import OpenPage
from tests.pages.reading import words
from tests.pages.samples import Desk, report_of, wave

REVIEW = "review/page.py"
PLACE = ChainPlace(
    chain_id=47763,
    contract="0x5FbDB2315678afecb367f032d93F642f64180aa3",
    issuer="0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
)
NOTARY = NotaryInfo(place=PLACE, chain_name="NeoX", explorer="https://explorer.example", caution=None)
FAULT = AnchorFault(code="NO_FUNDS", what="The issuer's account is empty.", advice="Send coins to it.")
RECORD = ChainRecord(
    value="ab" * 32,
    tx_hash="0x" + "12" * 32,
    block=1_234_567,
    block_hash="0x" + "34" * 32,
    time="2026-11-20T18:00:00Z",
)


@pytest.fixture
def job(desk: Desk) -> Job:
    return desk.completed(report_of([wave(0.5)]))


def sha256(job: Job) -> str:
    assert job.result is not None
    return job.result.report_sha256


def anchor_of(desk: Desk, job: Job) -> Anchor | None:
    return desk.store.anchors.of(sha256(job))


def brought_to(desk: Desk, job: Job, state: AnchorState) -> None:
    """Through the calls that a notary makes."""
    desk.store.notaries.announce(NOTARY, good_for_s=60)
    desk.store.anchors.request(sha256(job), PLACE, job_id=job.id)
    if state is AnchorState.FAILED:
        desk.store.anchors.fail(PLACE, [sha256(job)], FAULT)
    if state in (AnchorState.REQUESTED, AnchorState.FAILED):
        return
    attempt = Attempt(nonce=0, raw=b"raw", tx_hash="0x" + "12" * 32, tip_wei=1, max_fee_wei=2)
    batch = desk.store.batches.open(
        PLACE, "notary-1", value=sha256(job), digests=(sha256(job),), attempt=attempt
    )
    assert batch is not None
    desk.store.anchors.join(batch)
    record = replace(RECORD, value=sha256(job))
    if state is not AnchorState.SIGNED:
        desk.store.batches.submitted(batch)
    if state in (AnchorState.MINED, AnchorState.CONFIRMED):
        desk.store.batches.mined(batch, record)
    if state is AnchorState.CONFIRMED:
        desk.store.anchors.confirm(PLACE, {sha256(job): ()}, record)
        desk.store.batches.close(batch)


def test_without_a_notary_it_says_how_to_set_one_up(job: Job, open_page: OpenPage) -> None:
    """No button that could not do anything."""
    app = open_page(REVIEW, job=job.id)
    assert wording.ANCHOR_NOT_SET_UP in words(app)
    assert "make run CHAIN=local" in words(app)
    assert "anchor" not in {button.key for button in app.button}


def test_asking_says_first_what_is_written_and_that_it_stays(
    desk: Desk, job: Job, open_page: OpenPage
) -> None:
    """Nothing is asked for before the second button."""
    desk.store.notaries.announce(NOTARY, good_for_s=60)
    app = open_page(REVIEW, job=job.id)
    app.button(key="anchor").click().run()
    said = words(app)
    assert "To NeoX goes the SHA-256 of this report: not the file" in said
    assert "It cannot be undone, by anybody." in said
    assert sha256(job) in said
    assert anchor_of(desk, job) is None


def test_the_second_button_asks(desk: Desk, job: Job, open_page: OpenPage) -> None:
    """The page then waits. AppTest runs whole scripts only, so a script of its own opens the dialog."""
    desk.store.notaries.announce(NOTARY, good_for_s=60)

    def dialog(job_id: str, sha256: str) -> None:
        from pages.review import anchor
        from pages.shared import backend

        notary = backend.store().notaries.latest()
        assert notary is not None
        anchor._ask(job_id, sha256, notary)

    app = AppTest.from_function(dialog, default_timeout=15, args=(job.id, sha256(job))).run()
    app.button(key="anchor_confirm").click().run()
    anchor = anchor_of(desk, job)
    assert anchor is not None
    assert (anchor.state, anchor.place) == (AnchorState.REQUESTED, PLACE)
    page = open_page(REVIEW, job=job.id)
    assert wording.ANCHOR_STATES[AnchorState.REQUESTED] in words(page)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (AnchorState.REQUESTED, "Asked for. Nothing is sent yet."),
        (AnchorState.SIGNED, "Being sent, waiting for confirmation."),
        (AnchorState.SUBMITTED, "Sent, waiting for confirmation."),
        (AnchorState.MINED, "In block 1,234,567, waiting for more blocks"),
        (AnchorState.CONFIRMED, "Anchored in block 1,234,567 at 20 Nov 2026, 18:00 UTC"),
        (AnchorState.FAILED, "The anchor failed. Nothing was written."),
    ],
)
def test_every_state_has_its_words(
    state: AnchorState, said: str, desk: Desk, job: Job, open_page: OpenPage
) -> None:
    """Pending and broken are told apart."""
    brought_to(desk, job, state)
    app = open_page(REVIEW, job=job.id)
    assert said in words(app)
    assert not app.exception
    offered = {button.key for button in app.button}
    assert ("anchor" in offered) == (state is AnchorState.FAILED)


def test_a_confirmed_anchor_offers_its_proof_and_the_explorer(
    desk: Desk, job: Job, open_page: OpenPage
) -> None:
    """The proof file holds the report as it was hashed."""
    brought_to(desk, job, AnchorState.CONFIRMED)
    app = open_page(REVIEW, job=job.id)
    said = words(app)
    assert PLACE.issuer in said
    assert wording.ANCHOR_MEANS in said
    (link,) = [element.proto for element in app.get("link_button")]
    assert link.url == f"https://explorer.example/tx/{RECORD.tx_hash}"
    (url,) = [
        element.proto.url
        for element in app.get("download_button")
        if element.proto.label == wording.DOWNLOAD_PROOF
    ]
    assert url


def test_the_proof_is_of_this_report(desk: Desk, job: Job) -> None:
    """What the button gives."""
    brought_to(desk, job, AnchorState.CONFIRMED)
    anchor = anchor_of(desk, job)
    assert anchor is not None
    assert anchor.record is not None
    report = desk.blobs.read(sha256(job))
    proof = parse_proof(proof_bytes(report, anchor, anchor.record, chain_name="NeoX"))
    assert proof.report_bytes == report
    assert (proof.digest, proof.anchor.block) == (sha256(job), RECORD.block)


def test_what_keeps_the_notary_from_work_is_said(desk: Desk, job: Job, open_page: OpenPage) -> None:
    """Before the wish and while it waits: no funds, or a notary that is silent."""
    desk.store.notaries.announce(replace(NOTARY, fault=FAULT), good_for_s=60)
    assert FAULT.what in words(open_page(REVIEW, job=job.id))
    desk.store.anchors.request(sha256(job), PLACE)
    assert FAULT.what in words(open_page(REVIEW, job=job.id))
    desk.store.notaries.announce(NOTARY, good_for_s=-1)
    assert wording.NOTARY_SILENT in words(open_page(REVIEW, job=job.id))


def test_a_testnet_and_a_local_chain_are_labelled(desk: Desk, job: Job, open_page: OpenPage) -> None:
    """Where it is offered, in the dialog, and where it is done."""
    local = PRESETS["local"]
    place = replace(PLACE, chain_id=local.chain_id)
    desk.store.notaries.announce(replace(NOTARY, place=place, caution=local.caution), good_for_s=60)
    app = open_page(REVIEW, job=job.id)
    assert local.caution in words(app)
    app.button(key="anchor").click().run()
    assert words(app).count(local.caution or "") == 2
    desk.store.anchors.request(sha256(job), place)
    assert local.caution in words(open_page(REVIEW, job=job.id))
    desk.store.anchors.confirm(place, {sha256(job): ()}, replace(RECORD, value=sha256(job)))
    assert local.caution in words(open_page(REVIEW, job=job.id))
