"""Which chain the settings mean."""

import pytest

from deeptrace_core.chain.client import checked_address
from deeptrace_core.chain.presets import GWEI, PRESETS, chain_from, chain_numbered
from deeptrace_core.errors import SettingsError
from deeptrace_core.settings import load_settings


def test_without_settings_there_is_no_chain() -> None:
    """Anchoring is a choice."""
    assert chain_from(load_settings({})) is None


def test_known_chains_have_their_numbers_and_cautions() -> None:
    """A testnet may vanish and a local chain proves nothing to others: both say so."""
    assert PRESETS["neox"].chain_id == 47763
    assert PRESETS["neox"].caution is None
    assert PRESETS["neox-testnet"].chain_id == 12227332
    assert "may vanish" in (PRESETS["neox-testnet"].caution or "")
    assert "proves nothing to others" in (PRESETS["local"].caution or "")
    assert len({chain.chain_id for chain in PRESETS.values()}) == len(PRESETS)
    checked_address(PRESETS["local"].contract or "")


def test_settings_come_before_what_is_known() -> None:
    """Everything of a known chain can be set otherwise."""
    chain = chain_from(
        load_settings(
            {
                "DEEPTRACE_CHAIN": "neox",
                "DEEPTRACE_CHAIN_RPC": "https://one.example, https://two.example/key",
                "DEEPTRACE_CHAIN_CONTRACT": "0x5FbDB2315678afecb367f032d93F642f64180aa3",
                "DEEPTRACE_CHAIN_EXPLORER": "https://explorer.example",
                "DEEPTRACE_CHAIN_TIP_FLOOR_GWEI": "25",
                "DEEPTRACE_CHAIN_FEE_CAP_GWEI": "50.5",
            }
        )
    )
    assert chain is not None
    assert chain.rpc_urls == ("https://one.example", "https://two.example/key")
    assert chain.contract == "0x5FbDB2315678afecb367f032d93F642f64180aa3"
    assert chain.explorer == "https://explorer.example"
    assert (chain.tip_floor_wei, chain.fee_cap_wei) == (25 * GWEI, 50_500_000_000)


def test_another_chain_needs_settings_only() -> None:
    """Its id and a node."""
    chain = chain_from(load_settings({"DEEPTRACE_CHAIN": "10", "DEEPTRACE_CHAIN_RPC": "http://127.0.0.1:1"}))
    assert chain is not None
    assert (chain.chain_id, chain.caution) == (10, None)
    assert chain_numbered(47763).rpc_urls == PRESETS["neox"].rpc_urls
    assert chain_numbered(10, ("http://127.0.0.1:1",)).chain_id == 10


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"DEEPTRACE_CHAIN": "bitcoin"}, "no chain known here"),
        ({"DEEPTRACE_CHAIN": "10"}, "No node of chain 10"),
        ({"DEEPTRACE_CHAIN": "neox", "DEEPTRACE_CHAIN_RPC": "ws://x"}, "must begin with http"),
    ],
)
def test_what_cannot_be_used_is_named(environment: dict[str, str], said: str) -> None:
    """The text says what to write instead."""
    with pytest.raises(SettingsError, match=said):
        chain_from(load_settings(environment))
