"""What files may say of their origin, as a worker would have read it."""

from dataclasses import replace

from deeptrace_core.provenance import (
    Action,
    ContainerFacts,
    Credentials,
    CredentialsState,
    FrameTiming,
    Hint,
    HintKind,
    Ingredient,
    NotRead,
    NotReadReason,
    Provenance,
    SignerDoubt,
    Step,
    StreamFacts,
    Tag,
)

CAPTURED = Step(
    signer="Kamera Werk, Example GmbH",
    signed_at="2026-11-19T08:30:00+00:00",
    time_vouched=True,
    software="KameraFirmware 2.1",
    title="C0012.MP4",
    actions=(Action(action="c2pa.created", software=None, source_type="digitalCapture", at=None),),
    more_actions=0,
    ingredients=(),
    more_ingredients=0,
)
CUT = Step(
    signer="Newsroom, Example News",
    signed_at=None,
    time_vouched=False,
    software="CutMaster 7",
    title="interview.mp4",
    actions=(
        Action(action="c2pa.opened", software=None, source_type=None, at=None),
        Action(action="c2pa.trimmed", software="CutMaster", source_type=None, at="2026-11-20T10:00:00Z"),
        Action(action="org.example.blur", software=None, source_type=None, at=None),
    ),
    more_actions=4,
    ingredients=(Ingredient(title="C0012.MP4", relationship="parentOf", step=1),),
    more_ingredients=0,
)
LIST_SHA256 = "7a" * 32

ABSENT = Credentials(state=CredentialsState.ABSENT, trust_list_sha256=LIST_SHA256)
TRUSTED = Credentials(state=CredentialsState.TRUSTED, trust_list_sha256=LIST_SHA256, steps=(CUT, CAPTURED))
UNTRUSTED = replace(
    TRUSTED, state=CredentialsState.UNTRUSTED, trust_list_sha256=None, doubts=(SignerDoubt.UNLISTED,)
)
BROKEN = replace(
    TRUSTED,
    state=CredentialsState.BROKEN,
    faults=("assertion.bmffHash.mismatch", "claim.malformed"),
    steps=(CUT,),
)
NOT_READ = NotRead(
    reason=NotReadReason.READER_FAILED,
    explanation="The decoder crashed while reading this file (SIGSEGV).",
    advice="Analyze the video again.",
)

CONTAINER = ContainerFacts(
    brands="isom, iso2, avc1, mp41",
    streams=(
        StreamFacts(kind="video", codec="h264", profile="High", bits_per_s=4_435_187),
        StreamFacts(kind="audio", codec="aac", profile="LC", bits_per_s=135_756),
    ),
    more_streams=0,
    tags=(
        Tag(place="file", name="encoder", value="Lavf62.12.102"),
        Tag(place="stream 0", name="handler_name", value="Twitter-vork muxer"),
    ),
    other_tags=("title", "location"),
    frame_timing=FrameTiming.VARIABLE,
    frames_per_s=29.97,
    key_frames=12,
    key_frame_median_s=2.0,
    key_frame_longest_s=4.2,
    hidden_frames=5,
    hints=(
        Hint(kind=HintKind.PLATFORM, seen="handler_name: Twitter-vork muxer"),
        Hint(kind=HintKind.REMUXED, seen="encoder: Lavf62.12.102"),
        Hint(kind=HintKind.CUT, seen="frames that are not shown: 5"),
    ),
)


def origin(
    credentials: Credentials | NotRead = ABSENT, container: ContainerFacts | NotRead = CONTAINER
) -> Provenance:
    """Both halves."""
    return Provenance(credentials=credentials, container=container)
