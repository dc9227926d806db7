"""`python -m worker models list | pull | check | remove | convert`: which weights there are, and more."""

import argparse
import sys
from pathlib import Path

from deeptrace_core.errors import InputError
from deeptrace_core.settings import Settings, load_settings
from worker.weights.audio_registry import AUDIO_REGISTRY
from worker.weights.files import expected_sha256, locate, stored_path
from worker.weights.registry import REGISTRY, RegisteredWeights, registered


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    models = subparsers.add_parser("models", help="list the published weights, get one of them, check a file")
    actions = models.add_subparsers(required=True, metavar="list | pull | check | remove | convert")
    show = actions.add_parser("list", help="show all known weights and whether they are here")
    show.set_defaults(func=_list)
    names = ", ".join([*REGISTRY, *AUDIO_REGISTRY])
    for name, action, text in (
        ("pull", _pull, "get weights and check their SHA-256"),
        ("check", _check, "load weights that are here, and see whether they still compute what they did"),
        ("remove", _remove, "delete weights that were pulled"),
    ):
        parser = actions.add_parser(name, help=text)
        parser.add_argument("name", metavar="NAME", help=f"one of: {names}")
        parser.set_defaults(func=action)
    convert = actions.add_parser("convert", help="turn a pickled Xception into safetensors")
    convert.add_argument("file", type=Path, metavar="FILE")
    convert.add_argument("--out", type=Path, metavar="FILE", help="default: the same name, .safetensors")
    convert.add_argument(
        "--trust", action="store_true", help="you know where the file comes from; a pickle is a program"
    )
    convert.set_defaults(func=_convert)


def _list(_args: argparse.Namespace) -> int:
    settings = load_settings()
    rows = [("NAME", "LICENCE", "SIZE", "STATE", "PRESET", "DESCRIPTION")]
    for entry in (*REGISTRY.values(), *AUDIO_REGISTRY.values()):
        found = locate(entry, settings)
        state = "not here" if found is None else str(found[1])
        size = _readable_size(entry.size_bytes)
        rows.append((entry.name, entry.licence, size, state, entry.preset, entry.description))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        _say("  ".join(cells).rstrip())
    return 0


def _pull(args: argparse.Namespace) -> int:
    from worker.weights.pull import pull  # brings the download library, which `list` does not need

    entry, settings = _entry(args.name), load_settings()
    # The licence comes before the download, so that it can be stopped in time.
    _say(f"{entry.name}: {entry.description}")
    _say(f"Licence: {entry.licence}. {entry.licence_note}")
    size = f" ({_readable_size(entry.size_bytes)})" if entry.size_bytes else ""
    _say(f"Address: {entry.address}{size}")
    sys.stdout.flush()
    path = pull(entry, settings)
    whose = "as published" if entry.sha256 else "kept from this download: its authors publish none"
    _say(f"Ready:   {path}, SHA-256 {expected_sha256(entry, settings)} ({whose})")
    return 0


def _check(args: argparse.Namespace) -> int:
    entry, settings = _entry(args.name), load_settings()
    if args.name in AUDIO_REGISTRY:
        from worker.audio.detector import load_audio_detector

        sha256 = load_audio_detector(entry.name, settings).info.weights_sha256
        _say(f"{entry.name}: SHA-256 {sha256}, loaded on cpu.")
        _say("It computes what it did when it was registered.")
        return 0
    from worker.detectors import load_detector

    detector = load_detector(entry.name, settings, device=settings.device)
    _say(f"{entry.name}: SHA-256 {detector.info.weights_sha256}, loaded on {detector.device}.")
    _say(
        "It computes what it did when it was registered."
        if entry.golden_logits
        else "Whether it computes what its authors saw is not known: nobody has registered its outputs yet."
    )
    return 0


def _remove(args: argparse.Namespace) -> int:
    entry, settings = _entry(args.name), load_settings()
    path = stored_path(entry, settings)
    if not path.exists():
        raise InputError(f"{entry.name} is not in {settings.weights_dir}.", advice=_where(entry, settings))
    path.unlink()
    _say(f"Removed: {path}")
    return 0


def _convert(args: argparse.Namespace) -> int:
    if not args.trust:
        raise InputError(
            f"{args.file} may be a program: opening a pickle runs what is in it.",
            advice="If you know where it comes from, add --trust. It is opened in a process that can open no "
            "file and reach no network.",
        )
    from worker.weights.convert import convert

    out = args.out or args.file.with_suffix(".safetensors")
    convert(args.file, out)
    _say(f"Written: {out}")
    _say(f"Use it:  python -m worker analyze VIDEO --weights {out} --preset NAME")
    return 0


def _entry(name: str) -> RegisteredWeights:
    return AUDIO_REGISTRY.get(name) or registered(name)


def _where(entry: RegisteredWeights, settings: Settings) -> str:
    found = locate(entry, settings)
    return f"It is read from {found[0]}, which is not ours to delete." if found else "It was never pulled."


def _readable_size(size_bytes: int | None) -> str:
    if size_bytes is None:
        return "-"
    return f"{size_bytes / 1e3:.0f} kB" if size_bytes < 1e6 else f"{size_bytes / 1e6:.0f} MB"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
