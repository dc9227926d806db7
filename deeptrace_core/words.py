"""The words for verdicts, reasons and opinions, the same on every page and in every export.

A score is a score: it is never called a probability, and no verdict says what a video is, only what was
found on the faces in it. `tests/pages/test_wording.py` holds the list of words that are never used.
"""

from deeptrace_core.casework import Opinion
from deeptrace_core.model import MediaInfo, MediaKind, Reason, Verdict
from deeptrace_core.phrases import counted

VERDICTS = {
    Verdict.SIGNS_FOUND: "Signs of manipulation found",
    Verdict.INCONCLUSIVE: "Inconclusive",
    Verdict.NO_SIGNS_FOUND: "No signs of manipulation found on the faces examined",
    Verdict.NOT_ASSESSED: "Not assessed",
}

MEANINGS = {
    Verdict.SIGNS_FOUND: "Not proof; check with other evidence.",
    Verdict.INCONCLUSIVE: "The detector cannot tell.",
    Verdict.NO_SIGNS_FOUND: "This does not show that the video is unaltered.",
}

REASONS = {
    Reason.NO_FACE: "no face found",
    Reason.FACE_TOO_SMALL: "faces too small",
    Reason.TOO_FEW_FRAMES: "too few frames",
    Reason.ONE_PICTURE: "one picture gives no range",
    Reason.NO_PICTURE: "no picture in this file",
    Reason.MODEL_UNAVAILABLE: "no detector",
}

KINDS = {MediaKind.VIDEO: "video", MediaKind.PICTURE: "picture", MediaKind.SOUND: "sound"}
"""What people call a file of each kind."""

NOT_EXAMINED = "This verdict is on faces alone, not on the sound or the rest of the picture."

OPINIONS = {Opinion.AGREE: "Agree", Opinion.DISAGREE: "Disagree", Opinion.UNSURE: "Unsure"}
"""What a person thinks of what the machine found."""

ANCHOR_MEANS = (
    "The report existed by then, and the issuer vouched for it. No anchor says that its verdict is right."
)
NOT_ANCHORED = (
    "This report is not anchored: nothing but the records of this system says when it was made, and by whom."
)
ANCHOR_UNDER_WAY = "An anchor was asked for and is not confirmed yet."
ANCHOR_FAILED = "The anchor failed. Nothing was written."

EVENTS = {
    "uploaded": "File received",
    "submitted": "Submitted",
    "claimed": "Taken by a worker",
    "completed": "Report stored",
    "failed": "An attempt ended without a report",
    "released": "Handed back by a worker",
    "lapsed": "The worker fell silent",
    "cancel_requested": "Cancelling asked for",
    "cancelled": "Cancelled",
    "anchor_requested": "Anchor asked for",
    "anchor_confirmed": "Anchored",
    "viewed": "Looked at",
    "opinion": "Opinion given",
    "note_added": "Note written",
    "note_removed": "Note removed",
    "case_labelled": "Case named",
    "exported": "Taken away",
}
"""What the audit trail calls an act -> what people call it."""


def first_of_several(media: MediaInfo) -> str:
    """Which of several video streams, or pictures of one file, was analyzed."""
    if media.kind is MediaKind.PICTURE:
        others = counted(media.more_pictures, "other picture", "other pictures")
        return f"The file holds {others}, such as a preview or a map of depth. The first one was analyzed."
    others = counted(media.more_pictures, "other video stream", "other video streams")
    return f"The file holds {others}. The first one was analyzed, as players show it."
