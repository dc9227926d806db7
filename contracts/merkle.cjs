// node contracts/merkle.cjs < digests.json: the reference implementation's root and proofs, for the tests.
"use strict";

const { readFileSync } = require("node:fs");
const { StandardMerkleTree } = require("@openzeppelin/merkle-tree");

const digests = JSON.parse(readFileSync(0, "utf8"));
const tree = StandardMerkleTree.of(digests.map((digest) => [`0x${digest}`]), ["bytes32"]);
const proofs = digests.map((digest) => tree.getProof([`0x${digest}`]).map((word) => word.slice(2)));
process.stdout.write(JSON.stringify({ root: tree.root.slice(2), proofs }));
