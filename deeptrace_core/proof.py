"""The proof file: a report with everything that is needed to find its anchor without us.

JSON, described in docs/anchoring.md. The report is in it as text, exactly as it was hashed.
"""

import json
from dataclasses import dataclass
from typing import Any

import cattrs

from deeptrace_core.anchor import Anchor, ChainPlace, ChainRecord, Proof
from deeptrace_core.canonical import digest
from deeptrace_core.errors import ProofInvalidError
from deeptrace_core.settings import PROJECT_ROOT

PROOF_SCHEMA = "deeptrace.proof/1"
SAYS = (
    "These bytes existed by the time of the block, and the issuer vouched for them. "
    "It does not say that the verdict in the report is right."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AnchorClaim:
    """Where the anchor is said to be. Nothing of it is believed before the chain says the same."""

    chain_id: int
    chain: str
    contract: str
    issuer: str
    value: str
    """What stands on the chain: the report's SHA-256, or the root of its batch."""
    merkle_proof: Proof
    tx_hash: str | None
    block: int
    block_hash: str
    time: str

    def place(self) -> ChainPlace:
        return ChainPlace(chain_id=self.chain_id, contract=self.contract, issuer=self.issuer)


@dataclass(frozen=True, kw_only=True, slots=True)
class ProofFile:
    """The content of a proof file."""

    schema: str
    says: str
    digest: str
    report: str
    anchor: AnchorClaim

    @property
    def report_bytes(self) -> bytes:
        return self.report.encode()


CHECKER = PROJECT_ROOT / "deeptrace_core" / "verify.html"
"""One HTML file that checks a proof file in any browser, with a node of the verifier's choice."""

_converter = cattrs.Converter(forbid_extra_keys=True, prefer_attrib_converters=True)


def proof_bytes(report: bytes, anchor: Anchor, record: ChainRecord, *, chain_name: str) -> bytes:
    """The proof file of a confirmed anchor."""
    place = anchor.place
    claim = AnchorClaim(
        chain_id=place.chain_id,
        chain=chain_name,
        contract=place.contract,
        issuer=place.issuer,
        value=record.value,
        merkle_proof=anchor.proof,
        tx_hash=record.tx_hash,
        block=record.block,
        block_hash=record.block_hash,
        time=record.time,
    )
    file = ProofFile(
        schema=PROOF_SCHEMA, says=SAYS, digest=digest(report), report=report.decode(), anchor=claim
    )
    return json.dumps(_converter.unstructure(file), indent=1, ensure_ascii=False).encode() + b"\n"


def is_proof(data: bytes) -> bool:
    """Whether this is meant to be a proof file, of whatever version."""
    document = _document(data)
    return isinstance(document, dict) and str(document.get("schema", "")).startswith("deeptrace.proof/")


def parse_proof(data: bytes) -> ProofFile:
    """Read a proof file. Says nothing on whether what it claims is so.

    Raises:
        ProofInvalidError: it is none, or of a version that this program does not know.
    """
    document = _document(data)
    if not isinstance(document, dict) or document.get("schema") != PROOF_SCHEMA:
        raise ProofInvalidError
    try:
        return _converter.structure(document, ProofFile)
    except (ValueError, TypeError, KeyError, cattrs.BaseValidationError) as error:
        raise ProofInvalidError("The proof file is incomplete or was changed.") from error


def _document(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
