"""Which chain, reached how, under which rules: chains that are known by name, and those of the settings."""

from dataclasses import dataclass, replace

from deeptrace_core.errors import SettingsError
from deeptrace_core.settings import Settings

GWEI = 10**9
DEFAULT_FEE_CAP_WEI = 200 * GWEI


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    """An EVM chain, and what anchoring on it needs. Amounts are in wei for a unit of gas."""

    name: str
    chain_id: int
    rpc_urls: tuple[str, ...]
    contract: str | None = None
    explorer: str | None = None
    caution: str | None = None
    """What whoever relies on an anchor there must know."""
    tip_floor_wei: int = 0
    fee_cap_wei: int = DEFAULT_FEE_CAP_WEI
    confirmations: int = 2
    """An anchor is confirmed once this many blocks stand on its own."""


# The rule of NeoX's nodes: a base fee and a tip of 20 gwei each, so at least 40 in all. Sources:
# bane-labs/docs development/networks.md, bane-labs/go-ethereum core/txpool/validation.go.
# Its anti-MEV nodes (mainnet-5, neoxt4seed5) do not broadcast normal transactions: they are not listed.
# One block is final there; two more guard against a node that has not noticed a change of blocks yet.
PRESETS = {
    "neox": Chain(
        name="NeoX",
        chain_id=47763,
        rpc_urls=tuple(f"https://mainnet-{number}.rpc.banelabs.org" for number in (1, 2, 3)),
        explorer="https://xexplorer.neo.org",
        tip_floor_wei=20 * GWEI,
    ),
    "neox-testnet": Chain(
        name="NeoX testnet T4",
        chain_id=12227332,
        rpc_urls=tuple(f"https://neoxt4seed{number}.ngd.network" for number in (1, 2, 3)),
        explorer="https://xt4scan.ngd.network",
        caution="This is a testnet: it may vanish, and its anchors with it.",
        tip_floor_wei=20 * GWEI,
    ),
    "local": Chain(
        name="Local chain",
        chain_id=31337,
        rpc_urls=("http://127.0.0.1:8545",),
        # The first contract of the first account of every anvil.
        contract="0x5FbDB2315678afecb367f032d93F642f64180aa3",
        caution="Local chain: proves nothing to others.",
        tip_floor_wei=20 * GWEI,
    ),
}


def chain_from(settings: Settings) -> Chain | None:
    """The chain of the settings, or None where no anchoring is set up.

    Raises:
        SettingsError: the chain is neither known nor described, or an address is none.
    """
    if settings.chain is None:
        return None
    chain = PRESETS.get(settings.chain) or _unknown(settings.chain, settings.chain_rpc)
    if not all(url.startswith(("http://", "https://")) for url in settings.chain_rpc):
        raise SettingsError("Each address of DEEPTRACE_CHAIN_RPC must begin with http:// or https://.")
    floor, cap = settings.chain_tip_floor_gwei, settings.chain_fee_cap_gwei
    return replace(
        chain,
        rpc_urls=settings.chain_rpc or chain.rpc_urls,
        contract=settings.chain_contract or chain.contract,
        explorer=settings.chain_explorer or chain.explorer,
        tip_floor_wei=chain.tip_floor_wei if floor is None else round(floor * GWEI),
        fee_cap_wei=chain.fee_cap_wei if cap is None else round(cap * GWEI),
    )


def chain_numbered(chain_id: int, rpc_urls: tuple[str, ...] = ()) -> Chain:
    """The chain with this id, for a verifier who has settings of nobody."""
    for chain in PRESETS.values():
        if chain.chain_id == chain_id:
            return replace(chain, rpc_urls=rpc_urls or chain.rpc_urls)
    return Chain(
        name=f"Chain {chain_id}",
        chain_id=chain_id,
        rpc_urls=rpc_urls,
        caution="This chain is not known here: whoever runs a chain of their own can make it say anything.",
    )


def _unknown(number: str, rpc_urls: tuple[str, ...]) -> Chain:
    if not number.isdecimal():
        raise SettingsError(
            f"DEEPTRACE_CHAIN is {number!r}, which is no chain known here.",
            advice=f"Use one of {', '.join(PRESETS)}, or the id of an EVM chain with DEEPTRACE_CHAIN_RPC.",
        )
    if not rpc_urls:
        raise SettingsError(
            f"No node of chain {number} is known here.",
            advice="Set DEEPTRACE_CHAIN_RPC to the address of one.",
        )
    return Chain(name=f"Chain {number}", chain_id=int(number), rpc_urls=rpc_urls)
