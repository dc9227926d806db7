"""The key is opened by its password only, and shows up nowhere."""

import json
import traceback
from pathlib import Path

import pytest
from eth_account import Account

from deeptrace_core.chain.keystore import new_keystore, open_keystore
from deeptrace_core.errors import KeystoreError


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "keys" / "key.json", tmp_path / "keys" / "password"


def test_a_new_key_opens_again_and_is_private(files: tuple[Path, Path]) -> None:
    """Both files are for this user only; the key signs as the address that was told."""
    address = new_keystore(*files)
    signer = open_keystore(*files)
    assert signer.address == address
    assert [path.stat().st_mode & 0o777 for path in files] == [0o600, 0o600]
    raw, tx_hash = signer.sign(
        {"chainId": 1, "nonce": 0, "gas": 1, "to": address, "value": 0, "maxFeePerGas": 2}
        | {"maxPriorityFeePerGas": 1, "type": 2}
    )
    assert Account.recover_transaction(raw) == address
    assert tx_hash.startswith("0x")
    assert len(tx_hash) == 66


def test_an_existing_file_is_never_overwritten(files: tuple[Path, Path]) -> None:
    """It may hold the only copy of a key."""
    new_keystore(*files)
    before = files[0].read_bytes()
    with pytest.raises(KeystoreError, match="exists already"):
        new_keystore(*files)
    assert files[0].read_bytes() == before


def test_neither_key_nor_password_is_in_any_text(files: tuple[Path, Path]) -> None:
    """Not in the signer's description, nor in the error of a wrong password with its whole traceback."""
    new_keystore(*files)
    password = files[1].read_text().strip()
    key = Account.decrypt(files[0].read_text(), password).hex().removeprefix("0x")
    signer = open_keystore(*files)
    files[1].write_text("another password\n")
    with pytest.raises(KeystoreError, match="does not open") as raised:
        open_keystore(*files)
    texts = [repr(signer), str(signer), raised.value.diagnostics()]
    texts += traceback.format_exception(raised.value)
    for secret in (
        key,
        password,
        "another password",
        json.loads(files[0].read_text())["crypto"]["ciphertext"],
    ):
        assert not any(secret in text for text in texts)


@pytest.mark.parametrize("which", [0, 1])
def test_a_file_that_others_can_read_is_refused(which: int, files: tuple[Path, Path]) -> None:
    """And the text says how to close it."""
    new_keystore(*files)
    files[which].chmod(0o640)
    with pytest.raises(KeystoreError, match="can be read by other users") as raised:
        open_keystore(*files)
    assert raised.value.advice == f"Run: chmod 600 {files[which]}"


def test_what_is_missing_is_named(files: tuple[Path, Path]) -> None:
    """Unset, absent, not a keystore."""
    with pytest.raises(KeystoreError, match="are not set"):
        open_keystore(None, files[1])
    with pytest.raises(KeystoreError, match="cannot be read"):
        open_keystore(*files)
    new_keystore(*files)
    files[0].write_text("{}")
    with pytest.raises(KeystoreError, match="does not open"):
        open_keystore(*files)
