"""Driving a notary, and looking at what came of it."""

from collections.abc import Callable
from typing import Any

from web3 import EthereumTesterProvider
from web3.contract import Contract

from deeptrace_core.anchor import ENDED, Anchor
from deeptrace_core.chain.keystore import Signer
from deeptrace_core.chain.notary import Notary
from deeptrace_core.store import Store

Digest = Callable[[], str]
NewNotary = Callable[..., Notary]


def events(contract: Contract) -> list[str]:
    """The values that were ever anchored, in order."""
    return [log["args"]["digest"].hex() for log in contract.events.Anchored().get_logs(from_block=0)]


def run(notary: Notary, evm: EthereumTesterProvider, done: Callable[[], bool]) -> None:
    """Step, with blocks going by, until it is done."""
    for _ in range(40):
        if done():
            return
        if not notary.step():
            evm.ethereum_tester.mine_block()
    raise AssertionError("the notary did not finish")


def all_ended(store: Store, *digests: str) -> Callable[[], bool]:
    return lambda: all(anchor_of(store, digest).state in ENDED for digest in digests)


def anchor_of(store: Store, digest: str) -> Anchor:
    anchor = store.anchors.of(digest)
    assert anchor is not None
    return anchor


def spend(signer: Signer, notary: Notary, **fields: Any) -> bytes:
    """A signed transaction of the notary's key that the notary knows nothing of: its first."""
    raw, _ = signer.sign(
        {"type": 2, "chainId": notary.place.chain_id, "nonce": 0}
        | {"maxFeePerGas": 60 * 10**9, "maxPriorityFeePerGas": 20 * 10**9}
        | fields
    )
    return raw
