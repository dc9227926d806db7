"""Putting the contract on a chain, once. Anybody may: it has no owner."""

import time

from deeptrace_core.chain.artifact import artifact
from deeptrace_core.chain.client import ChainClient, Mined
from deeptrace_core.chain.keystore import Signer
from deeptrace_core.errors import ChainUnavailableError, NoFundsError

GAS_LIMIT = 500_000
"""Deploying takes about 290,000 units of gas."""
POLL_S = 1.0


def deploy(client: ChainClient, signer: Signer, *, patience_s: float = 120) -> str:
    """Deploy ReportAnchor. Returns its address, with the checksum.

    Raises:
        FeeTooHighError, NoFundsError: nothing was written.
        ChainUnavailableError: no node answers, or no block took the transaction in time.
    """
    fees = client.fees()
    if client.balance_wei(signer.address) < GAS_LIMIT * fees.max_fee_wei:
        raise NoFundsError(
            f"The account {signer.address} cannot pay for the deployment. Nothing was written.",
            advice=f"Send {GAS_LIMIT * fees.max_fee_wei / 10**18:.4f} coins of {client.chain.name} to it.",
        )
    raw, tx_hash = signer.sign(
        {
            "type": 2,
            "chainId": client.chain.chain_id,
            "data": artifact().creation_code,
            "value": 0,
            "nonce": client.next_nonce(signer.address),
            "gas": GAS_LIMIT,
            "maxPriorityFeePerGas": fees.tip_wei,
            "maxFeePerGas": fees.max_fee_wei,
        }
    )
    answer = client.send(raw)
    mined = _wait(client, tx_hash, patience_s)
    if mined is None or mined.created is None:
        raise ChainUnavailableError(
            f"The deployment {tx_hash} is in no block yet{f' ({answer})' if answer else ''}.",
            advice="Look at the account on the chain before trying again: a second one costs again.",
        )
    return mined.created


def _wait(client: ChainClient, tx_hash: str, patience_s: float) -> Mined | None:
    deadline_s = time.monotonic() + patience_s
    while (mined := client.mined(tx_hash)) is None and time.monotonic() < deadline_s:
        time.sleep(POLL_S)
    return mined
