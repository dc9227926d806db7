"""Outcomes kept in a folder, so that a killed evaluation goes on where it was."""

import json
import os
from pathlib import Path

import cattrs

from deeptrace_core.errors import EnvironmentFault, InputError
from worker.evaluation.measure import Outcome

_converter = cattrs.Converter(forbid_extra_keys=True)


class KeptOutcomes:
    """One line of JSON for each case, in a file named by the recipe. Without a folder, in memory only."""

    def __init__(self, folder: Path | None, recipe_sha256: str) -> None:
        """Read what is there.

        Raises:
            InputError: the folder cannot be used, or holds something else under this name.
        """
        self._path = folder / f"outcomes-{recipe_sha256[:16]}.jsonl" if folder else None
        self._outcomes: dict[str, Outcome] = {}
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            data = self._path.read_bytes() if self._path.exists() else b""
            # A process killed while writing leaves half a line: that case is scored again.
            whole = data[: data.rfind(b"\n") + 1]
            if whole != data:
                os.truncate(self._path, len(whole))
        except OSError as error:
            raise InputError(f"The folder {folder} cannot be used ({error.strerror}).") from error
        try:
            for line in whole.splitlines():
                outcome = _converter.structure(json.loads(line), Outcome)
                self._outcomes[outcome.media_sha256] = outcome
        except (ValueError, cattrs.BaseValidationError) as error:
            raise InputError(
                f"{self._path} does not hold outcomes of this version.",
                advice="Name another folder, or delete this file: its cases are then scored again.",
            ) from error

    def get(self, media_sha256: str) -> Outcome | None:
        """The outcome of a case that was scored before."""
        return self._outcomes.get(media_sha256)

    def add(self, outcome: Outcome) -> None:
        """Keep one more.

        Raises:
            EnvironmentFault: it cannot be written.
        """
        self._outcomes[outcome.media_sha256] = outcome
        if self._path is None:
            return
        line = json.dumps(_converter.unstructure(outcome), allow_nan=False) + "\n"
        try:
            with self._path.open("a", encoding="ascii") as file:
                file.write(line)
        except OSError as error:
            raise EnvironmentFault(
                f"{self._path} cannot be written ({error.strerror}).",
                advice="Free some space and run the same command again: it goes on where it was.",
            ) from error
