"""What to pay for a unit of gas (EIP-1559), all amounts in wei."""

from dataclasses import dataclass

from deeptrace_core.chain.presets import GWEI
from deeptrace_core.errors import FeeTooHighError

GAS_LIMIT = 100_000
"""Anchoring takes 46,120 units of gas (measured: `tests/chain/test_contract.py`), on some chains more.
What is not used is not paid."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fees:
    """The two fees that a transaction of type 2 names."""

    tip_wei: int
    max_fee_wei: int

    @property
    def most_wei(self) -> int:
        """What one anchor costs at most."""
        return GAS_LIMIT * self.max_fee_wei


def first_fees(*, base_fee_wei: int, suggested_tip_wei: int, tip_floor_wei: int, cap_wei: int) -> Fees:
    """Fees for a first try: they hold until the base fee has doubled, as far as the cap allows.

    Raises:
        FeeTooHighError: even the least that the chain takes is above the cap.
    """
    # A node that knows no better suggests 1 gwei and then refuses it.
    tip_wei = max(suggested_tip_wei, tip_floor_wei)
    least_wei = base_fee_wei + tip_wei
    if least_wei > cap_wei:
        raise FeeTooHighError(
            f"The chain asks for {least_wei / GWEI:g} gwei a unit of gas; "
            f"at most {cap_wei / GWEI:g} are allowed here. Nothing was written."
        )
    return Fees(tip_wei=tip_wei, max_fee_wei=min(2 * base_fee_wei + tip_wei, cap_wei))


def raised(fees: Fees, *, cap_wei: int) -> Fees | None:
    """Fees that replace a transaction which is stuck: one eighth more. None if that is above the cap.

    Nodes take a replacement from 10 % more in both fees (12.5 % on some) on.
    """
    more = Fees(tip_wei=_eighth_more(fees.tip_wei), max_fee_wei=_eighth_more(fees.max_fee_wei))
    return more if more.max_fee_wei <= cap_wei else None


def _eighth_more(amount: int) -> int:
    return -(-amount * 9 // 8)
