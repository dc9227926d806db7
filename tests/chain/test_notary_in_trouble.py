"""What a notary waits for, gives up and survives: money, fees, nodes, other users of its key."""

from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from web3 import EthereumTesterProvider, Web3
from web3.contract import Contract

from deeptrace_core.anchor import ENDED, AnchorState
from deeptrace_core.chain.client import ChainClient
from deeptrace_core.chain.keystore import Signer
from deeptrace_core.chain.presets import Chain
from deeptrace_core.errors import (
    ChainUnavailableError,
    FeeTooHighError,
    NoFundsError,
    WrongChainError,
    WrongContractError,
)
from deeptrace_core.store import Store
from tests.chain.following import Digest, NewNotary, all_ended, anchor_of, events, run, spend
from tests.chain.providers import Door


def test_a_number_used_by_another_transaction_of_the_key_is_survived(
    store: Store,
    new_notary: NewNotary,
    contract: Contract,
    evm: EthereumTesterProvider,
    w3: Web3,
    signer: Signer,
    digest: Digest,
) -> None:
    """Somebody sends coins from the account before the anchor is sent: the next number is used."""
    notary, value = new_notary(), digest()
    store.anchors.request(value, notary.place)
    notary.step()
    raw = spend(signer, notary, to=w3.eth.accounts[3], value=1, gas=21_000)
    w3.eth.send_raw_transaction(raw)
    run(notary, evm, all_ended(store, value))
    assert anchor_of(store, value).state is AnchorState.CONFIRMED
    assert events(contract) == [value]


def test_the_same_digest_anchored_by_the_same_key_elsewhere_counts(
    store: Store,
    client: ChainClient,
    new_notary: NewNotary,
    contract: Contract,
    evm: EthereumTesterProvider,
    signer: Signer,
    digest: Digest,
) -> None:
    """Two systems share a key: the second finds its transaction refused, and the record of the first."""
    notary, value = new_notary(), digest()
    store.anchors.request(value, notary.place)
    notary.step()
    raw = spend(signer, notary, to=contract.address, value=0, gas=90_000, data=client.anchor_call(value))
    assert client.send(raw) is None
    run(notary, evm, all_ended(store, value))
    assert events(contract) == [value]


def test_no_funds_is_a_wait_with_a_reason(
    store: Store, new_notary: NewNotary, w3: Web3, evm: EthereumTesterProvider, digest: Digest
) -> None:
    """The text names the account; the request goes on by itself once there is money."""
    account = Account.create()
    notary, value = new_notary(signer=Signer(account)), digest()
    store.anchors.request(value, notary.place)
    with pytest.raises(NoFundsError) as poor:
        notary.step()
    assert account.address in poor.value.advice
    assert anchor_of(store, value).state is AnchorState.REQUESTED
    w3.eth.send_transaction({"from": w3.eth.accounts[0], "to": account.address, "value": 10**18})
    run(notary, evm, all_ended(store, value))
    assert anchor_of(store, value).state is AnchorState.CONFIRMED


def test_a_fee_above_the_cap_waits_and_fails_only_after_long(
    store: Store, new_notary: NewNotary, chain: Chain, evm: EthereumTesterProvider, digest: Digest
) -> None:
    """Fees fall again; a day later it is said that nothing was written. Asking again starts anew."""
    client = ChainClient(replace(chain, fee_cap_wei=10**9), [evm])
    patient, value = new_notary(client=client), digest()
    store.anchors.request(value, patient.place)
    with pytest.raises(FeeTooHighError):
        patient.step()
    assert anchor_of(store, value).state is AnchorState.REQUESTED
    with pytest.raises(FeeTooHighError):
        new_notary(client=client, fee_patience_s=0).step()
    failed = anchor_of(store, value)
    assert failed.state is AnchorState.FAILED
    assert failed.fault is not None
    assert (failed.fault.code, "Nothing was written" in failed.fault.what) == ("FEE_TOO_HIGH", True)
    assert store.anchors.request(value, patient.place).state is AnchorState.REQUESTED
    run(new_notary(), evm, all_ended(store, value))
    assert anchor_of(store, value).state is AnchorState.CONFIRMED


@pytest.mark.parametrize(
    ("method", "answer", "error"),
    [("eth_chainId", "0x1", WrongChainError), ("eth_getCode", "0x6001", WrongContractError)],
)
def test_a_wrong_chain_or_contract_fails_with_nothing_written(
    method: str,
    answer: str,
    error: type[Exception],
    store: Store,
    new_notary: NewNotary,
    chain: Chain,
    contract: Contract,
    evm: EthereumTesterProvider,
    digest: Digest,
) -> None:
    """Time does not heal it: the request fails with the reason, and no transaction was signed."""
    wrong = Door(evm, lambda asked, result: answer if asked == method else result)
    notary, value = new_notary(client=ChainClient(chain, [wrong])), digest()
    store.anchors.request(value, notary.place)
    with pytest.raises(error):
        notary.step()
    failed = anchor_of(store, value)
    assert failed.state is AnchorState.FAILED
    assert failed.fault is not None
    assert "Nothing was written" in failed.fault.what
    assert events(contract) == []


def test_nodes_that_are_away_lose_nothing(
    store: Store,
    new_notary: NewNotary,
    chain: Chain,
    contract: Contract,
    evm: EthereumTesterProvider,
    digest: Digest,
) -> None:
    """Before each step once: the state stays, and the work goes on where it was."""
    door = Door(evm)
    notary, value = new_notary(client=ChainClient(chain, [door])), digest()
    store.anchors.request(value, notary.place)
    for _ in range(20):
        before = anchor_of(store, value).state
        if before in ENDED:
            break
        door.shut = True
        with pytest.raises(ChainUnavailableError):
            notary.step()
        assert anchor_of(store, value).state is before
        door.shut = False
        if not notary.step():
            evm.ethereum_tester.mine_block()
    assert anchor_of(store, value).state is AnchorState.CONFIRMED
    assert events(contract) == [value]


def test_a_connection_lost_while_sending_is_no_second_transaction(
    store: Store,
    new_notary: NewNotary,
    chain: Chain,
    contract: Contract,
    evm: EthereumTesterProvider,
    digest: Digest,
) -> None:
    """The node took it, but its answer was lost."""
    door = Door(evm)

    def cut(method: str, result: Any) -> Any:
        if method == "eth_sendRawTransaction":
            door.shut = True
            raise TimeoutError
        return result

    door.change = cut
    notary, value = new_notary(client=ChainClient(chain, [door])), digest()
    store.anchors.request(value, notary.place)
    notary.step()
    with pytest.raises(ChainUnavailableError):
        notary.step()
    assert anchor_of(store, value).state is AnchorState.SIGNED
    door.shut = False
    run(notary, evm, all_ended(store, value))
    assert events(contract) == [value]
