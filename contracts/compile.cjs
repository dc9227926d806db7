// node contracts/compile.cjs OUTPUT: compile ReportAnchor.sol into its artifact. The same source gives the
// same bytes everywhere: one compiler by its exact version, one logical path, settings only from here.
"use strict";

const { createHash } = require("node:crypto");
const { readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const solc = require("solc");

const SOURCE = "contracts/ReportAnchor.sol";
const NAME = "ReportAnchor";
// Shanghai is understood by NeoX since its first block, by nearly all other chains, and by the EVM of the tests.
const SETTINGS = { evmVersion: "shanghai", optimizer: { enabled: true, runs: 200 } };

const source = readFileSync(join(__dirname, "ReportAnchor.sol"), "utf8");
const input = {
  language: "Solidity",
  sources: { [SOURCE]: { content: source } },
  settings: {
    ...SETTINGS,
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input)));
for (const remark of output.errors ?? []) console.error(remark.formattedMessage);
if (output.errors?.length) process.exit(1); // a warning is an error here
const { abi, evm } = output.contracts[SOURCE][NAME];
const artifact = {
  contractName: NAME,
  source: SOURCE,
  sourceSha256: createHash("sha256").update(source).digest("hex"),
  compiler: solc.version(),
  settings: SETTINGS,
  abi,
  bytecode: `0x${evm.bytecode.object}`,
  deployedBytecode: `0x${evm.deployedBytecode.object}`,
};
writeFileSync(process.argv[2], `${JSON.stringify(artifact, null, 2)}\n`);
