"""A notary in a process of its own, which may kill itself at one of its calls. The tests start it.

stdin: JSON with `uri` of the database, `rpc`, `chain_id`, `contract`, `key`, `stuck_s`, and maybe `crash`.
"""

import json
import os
import signal
import sys
import threading
from typing import Any

from eth_account import Account

from deeptrace_core.chain.client import ChainClient
from deeptrace_core.chain.keystore import Signer
from deeptrace_core.chain.notary import Notary
from deeptrace_core.chain.presets import GWEI, Chain
from deeptrace_core.notary import serve
from deeptrace_core.settings import load_settings
from deeptrace_core.store import open_store


def main() -> None:
    wanted = json.load(sys.stdin)
    chain = Chain(
        name="Anvil",
        chain_id=wanted["chain_id"],
        rpc_urls=(wanted["rpc"],),
        contract=wanted["contract"],
        tip_floor_wei=20 * GWEI,
    )
    client = ChainClient(chain)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    with open_store(load_settings({"DEEPTRACE_MONGODB_URI": wanted["uri"]})) as store:
        parts = {"batches": store.batches, "anchors": store.anchors, "client": client}
        if "crash" in wanted:
            part, method, after = wanted["crash"]
            kill_at(parts[part], method, after=after)
        signer = Signer(Account.from_key(wanted["key"]))
        notary = Notary(
            anchors=store.anchors,
            batches=store.batches,
            client=client,
            signer=signer,
            stuck_s=wanted["stuck_s"],
        )
        serve(notary, store, client, stopping, poll_s=0.2)


def kill_at(owner: Any, method: str, *, after: bool) -> None:
    """kill -9 before or after a call took effect."""
    true = getattr(owner, method)

    def call(*args: Any, **kwargs: Any) -> Any:
        if after:
            true(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, method, call)


if __name__ == "__main__":
    main()
