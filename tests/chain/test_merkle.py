"""The Merkle tree is the one that the field knows."""

import json
import subprocess
from hashlib import sha256

import pytest

from deeptrace_core.chain.merkle import merkle_batch, root_from
from tests.chain.npm import CONTRACTS, NODE, needs_npm

GOLDEN = {
    1: "1b6018d025978a74672f4ef3a70ddfbf4a795e30e1e76704df21acdeead6654d",
    2: "32d0682c5e27ca7b17490392e56137b8514213aef203a5a8f9425fdbdf355761",
    3: "c16581287ad6dce61debf2bbe0100e39d89b3043b7b71e234d651c8dbdda6317",
    100: "308429919a208b8e6478c07c9a8a8c79a76f4f6a119a227a44b95dcd74bb1fe6",
}
"""Roots that npm @openzeppelin/merkle-tree 1.0.8 gives for the digests below."""


def digests(count: int) -> list[str]:
    return [sha256(b"%d" % number).hexdigest() for number in range(count)]


@pytest.mark.parametrize("count", GOLDEN)
def test_the_root_is_that_of_the_reference(count: int) -> None:
    """Proofs made today are checked by others in years."""
    assert merkle_batch(digests(count))[0] == GOLDEN[count]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 100, 1_000])
def test_each_proof_leads_to_the_root_and_no_other_digest_does(count: int) -> None:
    """The order in which digests come does not matter."""
    root, proofs = merkle_batch(digests(count))
    assert merkle_batch(digests(count)[::-1]) == (root, proofs)
    assert all(root_from(digest, proof) == root for digest, proof in proofs.items())
    assert root_from("ab" * 32, proofs[digests(count)[0]]) != root


@needs_npm
@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 100, 1_000])
def test_root_and_proofs_are_those_of_the_reference(count: int) -> None:
    """Against @openzeppelin/merkle-tree itself."""
    ran = subprocess.run(
        [str(NODE), str(CONTRACTS / "merkle.cjs")],
        input=json.dumps(digests(count)),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    answer = json.loads(ran.stdout)
    root, proofs = merkle_batch(digests(count))
    assert root == answer["root"]
    assert [list(proofs[digest]) for digest in digests(count)] == answer["proofs"]
