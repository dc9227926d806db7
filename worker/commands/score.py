"""`python -m worker score FACES_FOLDER`: score a folder of face crops, without database or video.

The answer has the three names that older clients know:
{"visual_prob": 0.4, "visual_scores": [0.1, null, 0.7], "suspicious_frames": []}
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from deeptrace_core.errors import InputError
from deeptrace_core.settings import load_settings
from worker.commands import detector_choice
from worker.detectors.interface import Crops, Detector
from worker.faces.crop_files import read_crop
from worker.faces.crops import Preset


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "score",
        help="score a folder of face crops",
        description="Score a folder of pictures, each one face cut as the preset says, in file-name order.",
    )
    parser.add_argument("folder", type=Path, metavar="FACES_FOLDER")
    parser.add_argument("--batch-size", type=int, default=32, metavar="N", help="faces at once (default: 32)")
    parser.add_argument(
        "--json", metavar="OUT", help="write the answer as JSON to this file, or - for stdout"
    )
    detector_choice.add_options(parser)
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Score the folder and print the answer; the exit code.

    Raises:
        InputError: no folder, nothing in it, no readable picture, or an option that does not fit.
        ModelUnavailableError: the detector cannot be loaded.
    """
    if args.batch_size < 1:
        raise InputError("--batch-size must be at least 1.", advice="Leave it out to use 32.")
    paths = _pictures(args.folder)
    detector = detector_choice.load(args, load_settings(), batch_size=args.batch_size)
    scores = score_pictures(paths, detector, batch_size=args.batch_size)
    if all(score is None for score in scores):
        raise InputError(f"None of the {len(paths)} files in {args.folder} is a readable picture.")
    answer = summary(scores, threshold=detector.info.threshold_high)
    if args.json is None:
        sys.stdout.write(_table(paths, answer, detector))
    else:
        _write_json(answer, args.json)
    return 0


def score_pictures(paths: Sequence[Path], detector: Detector, *, batch_size: int) -> tuple[float | None, ...]:
    """The score of each picture, 0 to 1, or None where it cannot be read; a line on stderr then names it."""
    scores: list[float | None] = [None] * len(paths)
    with tqdm(total=len(paths), desc="scoring", unit="face", file=sys.stderr) as bar:
        for batch in _batches(paths, detector.preset, batch_size, bar):
            values = detector.score(np.stack(list(batch.values())))
            for position, value in zip(batch, values.tolist(), strict=True):
                scores[position] = value
    return tuple(scores)


def summary(scores: Sequence[float | None], *, threshold: float) -> dict[str, Any]:
    """The answer. `scores` must hold at least one that is not None."""
    scored = [score for score in scores if score is not None]
    return {
        "visual_prob": sum(scored) / len(scored),
        "visual_scores": list(scores),
        "suspicious_frames": [
            position for position, score in enumerate(scores) if score is not None and score >= threshold
        ],
    }


def _pictures(folder: Path) -> list[Path]:
    """The files of the folder in the order of their names; hidden ones and folders are left out."""
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder.", advice="Name a folder of face crops.")
    try:
        paths = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    except OSError as error:
        raise InputError(f"{folder} cannot be read ({error.strerror}).") from error
    if not paths:
        raise InputError(f"{folder} is empty.", advice="Name a folder of face crops.")
    return sorted(paths, key=lambda path: path.name)


def _batches(
    paths: Sequence[Path], preset: Preset, batch_size: int, bar: "tqdm[Any]"
) -> Iterator[dict[int, Crops]]:
    """Readable crops by position, a batch at a time. Advances `bar` and names the unreadable."""
    batch: dict[int, Crops] = {}
    for position, path in enumerate(paths):
        try:
            batch[position] = read_crop(path, preset)
        except InputError as error:
            bar.write(f"Not scored: {_printable(path.name)}: {error.what}.", file=sys.stderr)
        bar.update()
        if len(batch) == batch_size:
            yield batch
            batch = {}
    if batch:
        yield batch


def _write_json(answer: dict[str, Any], target: str) -> None:
    text = json.dumps(answer, allow_nan=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{target} cannot be written ({error.strerror}).", advice="Choose another file for --json."
        ) from error


def _table(paths: Sequence[Path], answer: dict[str, Any], detector: Detector) -> str:
    suspicious = set(answer["suspicious_frames"])
    lines = [" POS  SCORE  FILE"]
    for position, (path, score) in enumerate(zip(paths, answer["visual_scores"], strict=True)):
        value = "    -" if score is None else f"{score:.3f}"
        mark = "  (suspicious)" if position in suspicious else ""
        lines.append(f"{position:4d}  {value}  {_printable(path.name)}{mark}")
    scored = sum(score is not None for score in answer["visual_scores"])
    info = detector.info
    lines += [
        "",
        f"Mean score {answer['visual_prob']:.3f} over {scored} of {len(paths)} files, "
        f"{len(suspicious)} at or above {info.threshold_high:g}.",
        f"Detector {info.name}, weights {info.weights_sha256[:12]}, preset {info.preset}, {detector.device}.",
        "A score is a reason to look closer, not proof.",
    ]
    return "\n".join(lines) + "\n"


def _printable(name: str) -> str:
    """A file name that cannot play tricks on a terminal."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name
    )
