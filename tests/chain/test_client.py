"""Looking at a chain: the right chain, the right code, nodes that fail, blocks of other consensus."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from web3 import EthereumTesterProvider, Web3
from web3.contract import Contract

from deeptrace_core.chain.client import ChainClient, checked_address
from deeptrace_core.chain.presets import Chain
from deeptrace_core.errors import (
    ChainUnavailableError,
    FeeTooHighError,
    SettingsError,
    WrongChainError,
    WrongContractError,
)
from tests.chain.providers import Door

Digest = Callable[[], str]


def test_the_right_chain_and_code_pass(client: ChainClient) -> None:
    """Nothing is raised."""
    client.check()


def test_another_chain_is_named(chain: Chain, evm: EthereumTesterProvider) -> None:
    """A node of another chain is refused before anything is asked of it."""
    client = ChainClient(replace(chain, chain_id=47763), [evm])
    with pytest.raises(WrongChainError, match=f"belongs to chain {chain.chain_id}, not to 47763"):
        client.check()
    with pytest.raises(WrongChainError):
        client.latest_block()


def test_a_node_that_changes_to_another_chain_is_noticed(chain: Chain, evm: EthereumTesterProvider) -> None:
    """`check` asks again, however often the node was right before."""
    others = {"eth_chainId": "0x1"}
    node = Door(evm)
    client = ChainClient(chain, [node])
    client.check()
    node.change = lambda method, result: others.get(method, result)
    with pytest.raises(WrongChainError):
        client.check()


def test_an_address_without_code_is_named(chain: Chain, evm: EthereumTesterProvider, w3: Web3) -> None:
    """A mistyped address costs nothing."""
    client = ChainClient(replace(chain, contract=w3.eth.accounts[5]), [evm])
    with pytest.raises(WrongContractError, match="no contract at"):
        client.check()


def test_other_code_at_the_address_is_named(chain: Chain, evm: EthereumTesterProvider) -> None:
    """One changed byte is another contract."""

    def other_code(method: str, result: str) -> str:
        return result[:-2] + "ff" if method == "eth_getCode" else result

    client = ChainClient(chain, [Door(evm, other_code)])
    with pytest.raises(WrongContractError, match="is not that of ReportAnchor"):
        client.check()


def test_blocks_with_178_bytes_of_extra_data_are_read(chain: Chain, evm: EthereumTesterProvider) -> None:
    """As NeoX makes them: signatures of validators, where Ethereum allows 32 bytes."""
    seen = []

    def as_on_neox(method: str, result: dict) -> dict:
        if method == "eth_getBlockByNumber":
            seen.append(method)
            return {**result, "extra_data": "0x" + "ab" * 178}
        return result

    client = ChainClient(chain, [Door(evm, as_on_neox)])
    assert client.block_hash(0)
    assert client.fees().tip_wei >= chain.tip_floor_wei
    assert len(seen) == 2


def test_the_next_node_answers_where_one_is_away(chain: Chain, evm: EthereumTesterProvider) -> None:
    """And goes on being asked first."""
    first, second = Door(evm), Door(evm)
    first.shut = True
    client = ChainClient(chain, [first, second])
    client.check()
    asked = len(first.asked)
    client.latest_block()
    assert len(first.asked) == asked
    second.shut, first.shut = True, False
    client.latest_block()


def test_no_node_at_all_is_one_error(chain: Chain) -> None:
    """A refused connection, as it really is, reads as what it means."""
    client = ChainClient(replace(chain, rpc_urls=("http://127.0.0.1:9/secret-of-the-owner",)))
    with pytest.raises(ChainUnavailableError) as raised:
        client.check()
    assert "Nothing is lost" in raised.value.what
    assert "127.0.0.1" in raised.value.what
    assert "secret" not in raised.value.diagnostics()


def test_a_node_of_another_chain_is_skipped(chain: Chain, evm: EthereumTesterProvider) -> None:
    """One wrong address in the list does no harm as long as another is right."""
    wrong = Door(evm, lambda method, result: "0x1" if method == "eth_chainId" else result)
    client = ChainClient(chain, [wrong, evm])
    client.check()
    wrong.shut = True
    client.check()


def test_records_are_found_with_their_transaction(
    client: ChainClient, contract: Contract, w3: Web3, digest: Digest
) -> None:
    """Time, block and transaction of an anchor come from the chain alone."""
    issuer, value = w3.eth.accounts[0], digest()
    assert client.record_of(issuer, value) is None
    sent = contract.functions.anchor(bytes.fromhex(value)).transact({"from": issuer})
    stamp = client.record_of(issuer, value)
    assert stamp is not None
    assert stamp.time.endswith("Z")
    assert client.anchoring_tx(issuer, value, stamp.block) == sent.to_0x_hex()
    assert client.anchoring_tx(issuer, digest(), stamp.block) is None
    mined = client.mined(sent.to_0x_hex())
    assert mined is not None
    assert (mined.block, mined.block_hash) == (stamp.block, client.block_hash(stamp.block))
    assert mined.succeeded
    assert client.mined("0x" + "11" * 32) is None
    assert client.knows(sent.to_0x_hex())
    assert not client.knows("0x" + "11" * 32)
    assert client.block_hash(stamp.block + 100) is None


def test_a_fee_above_the_cap_is_refused(chain: Chain, evm: EthereumTesterProvider) -> None:
    """Both amounts are named."""
    client = ChainClient(replace(chain, fee_cap_wei=15 * 10**9), [evm])
    with pytest.raises(FeeTooHighError, match=r"at most 15 are allowed here"):
        client.fees()


@pytest.mark.parametrize(
    "address", ["", "0x12", "0x5FbDB2315678afecb367f032d93F642f64180aA3", "5FbDB2315678afecb367f032d93F642f"]
)
def test_a_mistyped_address_is_refused(address: str) -> None:
    """The checksum tells."""
    with pytest.raises(SettingsError, match="is no address"):
        checked_address(address)
