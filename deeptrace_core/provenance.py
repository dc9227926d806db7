"""Where a file says that it comes from: its Content Credentials, and the traces in its container.

Standard library only. `docs/provenance.md` says what each state and each hint rests on.
"""

from dataclasses import dataclass
from enum import StrEnum


class CredentialsState(StrEnum):
    """What was found of Content Credentials (C2PA). None of them says whether the content is true."""

    ABSENT = "ABSENT"
    """There are none in the file, like in most files."""
    TRUSTED = "TRUSTED"
    """Signature and hashes hold, and the signer's certificate leads to the trust list."""
    UNTRUSTED = "UNTRUSTED"
    """Signature and hashes hold, and the trust list does not vouch for the signer; `doubts` say why."""
    BROKEN = "BROKEN"
    """The file or its manifest was changed after signing, or the signature does not verify."""


class SignerDoubt(StrEnum):
    """Why the trust list does not vouch for a signer."""

    UNLISTED = "UNLISTED"
    NOT_VALID_NOW = "NOT_VALID_NOW"
    """Expired or not valid yet, with no trusted time stamp to show that it was valid at the signing."""
    UNSUITABLE = "UNSUITABLE"
    """The certificate was not issued for signing content."""
    REVOKED = "REVOKED"


class NotReadReason(StrEnum):
    """Why nothing can be said. None of these is about what the file shows."""

    KEPT_ELSEWHERE = "KEPT_ELSEWHERE"
    """The file names an address in place of a manifest; addresses from files are not visited."""
    TOO_LARGE = "TOO_LARGE"
    UNKNOWN_FORMAT = "UNKNOWN_FORMAT"
    UNREADABLE = "UNREADABLE"
    """There is something, and it could not be decoded."""
    AGAINST_THE_RULES = "AGAINST_THE_RULES"
    """It can be decoded, and was never as the rules ask, so that no state fits it."""
    READER_FAILED = "READER_FAILED"


@dataclass(frozen=True, kw_only=True, slots=True)
class NotRead:
    """Could not be read: a technical outcome, never a statement about the file."""

    reason: NotReadReason
    explanation: str
    advice: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """Something that the signer claims was done."""

    action: str
    """As C2PA names it: "c2pa.created"."""
    software: str | None
    source_type: str | None
    """The last part of the IPTC digital source type: "digitalCapture", "trainedAlgorithmicMedia"."""
    at: str | None
    """As the signer's software wrote it; nobody vouches for this clock."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ingredient:
    """Something that the signer claims went into the file."""

    title: str | None
    relationship: str | None
    """As C2PA names it: "parentOf", "componentOf", "inputTo"."""
    step: int | None
    """Position in `Credentials.steps` of the manifest it brought along; None if there is none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One manifest: who signed, when, and what they claim."""

    signer: str | None
    """Names in the certificate. Anybody can write any name into a certificate of their own."""
    signed_at: str | None
    """From a time stamp; None where the signature has none."""
    time_vouched: bool
    """Whether the authority of the time stamp is on the trust list."""
    software: str | None
    title: str | None
    actions: tuple[Action, ...]
    more_actions: int
    """How many were left out of `actions`."""
    ingredients: tuple[Ingredient, ...]
    more_ingredients: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """The Content Credentials of a file, as far as they lie in it."""

    state: CredentialsState
    trust_list_sha256: str | None
    """Of the PEM file of trust anchors; None where there was none, so that nobody was on the list."""
    doubts: tuple[SignerDoubt, ...] = ()
    """Of an untrusted signer only."""
    faults: tuple[str, ...] = ()
    """C2PA's codes for what does not hold: "assertion.bmffHash.mismatch". Of broken ones only."""
    steps: tuple[Step, ...] = ()
    """The newest first. Only the newest was checked: the others are as its signer recorded them."""
    more_steps: int = 0


class FrameTiming(StrEnum):
    """Whether all frames last equally long, by their time stamps."""

    CONSTANT = "CONSTANT"
    VARIABLE = "VARIABLE"
    UNKNOWN = "UNKNOWN"
    """Too few frames to tell, or no time stamps."""


class HintKind(StrEnum):
    """What may have happened to a file. A hint is never a finding: each trace can be removed or copied."""

    PLATFORM = "PLATFORM"
    """A service on the internet seems to have written it."""
    RE_ENCODED = "RE_ENCODED"
    """A program seems to have encoded the pictures, and not a camera."""
    EDITOR = "EDITOR"
    """An editing program named itself."""
    REMUXED = "REMUXED"
    """A program for converting and cutting seems to have written the container."""
    CUT = "CUT"
    """Pictures are stored that are not shown."""
    CLOCK = "CLOCK"
    """A creation time lies after the time of reading."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hint:
    """A trace, and what it may mean."""

    kind: HintKind
    seen: str
    """Exactly what stands in the file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tag:
    """A text in the container that names a program, a device or a time."""

    place: str
    """"file", or "stream 0"."""
    name: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamFacts:
    """One stream of the container."""

    kind: str
    codec: str | None
    profile: str | None
    bits_per_s: int | None
    """Counted over its packets; None where it has no length."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ContainerFacts:
    """What the container holds, counted or as written in it. Anybody can write anything there."""

    brands: str | None
    """The brands that an MP4 or MOV file declares, the major one first."""
    streams: tuple[StreamFacts, ...]
    more_streams: int
    tags: tuple[Tag, ...]
    """Programs, devices and times. What may tell about people (titles, places, comments) is not kept."""
    other_tags: tuple[str, ...]
    """Names of the tags whose values are not kept."""
    frame_timing: FrameTiming
    frames_per_s: float | None
    """From the median distance of frames of the first video stream; None where it is not known."""
    key_frames: int
    key_frame_median_s: float | None
    """Between one key frame and the next; None with fewer than two."""
    key_frame_longest_s: float | None
    hidden_frames: int
    """Frames of the first video stream that are stored, and that an edit list keeps from being shown."""
    hints: tuple[Hint, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """Both, each read or not on its own."""

    credentials: Credentials | NotRead
    container: ContainerFacts | NotRead
