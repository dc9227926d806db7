"""`python -m deeptrace_core timestamp`: have an RFC 3161 authority witness a report, without any chain."""

import argparse
import sys
from pathlib import Path

from deeptrace_core.errors import InputError
from deeptrace_core.proof import is_proof, parse_proof
from deeptrace_core.report import parse_report
from deeptrace_core.settings import Settings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("timestamp", help="have a time-stamping authority witness a report")
    parser.add_argument(
        "file", type=Path, metavar="REPORT_OR_PROOF", help="the JSON file that was downloaded"
    )
    parser.add_argument("--authority", required=True, metavar="URL", help="an RFC 3161 service")
    parser.set_defaults(func=timestamp)


def timestamp(_settings: Settings, *, file: Path, authority: str) -> None:
    """Write the stamp beside the file, with `.tsr` added to its name.

    Raises:
        InputError: the file is no report, a stamp is there already, or the answer is no stamp of it.
        AuthorityUnavailableError: the authority does not answer.
    """
    # Only who wants a stamp needs the package for it.
    from deeptrace_core.timestamp import request_timestamp

    out = file.with_name(f"{file.name}.tsr")
    try:
        data = file.read_bytes()
        report = parse_proof(data).report_bytes if is_proof(data) else data
        parse_report(report)
        stamp = request_timestamp(report, authority)
        with out.open("xb") as part:
            part.write(stamp)
    except FileExistsError:
        raise InputError(f"{out} exists already.", advice="Keep it: an older stamp says more.") from None
    except OSError as error:
        raise InputError(f"{error.filename} cannot be used: {error.strerror}.") from error
    sys.stdout.write(f"Stamped. Keep {out} beside the report, and the certificate of the authority's root.\n")
