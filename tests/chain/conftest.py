"""An EVM in this process, with the contract on it. Needs nothing that pip does not install."""

import itertools
from collections.abc import Callable
from hashlib import sha256

import pytest
from web3 import EthereumTesterProvider, Web3
from web3.contract import Contract

from deeptrace_core.chain.artifact import artifact
from deeptrace_core.chain.client import ChainClient
from deeptrace_core.chain.presets import GWEI, Chain

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
