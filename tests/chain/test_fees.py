"""What a unit of gas may cost."""

import pytest

from deeptrace_core.chain.fees import Fees, first_fees, raised
from deeptrace_core.chain.presets import GWEI, PRESETS
from deeptrace_core.errors import FeeTooHighError


@pytest.mark.parametrize("suggested_gwei", [0, 1, 20, 35])
def test_fees_satisfy_the_rule_of_neox(suggested_gwei: int) -> None:
    """Its nodes take min(tip, max fee - base fee) >= 20 gwei only, whatever tip they suggest."""
    chain = PRESETS["neox"]
    fees = first_fees(
        base_fee_wei=20 * GWEI,
        suggested_tip_wei=suggested_gwei * GWEI,
        tip_floor_wei=chain.tip_floor_wei,
        cap_wei=chain.fee_cap_wei,
    )
    assert min(fees.tip_wei, fees.max_fee_wei - 20 * GWEI) >= 20 * GWEI
    assert fees.max_fee_wei >= 40 * GWEI


def test_the_cap_cuts_the_reserve_but_not_what_is_needed_now() -> None:
    """Between the least and the double of the base fee there is room to give."""
    amounts = {"base_fee_wei": 20 * GWEI, "suggested_tip_wei": 0, "tip_floor_wei": 20 * GWEI}
    assert first_fees(**amounts, cap_wei=40 * GWEI).max_fee_wei == 40 * GWEI
    assert first_fees(**amounts, cap_wei=100 * GWEI).max_fee_wei == 60 * GWEI
    with pytest.raises(FeeTooHighError, match="asks for 40 gwei a unit of gas; at most 39 are"):
        first_fees(**amounts, cap_wei=39 * GWEI)


def test_a_replacement_pays_an_eighth_more_in_both_fees() -> None:
    """Nodes compare both; rounding never makes it less."""
    before = Fees(tip_wei=7, max_fee_wei=100)
    after = raised(before, cap_wei=1_000)
    assert after == Fees(tip_wei=8, max_fee_wei=113)
    assert raised(before, cap_wei=112) is None
