"""The options with which several commands are told which detector to use."""

import argparse
from pathlib import Path

from deeptrace_core.ensemble import member_names
from deeptrace_core.errors import InputError
from deeptrace_core.settings import Settings
from worker.detectors import load_detector, load_detector_from_file
from worker.detectors.interface import Detector
from worker.faces.crops import PRESETS
from worker.weights.registry import REGISTRY


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add --detector, --weights and --preset."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--detector",
        metavar="NAME",
        help=f"one of: {', '.join(REGISTRY)}; for analyze and evaluate also several, with + between them",
    )
    which.add_argument("--weights", type=Path, metavar="FILE", help="an Xception of your own")
    parser.add_argument(
        "--preset", metavar="NAME", help=f"how its faces are cut, one of: {', '.join(PRESETS)}"
    )


def check(args: argparse.Namespace) -> None:
    """Refuse options that do not fit together.

    Raises:
        InputError: a preset without a file of one's own.
    """
    if args.preset is not None and args.weights is None:
        raise InputError(
            "--preset goes with --weights only: registered weights bring their own preset.",
            advice="Leave --preset out.",
        )


def load(args: argparse.Namespace, settings: Settings, *, batch_size: int = 32) -> Detector:
    """The detector that was chosen, or the default one.

    Raises:
        InputError: options that do not fit, no such detector, file or device.
        ModelUnavailableError: it cannot be loaded.
    """
    check(args)
    if args.weights is not None:
        return load_detector_from_file(
            args.weights, args.preset, settings=settings, device=settings.device, batch_size=batch_size
        )
    return load_detector(
        args.detector or settings.detector, settings, device=settings.device, batch_size=batch_size
    )


def load_all(args: argparse.Namespace, settings: Settings) -> tuple[Detector, ...]:
    """As `load`, where --detector may name several with "+" between them."""
    if args.weights is not None:
        return (load(args, settings),)
    check(args)
    names = member_names(args.detector or settings.detector)
    return tuple(load_detector(name, settings, device=settings.device) for name in names)
