// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title A public record that digests existed by a time, and who vouched for them
/// @notice An anchor says: whoever controls this address vouched for these 32 bytes by this time. It does not
///         say that what they stand for is right. There is no owner, no upgrade, no ether and no way to
///         change or remove a record.
contract ReportAnchor {
    struct Record {
        uint64 time;
        uint64 blockNumber;
    }

    /// @dev By issuer first: what one address anchors can neither block nor imitate what another does.
    mapping(address issuer => mapping(bytes32 digest => Record)) private _records;

    /// @notice A digest, or the root of a batch, was anchored.
    /// @param time The block's time, in seconds since 1970-01-01 UTC
    event Anchored(address indexed issuer, bytes32 indexed digest, uint64 time);

    /// @notice Nothing has the digest zero.
    error EmptyDigest();

    /// @notice This issuer anchored this digest before, at `time`. The first record stands.
    error AlreadyAnchored(address issuer, bytes32 digest, uint64 time);

    /// @notice Record, for ever, that the sender vouches for a digest now.
    /// @param digest The SHA-256 of a report, or the Merkle root of a batch of them
    function anchor(bytes32 digest) external {
        if (digest == 0) revert EmptyDigest();
        Record storage record = _records[msg.sender][digest];
        uint64 time = record.time;
        if (time != 0) revert AlreadyAnchored(msg.sender, digest, time);
        time = uint64(block.timestamp);
        // One slot. With the block number, the event is found by asking for the log of a single block.
        record.time = time;
        record.blockNumber = uint64(block.number);
        emit Anchored(msg.sender, digest, time);
    }

    /// @notice When an issuer anchored a digest.
    /// @return time The block's time, in seconds since 1970-01-01 UTC; 0 if it never did
    /// @return blockNumber The block; 0 if it never did
    function recordOf(address issuer, bytes32 digest) external view returns (uint64 time, uint64 blockNumber) {
        Record storage record = _records[issuer][digest];
        return (record.time, record.blockNumber);
    }

    /// @notice When an issuer anchored the batch that a digest belongs to.
    /// @dev The tree is that of OpenZeppelin's StandardMerkleTree over `bytes32`: a leaf is hashed twice, so
    ///      that no inner node can pass for one; the two hashes of a pair are sorted.
    /// @param root The anchored Merkle root
    /// @param proof The sibling hashes from the leaf to the root
    /// @return time As for `recordOf`; 0 if the proof does not lead to the root, or the root is not anchored
    /// @return blockNumber As for `recordOf`
    function recordInBatch(address issuer, bytes32 root, bytes32 digest, bytes32[] calldata proof)
        external
        view
        returns (uint64 time, uint64 blockNumber)
    {
        bytes32 node = keccak256(bytes.concat(keccak256(abi.encode(digest))));
        for (uint256 i = 0; i < proof.length; ++i) {
            bytes32 sibling = proof[i];
            node = node < sibling ? keccak256(abi.encode(node, sibling)) : keccak256(abi.encode(sibling, node));
        }
        if (node != root) return (0, 0);
        Record storage record = _records[issuer][root];
        return (record.time, record.blockNumber);
    }
}
