"""Content Credentials in four states that are never mixed up, and a fifth outcome that is about no file."""

import socket
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from deeptrace_core.provenance import (
    Credentials,
    CredentialsState,
    NotRead,
    NotReadReason,
    Provenance,
    SignerDoubt,
)
from deeptrace_core.provenance_words import STAMPED_LATER, history
from tests.clips import face_video, plain_frame, write_video
from tests.media.in_process import ignore
from tests.media.signing import (
    CAPTURED,
    EDITED,
    EXPIRED,
    NOT_YET,
    OPENED,
    OPENED_NOTHING,
    VALID,
    Authority,
)
from tests.media.stamping import OPENSSL, stamping
from worker.media.credentials import read_credentials
from worker.media.limits import Limits
from worker.media.manifest_size import MANIFEST_BOX
from worker.media.provenance import ProvenanceReader

needs_openssl = pytest.mark.skipif(
    OPENSSL is None, reason="no openssl on this machine: apt-get install openssl"
)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return face_video(tmp_path_factory.mktemp("plain") / "plain.mp4", frames=30)


@pytest.fixture(scope="module")
def signed(authority: Authority, plain: Path) -> Path:
    return authority.sign(plain, plain.with_name("signed.mp4"))


@pytest.fixture
def anchors(authority: Authority, tmp_path: Path) -> Path:
    return authority.anchors(tmp_path / "anchors.pem")


def read(path: Path, anchors: Path | None = None) -> Provenance:
    return ProvenanceReader(anchors).read(path, on_wait=ignore)


def credentials(path: Path, anchors: Path | None = None) -> Credentials:
    found = read(path, anchors).credentials
    assert isinstance(found, Credentials), found
    return found


def not_read(path: Path, anchors: Path | None = None) -> NotRead:
    found = read(path, anchors).credentials
    assert isinstance(found, NotRead), found
    return found


def changed(path: Path, at: int, target: Path) -> Path:
    """A copy with one bit turned."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    target.write_bytes(data)
    return target


def test_a_file_without_any_is_absent(plain: Path, anchors: Path) -> None:
    found = credentials(plain, anchors)
    assert (found.state, found.steps, found.doubts, found.faults) == (CredentialsState.ABSENT, (), (), ())


def test_a_signer_on_the_list_is_trusted(signed: Path, anchors: Path) -> None:
    """With the trust list that it was held against, and what the signer claims."""
    found = credentials(signed, anchors)
    assert (found.state, found.doubts, found.faults) == (CredentialsState.TRUSTED, (), ())
    assert found.trust_list_sha256 is not None
    (step,) = found.steps
    assert (step.signer, step.software, step.title) == ("Test signer, Throw-away", "TestCam 1", "plain.mp4")
    assert (step.signed_at, step.time_vouched) == (None, False)
    assert [(act.action, act.source_type) for act in step.actions] == [("c2pa.created", "digitalCapture")]


def test_without_a_list_nobody_is_on_it(signed: Path) -> None:
    found = credentials(signed)
    assert (found.state, found.doubts) == (CredentialsState.UNTRUSTED, (SignerDoubt.UNLISTED,))
    assert found.trust_list_sha256 is None


def test_a_signer_of_another_authority_is_not_on_the_list(signed: Path, tmp_path: Path) -> None:
    """Though its names are the same."""
    found = credentials(signed, Authority().anchors(tmp_path / "other.pem"))
    assert (found.state, found.doubts) == (CredentialsState.UNTRUSTED, (SignerDoubt.UNLISTED,))


@pytest.mark.parametrize("valid", [EXPIRED, NOT_YET], ids=["expired", "not valid yet"])
def test_a_certificate_that_is_not_valid_now_is_no_broken_signature(
    valid: tuple[object, object], authority: Authority, plain: Path, anchors: Path, tmp_path: Path
) -> None:
    """Nothing was changed: the list cannot vouch for the signer, and that is all."""
    found = credentials(authority.sign_with(plain, tmp_path / "old.mp4", valid=valid), anchors)
    assert (found.state, found.doubts) == (CredentialsState.UNTRUSTED, (SignerDoubt.NOT_VALID_NOW,))
    assert found.faults == ()


@needs_openssl
def test_a_time_stamp_says_when(authority: Authority, plain: Path, anchors: Path, tmp_path: Path) -> None:
    """Vouched for where its authority is on the list."""
    with stamping(authority, tmp_path) as address:
        stamped = authority.sign(plain, tmp_path / "stamped.mp4", stamp=address)
    (step,) = credentials(stamped, anchors).steps
    assert step.time_vouched
    assert step.signed_at is not None
    assert abs(datetime.fromisoformat(step.signed_at) - datetime.now(UTC)) < timedelta(minutes=5)


@needs_openssl
def test_a_time_stamp_from_the_future_is_kept_as_it_is(
    authority: Authority, plain: Path, anchors: Path, tmp_path: Path
) -> None:
    """An authority on the list with a wrong clock: nothing was changed, and the words say what cannot be."""
    with stamping(authority, tmp_path, ahead=timedelta(days=10)) as address:
        stamped = authority.sign(plain, tmp_path / "stamped.mp4", stamp=address)
    found = credentials(stamped, anchors)
    assert (found.state, found.faults) == (CredentialsState.TRUSTED, ())
    (step,) = found.steps
    assert step.signed_at is not None
    now = datetime.now(UTC)
    ahead = datetime.fromisoformat(step.signed_at) - now
    assert abs(ahead - timedelta(days=10)) < timedelta(minutes=5)
    (entry,) = history(found, now.isoformat())
    assert entry.lines[0].endswith(STAMPED_LATER)


@needs_openssl
def test_a_time_stamp_from_when_the_certificate_was_valid_counts_if_it_is_vouched_for(
    authority: Authority, plain: Path, anchors: Path, tmp_path: Path
) -> None:
    """A stranger's stamp would let anybody who has an old key sign in the past."""
    ends = datetime.now(UTC) + timedelta(seconds=5)
    files = []
    for name, who in (("ours", authority), ("strange", Authority())):
        (folder := tmp_path / name).mkdir()
        with stamping(who, folder) as address:
            files.append(authority.sign(plain, folder / "signed.mp4", valid=(VALID[0], ends), stamp=address))
    time.sleep(max((ends - datetime.now(UTC)).total_seconds(), 0) + 1.1)
    ours, strange = (credentials(file, anchors) for file in files)
    assert (ours.state, ours.doubts) == (CredentialsState.TRUSTED, ())
    assert (strange.state, strange.doubts) == (CredentialsState.UNTRUSTED, (SignerDoubt.NOT_VALID_NOW,))
    assert not strange.steps[0].time_vouched


def test_a_certificate_for_something_else_is_not_vouched_for(
    authority: Authority, plain: Path, anchors: Path, tmp_path: Path
) -> None:
    """That of a web server, from an authority that is on the list."""
    web = authority.sign_with(plain, tmp_path / "web.mp4", usage=ExtendedKeyUsageOID.SERVER_AUTH)
    found = credentials(web, anchors)
    assert (found.state, found.doubts) == (CredentialsState.UNTRUSTED, (SignerDoubt.UNSUITABLE,))


def test_a_flipped_bit_in_the_pictures_is_broken(signed: Path, anchors: Path, tmp_path: Path) -> None:
    at = signed.read_bytes().rindex(b"mdat") + 4000
    found = credentials(changed(signed, at, tmp_path / "flipped.mp4"), anchors)
    assert (found.state, found.faults) == (CredentialsState.BROKEN, ("assertion.bmffHash.mismatch",))


def test_a_flipped_bit_in_the_claim_is_broken(signed: Path, anchors: Path, tmp_path: Path) -> None:
    """Also for a signer whom nobody vouches for: broken is never called untrusted."""
    at = signed.read_bytes().index(b"TestCam")
    flipped = changed(signed, at, tmp_path / "flipped.mp4")
    for list_ in (anchors, None):
        found = credentials(flipped, list_)
        assert (found.state, found.faults) == (CredentialsState.BROKEN, ("claimSignature.mismatch",))
        assert found.doubts == ()


def test_broken_credentials_of_an_expired_signer_are_broken(
    authority: Authority, plain: Path, anchors: Path, tmp_path: Path
) -> None:
    old = authority.sign_with(plain, tmp_path / "old.mp4", valid=EXPIRED)
    at = old.read_bytes().rindex(b"mdat") + 4000
    assert credentials(changed(old, at, tmp_path / "flipped.mp4"), anchors).state is CredentialsState.BROKEN


def test_a_flipped_bit_anywhere_in_the_pictures_is_broken(
    signed: Path, anchors: Path, tmp_path: Path
) -> None:
    """Their first and last byte included."""
    data = signed.read_bytes()
    at = data.rindex(b"mdat")
    (length,) = struct.unpack_from(">I", data, at - 4)
    last = at - 4 + length - 1
    for place in (at + 4, (at + last) // 2, last):
        found = credentials(changed(signed, place, tmp_path / "flipped.mp4"), anchors)
        assert found.state is CredentialsState.BROKEN


def test_a_flipped_bit_in_the_manifest_never_makes_another_claim(
    signed: Path, anchors: Path, tmp_path: Path
) -> None:
    """Whatever is still called trusted says the same as before, and no damage looks like another signer."""
    whole = credentials(signed, anchors)
    data = signed.read_bytes()
    first = data.index(MANIFEST_BOX) - 8
    (length,) = struct.unpack_from(">I", data, first)
    states = set()
    for at in range(first, first + length, 7):
        with changed(signed, at, tmp_path / "flipped.mp4").open("rb") as file:
            found = read_credentials(file.fileno(), anchors.read_text(), Limits())
        if isinstance(found, Credentials):
            states.add(found.state)
            assert found.state is not CredentialsState.TRUSTED or found.steps == whole.steps
    assert CredentialsState.BROKEN in states
    assert CredentialsState.UNTRUSTED not in states


def test_a_manifest_that_cannot_be_decoded_is_not_called_broken(
    signed: Path, anchors: Path, tmp_path: Path
) -> None:
    """It may be damaged, or newer than the reader: nobody can tell, so nothing is said of the file."""
    at = signed.read_bytes().index(b"c2pa.claim") - 8
    found = not_read(changed(signed, at, tmp_path / "flipped.mp4"), anchors)
    assert found.reason is NotReadReason.UNREADABLE


def test_a_truncated_file_is_broken_and_its_container_is_not_read(
    signed: Path, anchors: Path, tmp_path: Path
) -> None:
    """Each half on its own."""
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(signed.read_bytes()[: signed.stat().st_size // 2])
    found = read(cut, anchors)
    assert isinstance(found.container, NotRead)
    assert found.container.reason is NotReadReason.UNREADABLE
    assert isinstance(found.credentials, Credentials)
    assert found.credentials.state is CredentialsState.BROKEN


def test_a_manifest_at_an_address_is_not_fetched(authority: Authority, plain: Path, tmp_path: Path) -> None:
    """Not even from a server on this very machine; it is said that there would be one."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/manifest.c2pa"
        elsewhere = authority.sign(plain, tmp_path / "elsewhere.mp4", remote=address)
        assert address.encode() in elsewhere.read_bytes()
        found = not_read(elsewhere)
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()
    assert found.reason is NotReadReason.KEPT_ELSEWHERE
    assert "was not visited" in found.explanation


def test_a_manifest_of_50_mb_is_not_read(plain: Path, tmp_path: Path) -> None:
    """It is refused by its size, in plain words."""
    data = plain.read_bytes()
    (first,) = struct.unpack_from(">I", data)
    path = tmp_path / "huge.mp4"
    with path.open("wb") as file:
        file.write(data[:first] + struct.pack(">I4s", 50_000_000, b"uuid") + MANIFEST_BOX)
        file.seek(first + 50_000_000)
        file.write(data[first:])
    found = not_read(path)
    assert found.reason is NotReadReason.TOO_LARGE
    assert found.explanation == "The manifest has 50 MB; at most 20 MB are read."


def test_a_packed_manifest_is_read(authority: Authority, anchors: Path, tmp_path: Path) -> None:
    found = credentials(authority.sign_packed(tmp_path / "small.jpg", unpacked_bytes=1_000_000), anchors)
    assert found.state is CredentialsState.TRUSTED


@pytest.mark.parametrize("unpacked_bytes", [21_000_000, 50_000_000])
def test_a_packed_manifest_that_holds_far_more_than_its_size_is_not_unpacked(
    authority: Authority, anchors: Path, tmp_path: Path, unpacked_bytes: int
) -> None:
    """The file has a few kB; it is refused by what it unpacks to."""
    packed = authority.sign_packed(tmp_path / "bomb.jpg", unpacked_bytes=unpacked_bytes)
    assert packed.stat().st_size < 10_000
    found = not_read(packed, anchors)
    assert found.reason is NotReadReason.TOO_LARGE
    assert found.explanation == "The manifest is packed, and unpacks to more than the 20 MB that are read."


def test_a_format_that_cannot_hold_them_is_not_absent(tmp_path: Path) -> None:
    """Nobody looked, so nobody says that there are none."""
    video = write_video(tmp_path / "video.mkv", [plain_frame()] * 5)
    assert not_read(video).reason is NotReadReason.UNKNOWN_FORMAT


def test_ingredients_become_a_history(
    authority: Authority, plain: Path, signed: Path, anchors: Path, tmp_path: Path
) -> None:
    """The newest first; the older ones are as the newest signer recorded them."""
    cut = authority.sign(plain, tmp_path / "cut.mp4", actions=(OPENED, EDITED), parent=signed)
    found = credentials(cut, anchors)
    assert found.state is CredentialsState.TRUSTED
    newest, oldest = found.steps
    assert [(part.title, part.relationship, part.step) for part in newest.ingredients] == [
        ("signed.mp4", "parentOf", 1)
    ]
    (opened, edited) = newest.actions
    assert opened.action == "c2pa.opened"
    assert (edited.action, edited.software) == ("c2pa.trimmed", "CutMaster")
    assert edited.at == EDITED["when"]
    assert [act.action for act in oldest.actions] == [CAPTURED["action"]]


def test_a_manifest_against_the_rules_was_not_changed(
    authority: Authority, plain: Path, anchors: Path, tmp_path: Path
) -> None:
    """Software writes such manifests. Signature and hashes hold, so nobody may call it changed."""
    odd = authority.sign(plain, tmp_path / "odd.mp4", actions=(OPENED_NOTHING,))
    found = not_read(odd, anchors)
    assert found.reason is NotReadReason.AGAINST_THE_RULES
    assert found.explanation.startswith("Signature and hashes hold")
    assert "assertion.action.ingredientMismatch" in found.explanation
    at = odd.read_bytes().rindex(b"mdat") + 4000
    assert credentials(changed(odd, at, tmp_path / "flipped.mp4"), anchors).state is CredentialsState.BROKEN


def test_more_than_a_person_reads_is_counted(authority: Authority, plain: Path, tmp_path: Path) -> None:
    many = authority.sign(plain, tmp_path / "many.mp4", actions=(CAPTURED, *[EDITED] * 40))
    (step,) = credentials(many).steps
    assert (len(step.actions), step.more_actions) == (10, 31)
