"""`python -m benchmarks.torture`: does the queue keep every promise while everything is killed?

Prints one JSON object for each run. Exit code 1 if the queue lost one, or the checker missed a mistake.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from benchmarks.fire.broken import REJECTED_FOR, VARIANTS
from benchmarks.fire.run import Order, run

SEEDS = (20261121, 7, 42)
SELF_CHECK_JOBS = 1_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.torture", description=__doc__)
    parser.add_argument("seeds", type=int, nargs="*", default=SEEDS, metavar="SEED", help="default: three")
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=8)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--broken", choices=sorted(VARIANTS), help="a queue with this mistake, to be rejected")
    what.add_argument("--self-check", action="store_true", help="all mistakes: is each one rejected?")
    parsed = parser.parse_args(arguments)
    if parsed.self_check or parsed.broken:
        names = VARIANTS if parsed.self_check else [parsed.broken]
        return _self_check(list(names), parsed.seeds[0])
    good = True
    for seed in parsed.seeds:
        outcome = run(Order(seed=seed, jobs=parsed.jobs, workers=parsed.workers))
        good = good and not outcome["damage"] and not outcome["workers_crashed"]
        _print(outcome)
    return 0 if good else 1


def _self_check(names: list[str], seed: int) -> int:
    missed = []
    for name in names:
        # What is not journaled is lost only if the server dies within milliseconds of it.
        server_kills = 24 if name == "w1" else 4
        outcome = run(
            Order(seed=seed, jobs=SELF_CHECK_JOBS, broken=name, server_kills=server_kills, stall_s=12)
        )
        rejected = bool(REJECTED_FOR[name] & outcome["damage"].keys())
        if not rejected:
            missed.append(name)
        _print({"broken": name, "rejected": rejected, **outcome})
    _print({"self_check": "passed" if not missed else "failed", "missed": missed})
    return 1 if missed else 0


def _print(outcome: object) -> None:
    sys.stdout.write(json.dumps(outcome) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
