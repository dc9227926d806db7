"""`python -m deeptrace_core notary`: the only process with the key. Anchors what the pages asked for."""

import argparse
import logging
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from deeptrace_core.anchor import AnchorFault, NotaryInfo
from deeptrace_core.errors import (
    ChainUnavailableError,
    EnvironmentFault,
    KeystoreError,
    LeaseLostError,
    SettingsError,
    StoreUnavailableError,
)
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store, open_store

if TYPE_CHECKING:
    from deeptrace_core.chain.client import ChainClient
    from deeptrace_core.chain.keystore import Signer
    from deeptrace_core.chain.notary import Notary

log = logging.getLogger(__name__)

POLL_S = 2.0
"""About how often to look for requests and blocks."""
MAX_PAUSE_S = 30.0
"""While something is wrong, the pauses grow up to this."""
ANNOUNCE_EVERY_S = 10.0
GOOD_FOR_S = 60.0


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("notary", help="anchor reports on a chain, until Ctrl-C; holds the key")
    once = parser.add_mutually_exclusive_group()
    once.add_argument(
        "--new-key", action="store_true", help="make the key of the settings, print its address"
    )
    once.add_argument("--deploy", action="store_true", help="put the contract on the chain of the settings")
    parser.set_defaults(func=notary)


def notary(settings: Settings, *, new_key: bool, deploy: bool) -> None:
    """Serve until SIGINT or SIGTERM; or do the one thing that was asked for.

    Raises:
        InputError: the settings or the key cannot be used.
        EnvironmentFault: the node is one of another chain, or another contract stands at the address.
    """
    # Only who anchors needs web3: the other commands start without it.
    from deeptrace_core.chain import keystore
    from deeptrace_core.chain.client import ChainClient
    from deeptrace_core.chain.deploy import deploy as deploy_contract
    from deeptrace_core.chain.presets import chain_from

    if new_key:
        _make_key(settings)
        return
    chain = chain_from(settings)
    if chain is None:
        raise SettingsError(
            "DEEPTRACE_CHAIN is not set: the notary knows no chain.",
            advice="Set it to neox, neox-testnet or local. README.md says what else is needed.",
        )
    client = ChainClient(chain)
    signer = keystore.open_keystore(settings.keystore, settings.keystore_password_file)
    if deploy:
        address = deploy_contract(client, signer)
        _say(f"ReportAnchor stands on {chain.name} now. Set DEEPTRACE_CHAIN_CONTRACT={address}")
        return
    _serve(settings, client, signer)


def serve(
    works: "Notary", store: Store, client: "ChainClient", stopping: threading.Event, *, poll_s: float = POLL_S
) -> None:
    """Step until it is time to stop. Whatever fails is announced, and tried again."""
    announced_s, announced, pause_s = float("-inf"), None, poll_s
    while not stopping.is_set():
        fault, more = None, False
        try:
            more = works.step()
        except LeaseLostError:
            log.info("Another notary goes on with this batch.")
        except EnvironmentFault as error:
            fault = AnchorFault(code=error.code, what=error.what, advice=error.advice)
            log.warning("%s %s", error.code, error.diagnostics())
        if fault != announced or time.monotonic() - announced_s > ANNOUNCE_EVERY_S:
            _announce(works, store, client, fault)
            announced_s, announced = time.monotonic(), fault
        pause_s = min(2 * pause_s, MAX_PAUSE_S) if fault else poll_s
        if not more:
            stopping.wait(pause_s)


def _serve(settings: Settings, client: "ChainClient", signer: "Signer") -> None:
    from deeptrace_core.chain.notary import Notary

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    try:
        client.check()
    except ChainUnavailableError as error:  # that may be over soon; what else is wrong is not
        log.warning("%s", error.diagnostics())
    store = _open_store(settings, stopping)
    if store is None:
        return
    with store:
        works = Notary(anchors=store.anchors, batches=store.batches, client=client, signer=signer)
        log.info("The notary %s anchors on %s.", signer.address, client.chain.name)
        serve(works, store, client, stopping)
        log.info("The notary stopped. What it began goes on with its next start.")


def _open_store(settings: Settings, stopping: threading.Event) -> Store | None:
    while not stopping.is_set():
        try:
            return open_store(settings)
        except StoreUnavailableError as error:
            log.warning("%s", error.diagnostics())
            stopping.wait(POLL_S)
    return None


def _announce(works: "Notary", store: Store, client: "ChainClient", fault: AnchorFault | None) -> None:
    chain = client.chain
    info = NotaryInfo(
        place=works.place,
        chain_name=chain.name,
        explorer=chain.explorer,
        caution=chain.caution,
        fault=fault,
    )
    try:
        store.notaries.announce(info, good_for_s=GOOD_FOR_S)
    except StoreUnavailableError as error:
        log.warning("%s", error.diagnostics())


def _make_key(settings: Settings) -> None:
    from deeptrace_core.chain.keystore import new_keystore

    if settings.keystore is None or settings.keystore_password_file is None:
        raise KeystoreError(
            "DEEPTRACE_KEYSTORE and DEEPTRACE_KEYSTORE_PASSWORD_FILE say where to put the key."
        )
    address = new_keystore(settings.keystore, settings.keystore_password_file)
    _say(f"The address of the new key is {address}. Send it coins to pay fees with, and publish it:")
    _say("whoever checks an anchor must know that this address is yours. Keep a copy of both files.")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
