"""Time stamps of an authority on this machine, made by OpenSSL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deeptrace_core.__main__ import main
from deeptrace_core.errors import AuthorityUnavailableError, TimestampInvalidError
from deeptrace_core.report import report_bytes
from deeptrace_core.timestamp import request_timestamp, timestamp_time
from tests.media.signing import Authority
from tests.media.stamping import OPENSSL, openssl, stamping
from tests.pages.samples import report_of, wave

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="no openssl on this machine: apt-get install openssl")

REPORT = report_bytes(report_of([wave(0.5)]))
ROOT = "CN=Test root,O=Throw-away"


@pytest.fixture(scope="module")
def authority_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the authority, with its root, and that of another."""
    return tmp_path_factory.mktemp("authority")


@pytest.fixture(scope="module")
def authority(authority_files: Path) -> Iterator[str]:
    """The authority as a service. Its address."""
    ours = Authority()
    ours.anchors(authority_files / "root.pem")
    Authority().anchors(authority_files / "other.pem")
    with stamping(ours, authority_files) as address:
        yield address


def test_a_stamp_holds_for_the_bytes_it_is_of(authority: str, authority_files: Path) -> None:
    """Offline, with the root alone."""
    stamp = request_timestamp(REPORT, authority)
    time, root = timestamp_time(stamp, REPORT, (authority_files / "root.pem").read_bytes())
    assert time.endswith("Z")
    assert root == ROOT


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


def test_a_refusal_is_no_stamp(authority: str, authority_files: Path) -> None:
    """What an authority answers to a question that it does not understand."""
    (authority_files / "query").write_bytes(b"garbage")
    openssl(authority_files, "ts -reply -config ts.cnf -queryfile query -out refusal")
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
    assert f"holds  Time stamp  An authority under {ROOT} saw exactly this" in capsys.readouterr().out
    assert main([*command, "--root", str(authority_files / "other.pem")]) != 0
    assert "FAILS  Time stamp" in capsys.readouterr().out
    assert main(command) != 0
    assert "--root" in capsys.readouterr().err


def test_openssl_reads_the_stamp_too(authority: str, authority_files: Path, tmp_path: Path) -> None:
    """Nobody needs this program to check it."""
    (tmp_path / "report.json").write_bytes(REPORT)
    (tmp_path / "stamp.tsr").write_bytes(request_timestamp(REPORT, authority))
    root = authority_files / "root.pem"
    openssl(tmp_path, f"ts -verify -data report.json -in stamp.tsr -CAfile {root}")
