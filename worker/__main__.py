"""`python -m worker`: run a worker, analyze a file without a database, manage weights."""

import argparse
import logging
import sys
from collections.abc import Sequence

from deeptrace_core.errors import DeepTraceError
from worker.commands import analyze, compare, evaluate, models, quantize, run, score

BAD_INPUT = 2
"""The exit code for what cannot be done as asked; one line on stderr says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 for a result, 2 for bad input."""
    parser = argparse.ArgumentParser(prog="python -m worker", description=__doc__)
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (run, analyze, score, evaluate, compare, quantize, models):
        command.register(subparsers)
    parsed = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    try:
        code: int = parsed.func(parsed)
    except DeepTraceError as error:
        print(error.diagnostics(), file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main())
