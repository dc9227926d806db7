"""`python -m deeptrace_core custody`: check that nobody changed what happened to a job or a case."""

import argparse
import json
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deeptrace_core.custody import AuditEvent, Head, case_chain, head_of
from deeptrace_core.custody_check import first_break
from deeptrace_core.errors import InputError, JobNotFoundError, VerificationFailedError
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store, open_store
from deeptrace_core.store.job_queries import JOB_ID


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("custody", help="check the chain of custody of a job or a case")
    parser.add_argument(
        "what",
        metavar="CASE_OR_JOB",
        help="the id of a job; the reference of a case, or its name if it has none; "
        "or a case bundle (ZIP), which is checked by itself",
    )
    parser.add_argument(
        "--head",
        metavar="SHA256",
        help="the hash that an export named as the end of the job's chain: is it still in it?",
    )
    parser.set_defaults(func=custody)


def custody(settings: Settings, *, what: str, head: str | None) -> None:
    """Print a line for each chain.

    Raises:
        VerificationFailedError: a chain is broken; the lines say where first.
        InputError: there is no such job, case or bundle.
    """
    if what.endswith(".zip"):
        _Findings().chain(*_bundled(Path(what)), known=head).conclude()
        return
    findings = _Findings()
    with open_store(settings) as store:
        if JOB_ID.fullmatch(what):
            _check_job(store, what, findings, known=head)
        else:
            _check_case(store, what, findings)
    findings.conclude()


class _Findings:
    """What was found, printed as it is found."""

    def __init__(self) -> None:
        self._broken: list[str] = []

    def chain(
        self, name: str, events: Sequence[AuditEvent], remembered: Head | None, *, known: str | None = None
    ) -> "_Findings":
        """One chain in its order, with the events that are older than chains in front."""
        chained = tuple(event for event in events if event.number is not None)
        broken = first_break(name, chained, remembered)
        if broken is not None:
            self.fault(f"{name}: broken at event {broken.number}: {broken.what}.")
        elif known is not None and known not in {event.hash for event in chained}:
            self.fault(f"{name}: no event has the hash {known}: the chain is not the one that was exported.")
        elif end := head_of(chained):
            _say(f"{name}: whole, {end.number} events, {chained[0].at} to {chained[-1].at}.")
            _say(f"  Its head, event {end.number}: {end.hash}")
        if older := len(events) - len(chained):
            _say(f"  {older} events have no place in the chain: nothing shows whether they were changed.")
        return self

    def fault(self, line: str) -> None:
        self._broken.append(line)
        _say(line)

    def conclude(self) -> None:
        """
        Raises:
            VerificationFailedError: something is wrong.
        """
        if self._broken:
            raise VerificationFailedError(
                f"The custody does not hold. {self._broken[0]}",
                advice="Rely on nothing from that event on. Compare with exports and anchors made before.",
            )


def _check_job(store: Store, job_id: str, findings: _Findings, *, known: str | None = None) -> None:
    events, remembered = store.audit.of(job_id), store.audit.remembered(job_id)
    try:
        job = store.jobs.get(job_id)
    except JobNotFoundError:
        job = None
    if not events and job is None and remembered is None:
        raise JobNotFoundError("Nothing is known of a job with this id.", advice="Check the id.")
    findings.chain(job_id, events, remembered, known=known)
    if not events and remembered is None:
        findings.fault(f"{job_id}: there is this job, and not one event of it.")
    if job is None and events and not any(event.event == "deleted" for event in events):
        findings.fault(f"{job_id}: the job is gone, and no event says who deleted it.")
    stored = [event.data.get("report_sha256") for event in events if event.event == "completed"]
    if job is not None and job.result is not None and any(stored) and job.result.report_sha256 not in stored:
        findings.fault(f"{job_id}: the report is not the one that its worker stored: {stored[-1]}.")


def _check_case(store: Store, key: str, findings: _Findings) -> None:
    chain = case_chain(key)
    events = store.audit.of(chain)
    jobs = dict.fromkeys(event.data["job"] for event in events if "job" in event.data)
    jobs |= dict.fromkeys(store.cases.jobs_of(key))
    remembered = store.audit.remembered(chain)
    if not jobs and remembered is None:
        raise InputError(
            "There is no case with this reference or name, and no job with this id.",
            advice="A case goes by its reference; by its name only if it has no reference.",
        )
    findings.chain(chain, events, remembered)
    for job_id in jobs:
        _check_job(store, job_id, findings)


def _bundled(path: Path) -> tuple[str, tuple[AuditEvent, ...], Head | None]:
    """The chain in a case bundle, and its end as the manifest names it."""
    try:
        with zipfile.ZipFile(path) as bundle:
            manifest: dict[str, Any] = json.loads(bundle.read("manifest.json"))
            custody: dict[str, Any] = json.loads(bundle.read("custody.json"))
        events = tuple(AuditEvent(**event) for event in custody["events"])
        head = manifest.get("custody")
        return manifest["job"], events, Head(**head) if head else None
    except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} cannot be read as a case bundle: {error}.") from error


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
