"""`python -m worker models list | pull NAME`: which weights there are, and getting them."""

import argparse
import sys

from deeptrace_core.settings import Settings, load_settings
from worker.weights.files import locate
from worker.weights.registry import REGISTRY, RegisteredWeights, registered


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    models = subparsers.add_parser("models", help="list the published weights, or get one of them")
    actions = models.add_subparsers(dest="action", required=True, metavar="list | pull")
    actions.add_parser("list", help="show all known weights and whether they are here").set_defaults(func=run)
    pull = actions.add_parser("pull", help="get weights and check their SHA-256")
    pull.add_argument("name", metavar="NAME", help=f"one of: {', '.join(REGISTRY)}")
    pull.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Do what was asked; the exit code. Raises DeepTraceError where it cannot be done."""
    settings = load_settings()
    if args.action == "pull":
        _pull(registered(args.name), settings)
    else:
        _list(settings)
    return 0


def _list(settings: Settings) -> None:
    rows = [("NAME", "LICENCE", "SIZE", "STATE", "PRESET", "DESCRIPTION")]
    for entry in REGISTRY.values():
        found = locate(entry, settings)
        state = "not here" if found is None else str(found[1])
        size = _readable_size(entry.size_bytes)
        rows.append((entry.name, entry.licence, size, state, entry.preset, entry.description))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        _say("  ".join(cells).rstrip())


def _pull(entry: RegisteredWeights, settings: Settings) -> None:
    from worker.weights.pull import pull  # brings the download library, which `list` does not need

    # The licence comes before the download, so that it can be stopped in time.
    _say(f"{entry.name}: {entry.description}")
    _say(f"Licence: {entry.licence}. {entry.licence_note}")
    _say(f"Address: {entry.address} ({_readable_size(entry.size_bytes)})")
    sys.stdout.flush()
    path = pull(entry, settings)
    _say(f"Ready:   {path}, SHA-256 as published")


def _readable_size(size_bytes: int) -> str:
    return f"{size_bytes / 1e3:.0f} kB" if size_bytes < 1e6 else f"{size_bytes / 1e6:.0f} MB"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
