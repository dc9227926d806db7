"""The words of what an analyst works with: history, comparison, judgement, downloads, system."""

from deeptrace_core.casework import Opinion
from deeptrace_core.model import Verdict
from deeptrace_core.words import OPINIONS as OPINIONS
from pages.shared.wording import VERDICTS

# --- history --------------------------------------------------------------------------------------

SEARCH_HINT = "File name, case, reference, or SHA-256"
SEARCH_DAYS = "Submitted from one day to another"
PICK_ALL = "All on this page"
RUN_AGAIN = "Run again …"
RUN_WITH_ANOTHER = "Run again with another detector …"
COMPARE = "Compare"
DELETE_TITLE = "Delete for good?"
WHAT_GOES = (
    "With each go its face pictures, scores and report, and what people said of it: opinions, notes, case.",
    "Its file goes, too, unless another job in the list needs it.",
    "One that is still waiting or in progress is stopped.",
    "The chain of custody stays: who did what and when, with hashes and without names of files.",
    "An anchor on a chain stays, and needs its proof file to be shown: download that first.",
)
AGAIN_TITLE = "Run again with another detector"
AGAIN_DETECTOR = "Detector"
AGAIN_MEANS = "The stored file is analyzed once more, as a new job. The report that there is stays as it is."

# --- the system -----------------------------------------------------------------------------------

SYSTEM_BELOW = "What runs, what waits and how much room is left, at this moment."
NO_WORKER_AT_ALL = "No worker is running. Files are stored and start when one returns."
NO_WORKER_ADVICE = "Start one: python -m worker run"
NOTHING_WAITS = "Nothing waits."
NO_DETECTORS = "Workers say which detectors they can run. None is running."
READY = "ready"
NOT_MEASURED = "error rates not measured"
LITTLE_ROOM = "There is little room left for files."
NOTARY_READY = "A notary is running and can anchor reports."
NOTARY_NONE = "No notary is set up: reports cannot be anchored."

# --- two reports ----------------------------------------------------------------------------------

COMPARISON = "Two reports compared"
COMPARISON_BELOW = "A is the older of the two, B the newer."
NOTHING_TO_COMPARE = "One of these files has no report."
NOTHING_TO_COMPARE_ADVICE = "Pick two finished ones in the history."
SAME_FILE = "Both reports are on the same file: its SHA-256 is the same."
OTHER_FILE = "The reports are on two different files, so their scores say nothing about each other."
SAME_NUMBERS = "All scores, faces and frames are the same."
MADE_DIFFERENTLY = "How they were made"
CAME_OUT_DIFFERENTLY = "What came out"
KNOWN_ACCURACY = "What is known of the detector"
SEE_REPORT = "see its report"
RECIPE_PARTS = {"detector": "the detector", "options": "the options", "software": "the software"}
FIELDS = {
    "detector.name": "Detector",
    "detector.architecture": "Architecture",
    "detector.weights_sha256": "Weights, SHA-256",
    "detector.licence": "Licence of the weights",
    "detector.preset": "Face preset",
    "detector.preset_sha256": "Face preset, SHA-256",
    "detector.threshold_low": "Threshold for no signs",
    "detector.threshold_high": "Threshold for signs",
    "options.detector": "Detector asked for",
    "options.min_frames": "Frames, at least",
    "options.rate_hz": "Frames a second",
    "options.max_frames": "Frames, at most",
    "options.min_face_px": "Smallest face, pixels",
    "options.activation_maps": "Where the network looked",
    "software.deeptrace": "DeepTrace",
    "software.commit": "Commit",
    "software.device": "Device",
    "media.sha256": "File, SHA-256",
    "media.size_bytes": "Size, bytes",
    "media.duration_s": "Duration, seconds",
    "media.kind": "Kind of file",
    "finding.verdict": "Verdict",
    "finding.score.mean": "Score",
    "finding.score.low": "Likely range from",
    "finding.score.high": "Likely range to",
    "finding.track_id": "Person who drove it",
    "coverage.frames_asked": "Frames asked for",
    "coverage.frames_decoded": "Frames decoded",
    "coverage.frames_with_face": "Frames with a face",
    "coverage.frames_scored": "Frames scored",
    "coverage.faces_found": "Face pictures found",
    "coverage.faces_too_small": "Face pictures too small",
}
"""Names of docs/report.md -> words."""

# --- the list of videos ---------------------------------------------------------------------------

HISTORY_OF_ALL = "Every file that was submitted here, the newest first."
HISTORY_OF_SOME = "Your files, and those of cases that are shared with you, the newest first."

# --- the analyst's own hand -----------------------------------------------------------------------

HAND = "Your judgement"
HAND_BELOW = (
    "It stands beside the machine's verdict and never changes it. Each act is in the chain of custody."
)
WHOLE_VIDEO = "The whole video"
NO_SEGMENTS = "No face reached the threshold for suspicious frames, so there is no segment to judge."
NOTES = "Notes"
NO_NOTES = "Nothing was written down yet."
NOTE = "A new note"
NOTE_HINT = "What did you see?"
NOTE_MOMENT = "At which second"
NO_MOMENT = "about no moment in particular"
ADD_NOTE = "Add the note"
REMOVE = "Remove"
REMOVE_NOTE = "Its words are gone then; that there was a note stays in the chain of custody."
REMOVE_FOR_GOOD = "Remove this note for good"
CASE_NAME = "Case"
CASE_REFERENCE = "Reference"
NO_CASE = "Assign it to a case"
SHARING_MEANS = "Whom this case is shared with sees all files of its owner in it, now and later."
SHARE_WITH = "The name that they log in with"
SHARE = "Share"
UNSHARE = "Share no longer"
SAVE = "Save"

# --- taking a report away -------------------------------------------------------------------------

REPORT_HASH = (
    "SHA-256 of the report (JSON). Whoever has the file can compute it again; a changed file has another."
)


def download(label: str) -> str:
    """The button that makes a file of a format."""
    return f"Download {label}"


def pick(name: str) -> str:
    """The checkbox before a video."""
    return f"Pick {name}"


def delete(count: int) -> str:
    """The button that asks."""
    return f"Delete {count} …"


def delete_for_good(count: int) -> str:
    """The button that does it."""
    return "Delete this file" if count == 1 else f"Delete these {count} files"


def deleted(count: int) -> str:
    """What was done."""
    return "1 file was deleted." if count == 1 else f"{count} files were deleted."


def and_more(count: int) -> str:
    """The end of a list that is too long."""
    return f"and {count} more"


def run_again(count: int) -> str:
    """The button that submits stored videos."""
    return "Run it again" if count == 1 else f"Run these {count} again"


def field(name: str) -> str:
    """A field of a report in words; one without words of its own keeps its name, without its signs."""
    plain = name.removeprefix("software.libraries.")
    if " " not in plain:  # else it is a sentence already
        plain = plain.replace(".", " ").replace("_", " ")
    return FIELDS.get(name, plain[:1].upper() + plain[1:])


def without_detector(which: str) -> str:
    """Who could not be scored at all."""
    return f"{which} had no detector, so there are no scores."


def recipe(changed: list[str]) -> str:
    """Whether two reports were made alike."""
    if not changed:
        return "They were made in the same way: detector, options and software are the same."
    return f"They were made differently in {', '.join(RECIPE_PARTS.get(part, part) for part in changed)}."


def same_verdict(verdict: Verdict) -> str:
    """Two reports agree."""
    return f"Both come to the same verdict: {VERDICTS[verdict].short}."


def other_verdict(first: Verdict, second: Verdict) -> str:
    """Two reports do not agree."""
    return f"They come to different verdicts: {VERDICTS[first].short} (A), {VERDICTS[second].short} (B)."


def scores_apart(first: str, second: str) -> str:
    """The scores of two videos."""
    return f"The score of the video is {first} (A) and {second} (B)."


def workers(count: int) -> str:
    """How many workers there are."""
    return "1 worker is running." if count == 1 else f"{count} workers are running."


def oldest_waits(when: str) -> str:
    """How long the queue is, in time."""
    return f"The oldest has waited since {when}."


def said_by(opinion: Opinion, by: str, when: str) -> str:
    """Whose opinion it is."""
    return f"{OPINIONS[opinion]}: {by}, {when}"


def written_by(by: str, when: str) -> str:
    """Who wrote a note."""
    return f"{by}, {when}"


def case_label(name: str, reference: str) -> str:
    """To which case a video belongs, in one line."""
    return " · ".join(part for part in (name, reference) if part) or NO_CASE
