"""A chain on this machine, to try anchoring with: anvil, with the rules of NeoX. Proves nothing to others."""

from deeptrace_core.settings import PROJECT_ROOT

ANVIL = PROJECT_ROOT / "contracts" / "node_modules" / "@foundry-rs" / "anvil-linux-amd64" / "bin" / "anvil"
# Gas a transaction at most 2^24 (EIP-7825), a base fee of 20 gwei: NeoX since June 2026.
ANVIL_RULES = ("--hardfork", "osaka", "--enable-tx-gas-limit", "--block-base-fee-per-gas", "20000000000")
