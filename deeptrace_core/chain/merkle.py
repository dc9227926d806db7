"""Many digests under one root: the tree of OpenZeppelin's StandardMerkleTree over `bytes32`.

The same as npm @openzeppelin/merkle-tree 1.0.8 makes, and as `recordInBatch` of the contract checks:
leaf = keccak256(keccak256(digest)), pair = keccak256 of both hashes, the smaller first.
"""

from collections.abc import Sequence

from eth_utils.crypto import keccak

from deeptrace_core.anchor import Proof


def merkle_batch(digests: Sequence[str]) -> tuple[str, dict[str, Proof]]:
    """The tree over at least one digest, in whatever order they come.

    Args:
        digests: 64 hexadecimal digits each, all different.

    Returns:
        The root as 64 hexadecimal digits, and for each digest the sibling hashes from its leaf to the root.
    """
    leaves = sorted((_leaf(digest), digest) for digest in digests)
    count = len(leaves)
    tree = [b""] * (2 * count - 1)
    for place, (leaf, _) in enumerate(leaves):
        tree[-1 - place] = leaf
    for place in reversed(range(count - 1)):
        tree[place] = _pair(tree[2 * place + 1], tree[2 * place + 2])
    return tree[0].hex(), {
        digest: _siblings(tree, len(tree) - 1 - place) for place, (_, digest) in enumerate(leaves)
    }


def root_from(digest: str, proof: Proof) -> str:
    """The root to which a proof leads from a digest, as 64 hexadecimal digits."""
    node = _leaf(digest)
    for sibling in proof:
        node = _pair(node, bytes.fromhex(sibling))
    return node.hex()


def _siblings(tree: list[bytes], place: int) -> Proof:
    found = []
    while place > 0:
        found.append(tree[place + 1 if place % 2 else place - 1].hex())
        place = (place - 1) // 2
    return tuple(found)


def _leaf(digest: str) -> bytes:
    # Twice, so that no inner node, which is hashed once, can pass for a leaf.
    return keccak(keccak(bytes.fromhex(digest)))


def _pair(one: bytes, other: bytes) -> bytes:
    return keccak(min(one, other) + max(one, other))
