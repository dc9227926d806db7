"""Telling a program that its job has ended: signed as standardwebhooks.com says, at least once.

An address comes from whoever submits a video, so it must not lead this server to where that person cannot
go: only addresses of the public Internet are called, each looked up once and called as it was found.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import ipaddress
import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from deeptrace_core import __version__
from deeptrace_core.errors import DeepTraceError, JobNotFoundError, WebhookRefusedError
from deeptrace_core.job import ACTIVE_STATES, Job
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store, open_store
from deeptrace_core.store.webhooks import Webhook

log = logging.getLogger(__name__)

TIMEOUT_S = 10.0
EVERY_S = 2.0
MAX_URL_CHARS = 2_000
NAT64 = ipaddress.ip_network("64:ff9b::/96")


def register(subparsers: Any) -> None:
    """Add the command to those of `python -m deeptrace_core`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "secret", help="print what messages to webhooks are signed with, for who receives them"
    )
    parser.set_defaults(func=show_secret)


def show_secret(settings: Settings) -> None:
    """Print the secret, in the form of standardwebhooks.com."""
    with open_store(settings) as store:
        print("whsec_" + base64.b64encode(_key(store)).decode())  # noqa: T201


def address_of(url: str, *, private: bool) -> tuple[str, int]:
    """Where a webhook leads: an IP address and a port.

    Args:
        private: whether addresses are allowed that only this machine or its network can reach.

    Raises:
        WebhookRefusedError: it leads nowhere, or where it must not.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise WebhookRefusedError from error
    schemes = ("https", "http") if private else ("https",)
    printable = url.isascii() and url.isprintable() and " " not in url and len(url) <= MAX_URL_CHARS
    if parts.scheme not in schemes or not parts.hostname or parts.username is not None or not printable:
        raise WebhookRefusedError
    try:
        found = socket.getaddrinfo(parts.hostname, port or parts.scheme, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise WebhookRefusedError(f"There is no host {parts.hostname}.") from error
    addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
    if not private and not all(_is_public(address) for address in addresses):
        raise WebhookRefusedError("The address of this webhook is not on the public Internet.")
    return str(addresses[0]), int(found[0][4][1])


def message(job: Job) -> bytes:
    """What is told. The rest is asked for, by who may."""
    result = job.result
    told = {
        "type": "job.ended",
        "timestamp": job.finished_at,
        "data": {
            "jobId": job.id,
            "state": job.state.value,
            "verdict": result.verdict.value if result else None,
            "reportSha256": result.report_sha256 if result else None,
        },
    }
    return json.dumps(told).encode()


def headers(webhook: Webhook, body: bytes, key: bytes, now_s: int) -> dict[str, str]:
    """Who is told, when, and the signature over both and the message."""
    signed = f"{webhook.id}.{now_s}.".encode() + body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": f"DeepTrace/{__version__}",
        "webhook-id": webhook.id,
        "webhook-timestamp": str(now_s),
        "webhook-signature": f"v1,{signature}",
    }


class Messenger:
    """Tells whom it is time to tell, from a thread of its own. Every server of the pages has one."""

    def __init__(self, find_store: Callable[[], Store], *, private: bool) -> None:
        """
        Args:
            find_store: asked each time, since the database may be away at first.
            private: see `address_of`.
        """
        self._find_store = find_store
        self._private = private
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the message at hand."""
        self._over.set()
        self._thread.join(TIMEOUT_S)

    def tell_all(self) -> int:
        """Tell everybody whose time has come. Returns how many were looked at."""
        count = 0
        while not self._over.is_set() and (webhook := self._store.webhooks.take()) is not None:
            self._tell(webhook)
            count += 1
        return count

    def _run(self) -> None:
        while not self._over.wait(EVERY_S):
            try:
                self.tell_all()
            except DeepTraceError as error:  # the database is away; the wishes are in it
                log.info("Webhooks wait: %s", error)
            except Exception:
                log.exception("webhooks")

    @property
    def _store(self) -> Store:
        return self._find_store()

    def _tell(self, webhook: Webhook) -> None:
        try:
            job = self._store.jobs.get(webhook.job_id)
        except JobNotFoundError:
            self._store.webhooks.settled(webhook)
            return
        if job.state in ACTIVE_STATES:
            self._store.webhooks.too_early(webhook)
            return
        try:
            status = self._send(webhook, message(job))
        except (OSError, http.client.HTTPException, WebhookRefusedError) as error:
            status, why = 0, str(error)
        else:
            why = f"it answered {status}"
        if 200 <= status < 300:
            self._store.webhooks.settled(webhook)
        elif not self._store.webhooks.in_vain(webhook):
            log.warning("The webhook of job %s is given up: %s.", webhook.job_id, why)

    def _send(self, webhook: Webhook, body: bytes) -> int:
        address, port = address_of(webhook.url, private=self._private)
        parts = urlsplit(webhook.url)
        # To the address that was checked: a second look-up could lead elsewhere.
        wire = socket.create_connection((address, port), TIMEOUT_S)
        connection = http.client.HTTPConnection(parts.hostname or "", port, timeout=TIMEOUT_S)
        try:
            if parts.scheme == "https":
                wire = ssl.create_default_context().wrap_socket(wire, server_hostname=parts.hostname)
            connection.sock = wire
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            signed = headers(webhook, body, _key(self._store), int(time.time()))
            connection.request("POST", path, body, signed | {"Host": parts.netloc})
            # Redirects are not followed: what they lead to was not checked.
            return connection.getresponse().status
        finally:
            connection.close()
            wire.close()


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    # An address of the new Internet may stand for one of the old, by one of three ways.
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(address.packed[-4:])
        if inner is not None:
            return _is_public(inner)
    return address.is_global and not address.is_multicast


def _key(store: Store) -> bytes:
    return store.signing_keys.get("webhooks")
