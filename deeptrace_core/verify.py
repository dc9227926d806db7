"""`python -m deeptrace_core verify`: check a report or a proof file, with nodes of your own choice."""

import argparse
import hashlib
import sys
from dataclasses import replace
from pathlib import Path

from deeptrace_core.errors import InputError, VerificationFailedError
from deeptrace_core.settings import Settings
from deeptrace_core.verification import Asked, Check, Outcome, Verification, verify

MARKS = {Outcome.HOLDS: "holds", Outcome.FAILS: "FAILS", Outcome.NOT_CHECKED: "-"}


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("verify", help="check a report or a proof file")
    parser.add_argument(
        "file", type=Path, metavar="REPORT_OR_PROOF", help="the JSON file that was downloaded"
    )
    parser.add_argument(
        "--media", type=Path, metavar="FILE", help="the original file: is it the one of the report?"
    )
    parser.add_argument(
        "--rpc", metavar="URL", help="a node of your choice (default: those known of the chain)"
    )
    parser.add_argument("--issuer", metavar="0x...", help="who must have anchored it")
    parser.add_argument("--timestamp", type=Path, metavar="TSR", help="a time stamp of the report")
    parser.add_argument(
        "--root", type=Path, metavar="PEM", help="certificates that stamps may be signed under"
    )
    parser.add_argument("--offline", action="store_true", help="ask no chain: check the files only")
    parser.set_defaults(func=verify_files)


def verify_files(
    settings: Settings,
    *,
    file: Path,
    media: Path | None,
    rpc: str | None,
    issuer: str | None,
    timestamp: Path | None,
    root: Path | None,
    offline: bool,
) -> None:
    """Print a line for each check.

    Raises:
        VerificationFailedError: at least one of them does not hold.
        InputError: a file cannot be read, or a setting cannot be used.
    """
    from deeptrace_core.chain.presets import chain_from

    if timestamp is not None and root is None:
        raise InputError(
            "A time stamp is worth what its authority is worth.",
            advice="Name the certificate of its root with --root; the authority publishes it.",
        )
    chain = chain_from(settings)
    asked = Asked(
        media_sha256=_sha256(media) if media else None,
        issuer=issuer or settings.chain_issuer,
        chain=replace(chain, rpc_urls=(rpc,)) if chain and rpc else chain,
        rpc_url=rpc,
        stamp=_read(timestamp) if timestamp else None,
        root_pem=_read(root) if root else b"",
        offline=offline,
    )
    result = verify(_read(file), asked)
    _print(result)
    if not result.holds:
        failed = ", ".join(check.name for check in result.checks if check.outcome is Outcome.FAILS)
        raise VerificationFailedError(f"Does not hold: {failed or 'nothing could be checked'}.")


def _print(result: Verification) -> None:
    width = max(len(check.name) for check in result.checks)
    for check in result.checks:
        _say(check, width)


def _say(check: Check, width: int) -> None:
    sys.stdout.write(f"{MARKS[check.outcome]:5}  {check.name:{width}}  {check.said}\n")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
