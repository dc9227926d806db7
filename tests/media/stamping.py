"""A time-stamping authority (RFC 3161) on this machine: a certificate of ours, the stamps by OpenSSL."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from tests.media.signing import Authority

OPENSSL = shutil.which("openssl")

CONFIG = """
[tsa]
default_tsa = one
[one]
dir = .
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
certs = chain.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


@contextmanager
def stamping(authority: Authority, folder: Path) -> Iterator[str]:
    """The address of a service whose certificate this authority issued."""
    key, certificate, chain = authority.stamper()
    for name, data in (("tsa.key", key), ("tsa.pem", certificate), ("chain.pem", chain)):
        (folder / name).write_bytes(data)
    (folder / "ts.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01\n")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (folder / "query").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            command = [str(OPENSSL), "ts", "-reply", "-config", "ts.cnf", "-queryfile", "query"]
            subprocess.run(
                [*command, "-out", "answer"], cwd=folder, check=True, capture_output=True, timeout=60
            )
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write((folder / "answer").read_bytes())

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
