"""From the button to the proof in the hands of somebody else, on the local chain."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_account import Account
from playwright.sync_api import Page, expect

from deeptrace_core.blobs import Blobs
from deeptrace_core.store import open_store
from tests.chain.anvil import needs_anvil
from tests.e2e.anchoring import WAIT_MS, AnchoringSystem, verified
from tests.e2e.conftest import free_port
from tests.pages.samples import Desk, report_of, wave

pytestmark = needs_anvil


@pytest.fixture
def anchoring_system() -> Iterator[AnchoringSystem]:
    """Not yet started."""
    home = Path(tempfile.mkdtemp(prefix="dt-anchor-", dir="/tmp"))
    system = AnchoringSystem(home=home, port=free_port())
    try:
        yield system
    finally:
        system.stop()
        shutil.rmtree(home)


def test_a_report_is_anchored_and_verified_without_us(
    anchoring_system: AnchoringSystem, page: Page, tmp_path: Path
) -> None:
    """Ask, wait, download; then the proof holds in the command, which knows neither database nor key."""
    system = anchoring_system
    with open_store(system.settings) as store:
        desk = Desk(store=store, blobs=Blobs(system.settings.blobs_url))
        job = desk.completed(report_of([wave(0.5)]))  # before there is a worker to take it
    system.start()
    page.goto(f"{system.url}/review?job={job.id}")
    page.get_by_role("button", name="Anchor this report").click()
    expect(page.get_by_role("dialog")).to_contain_text("It cannot be undone, by anybody.", timeout=WAIT_MS)
    page.get_by_role("button", name="Anchor it for good").click()
    expect(page.get_by_text("Anchored in block")).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_text("Local chain: proves nothing to others.").first).to_be_visible(timeout=WAIT_MS)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the proof file").click()
    proof = tmp_path / "proof.json"
    download.value.save_as(proof)
    assert verified(proof, system.rpc).returncode == 0
    document = json.loads(proof.read_bytes())
    document["report"] = document["report"].replace("0.5", "0.6", 1)
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(document))
    refused = verified(changed, system.rpc)
    assert refused.returncode != 0
    assert "The report was changed" in refused.stdout
    page.goto(f"{system.url}/verify")
    page.locator("input[type=file]").first.set_input_files(proof)
    expect(page.get_by_text("This report existed by")).to_be_visible(timeout=WAIT_MS)
    assert_no_secret_leaves_the_notary(system)


def assert_no_secret_leaves_the_notary(system: AnchoringSystem) -> None:
    """Neither key nor password is in a log, in what was printed, in a blob, or in the database."""
    keys = system.settings.local_chain_dir
    password = (keys / "password").read_text().strip()
    key = Account.decrypt((keys / "keystore.json").read_text(), password).hex().removeprefix("0x")
    secrets = [password.encode(), key.encode(), bytes.fromhex(key)]
    looked_at = 0
    for path in system.home.rglob("*"):
        if path.is_file() and not (path.parent == keys and path.name in ("password", "keystore.json")):
            data = path.read_bytes()
            assert not any(secret in data for secret in secrets), path
            looked_at += 1
    assert looked_at > 10
