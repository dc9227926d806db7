"""Where a file says that it comes from, in words: the same on the page and in every export.

Content Credentials say who signed, and what they claim; never that the content is true. Broken ones say that
something was changed after signing, and not what or why. Absent ones say nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deeptrace_core.phrases import counted, utc_time
from deeptrace_core.provenance import (
    Action,
    ContainerFacts,
    Credentials,
    CredentialsState,
    FrameTiming,
    HintKind,
    Ingredient,
    NotRead,
    SignerDoubt,
    Step,
)

STATES = {
    CredentialsState.ABSENT: "No Content Credentials in this file",
    CredentialsState.TRUSTED: "Content Credentials: intact, and the signer is on the trust list",
    CredentialsState.UNTRUSTED: "Content Credentials: intact, but the signer is not vouched for",
    CredentialsState.BROKEN: "Content Credentials: broken",
}
NOT_READ = "Content Credentials: could not be read"
CONTAINER_NOT_READ = "What the container holds could not be read."

MEANINGS = {
    CredentialsState.ABSENT: "Most files have none. That says nothing about what it shows.",
    CredentialsState.TRUSTED: (
        "What was signed is what lies here. That says who signed and what they claim, not that it is true."
    ),
    CredentialsState.UNTRUSTED: (
        "What was signed is what lies here. Who signed is open: anybody can make a certificate with any name "
        "in it."
    ),
    CredentialsState.BROKEN: (
        "The file or its manifest was changed after signing, or the signature does not verify. Converting, "
        "cutting or sending a file does that, too. What the manifest claims cannot be relied on."
    ),
}
NOT_READ_MEANS = "This is about the reading, not about what the file shows."

DOUBTS = {
    SignerDoubt.UNLISTED: "The signer's certificate does not lead to the trust list.",
    SignerDoubt.NOT_VALID_NOW: (
        "The signer's certificate has expired or is not valid yet, and no trusted time stamp shows that it "
        "was valid at the signing."
    ),
    SignerDoubt.UNSUITABLE: "The signer's certificate was not issued for signing content.",
    SignerDoubt.REVOKED: "The signer's certificate was revoked by those who issued it.",
}
NO_LIST = "No trust list is set up here, so nobody is on it (DEEPTRACE_TRUST_ANCHORS)."

CONTENT_DIFFERS = "The content is not what was signed."
FAULTS = {
    "assertion.dataHash.mismatch": CONTENT_DIFFERS,
    "assertion.bmffHash.mismatch": CONTENT_DIFFERS,
    "assertion.boxesHash.mismatch": CONTENT_DIFFERS,
    "assertion.collectionHash.mismatch": CONTENT_DIFFERS,
    "assertion.hashedURI.mismatch": "A part of the manifest is not what was signed.",
    "assertion.missing": "A part of the manifest is missing.",
    "assertion.undeclared": "The manifest has a part that its signer did not name.",
    "claimSignature.mismatch": "The signature does not fit the claim.",
    "claimSignature.missing": "The signature is missing.",
}
"""C2PA's code -> what it says. Of others the code itself is shown."""

OFFLINE = (
    "Read without a network: manifests kept at addresses, and news of revoked certificates, were not fetched."
)
STAMPED_LATER = "That is after it was read here: the clock of the authority or of this machine was wrong."
CLOCK_MARGIN = timedelta(minutes=5)
"""By which clocks that are looked after may differ."""
CLAIMS = "What the signer claims"
CLAIMS_OF_NOBODY = "What the manifest says, for which nobody vouches"
HINTS_TITLE = "Hints from the file"
NEWEST_CHECKED = "Only the newest entry was checked. The others are as its signer recorded them."
NO_SIGNER = "A signer without a name"

ACTIONS = {
    "c2pa.created": "created",
    "c2pa.opened": "opened",
    "c2pa.placed": "other content placed in it",
    "c2pa.edited": "edited",
    "c2pa.edited.metadata": "metadata edited",
    "c2pa.trimmed": "cut in time",
    "c2pa.cropped": "cropped",
    "c2pa.resized": "resized",
    "c2pa.orientation": "turned",
    "c2pa.color_adjustments": "colours adjusted",
    "c2pa.filtered": "filtered",
    "c2pa.drawing": "drawn on",
    "c2pa.dubbed": "dubbed",
    "c2pa.translated": "translated",
    "c2pa.removed": "content removed",
    "c2pa.redacted": "claims redacted",
    "c2pa.converted": "converted",
    "c2pa.transcoded": "encoded anew",
    "c2pa.repackaged": "repackaged",
    "c2pa.watermarked": "watermarked",
    "c2pa.published": "published",
    "c2pa.unknown": "something that the software could not name",
}
"""The actions that C2PA defines; others are shown as they are written."""

SOURCE_TYPES = {
    "digitalCapture": "captured by a camera",
    "computationalCapture": "captured by a camera and computed",
    "screenCapture": "captured from a screen",
    "virtualRecording": "recorded from a virtual event",
    "digitalCreation": "made by a person with software",
    "humanEdits": "edited by a person",
    "algorithmicMedia": "made by an algorithm",
    "algorithmicallyEnhanced": "enhanced by an algorithm",
    "trainedAlgorithmicMedia": "made by a generative model",
    "composite": "put together from parts",
    "compositeCapture": "put together from captures",
    "compositeSynthetic": "put together with synthetic parts",
    "compositeWithTrainedAlgorithmicMedia": "put together with parts made by a generative model",
}
"""IPTC digital source types; others are shown as they are written."""

RELATIONSHIPS = {"parentOf": "what was edited", "componentOf": "a part", "inputTo": "an input"}

HINTS = {
    HintKind.PLATFORM: "A service on the internet may have encoded it again, without what it said before.",
    HintKind.RE_ENCODED: "A program may have encoded it, and not the device that recorded it.",
    HintKind.EDITOR: "An editing program may have written it.",
    HintKind.REMUXED: "A program that converts or cuts may have put the container together.",
    HintKind.CUT: "It may have been cut without encoding it again: pictures are stored that are not shown.",
    HintKind.CLOCK: "A clock was wrong, or the time was set by hand: it lies after the reading.",
}
HINTS_ARE = "Hints, not findings: each trace can be removed, copied, or have another cause."
NO_HINTS = "No known trace of editing, cutting or encoding. Traces can be removed, so that says little."

TIMINGS = {
    FrameTiming.CONSTANT: "constant",
    FrameTiming.VARIABLE: "variable",
    FrameTiming.UNKNOWN: "not known",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One step of the history, to be shown under each other."""

    who: str
    lines: tuple[str, ...]


def headline(found: Credentials | NotRead) -> str:
    """The state, in one line."""
    return f"{NOT_READ if isinstance(found, NotRead) else STATES[found.state]}."


def explained(found: Credentials | NotRead) -> tuple[str, ...]:
    """What the state means and why it is so, a sentence or two each."""
    if isinstance(found, NotRead):
        return (f"{found.explanation} {NOT_READ_MEANS}", found.advice)
    reasons = [FAULTS.get(code, f"C2PA's code for it is {code}.") for code in found.faults]
    reasons += [DOUBTS[doubt] for doubt in found.doubts]
    if found.doubts and found.trust_list_sha256 is None:
        reasons.append(NO_LIST)
    return (" ".join(dict.fromkeys(reasons)), MEANINGS[found.state])


def history_title(credentials: Credentials) -> str:
    """Whose claims these are. Of a broken manifest nobody knows."""
    return CLAIMS_OF_NOBODY if credentials.state is CredentialsState.BROKEN else CLAIMS


def history(credentials: Credentials, read_at: str) -> tuple[Entry, ...]:
    """The manifests, the newest first.

    Args:
        read_at: when they were read, RFC 3339: what was stamped later has a time that cannot be.
    """
    return tuple(
        Entry(who=step.signer or NO_SIGNER, lines=tuple(_step_lines(step, read_at)))
        for step in credentials.steps
    )


def _step_lines(step: Step, read_at: str) -> list[str]:
    lines = [_signed(step, read_at)]
    if step.software:
        lines.append(f"Written with {step.software}.")
    if step.actions:
        told = [_action(action) for action in step.actions]
        lines.append(f"Claims: {_listed(told, step.more_actions)}.")
    if step.ingredients:
        told = [_ingredient(ingredient) for ingredient in step.ingredients]
        lines.append(f"Made from: {_listed(told, step.more_ingredients)}.")
    return lines


def _signed(step: Step, read_at: str) -> str:
    if step.signed_at is None:
        return "Signed at a time that nobody vouches for."
    vouched = "is on" if step.time_vouched else "is not on"
    said = f"Time stamp of {_when(step.signed_at)}; its authority {vouched} the trust list."
    return f"{said} {STAMPED_LATER}" if _lies_after(step.signed_at, read_at) else said


def _lies_after(written: str, read_at: str) -> bool:
    try:
        return datetime.fromisoformat(written) > datetime.fromisoformat(read_at) + CLOCK_MARGIN
    except (ValueError, TypeError):
        return False  # it is no time, or of no known zone


def _action(action: Action) -> str:
    told = ACTIONS.get(action.action, action.action)
    if action.source_type:
        told += f" ({SOURCE_TYPES.get(action.source_type, action.source_type)})"
    if action.software:
        told += f" with {action.software}"
    return f"{told}, {_when(action.at)} by its own clock" if action.at else told


def _when(written: str) -> str:
    """A time from the file; as it is written where it is no time, or of no known zone."""
    try:
        zone = datetime.fromisoformat(written).tzinfo
    except ValueError:
        return written
    return utc_time(written) if zone else written


def _ingredient(ingredient: Ingredient) -> str:
    name = ingredient.title or "something without a name"
    details = [RELATIONSHIPS.get(ingredient.relationship or "", ingredient.relationship)]
    if ingredient.step is not None:
        details.append(f"entry {ingredient.step + 1}")
    told = ", ".join(filter(None, details))
    return f"{name} ({told})" if told else name


def _listed(told: Sequence[str], more: int) -> str:
    return "; ".join([*told, *([f"{more} more"] if more else [])])


def container_rows(facts: ContainerFacts) -> Mapping[str, str | None]:
    """What the container holds, as names and values."""
    return {
        "Brands": facts.brands,
        "Streams": _listed(
            [
                " ".join(filter(None, (stream.kind, stream.codec, stream.profile, _rate(stream.bits_per_s))))
                for stream in facts.streams
            ],
            facts.more_streams,
        ),
        "Frame rate": _frame_rate(facts) if facts.key_frames else None,
        "Key frames": _key_frames(facts) if facts.key_frames else None,
        "Frames not shown": f"{facts.hidden_frames:,}" if facts.hidden_frames else None,
        "Tags": "; ".join(f"{tag.name} ({tag.place}): {tag.value}" for tag in facts.tags) or "none",
        "Tags not kept": ", ".join(facts.other_tags) or None,
    }


def _rate(bits_per_s: int | None) -> str | None:
    return None if bits_per_s is None else f"{bits_per_s / 1000:,.0f} kbit/s"


def _frame_rate(facts: ContainerFacts) -> str:
    said = TIMINGS[facts.frame_timing]
    return said if facts.frames_per_s is None else f"{said}, {facts.frames_per_s:g} a second"


def _key_frames(facts: ContainerFacts) -> str:
    said = counted(facts.key_frames, "key frame", "key frames")
    if facts.key_frame_median_s is None or facts.key_frame_longest_s is None:
        return said
    return (
        f"{said}, {facts.key_frame_median_s:g} s apart in the median, {facts.key_frame_longest_s:g} s at most"
    )


def hint_lines(facts: ContainerFacts) -> tuple[str, ...]:
    """Each kind of hint once, with all that was seen of it."""
    seen: dict[HintKind, list[str]] = {}
    for hint in facts.hints:
        seen.setdefault(hint.kind, []).append(hint.seen)
    return tuple(f"{HINTS[kind]} Seen: {'; '.join(traces)}." for kind, traces in seen.items())
