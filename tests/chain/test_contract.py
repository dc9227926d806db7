"""What the contract promises to everybody, on a real EVM."""

from collections.abc import Callable

import pytest
from eth_tester.exceptions import TransactionFailed
from web3 import Web3
from web3.contract import Contract

from deeptrace_core.chain.artifact import artifact
from deeptrace_core.chain.merkle import merkle_batch, root_from

Digest = Callable[[], str]

ONE_ANCHOR_GAS = 46_200
BATCH_GAS_PER_REPORT = 50


def anchored(w3: Web3, contract: Contract, value: str, *, by: int = 0) -> dict:
    """The receipt of anchoring a value from an account of the chain."""
    sent = contract.functions.anchor(bytes.fromhex(value)).transact({"from": w3.eth.accounts[by]})
    return dict(w3.eth.get_transaction_receipt(sent))


def record(w3: Web3, contract: Contract, value: str, *, by: int = 0) -> list[int]:
    return contract.functions.recordOf(w3.eth.accounts[by], bytes.fromhex(value)).call()


def test_the_deployed_code_is_the_committed_one(w3: Web3, contract: Contract) -> None:
    """No immutable value makes one deployment differ from another: comparing bytes is enough."""
    assert bytes(w3.eth.get_code(contract.address)) == artifact().deployed_code


def test_anchor_records_time_and_block_and_tells_it_once(
    w3: Web3, contract: Contract, digest: Digest
) -> None:
    """The record and the one event say the same as the block."""
    value = digest()
    receipt = anchored(w3, contract, value)
    block = w3.eth.get_block(receipt["blockNumber"])
    assert record(w3, contract, value) == [block["timestamp"], block["number"]]
    (event,) = contract.events.Anchored().process_receipt(receipt)
    assert event["args"] == {
        "issuer": w3.eth.accounts[0],
        "digest": bytes.fromhex(value),
        "time": block["timestamp"],
    }


def test_anchor_of_the_same_digest_reverts_and_the_first_record_stands(
    w3: Web3, contract: Contract, digest: Digest
) -> None:
    """Nobody can move a time, the issuer included."""
    value = digest()
    anchored(w3, contract, value)
    before = record(w3, contract, value)
    with pytest.raises(TransactionFailed):
        anchored(w3, contract, value)
    assert record(w3, contract, value) == before


def test_another_issuer_neither_blocks_nor_imitates(w3: Web3, contract: Contract, digest: Digest) -> None:
    """Whoever sees a digest in the mempool and is faster takes nothing away."""
    value = digest()
    anchored(w3, contract, value, by=1)
    assert record(w3, contract, value, by=0) == [0, 0]
    anchored(w3, contract, value, by=0)
    assert record(w3, contract, value, by=0)[1] > record(w3, contract, value, by=1)[1]


def test_the_empty_digest_reverts(w3: Web3, contract: Contract) -> None:
    """Zero would be what an unset variable sends."""
    with pytest.raises(TransactionFailed):
        anchored(w3, contract, "00" * 32)


def test_it_takes_no_ether(w3: Web3, contract: Contract) -> None:
    """Money sent to it by mistake bounces: nobody could ever get it out again."""
    for data in ("0x", contract.encode_abi("anchor", [b"\1" * 32])):
        call = {"from": w3.eth.accounts[0], "to": contract.address, "value": 1, "data": data}
        with pytest.raises(TransactionFailed):
            w3.eth.call(call)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 100])
def test_a_batch_vouches_for_each_of_its_digests(
    count: int, w3: Web3, contract: Contract, digest: Digest
) -> None:
    """Every proof holds on the chain and here; a changed digest, sibling or root does not."""
    issuer = w3.eth.accounts[0]
    digests = [digest() for _ in range(count)]
    root, proofs = merkle_batch(digests)
    anchored(w3, contract, root)

    def found(root: str, value: str, proof: tuple[str, ...]) -> list[int]:
        words = [bytes.fromhex(word) for word in (root, value)]
        return contract.functions.recordInBatch(issuer, *words, [bytes.fromhex(p) for p in proof]).call()

    for value in digests[:: max(1, count // 7)]:
        assert found(root, value, proofs[value]) == record(w3, contract, root)
        assert root_from(value, proofs[value]) == root
        assert found(root, digest(), proofs[value]) == [0, 0]
        assert found(digest(), value, proofs[value]) == [0, 0]
        if proofs[value]:
            tampered = (digest(), *proofs[value][1:])
            assert found(root, value, tampered) == [0, 0]
            assert root_from(value, tampered) != root


def test_an_inner_node_is_no_leaf(w3: Web3, contract: Contract, digest: Digest) -> None:
    """With leaves hashed once, half a tree could be passed off as a report."""
    digests = [digest() for _ in range(4)]
    root, proofs = merkle_batch(digests)
    anchored(w3, contract, root)
    inner = proofs[digests[0]][-1]
    sibling = next(proof[-1] for proof in proofs.values() if proof[-1] != inner)
    words = [bytes.fromhex(word) for word in (root, inner)]
    assert contract.functions.recordInBatch(w3.eth.accounts[0], *words, [bytes.fromhex(sibling)]).call() == [
        0,
        0,
    ]


def test_gas_of_one_anchor_and_of_a_batch(w3: Web3, contract: Contract, digest: Digest) -> None:
    """One anchor costs at most 46,200; a batch of 1,000 at most 50 for each report."""
    one = anchored(w3, contract, digest())["gasUsed"]
    root, _ = merkle_batch([digest() for _ in range(1_000)])
    batch = anchored(w3, contract, root)["gasUsed"]
    print(f"gas: one anchor {one}, a batch of 1,000 {batch}, {batch / 1_000:.1f} a report")
    assert one <= ONE_ANCHOR_GAS
    assert batch / 1_000 <= BATCH_GAS_PER_REPORT
