"""Checking a report or a proof file without our database, our server or our word.

Each check stands for itself and says what it found. A check that could not be made is not one that held.
"""

import json
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import rfc8785

from deeptrace_core.canonical import canonical_bytes, digest
from deeptrace_core.errors import DeepTraceError, ProofInvalidError, ReportInvalidError, TimestampInvalidError
from deeptrace_core.model import Report
from deeptrace_core.proof import AnchorClaim, ProofFile, is_proof, parse_proof
from deeptrace_core.report import parse_report

if TYPE_CHECKING:
    from deeptrace_core.chain.client import ChainClient
    from deeptrace_core.chain.presets import Chain

HEX_64 = re.compile(r"[0-9a-f]{64}")


class Outcome(StrEnum):
    """What became of a check."""

    HOLDS = "HOLDS"
    FAILS = "FAILS"
    NOT_CHECKED = "NOT_CHECKED"
    """Nobody asked for it, or only a person can answer it. The text says which."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One question and its answer."""

    name: str
    outcome: Outcome
    said: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """All checks of one file."""

    checks: tuple[Check, ...]
    report: Report | None
    claim: AnchorClaim | None

    @property
    def holds(self) -> bool:
        """Whether everything that was asked for holds. False where nothing could be checked at all."""
        outcomes = {check.outcome for check in self.checks}
        return Outcome.FAILS not in outcomes and Outcome.HOLDS in outcomes


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What the verifier brings: everything else comes from the file and from the chain."""

    media_sha256: str | None = None
    """The SHA-256 of the video at hand, computed by the verifier."""
    issuer: str | None = None
    """The address that is expected to have anchored the report."""
    chain: "Chain | None" = None
    """Where to look for a report without proof file, and through which nodes for one with it."""
    rpc_url: str | None = None
    """A node of the verifier's choice, for whichever chain the proof names."""
    stamp: bytes | None = None
    """An RFC 3161 time stamp of the report, DER."""
    root_pem: bytes = b""
    """The certificates that the verifier trusts to sign stamps."""
    offline: bool = False


def verify(data: bytes, asked: Asked) -> Verification:
    """Check a report or a proof file. Never raises: what cannot be read is a check that fails."""
    proof: ProofFile | None = None
    if is_proof(data):
        try:
            proof = parse_proof(data)
        except ProofInvalidError as error:
            return Verification(checks=(_fails("Proof file", error.diagnostics()),), report=None, claim=None)
        data = proof.report_bytes
    report, intact = _intact(data, proof)
    checks = [intact]
    if report is not None:
        checks.append(_media(report, asked.media_sha256))
        if asked.stamp is not None:
            checks.append(_timestamp(data, asked.stamp, asked.root_pem))
    claim = proof.anchor if proof else None
    if claim is not None:
        checks += _anchored(digest(data), claim, asked)
    else:
        checks.append(_anchored_without_proof(digest(data), asked))
    return Verification(checks=tuple(checks), report=report, claim=claim)


def _intact(data: bytes, proof: ProofFile | None) -> tuple[Report | None, Check]:
    try:
        report = parse_report(data)
        canonical = canonical_bytes(json.loads(data)) == data
    except ReportInvalidError as error:
        return None, _fails("Report", error.diagnostics())
    except RecursionError:
        return None, _fails("Report", ReportInvalidError().diagnostics())
    except rfc8785.CanonicalizationError:
        canonical = False
    sha256 = digest(data)
    if not canonical:
        return report, _fails(
            "Report", "These are not the bytes that were hashed: the file was changed or saved by a program."
        )
    if proof is not None and proof.digest != sha256:
        return report, _fails(
            "Report", f"The report was changed: its SHA-256 is {sha256}, the proof is of {proof.digest}."
        )
    return report, _holds("Report", f"Complete and in canonical form. SHA-256 {sha256}.")


def _media(report: Report, sha256: str | None) -> Check:
    if sha256 is None:
        return _open(
            "File", f"Not checked: the file itself was not given. The report is on {report.media.sha256}."
        )
    if sha256 != report.media.sha256:
        return _fails(
            "File", f"This is another file: its SHA-256 is {sha256}, the report is on {report.media.sha256}."
        )
    return _holds("File", f"The report is on exactly this file. SHA-256 {sha256}.")


def _timestamp(data: bytes, stamp: bytes, root_pem: bytes) -> Check:
    from deeptrace_core.timestamp import timestamp_time

    try:
        time, root = timestamp_time(stamp, data, root_pem)
    except TimestampInvalidError as error:
        return _fails("Time stamp", error.diagnostics())
    return _holds("Time stamp", f"An authority under {root} saw exactly this report at {time}.")


def _anchored(sha256: str, claim: AnchorClaim, asked: Asked) -> list[Check]:
    """The checks of an anchor that a proof file names."""
    from deeptrace_core.chain.client import ChainClient, checked_address
    from deeptrace_core.chain.merkle import root_from
    from deeptrace_core.chain.presets import chain_numbered

    words = (claim.value, *claim.merkle_proof)
    if not all(HEX_64.fullmatch(word) for word in words):
        return [_fails("Anchor", "The proof holds something that is no hash: it was changed.")]
    checks = []
    if claim.merkle_proof:
        if root_from(sha256, claim.merkle_proof) != claim.value:
            return [
                _fails("Batch", "The path of hashes does not lead from this report to the anchored root.")
            ]
        checks.append(_holds("Batch", f"The report belongs to the batch with the root {claim.value}."))
    elif claim.value != sha256:
        return [_fails("Anchor", f"The proof is about {claim.value}, not about this report.")]
    checks.append(_issuer(claim.issuer, asked.issuer))
    if asked.offline:
        return [*checks, _open("Anchor", "Not checked: no chain was asked.")]
    if asked.chain is not None and asked.chain.chain_id == claim.chain_id:
        known = asked.chain
    else:
        known = chain_numbered(claim.chain_id, (asked.rpc_url,) if asked.rpc_url else ())
    try:
        client = ChainClient(replace(known, contract=checked_address(claim.contract)))
        checked_address(claim.issuer)
        return checks + _on_chain(client, sha256, claim)
    except DeepTraceError as error:
        return [*checks, _fails("Anchor", f"Could not be checked. {error.diagnostics()}")]


def _on_chain(client: "ChainClient", sha256: str, claim: AnchorClaim) -> list[Check]:
    chain = client.chain
    client.check()
    checks = [_holds("Contract", f"{claim.contract} on {chain.name} is ReportAnchor, byte for byte.")]
    if claim.merkle_proof:
        stamp = client.record_in_batch(claim.issuer, claim.value, sha256, claim.merkle_proof)
    else:
        stamp = client.record_of(claim.issuer, claim.value)
    if stamp is None:
        return [*checks, _not_anchored(client, claim.issuer, claim.value)]
    if (stamp.block, stamp.time) != (claim.block, claim.time):
        return [
            *checks,
            _fails(
                "Anchor",
                f"The chain says block {stamp.block} at {stamp.time}; "
                f"the proof says block {claim.block} at {claim.time}.",
            ),
        ]
    checks += [
        _holds("Anchor", f"Anchored by {claim.issuer} in block {stamp.block} at {stamp.time}."),
        _transaction(client, claim),
        _depth(client, stamp.block),
    ]
    return checks + _caution(chain.caution)


def _transaction(client: "ChainClient", claim: AnchorClaim) -> Check:
    found = client.anchoring_tx(claim.issuer, claim.value, claim.block)
    block_hash = client.block_hash(claim.block)
    if (found, block_hash) != (claim.tx_hash, claim.block_hash):
        return _fails(
            "Transaction",
            f"The chain says transaction {found} in block {block_hash}; "
            f"the proof says {claim.tx_hash} in {claim.block_hash}.",
        )
    return _holds("Transaction", f"{found} in the block with the hash {block_hash}.")


def _anchored_without_proof(sha256: str, asked: Asked) -> Check:
    """A report alone: whether the expected issuer anchored it by itself, not in a batch."""
    from deeptrace_core.chain.client import ChainClient, checked_address

    if asked.offline or asked.chain is None or asked.issuer is None:
        return _open(
            "Anchor", "Not checked: a report alone does not say where it is anchored. Its proof does."
        )
    try:
        issuer = checked_address(asked.issuer)
        client = ChainClient(asked.chain)
        client.check()
        stamp = client.record_of(issuer, sha256)
        if stamp is None:
            return _not_anchored(client, issuer, sha256)
        depth = client.latest_block() - stamp.block
    except DeepTraceError as error:
        return _fails("Anchor", f"Could not be checked. {error.diagnostics()}")
    caution = f" {asked.chain.caution}" if asked.chain.caution else ""
    return _holds(
        "Anchor",
        f"Anchored by {issuer} on {asked.chain.name} in block {stamp.block} at {stamp.time}, "
        f"{depth} blocks ago.{caution}",
    )


def _not_anchored(client: "ChainClient", issuer: str, value: str) -> Check:
    others = client.issuers_of(value)
    said = f"{issuer} has not anchored this on {client.chain.name}."
    if others:
        said += f" Somebody else has: {', '.join(others)}."
    return _fails("Anchor", said)


def _depth(client: "ChainClient", block: int) -> Check:
    depth, needed = client.latest_block() - block, client.chain.confirmations
    if depth < needed:
        return _fails("Age of the block", f"{depth} blocks came after it; wait until it is {needed}.")
    return _holds("Age of the block", f"{depth} blocks came after it.")


def _issuer(issuer: str, expected: str | None) -> Check:
    if expected is None:
        return _open(
            "Issuer",
            f"The proof names {issuer}. Whose address that is no chain can say: "
            "compare it with the one that they publish.",
        )
    if issuer.lower() != expected.lower():
        return _fails("Issuer", f"Anchored by {issuer}, somebody else than the expected {expected}.")
    return _holds("Issuer", f"{issuer}, as expected.")


def _caution(text: str | None) -> list[Check]:
    return [_open("Caution", text)] if text else []


def _holds(name: str, said: str) -> Check:
    return Check(name=name, outcome=Outcome.HOLDS, said=said)


def _fails(name: str, said: str) -> Check:
    return Check(name=name, outcome=Outcome.FAILS, said=said)


def _open(name: str, said: str) -> Check:
    return Check(name=name, outcome=Outcome.NOT_CHECKED, said=said)
