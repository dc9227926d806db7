"""What docs/ says about a format is what the format is."""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

from deeptrace_core import audio, provenance
from deeptrace_core.custody import AuditEvent
from deeptrace_core.formats.scores_csv import HEAD
from deeptrace_core.permissions import MAY, RANK
from deeptrace_core.proof import AnchorClaim, ProofFile

ROOT = Path(__file__).resolve().parent.parent


def keys_of(value: Any) -> set[str]:
    """The names of all fields in a JSON document, however deep."""
    if isinstance(value, dict):
        inner = {name for key, item in value.items() if key != "libraries" for name in keys_of(item)}
        return set(value) | inner
    if isinstance(value, list):
        return {name for item in value for name in keys_of(item)}
    return set()


def test_the_report_has_the_fields_that_its_description_names() -> None:
    """The table in docs/report.md names every field of a report, and no other."""
    table = [
        line for line in (ROOT / "docs" / "report.md").read_text().splitlines() if line.startswith("| `")
    ]
    named = {word for line in table for word in re.findall(r"`([a-z0-9_]+)`", line)} - {"null"}
    golden = json.loads((ROOT / "tests" / "core" / "golden" / "report-1.json").read_bytes())
    unassessed = {"reason", "explanation", "advice"}
    several = {"members", "left_out", "name", "member_scores", "member_probabilities"}
    kinds = [
        value
        for value in (*vars(provenance).values(), *vars(audio).values())
        if isinstance(value, type) and dataclasses.is_dataclass(value)
    ]
    where_from = {field.name for kind in kinds for field in dataclasses.fields(kind)} | {
        "provenance",
        "audio",
    }
    assert named == keys_of(golden) | unassessed | several | where_from | {"activation_maps", "more_pictures"}


def test_the_proof_file_has_the_fields_that_its_description_names() -> None:
    """The table in docs/anchoring.md names every field of a proof file, and no other."""
    text = (ROOT / "docs" / "anchoring.md").read_text().split("## The proof file")[1].split("##")[0]
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    fields = {field.name for kind in (ProofFile, AnchorClaim) for field in dataclasses.fields(kind)}
    assert {word for row in rows for word in re.findall(r"`([a-z_]+)`", row)} == fields


def test_the_table_of_scores_has_the_columns_that_its_description_names() -> None:
    """The table in docs/exports.md names every column of the CSV file, in order."""
    text = (ROOT / "docs" / "exports.md").read_text().split("## The scores")[1].split("##")[0]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    assert tuple(word for row in rows for word in re.findall(r"`([a-z0-9_]+)`", row)) == HEAD


def test_the_event_has_the_fields_that_its_description_names() -> None:
    """The table in docs/custody.md names every field of an event, and no other."""
    text = (ROOT / "docs" / "custody.md").read_text().split("## An event")[1].split("##")[0]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    named = {word for row in rows for word in re.findall(r"`([a-z_]+)`", row)}
    assert named == {field.name for field in dataclasses.fields(AuditEvent)}


def test_the_table_of_roles_is_the_one_that_is_applied() -> None:
    """docs/people.md has each act with what each role may do it with."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (ROOT / "docs" / "people.md").read_text().splitlines()
        if line.startswith("| ")
    ]
    assert rows[0] == ["may", *(role.value for role in RANK)]
    applied = [[act.value, *(MAY[act][role].name.lower() for role in RANK)] for act in MAY]
    assert sorted(rows[1:]) == sorted(applied)
