"""Content Credentials (C2PA) of an untrusted file, read by c2pa-python without a word to any network."""

import json
import os
from collections.abc import Mapping
from typing import Any

import c2pa

from deeptrace_core.provenance import Credentials, CredentialsState, NotRead, NotReadReason, SignerDoubt
from worker.media.limits import MILLION, Limits
from worker.media.manifest_size import manifest_bytes
from worker.media.steps import steps_of

DOUBTS = {
    "signingCredential.untrusted": SignerDoubt.UNLISTED,
    "signingCredential.expired": SignerDoubt.NOT_VALID_NOW,
    "claimSignature.outsideValidity": SignerDoubt.NOT_VALID_NOW,
    "signingCredential.invalid": SignerDoubt.UNSUITABLE,
    "signingCredential.revoked": SignerDoubt.REVOKED,
    "signingCredential.ocsp.revoked": SignerDoubt.REVOKED,
}
"""C2PA's failures that are about the signer alone, and leave signature and hashes as they are."""

CHANGED = frozenset(
    {
        *("claimSignature.mismatch", "claimSignature.missing", "claim.missing"),
        *("assertion.hashedURI.mismatch", "assertion.missing", "assertion.undeclared"),
        *("assertion.dataHash.mismatch", "assertion.bmffHash.mismatch", "assertion.boxesHash.mismatch"),
        *("assertion.boxesHash.unknownBox", "assertion.collectionHash.mismatch"),
        *("assertion.collectionHash.incorrectItemCount", "assertion.multiAssetHash.mismatch"),
        *("ingredient.hashedURI.mismatch", "ingredient.manifest.mismatch", "ingredient.manifest.missing"),
        *("ingredient.claimSignature.mismatch", "ingredient.claimSignature.missing"),
    }
)
"""C2PA's failures that come of a change after signing, or of a signature that does not verify. All others
say that the manifest was never as the rules ask: the doing of some software, and no change."""

SIGNATURE_HOLDS = "claimSignature.validated"
CONTENT_HOLDS = frozenset(
    f"assertion.{kind}.match" for kind in ("dataHash", "bmffHash", "boxesHash", "collectionHash")
)
"""Without both of these nothing is called intact, whatever else is said."""

UNPACKED_TOO_LARGE = "output exceeds maximum size"
"""What c2pa says then; it has no code for it."""

MAX_FAULTS = 8
ADVICE = (
    "Nothing else in this report rests on it. "
    "A tool such as c2patool, on a machine of your own, can say more."
)


def read_credentials(file: int, anchors: str | None, limits: Limits) -> Credentials | NotRead:
    """Read and check the manifest in a file.

    Manifests at addresses, and whether a certificate was revoked since, are not asked for.

    Args:
        file: a descriptor open for reading.
        anchors: certificates of those whom the reader trusts to vouch for signers, PEM.
    """
    size_bytes = manifest_bytes(file)
    if size_bytes > limits.manifest_bytes:
        return NotRead(
            reason=NotReadReason.TOO_LARGE,
            explanation=(
                f"The manifest has {size_bytes / MILLION:.0f} MB; "
                f"at most {limits.manifest_bytes / MILLION:g} MB are read."
            ),
            advice=ADVICE,
        )
    with (
        c2pa.Context.from_dict(_settings(anchors, limits)) as context,
        os.fdopen(file, "rb", closefd=False) as stream,
    ):
        stream.seek(0)
        try:
            with c2pa.Reader(None, stream, context=context) as reader:
                return _judged(json.loads(reader.json()))
        except c2pa.C2paError.ManifestNotFound:
            return Credentials(state=CredentialsState.ABSENT, trust_list_sha256=None)
        except c2pa.C2paError as error:
            return _not_read(error, limits)


def _settings(anchors: str | None, limits: Limits) -> dict[str, Any]:
    return {
        "verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False},
        "core": {
            "allowed_network_hosts": [],
            # Manifests may be packed, and then hold far more than their size says.
            "max_decompressed_manifest_size_in_mb": limits.manifest_bytes // MILLION,
        },
        "trust": {"user_anchors": anchors} if anchors else {},
    }


def _judged(store: Mapping[str, Any]) -> Credentials | NotRead:
    """The state, from C2PA's own codes. What fits none of the states could not be read."""
    results = (store.get("validation_results") or {}).get("activeManifest") or {}
    passed = {entry["code"] for entry in results.get("success", ())}
    failed = {entry["code"] for entry in results.get("failure", ())}
    steps, more_steps = steps_of(store, time_vouched="timeStamp.trusted" in passed)
    intact = SIGNATURE_HOLDS in passed and bool(CONTENT_HOLDS & passed)
    faults = sorted(failed - set(DOUBTS))
    doubts: tuple[SignerDoubt, ...] = ()
    if CHANGED & failed:
        state = CredentialsState.BROKEN
    elif faults or not intact:
        return _unjudged(faults, intact=intact)
    elif failed:
        state, doubts = CredentialsState.UNTRUSTED, _doubts(failed)
    elif store.get("validation_state") == "Trusted":
        state = CredentialsState.TRUSTED
    else:
        return _unjudged(faults, intact=intact)
    return Credentials(
        state=state,
        trust_list_sha256=None,
        doubts=doubts,
        faults=tuple(faults[:MAX_FAULTS]),
        steps=steps,
        more_steps=more_steps,
    )


def _unjudged(faults: list[str], *, intact: bool) -> NotRead:
    codes = ", ".join(faults[:MAX_FAULTS]) or "no reason given"
    held = "Signature and hashes hold, but the" if intact else "The"
    return NotRead(
        reason=NotReadReason.AGAINST_THE_RULES,
        explanation=(
            f"{held} manifest is not built as C2PA's rules ask ({codes}), so what it claims is not shown."
        ),
        advice=ADVICE,
    )


def _doubts(failed: set[str]) -> tuple[SignerDoubt, ...]:
    doubts = {DOUBTS[code] for code in failed}
    # A certificate with another defect is never followed up to the list, so this says nothing then.
    if len(doubts) > 1:
        doubts.discard(SignerDoubt.UNLISTED)
    return tuple(doubt for doubt in SignerDoubt if doubt in doubts)


def _not_read(error: c2pa.C2paError, limits: Limits) -> NotRead:
    said = str(error)
    if UNPACKED_TOO_LARGE in said:
        return NotRead(
            reason=NotReadReason.TOO_LARGE,
            explanation=(
                "The manifest is packed, and unpacks to more than the "
                f"{limits.manifest_bytes / MILLION:g} MB that are read."
            ),
            advice=ADVICE,
        )
    if said.startswith("Remote:"):
        return NotRead(
            reason=NotReadReason.KEPT_ELSEWHERE,
            explanation=(
                "The file names an address on the internet where its Content Credentials should be. "
                "It was not visited: whoever made the file would learn that somebody examines it."
            ),
            advice="To see them, open the file with a tool such as c2patool, on a machine of your own.",
        )
    if isinstance(error, c2pa.C2paError.NotSupported):
        return NotRead(
            reason=NotReadReason.UNKNOWN_FORMAT,
            explanation="Content Credentials are not known to be kept in files of this format.",
            advice=(
                "The same recording in another format (MP4, MOV, JPEG) may have them: look where it came out "
                "first."
            ),
        )
    return NotRead(
        reason=NotReadReason.UNREADABLE,
        explanation=(
            "Something stands in the file in place of Content Credentials, or the file is not built as its "
            f"format asks, and it could not be decoded ({said[:100]})."
        ),
        advice=ADVICE,
    )
