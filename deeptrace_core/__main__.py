"""`python -m deeptrace_core`: start everything on this machine, check that it can be started, or tidy up."""

import argparse
import sys
from collections.abc import Sequence

from deeptrace_core import custody_command, notary, purge, tokens, users, verify, webhook, witness
from deeptrace_core.check import check
from deeptrace_core.errors import DeepTraceError
from deeptrace_core.settings import load_settings
from deeptrace_core.up import up

CANNOT = 2
"""The exit code for what this machine cannot do; the lines on stderr say why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m deeptrace_core", description=__doc__)
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    subparsers.add_parser("up", help="serve the pages with one worker, until Ctrl-C").set_defaults(func=up)
    subparsers.add_parser("check", help="can this machine run DeepTrace?").set_defaults(func=check)
    purge.register(subparsers)
    notary.register(subparsers)
    verify.register(subparsers)
    custody_command.register(subparsers)
    witness.register(subparsers)
    tokens.register(subparsers)
    users.register(subparsers)
    webhook.register(subparsers)
    options = vars(parser.parse_args(arguments))
    command = options.pop("func")
    try:
        command(load_settings(), **options)
    except DeepTraceError as error:
        print(f"{error.what}\n{error.advice}", file=sys.stderr)
        return CANNOT
    return 0


if __name__ == "__main__":
    sys.exit(main())
