"""`python -m worker evaluate LABELS.csv`: how well a detector does on material with known labels."""

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tqdm import tqdm

from deeptrace_core.canonical import digest
from deeptrace_core.ensemble import SEPARATOR
from deeptrace_core.errors import EnvironmentFault, InputError
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.settings import Settings, load_settings
from worker.commands import detector_choice
from worker.evaluation.figures import Evaluation
from worker.evaluation.kept import KeptOutcomes
from worker.evaluation.labels import LabelledList, Sample, read_labels
from worker.evaluation.measure import Recipe, measure, media_sha256
from worker.evaluation.output import evaluation_document, evaluation_text, write_table
from worker.evaluation.registration import accuracy_figures
from worker.evaluation.summary import Measured, evaluation_of
from worker.models import Models
from worker.software import software
from worker.weights.measured import register_figures

LONGEST_NAME = 80


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "evaluate",
        help="measure a detector on videos or face crops with known labels",
        description="Measure a detector on a CSV list with the columns path and label (real or fake). The "
        "paths are videos, or face crops cut as the preset says; a column video then says which belong "
        "together.",
    )
    parser.add_argument("labels", type=Path, metavar="LABELS.csv")
    detector_choice.add_options(parser)
    parser.add_argument("--json", metavar="OUT", help="write the figures to this file, or to stdout with -")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="keep outcomes here, so that a killed run goes on, and write table and diagram",
    )
    parser.add_argument(
        "--register", action="store_true", help="name these figures in every later report by this detector"
    )
    parser.add_argument(
        "--set-name", metavar="NAME", help="how reports call the set (default: the file's name)"
    )
    parser.set_defaults(func=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure, print, write and register.

    Raises:
        InputError: the list, the folder or an option cannot be used.
        ModelUnavailableError: the detector cannot be loaded.
        EnvironmentFault: this machine lacks something; what was measured before is kept in the folder.
    """
    logging.getLogger().setLevel(logging.WARNING)
    settings = load_settings()
    set_name = _set_name(arguments)
    labelled = read_labels(arguments.labels)
    recipe = _recipe(arguments, settings, labelled)
    kept = KeptOutcomes(arguments.out, recipe.sha256)
    measured, duplicates = _measure_all(labelled, recipe, kept)
    evaluation = evaluation_of(
        measured,
        recipe,
        set_name=set_name,
        labels_sha256=digest(arguments.labels.read_bytes()),
        made_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        rows_left_out=labelled.left_out,
        duplicates=duplicates,
    )
    if arguments.out:
        _write_folder(evaluation, measured, arguments.out)
    _write_answer(evaluation, arguments.json)
    if arguments.register:
        _register(evaluation, settings)
    return 0


def _set_name(arguments: argparse.Namespace) -> str:
    name: str = arguments.labels.stem if arguments.set_name is None else arguments.set_name.strip()
    # It is read by everyone who reads a report.
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InputError(
            f"{name!r} cannot be the name of the set.",
            advice=f"Give --set-name a name of 1 to {LONGEST_NAME} characters in one line.",
        )
    return name


def _recipe(arguments: argparse.Namespace, settings: Settings, labelled: LabelledList) -> Recipe:
    models = Models(settings)
    # Loaded now: without all of them there is nothing to evaluate.
    detectors = detector_choice.load_all(arguments, settings)
    if len(detectors) > 1 and any(sample.crops for sample in labelled.samples):
        raise InputError(
            "Face crops are cut for one preset, and these detectors have several.",
            advice="Evaluate an ensemble on videos.",
        )
    for detector in detectors:
        models.add(detector)
    return Recipe(
        detectors=detectors,
        models=models,
        options=AnalysisOptions(detector=SEPARATOR.join(detector.info.name for detector in detectors)),
        software=software(models.device),
    )


def _measure_all(labelled: LabelledList, recipe: Recipe, kept: KeptOutcomes) -> tuple[list[Measured], int]:
    """Each case with its outcome, and how many cases were left out as duplicates."""
    seen: dict[str, Sample] = {}
    measured: list[Measured] = []
    with tqdm(labelled.samples, desc="Evaluating", unit="case", file=sys.stderr) as bar:
        for sample in bar:
            sha256 = media_sha256(sample)
            twin = seen.setdefault(sha256, sample)
            if twin.fake != sample.fake:
                raise InputError(
                    f"{twin.name} and {sample.name} are the same file with different labels.",
                    advice="Correct the list; what was measured is kept.",
                )
            if twin is not sample:
                continue
            outcome = kept.get(sha256)
            if outcome is None:
                outcome = measure(sample, sha256=sha256, recipe=recipe)
                kept.add(outcome)
            measured.append((sample, outcome))
    return measured, len(labelled.samples) - len(measured)


def _write_folder(evaluation: Evaluation, measured: Sequence[Measured], folder: Path) -> None:
    from worker.evaluation.diagram import write_diagram  # brings matplotlib, which no other command needs

    try:
        (folder / "evaluation.json").write_text(_json(evaluation), encoding="utf-8")
        write_table(measured, folder / "cases.csv")
        write_diagram(evaluation, folder / "reliability.png")
    except OSError as error:
        raise EnvironmentFault(
            f"{folder} cannot be written ({error.strerror}).",
            advice="Free some space and run again: what was measured is kept.",
        ) from error


def _write_answer(evaluation: Evaluation, target: str | None) -> None:
    if target == "-":
        sys.stdout.write(_json(evaluation))
        return
    print(evaluation_text(evaluation))
    if target:
        try:
            Path(target).write_text(_json(evaluation), encoding="utf-8")
        except OSError as error:
            raise InputError(
                f"{target} cannot be written ({error.strerror}).", advice="Choose another file for --json."
            ) from error


def _register(evaluation: Evaluation, settings: Settings) -> None:
    figures = accuracy_figures(evaluation)
    if not figures:
        raise InputError(
            "Nothing was measured that could be registered: no video has a score.",
            advice="Take the reasons from the table above, and another list.",
        )
    path = register_figures(evaluation.detector, evaluation.set_name, figures, settings)
    print(f"Registered  {path}", file=sys.stderr)


def _json(evaluation: Evaluation) -> str:
    return json.dumps(evaluation_document(evaluation), indent=2, allow_nan=False) + "\n"
