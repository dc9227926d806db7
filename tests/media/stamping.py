"""A time-stamping authority (RFC 3161) on this machine: a certificate of ours, the stamps by OpenSSL."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

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
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""
CONTENT_TYPE = bytes.fromhex("301a06092a864886f70d010903")
SIGNING_TIME = re.escape(bytes.fromhex("2a864886f70d010905310f170d"))
"""How these two attributes of a signature begin (RFC 5652, 11)."""


@contextmanager
def stamping(authority: Authority, folder: Path, *, ahead: timedelta = timedelta(0)) -> Iterator[str]:
    """The address of a service whose certificate this authority issued.

    Args:
        ahead: by how much the clock of the service is wrong.
    """
    key, certificate = authority.stamper()
    (folder / "tsa.key").write_bytes(key)
    (folder / "tsa.pem").write_bytes(certificate)
    (folder / "ts.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01\n")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (folder / "query").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            openssl(folder, "ts -reply -config ts.cnf -queryfile query -out answer")
            if ahead:
                _set_clock(folder, ahead)
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


def _set_clock(folder: Path, ahead: timedelta) -> None:
    """Put another time into the answer, and sign that: OpenSSL knows no clock but the machine's."""
    openssl(folder, "ts -reply -in answer -token_out -out token")
    openssl(folder, "cms -verify -noverify -inform DER -in token -out stamp")
    answer, stamp = (folder / "answer").read_bytes(), (folder / "stamp").read_bytes()
    later = _later(stamp, rb"(\d{14}Z)", "%Y%m%d%H%M%SZ", ahead)
    answer = answer.replace(stamp, later)
    answer = answer.replace(sha256(stamp).digest(), sha256(later).digest())
    answer = _later(answer, SIGNING_TIME + rb"(\d{12}Z)", "%y%m%d%H%M%SZ", ahead)
    # The attributes are signed as what they are, a set, and stand there under another tag.
    first = answer.rindex(CONTENT_TYPE)
    attributes = b"\x31" + answer[first - 2 : first + answer[first - 1]]
    key = load_pem_private_key((folder / "tsa.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    length = next(size for size in range(60, 80) if answer[-size - 2 : -size] == bytes([4, size]))
    signature = b""
    while len(signature) != length:  # which varies by a byte or two
        signature = key.sign(attributes, ec.ECDSA(hashes.SHA256()))
    (folder / "answer").write_bytes(answer[:-length] + signature)


def _later(data: bytes, time: bytes, form: str, by: timedelta) -> bytes:
    """The data with the one time in it moved."""
    [written] = re.findall(time, data)
    return data.replace(written, (datetime.strptime(written.decode(), form) + by).strftime(form).encode())


def openssl(folder: Path, arguments: str) -> None:
    """Run it in a folder."""
    subprocess.run(
        [str(OPENSSL), *arguments.split()], cwd=folder, check=True, capture_output=True, timeout=60
    )
