"""An EVM in this process, with the contract on it. Needs nothing that pip does not install."""

import itertools
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from eth_account import Account
from web3 import EthereumTesterProvider, Web3
from web3.contract import Contract

from deeptrace_core.chain.artifact import artifact
from deeptrace_core.chain.client import ChainClient
from deeptrace_core.chain.keystore import Signer
from deeptrace_core.chain.notary import Notary
from deeptrace_core.chain.presets import GWEI, Chain
from deeptrace_core.store import Store

Digest = Callable[[], str]

EVM_CHAIN_ID = 131277322940537
"""What eth-tester says, always."""


@pytest.fixture
def evm() -> EthereumTesterProvider:
    """A fresh chain that mines each transaction at once."""
    return EthereumTesterProvider()


@pytest.fixture
def w3(evm: EthereumTesterProvider) -> Web3:
    return Web3(evm)


@pytest.fixture
def contract(w3: Web3) -> Contract:
    """The committed contract, deployed."""
    code = artifact()
    deployment = w3.eth.contract(abi=code.abi, bytecode=code.creation_code).constructor()
    receipt = w3.eth.get_transaction_receipt(deployment.transact({"from": w3.eth.accounts[0]}))
    assert receipt["contractAddress"] is not None
    return w3.eth.contract(address=receipt["contractAddress"], abi=code.abi)


@pytest.fixture
def chain(contract: Contract) -> Chain:
    """The chain in this process, with the contract."""
    return Chain(
        name="Test chain",
        chain_id=EVM_CHAIN_ID,
        rpc_urls=(),
        contract=contract.address,
        explorer="https://explorer.example",
        tip_floor_wei=20 * GWEI,
    )


@pytest.fixture
def client(chain: Chain, evm: EthereumTesterProvider) -> ChainClient:
    return ChainClient(chain, [evm])


@pytest.fixture
def digest() -> Digest:
    """Makes digests, a new one at each call."""
    numbers = itertools.count(1)
    return lambda: sha256(b"%d" % next(numbers)).hexdigest()


@pytest.fixture
def signer(w3: Web3) -> Signer:
    """A key with money."""
    account = Account.create()
    w3.eth.send_transaction({"from": w3.eth.accounts[0], "to": account.address, "value": 10**18})
    return Signer(account)


@pytest.fixture
def new_notary(store: Store, client: ChainClient, signer: Signer) -> Callable[..., Notary]:
    """Starts a notary, as a new process would: nothing of the one before is known."""

    def started(**kwargs: Any) -> Notary:
        parts: dict[str, Any] = {"anchors": store.anchors, "batches": store.batches, "client": client}
        return Notary(**(parts | {"signer": signer} | kwargs))

    return started
