"""A node in a process of its own, as NeoX behaves: chain id, gas cap, base fee. npm brings it."""

import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from deeptrace_core.chain.local import ANVIL, ANVIL_RULES

needs_anvil = pytest.mark.skipif(
    not ANVIL.exists(),
    reason="no anvil on this machine: install Node.js, then make contracts/node_modules/ready",
)


class Anvil:
    """A running anvil."""

    def __init__(self, url: str, process: subprocess.Popen[bytes]) -> None:
        self.url = url
        self.process = process

    def call(self, method: str, *params: Any) -> Any:
        """The result of a JSON-RPC call, to see and to change what a client cannot."""
        return rpc(self.url, method, *params)


def rpc(url: str, method: str, *params: Any) -> Any:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        document = json.loads(answer.read())
    assert "error" not in document, document
    return document["result"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_anvil(log: Path, *, chain_id: int = 12227332, block_time_s: float = 0.4) -> Iterator[Anvil]:
    """Anvil on a port of its own, until the end of the block."""
    port = free_port()
    rules = [*ANVIL_RULES, "--chain-id", str(chain_id), "--block-time", str(block_time_s)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(ANVIL), "--host", "127.0.0.1", "--port", str(port), *rules],
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            anvil = Anvil(f"http://127.0.0.1:{port}", process)
            _wait_for(anvil)
            yield anvil
        finally:
            process.kill()
            process.wait()


def _wait_for(anvil: Anvil) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            anvil.call("eth_chainId")
            return
        except OSError:
            assert anvil.process.poll() is None, "anvil ended"
            assert time.monotonic() < deadline, "anvil did not answer"
            time.sleep(0.05)


@contextmanager
def proxy(url: str, change: Callable[[str, Any], Any]) -> Iterator[str]:
    """A node before the node: passes each call on and changes its result. Its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            request = urllib.request.Request(
                url, json.dumps(call).encode(), {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=20) as answer:
                document = json.loads(answer.read())
            if "result" in document:
                document["result"] = change(call["method"], document["result"])
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
