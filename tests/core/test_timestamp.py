"""Time stamps of an authority on this machine, made by OpenSSL."""

import shutil
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from deeptrace_core.__main__ import main
from deeptrace_core.errors import AuthorityUnavailableError, TimestampInvalidError
from deeptrace_core.report import report_bytes
from deeptrace_core.timestamp import request_timestamp, timestamp_time
from tests.pages.samples import report_of, wave

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="no openssl on this machine: apt-get install openssl")

REPORT = report_bytes(report_of([wave(0.5)]))
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
[stamping]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
"""


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run([str(OPENSSL), *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def authority_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root, and an authority under it."""
    folder = tmp_path_factory.mktemp("authority")
    (folder / "ts.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01\n")
    key = ["-newkey", "rsa:2048", "-nodes"]
    for name in ("root", "other"):
        made = ["-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN=Test {name}", "-days", "30"]
        openssl(
            folder,
            "req",
            "-x509",
            *key,
            *made,
            "-config",
            "/dev/null",
            "-addext",
            "keyUsage=critical,keyCertSign",
        )
    openssl(
        folder,
        "req",
        *key,
        "-keyout",
        "tsa.key",
        "-out",
        "tsa.csr",
        "-subj",
        "/CN=Test TSA",
        "-config",
        "/dev/null",
    )
    signed = ["-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "30", "-out", "tsa.pem"]
    openssl(
        folder, "x509", "-req", "-in", "tsa.csr", *signed, "-extfile", "ts.cnf", "-extensions", "stamping"
    )
    return folder


@pytest.fixture
def authority(authority_files: Path) -> Iterator[str]:
    """The authority as a service. Its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            (authority_files / "query").write_bytes(query)
            reply = ["ts", "-reply", "-config", "ts.cnf", "-section", "one", "-queryfile", "query"]
            openssl(authority_files, *reply, "-out", "answer")
            self.send_response(200)
            self.end_headers()
            self.wfile.write((authority_files / "answer").read_bytes())

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_stamp_holds_for_the_bytes_it_is_of(authority: str, authority_files: Path) -> None:
    """Offline, with the root alone."""
    stamp = request_timestamp(REPORT, authority)
    time, root = timestamp_time(stamp, REPORT, (authority_files / "root.pem").read_bytes())
    assert time.endswith("Z")
    assert root == "CN=Test root"


def test_other_bytes_other_roots_and_other_files_do_not_hold(authority: str, authority_files: Path) -> None:
    """Each with its reason."""
    stamp = request_timestamp(REPORT, authority)
    root, other = ((authority_files / name).read_bytes() for name in ("root.pem", "other.pem"))
    with pytest.raises(TimestampInvalidError, match="Mismatch between messages"):
        timestamp_time(stamp, REPORT + b" ", root)
    with pytest.raises(TimestampInvalidError, match="does not hold"):
        timestamp_time(stamp, REPORT, other)
    with pytest.raises(TimestampInvalidError):
        timestamp_time(stamp, REPORT, b"no certificate")
    for data in (b"", b"no stamp", stamp[:-1], stamp[:200] + bytes([stamp[200] ^ 1]) + stamp[201:]):
        with pytest.raises(TimestampInvalidError):
            timestamp_time(data, REPORT, root)


def test_an_authority_that_is_away_or_answers_something_else_is_named(authority: str) -> None:
    """Nothing is written then."""
    with pytest.raises(AuthorityUnavailableError):
        request_timestamp(REPORT, "http://127.0.0.1:9")
    with pytest.raises(AuthorityUnavailableError):
        request_timestamp(REPORT, "no address")


def test_a_refusal_is_no_stamp(authority_files: Path) -> None:
    """What an authority answers to a question that it does not understand."""
    (authority_files / "query").write_bytes(b"garbage")
    reply = ["ts", "-reply", "-config", "ts.cnf", "-section", "one", "-queryfile", "query", "-out", "refusal"]
    openssl(authority_files, *reply)
    refusal = (authority_files / "refusal").read_bytes()
    with pytest.raises(TimestampInvalidError):
        timestamp_time(refusal, REPORT, (authority_files / "root.pem").read_bytes())


def test_the_commands_stamp_and_verify(
    authority: str, authority_files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`timestamp` writes beside the report, once; `verify` has a line for it."""
    report = tmp_path / "report.json"
    report.write_bytes(REPORT)
    assert main(["timestamp", str(report), "--authority", authority]) == 0
    stamp = tmp_path / "report.json.tsr"
    before = stamp.read_bytes()
    assert main(["timestamp", str(report), "--authority", authority]) != 0
    assert stamp.read_bytes() == before
    command = ["verify", str(report), "--timestamp", str(stamp), "--offline"]
    assert main([*command, "--root", str(authority_files / "root.pem")]) == 0
    assert "holds  Time stamp  An authority under CN=Test root saw exactly this" in capsys.readouterr().out
    assert main([*command, "--root", str(authority_files / "other.pem")]) != 0
    assert "FAILS  Time stamp" in capsys.readouterr().out
    assert main(command) != 0
    assert "--root" in capsys.readouterr().err


def test_openssl_reads_the_stamp_too(authority: str, authority_files: Path, tmp_path: Path) -> None:
    """Nobody needs this program to check it."""
    (tmp_path / "report.json").write_bytes(REPORT)
    (tmp_path / "stamp.tsr").write_bytes(request_timestamp(REPORT, authority))
    files = ["-data", "report.json", "-in", "stamp.tsr", "-CAfile", str(authority_files / "root.pem")]
    openssl(tmp_path, "ts", "-verify", *files)
