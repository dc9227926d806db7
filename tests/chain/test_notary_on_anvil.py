"""Notaries as processes, a node as a process, HTTP between them: what a chain in one process cannot show."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from web3 import Web3

from deeptrace_core.anchor import AnchorState, ChainPlace
from deeptrace_core.chain.client import ChainClient
from deeptrace_core.chain.deploy import deploy
from deeptrace_core.chain.keystore import Signer
from deeptrace_core.chain.presets import GWEI, Chain
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store
from tests.chain.anvil import Anvil, needs_anvil, proxy, running_anvil
from tests.chain.test_notary import CRASHES, lapse

pytestmark = needs_anvil

Digest = Callable[[], str]
ROOT = Path(__file__).resolve().parents[2]
CHAIN_ID = 12227332
CONTRACT_TOPIC = "0x" + Web3.keccak(text="Anchored(address,bytes32,uint64)").hex()


class Desk:
    """A node with the contract, a key with money, and notaries to start."""

    def __init__(self, anvil: Anvil, store: Store, settings: Settings, tmp_path: Path) -> None:
        self.anvil = anvil
        self.store = store
        self._uri = settings.mongodb_uri
        self._tmp_path = tmp_path
        self.account = Account.create()
        self.fund()
        chain = Chain(name="Anvil", chain_id=CHAIN_ID, rpc_urls=(anvil.url,), tip_floor_wei=20 * GWEI)
        contract = deploy(ChainClient(chain), Signer(self.account))
        self.place = ChainPlace(chain_id=CHAIN_ID, contract=contract, issuer=self.account.address)

    def fund(self) -> None:
        self.anvil.call("anvil_setBalance", self.account.address, hex(10**19))

    def request(self, *digests: str) -> None:
        for digest in digests:
            self.store.anchors.request(digest, self.place)

    def states(self, *digests: str) -> set[AnchorState]:
        anchors = [self.store.anchors.of(digest) for digest in digests]
        return {anchor.state for anchor in anchors if anchor is not None}

    def wait_until(self, done: Callable[[], bool], what: str, within_s: float = 60) -> None:
        deadline = time.monotonic() + within_s
        while not done():
            assert time.monotonic() < deadline, f"waited {within_s:.0f} s for {what}: {self.log()}"
            time.sleep(0.1)

    def wait_confirmed(self, *digests: str, within_s: float = 60) -> None:
        self.wait_until(
            lambda: self.states(*digests) == {AnchorState.CONFIRMED}, "the confirmation", within_s
        )

    def log(self) -> str:
        return "\n".join(path.read_text()[-2000:] for path in self._tmp_path.glob("notary-*.log"))

    def events(self) -> list[str]:
        """The values that were ever anchored."""
        logs = self.anvil.call(
            "eth_getLogs", {"fromBlock": "0x0", "address": self.place.contract, "topics": [CONTRACT_TOPIC]}
        )
        return [log["topics"][2].removeprefix("0x") for log in logs]

    @contextmanager
    def notary(self, *, rpc: str | None = None, stuck_s: float = 60, crash: Any = None) -> Iterator[Any]:
        """A notary process, until the end of the block."""
        wanted = {
            "uri": self._uri,
            "rpc": rpc or self.anvil.url,
            "chain_id": CHAIN_ID,
            "contract": self.place.contract,
            "key": self.account.key.hex(),
            "stuck_s": stuck_s,
        } | ({"crash": crash} if crash else {})
        number = len(list(self._tmp_path.glob("notary-*.log")))
        with (self._tmp_path / f"notary-{number}.log").open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.chain.notary_process"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            assert process.stdin is not None
            process.stdin.write(json.dumps(wanted).encode())
            process.stdin.close()
            try:
                yield process
            finally:
                process.terminate()
                process.wait(30)


@pytest.fixture
def desk(store: Store, settings: Settings, tmp_path: Path) -> Iterator[Desk]:
    with running_anvil(tmp_path / "anvil.log", chain_id=CHAIN_ID) as anvil:
        yield Desk(anvil, store, settings, tmp_path)


@pytest.mark.parametrize("point", CRASHES)
def test_kill_9_anywhere_ends_confirmed_with_one_event(point: str, desk: Desk, digest: Digest) -> None:
    """SIGKILL at each point; the next notary finishes what was begun."""
    value = digest()
    desk.request(value)
    with desk.notary(crash=CRASHES[point]) as killed:
        assert killed.wait(60) == -signal.SIGKILL
    lapse(desk.store)
    with desk.notary():
        desk.wait_confirmed(value)
    assert desk.events() == [value]


def test_three_notaries_and_six_digests_make_one_event_each(desk: Desk, digest: Digest) -> None:
    """The same key in three processes at once: nothing is lost, nothing is written twice."""
    digests = [digest() for _ in range(6)]
    with desk.notary(), desk.notary(), desk.notary():
        for value in digests:
            desk.request(value)
            desk.wait_until(lambda: AnchorState.REQUESTED not in desk.states(*digests), "a notary to take it")
        desk.wait_confirmed(*digests)
    anchored = desk.events()
    assert len(anchored) == len(set(anchored))
    roots = {
        anchor.record.value for value in digests if (anchor := desk.store.anchors.of(value)) and anchor.record
    }
    assert set(anchored) == roots


def test_a_hundred_requests_take_two_transactions_at_most(desk: Desk, digest: Digest) -> None:
    """They come while a notary runs: what it finds first goes first, all others follow together."""
    digests = [digest() for _ in range(100)]
    before = int(desk.anvil.call("eth_getTransactionCount", desk.place.issuer, "latest"), 16)
    with desk.notary():
        desk.request(*digests)
        desk.wait_confirmed(*digests)
    used = int(desk.anvil.call("eth_getTransactionCount", desk.place.issuer, "latest"), 16) - before
    assert used <= 2
    assert len(desk.events()) == used


def test_a_key_in_use_elsewhere_does_not_lose_the_anchor(desk: Desk, digest: Digest) -> None:
    """Another program sends from the same account all the time, with numbers it takes from the node."""
    w3 = Web3(Web3.HTTPProvider(desk.anvil.url))
    digests = [digest() for _ in range(3)]
    with desk.notary(stuck_s=3):
        for value in digests:
            desk.request(value)
            for _ in range(5):
                nonce = w3.eth.get_transaction_count(desk.account.address, "pending")
                signed = desk.account.sign_transaction(
                    {"type": 2, "chainId": CHAIN_ID, "to": desk.account.address, "value": 1, "nonce": nonce}
                    | {"gas": 21_000, "maxFeePerGas": 90 * GWEI, "maxPriorityFeePerGas": 40 * GWEI}
                )
                desk.anvil.call("eth_sendRawTransaction", signed.raw_transaction.to_0x_hex())
                time.sleep(0.2)
        desk.wait_confirmed(*digests)
    anchored = desk.events()
    assert len(anchored) == len(set(anchored)) <= len(digests)


def test_a_stuck_transaction_is_replaced_by_a_dearer_one(desk: Desk, digest: Digest) -> None:
    """No block for some seconds: the same number is signed again, an eighth dearer; one of them counts."""
    value = digest()
    desk.anvil.call("evm_setIntervalMining", 0)
    desk.anvil.call("evm_setAutomine", False)
    desk.request(value)
    with desk.notary(stuck_s=1):

        def attempts() -> list[dict[str, Any]]:
            batch = desk.store._database["anchor_batches"].find_one({}) or {"attempts": []}
            return list(batch["attempts"])

        desk.wait_until(lambda: len(attempts()) >= 3, "two replacements")
        desk.anvil.call("evm_setIntervalMining", 1)
        desk.wait_confirmed(value)
    tried = attempts()
    assert len({attempt["nonce"] for attempt in tried}) == 1
    assert all(
        later["max_fee_wei"] * 8 >= earlier["max_fee_wei"] * 9
        and later["tip_wei"] * 8 >= earlier["tip_wei"] * 9
        for earlier, later in pairwise(tried)
    )
    assert desk.events() == [value]


def test_a_replaced_block_goes_back_and_ends_confirmed(desk: Desk, digest: Digest) -> None:
    """The block of the anchor is dropped before it is deep enough."""
    value = digest()
    desk.request(value)
    with desk.notary():
        desk.anvil.call("evm_setIntervalMining", 0)
        desk.wait_until(lambda: desk.states(value) == {AnchorState.SUBMITTED}, "the sending")
        desk.anvil.call("evm_mine")
        desk.wait_until(lambda: desk.states(value) == {AnchorState.MINED}, "the block")
        desk.anvil.call("anvil_reorg", 1, [])
        desk.wait_until(lambda: desk.states(value) == {AnchorState.SUBMITTED}, "the way back")
        assert desk.events() == []
        desk.anvil.call("evm_setIntervalMining", 1)
        desk.wait_confirmed(value)
    assert desk.events() == [value]
    audited = [event["event"] for event in desk.store._database["audit_events"].find().sort("at", 1)]
    assert "anchor_reorganized" in audited


@pytest.mark.parametrize("away_s", [8])
def test_a_node_that_is_away_for_a_while_loses_nothing(away_s: float, desk: Desk, digest: Digest) -> None:
    """Stopped before a request, and again while a transaction is under way; the pages learn the reason."""
    first, second = digest(), digest()
    with desk.notary():
        desk.anvil.process.send_signal(signal.SIGSTOP)
        desk.request(first)
        desk.wait_until(lambda: fault_of(desk) == "CHAIN_UNAVAILABLE", "the reason to be told")
        time.sleep(away_s)
        assert desk.states(first) == {AnchorState.REQUESTED}
        desk.anvil.process.send_signal(signal.SIGCONT)
        desk.wait_until(lambda: desk.states(first) - {AnchorState.REQUESTED} != set(), "the signing")
        desk.anvil.process.send_signal(signal.SIGSTOP)
        desk.request(second)
        time.sleep(away_s)
        desk.anvil.process.send_signal(signal.SIGCONT)
        desk.wait_confirmed(first, second, within_s=120)
    assert sorted(desk.events()) == sorted([first, second])


def fault_of(desk: Desk) -> str | None:
    notary = desk.store.notaries.latest()
    return notary.fault.code if notary and notary.fault else None


def test_a_node_with_178_bytes_of_extra_data_serves(desk: Desk, digest: Digest) -> None:
    """From the request to the confirmation, each block as NeoX makes them."""

    def as_on_neox(method: str, result: Any) -> Any:
        is_block = method == "eth_getBlockByNumber" and result is not None
        return {**result, "extraData": "0x" + "ab" * 178} if is_block else result

    value = digest()
    desk.request(value)
    with proxy(desk.anvil.url, as_on_neox) as url, desk.notary(rpc=url):
        desk.wait_confirmed(value)
    assert desk.events() == [value]


def test_without_funds_it_waits_until_there_are_some(desk: Desk, digest: Digest) -> None:
    """A real node's refusal of a poor account never gets that far."""
    value = digest()
    desk.anvil.call("anvil_setBalance", desk.place.issuer, "0x0")
    desk.request(value)
    with desk.notary():
        desk.wait_until(lambda: fault_of(desk) == "NO_FUNDS", "the reason to be told")
        assert desk.states(value) == {AnchorState.REQUESTED}
        desk.fund()
        desk.wait_confirmed(value)
    assert desk.events() == [value]
