"""`python -m benchmarks.fuzz`: does every damaged video end in a report or a reason, and none in a hang?

Prints one JSON object. Exit code 1 if one did not, or if something was left behind.
"""

import argparse
import json
import logging
import sys
from collections.abc import Sequence

from benchmarks.fuzzing.run import run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--at-once", type=int, default=2, metavar="N", help="videos at the same time")
    parsed = parser.parse_args(arguments)
    logging.disable(logging.WARNING)
    outcome = run(parsed.files, seed=parsed.seed, at_once=parsed.at_once)
    sys.stdout.write(json.dumps(outcome, indent=2) + "\n")
    return 0 if outcome["fuzz"] == "passed" else 1


if __name__ == "__main__":
    sys.exit(main())
