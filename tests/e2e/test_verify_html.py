"""The checker that is one HTML file: opened from a disk, in a browser, with a node and nothing else."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from web3 import Web3

from deeptrace_core.canonical import digest
from deeptrace_core.chain.artifact import artifact
from deeptrace_core.proof import proof_bytes
from deeptrace_core.report import report_bytes
from deeptrace_core.settings import PROJECT_ROOT, Settings
from deeptrace_core.store import Store
from tests.chain.anvil import needs_anvil, running_anvil
from tests.chain.test_notary_on_anvil import CHAIN_ID, Desk
from tests.pages.samples import report_of, wave

CHECKER = PROJECT_ROOT / "deeptrace_core" / "verify.html"
VIDEO = b"not really a video, but bytes"


def test_its_constants_are_those_of_the_contract() -> None:
    """A changed contract is noticed without a browser."""
    text = CHECKER.read_text()
    for signature in ("recordOf(address,bytes32)", "recordInBatch(address,bytes32,bytes32,bytes32[])"):
        assert f'"0x{Web3.keccak(text=signature).hex()[:8]}"' in text
    assert f'"0x{Web3.keccak(text="Anchored(address,bytes32,uint64)").hex()}"' in text
    assert hashlib.sha256(artifact().deployed_code).hexdigest() in text


def test_it_loads_nothing_from_elsewhere() -> None:
    """One file: its policy forbids everything but asking a node."""
    text = CHECKER.read_text()
    assert "default-src 'none'" in text
    assert "src=" not in text.replace("default-src=", "")
    assert "<link" not in text


@pytest.fixture(params=[1, 3], ids=["alone", "in a batch"])
def anchored(
    request: pytest.FixtureRequest, store: Store, settings: Settings, tmp_path: Path
) -> Iterator[tuple[Desk, bytes]]:
    """A chain, and the proof file of a report on VIDEO that is anchored there."""
    with running_anvil(tmp_path / "anvil.log", chain_id=CHAIN_ID) as anvil:
        desk = Desk(anvil, store, settings, tmp_path)
        reports = []
        for _ in range(request.param):
            report = report_of([wave(0.5)])
            media = replace(report.media, sha256=hashlib.sha256(VIDEO).hexdigest())
            reports.append(report_bytes(replace(report, media=media)))
        desk.request(*map(digest, reports))
        with desk.notary():
            desk.wait_confirmed(*map(digest, reports))
        anchor = store.anchors.of(digest(reports[0]))
        assert anchor is not None
        assert anchor.record is not None
        yield desk, proof_bytes(reports[0], anchor, anchor.record, chain_name="Anvil")


@pytest.fixture
def checked(anchored: tuple[Desk, bytes], browser: Browser) -> Iterator[Callable[..., Page]]:
    """The checker after its button was pressed. Any other request than to the node fails the test."""
    desk, _ = anchored
    page = browser.new_page()
    outside: list[str] = []
    page.on(
        "request",
        lambda sent: (
            None if sent.url.startswith((CHECKER.as_uri(), desk.anvil.url)) else outside.append(sent.url)
        ),
    )

    def check(proof: bytes, *, video: bytes = VIDEO, issuer: str = "") -> Page:
        page.goto(CHECKER.as_uri())
        page.locator("#proof").set_input_files({"name": "p.json", "mimeType": "", "buffer": proof})
        page.locator("#media").set_input_files({"name": "v.mp4", "mimeType": "", "buffer": video})
        page.locator("#issuer").fill(issuer)
        page.locator("#rpc").fill(desk.anvil.url)
        page.get_by_role("button", name="Check").click()
        expect(page.locator("#sum")).not_to_be_empty(timeout=60_000)
        return page

    yield check
    page.close()
    assert outside == []


@needs_anvil
def test_an_untouched_proof_holds_and_a_changed_one_does_not(
    anchored: tuple[Desk, bytes], checked: Callable[..., Page]
) -> None:
    """The same answers as the command gives, each with its reason."""
    desk, proof = anchored
    page = checked(proof, issuer=desk.place.issuer)
    expect(page.locator("#sum")).to_contain_text("This report existed by")
    expect(page.locator("li.fails")).to_have_count(0)
    expect(page.locator("li.holds")).to_have_count(7)
    expect(page.locator("#sum")).to_contain_text("may vanish")

    def changed(**claim: Any) -> bytes:
        document = json.loads(proof)
        document["anchor"] |= claim
        return json.dumps(document).encode()

    tampered = json.loads(proof)
    tampered["report"] = tampered["report"].replace("0.5", "0.6", 1)
    stranger = "0x" + "11" * 20
    for data, kwargs, said in (
        (json.dumps(tampered).encode(), {}, "The report was changed"),
        (proof, {"video": VIDEO + b"!"}, "This is another file"),
        (proof, {"issuer": stranger}, "Issuer"),
        (changed(issuer=stranger), {}, "has not anchored this report there"),
        (changed(contract=stranger), {}, "is not that of ReportAnchor"),
        (changed(merkle_proof=["cd" * 32]), {}, "has not anchored this report there"),
        (changed(time="2020-01-01T00:00:00Z"), {}, "the proof says block"),
        (changed(tx_hash="0x" + "22" * 32), {}, "the proof says 0x2222"),
        (changed(chain_id=47763), {}, "the proof to 47763"),
        (b"[]", {}, "Could not be finished"),
    ):
        page = checked(data, **kwargs)
        expect(page.locator("#sum")).to_contain_text("Something does not hold")
        expect(page.locator("li.fails").first).to_contain_text(said)
