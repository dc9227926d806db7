"""The notary's key: an encrypted file (keystore version 3), opened once, never shown.

Nothing here puts the key, the password or the content of the file into a text.
"""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

from deeptrace_core.errors import KeystoreError


class Signer:
    """Signs transactions of one account. Holds the key and gives it to nobody."""

    def __init__(self, account: LocalAccount) -> None:
        self._account = account
        self.address: str = account.address

    def __repr__(self) -> str:
        return f"Signer({self.address})"

    def sign(self, transaction: dict[str, Any]) -> tuple[bytes, str]:
        """The signed transaction as it is sent, and its hash as 0x and 64 hexadecimal digits."""
        signed = self._account.sign_transaction(transaction)
        return bytes(signed.raw_transaction), signed.hash.to_0x_hex()


def open_keystore(keystore: Path | None, password_file: Path | None) -> Signer:
    """Decrypt the key. Takes about a second: that is what protects a stolen file.

    Raises:
        KeystoreError: a file is missing or open to others, or the password is wrong.
    """
    if keystore is None or password_file is None:
        raise KeystoreError("The notary needs a key: DEEPTRACE_KEYSTORE and its password file are not set.")
    document = _private_text(keystore)
    password = (_private_text(password_file).splitlines() or [""])[0]
    try:
        key = Account.decrypt(document, password)
    except (ValueError, KeyError, TypeError, NotImplementedError):
        # Without the cause: whatever it says of the content belongs in no log.
        raise KeystoreError(f"The password does not open the keystore {keystore}.") from None
    return Signer(Account.from_key(key))


def new_keystore(keystore: Path, password_file: Path) -> str:
    """Make a key and a password, write both for this user only, and return the address of the account.

    Raises:
        KeystoreError: one of the files is there already, or cannot be written.
    """
    password = secrets.token_urlsafe(32)
    account = Account.create()
    try:
        for path, text in (
            (password_file, password),
            (keystore, json.dumps(Account.encrypt(account.key, password))),
        ):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text + "\n")
    except FileExistsError as error:
        raise KeystoreError(
            f"{error.filename} exists already, and may hold a key.", advice="Choose another name."
        ) from None
    except OSError as error:
        raise KeystoreError(f"{error.filename} cannot be written: {error.strerror}.") from None
    return str(account.address)


def _private_text(path: Path) -> str:
    try:
        if path.stat().st_mode & 0o077:
            raise KeystoreError(f"{path} can be read by other users.", advice=f"Run: chmod 600 {path}")
        return path.read_text()
    except OSError as error:
        raise KeystoreError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise KeystoreError(f"{path} is not a text file.") from None
