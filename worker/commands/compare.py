"""`python -m worker compare A.json B.json`: what differs between two reports."""

import argparse
import shutil
import textwrap
from collections.abc import Sequence
from pathlib import Path

from deeptrace_core.comparison import Difference, number_differences, recipe_differences
from deeptrace_core.errors import InputError
from deeptrace_core.model import Report
from deeptrace_core.report import parse_report

DIFFERENT = 1
"""The exit code where the numbers differ. Where only the recipe does, it is 0."""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "compare",
        help="show what differs between two reports",
        description="Show what differs between two reports: how they were made, and their numbers. "
        "Exit code 0 if the numbers are the same, 1 if they differ, 2 for bad input.",
    )
    parser.add_argument("first", type=Path, metavar="A.json")
    parser.add_argument("second", type=Path, metavar="B.json")
    parser.set_defaults(func=run)


def run(arguments: argparse.Namespace) -> int:
    """Print a table of the differences; 0 if the numbers are the same, else 1.

    Raises:
        InputError: a file cannot be read or is not a report.
    """
    first, second = _read(arguments.first), _read(arguments.second)
    numbers = number_differences(first, second)
    print(_table("Recipe", recipe_differences(first, second)))
    print(_table("Numbers", numbers))
    return DIFFERENT if numbers else 0


def _read(path: Path) -> Report:
    try:
        return parse_report(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from error


def _table(title: str, differences: Sequence[Difference]) -> str:
    """Three columns as wide as the terminal allows; longer values go on below."""
    if not differences:
        return f"{title:<10}the same"
    width = max(shutil.get_terminal_size((120, 0)).columns // 3 - 2, 20)
    lines = []
    for row in (Difference(title, "A", "B"), *differences):
        cells = [textwrap.wrap(_printable(value), width) or [""] for value in row]
        for number in range(max(map(len, cells))):
            parts = [cell[number] if number < len(cell) else "" for cell in cells]
            lines.append("  ".join(part.ljust(width) for part in parts).rstrip())
    return "\n".join(lines)


def _printable(text: str) -> str:
    """A text of somebody else's report that cannot play tricks on a terminal."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
