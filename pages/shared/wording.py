"""Every word and colour of the pages; the words that exports share with them come from deeptrace_core.words.

A score is a score: it is never called a probability, and no verdict says what a video is, only what was
found on the faces in it. `tests/pages/test_wording.py` holds the list of words that are never used.
"""

from dataclasses import dataclass

from deeptrace_core import words
from deeptrace_core.anchor import AnchorState
from deeptrace_core.job import JobState, Progress, Stage
from deeptrace_core.model import Verdict
from deeptrace_core.verification import Outcome
from deeptrace_core.words import ANCHOR_FAILED as ANCHOR_FAILED
from deeptrace_core.words import ANCHOR_MEANS as ANCHOR_MEANS
from deeptrace_core.words import MEANINGS as MEANINGS
from deeptrace_core.words import NOT_EXAMINED as NOT_EXAMINED
from deeptrace_core.words import REASONS as REASONS


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """How a verdict or a state is shown: word, colour and shape together, never colour alone."""

    word: str
    """In a sentence of its own."""
    short: str
    """In a list."""
    tone: str
    """The colour: a class of style.css."""
    icon: str
    """The shape: a name of icons.py."""


VERDICTS = {
    Verdict.SIGNS_FOUND: Look(
        word=words.VERDICTS[Verdict.SIGNS_FOUND], short="Signs found", tone="signs", icon="warning"
    ),
    Verdict.INCONCLUSIVE: Look(
        word=words.VERDICTS[Verdict.INCONCLUSIVE], short="Inconclusive", tone="inconclusive", icon="question"
    ),
    # Blue and a lens, not green and a tick: nothing found is not the same as nothing there.
    Verdict.NO_SIGNS_FOUND: Look(
        word=words.VERDICTS[Verdict.NO_SIGNS_FOUND],
        short="No signs found",
        tone="clear",
        icon="lens",
    ),
    Verdict.NOT_ASSESSED: Look(
        word=words.VERDICTS[Verdict.NOT_ASSESSED], short="Not assessed", tone="none", icon="blank"
    ),
}

STATES = {
    JobState.PENDING: Look(word="Waiting for a worker", short="Waiting", tone="active", icon="clock"),
    JobState.PROCESSING: Look(word="In progress", short="In progress", tone="active", icon="play"),
    JobState.COMPLETED: Look(word="Finished", short="Finished", tone="none", icon="lens"),
    JobState.FAILED: Look(word="The analysis stopped", short="Failed", tone="failed", icon="cross"),
    JobState.CANCELLED: Look(word="Cancelled", short="Cancelled", tone="none", icon="stop"),
}

TONE_ICONS = {
    "signs": "warning",
    "inconclusive": "question",
    "clear": "lens",
    "none": "blank",
    "failed": "cross",
    "active": "clock",
}

STAGES = {
    Stage.STARTING: "Starting",
    Stage.READING: "Reading the file",
    Stage.SCORING: "Scoring faces",
    Stage.LISTENING: "Listening to the sound",
    Stage.COPYING: "Making the copy to show here",
    Stage.REPORTING: "Writing the report",
}

# --- verdict band ---------------------------------------------------------------------------------

ZONES = ("no signs", "inconclusive", "signs")
"""What a range means that lies in the low, middle or high part of the scale."""

PLAYER = {
    "player": "The video, with the faces that were examined",
    "timeline": "Time in the video; scores of each face",
    "play": "Play",
    "pause": "Pause",
    "back": "− frame",
    "on": "+ frame",
    "previous": "Previous suspicious",
    "next": "Next suspicious",
    "boxes": "Boxes",
    "sound": "Sound",
    "speed": "Speed",
    "facesAt": "Faces at {time}",
    "nobody": "No face was found at this moment.",
    "kept": "Kept to compare",
    "keep": "Keep",
    "zoom": "Zoom",
    "go": "Go there",
    "drop": "Remove",
    "score": "Score {n}",
    "small": "too small to score",
    "absent": "not seen",
    "between": "Not examined at this moment",
    "sharpness": "sharpness {n}",
    "examined": "frame {n}, examined",
    "notExamined": "between examined frames",
    "noVideo": "The copy cannot be played. The report below does not depend on it.",
    "keysHtml": (
        "Keys: <kbd>Space</kbd> play, <kbd>,</kbd> <kbd>.</kbd> one frame, <kbd>Shift</kbd> + "
        "<kbd>←</kbd> <kbd>→</kbd> ten, <kbd>P</kbd> <kbd>N</kbd> previous and next suspicious moment, "
        "<kbd>B</kbd> boxes, <kbd>Z</kbd> zoom."
    ),
}
SOUND_PLAYER = PLAYER | {
    "player": "The sound",
    "timeline": "Time in the sound",
    "back": "− 1 s",
    "on": "+ 1 s",
    "noVideo": "The copy cannot be played. The report below does not depend on it.",
    "keysHtml": (
        "Keys: <kbd>Space</kbd> play, <kbd>←</kbd> <kbd>→</kbd> one second, <kbd>Shift</kbd> with them ten."
    ),
}
STILL = "The picture with the faces that were examined"
STILL_ALONE = "Open it alone, without boxes."
STILL_SHOWN = (
    "A copy made for looking, turned upright. A solid box is at or above the threshold for suspicious faces, "
    "a dashed one below it or not scored. Scores and hashes are of the original."
)
SOUND_SHOWN = (
    "A copy made for listening, as the detector for voices heard it (mono, 16 kHz). "
    "Scores and hashes are of the original."
)
COPY_SHOWN = "A smaller copy without sound, made for watching. Scores and hashes are of the original."
COPY_WITH_SOUND = (
    "A smaller copy, its sound as the detector for voices heard it (mono, 16 kHz), made for watching. "
    "Scores and hashes are of the original."
)
NO_COPY = "No copy to play or show here could be made of this file."
NO_COPY_MEANS = "The report does not depend on it. Analyze the file again to have one made."
NO_SOUND_COPY_MEANS = "The report does not depend on it. The section on the voices says what could be heard."
GO_THERE = "Go there"
THRESHOLD = "Mark moments from this score on"
THRESHOLD_HELP = "Changes what is marked here only. The verdict stays as it is."
ACTIVATION = "where the network looked; not evidence"

# --- choosing a file and its options --------------------------------------------------------------

NO_WORKER_YET = "No worker is running. A file you submit is stored and starts when one returns."
UPLOADER = {
    "empty": (
        "Drop a video, a picture or a sound file, or choose one. MP4, MOV, MKV, WebM; JPEG, PNG, WebP, TIFF; "
        "MP3, M4A, WAV, FLAC, OGG and others, up to {limit}. The file stays on this server."
    ),
    "choose": "Choose files",
    "waiting": "Waiting for the file before it.",
    "sending": "Uploading {percent} % · {speed}/s. Keep this page open until the upload ends.",
    "lost": "Connection lost, retrying. Nothing is lost.",
    "checking": "Storing the file …",
    "done": "Uploaded. Ready to be analyzed.",
    "refused": "This file cannot be taken.",
    "tooLarge": "This file is larger than {limit}, the most that is accepted here.",
    "unreadable": "Your browser cannot read this file any more: it was changed or moved. Choose it again.",
    "cancel": "Cancel",
    "remove": "Remove",
}
UPLOAD_GONE = "An upload was left for more than a day, so it was removed. Choose the file again."
KNOWN_MEANS = "Its report is here. Press Analyze to have it analyzed again, for example with other options."
OPEN_REPORT = "Open the report on {name}"
PROMISES = {
    "Each face on its own": (
        "People are followed through the video. Each has a score, a likely range and the moments to look at."
    ),
    "What was not seen is said": (
        "Frames without a face, faces too small to score, the sound: the report names them."
    ),
    "Evidence, not proof": (
        "A score is one piece of evidence, and the detector can be wrong in both directions."
    ),
}
NOT_READY = "weights missing"
WEIGHTS_MISSING = "This detector is not ready: its weights are not on the worker's machine."

# --- logging in -----------------------------------------------------------------------------------

LOG_IN_TITLE = "DeepTrace"
LOG_IN_BELOW = "Files and reports on this server are for people who log in."
LOG_IN = "Log in"
LOG_OUT = "Log out"
LOGGED_IN = "Logged in as {name}, {role}."
VIEWERS_LOOK = "You look at reports here, and submit nothing."
VIEWERS_LOOK_ADVICE = (
    "The history has those that are shared with you. An administrator can give you another role."
)
NO_ROLE = "You are logged in as {name}, and have no role on this server. Ask an administrator for one."

# --- job states -----------------------------------------------------------------------------------

NO_WORKER = "No worker is running. Your file is stored and will start when one returns."
WORKER_SILENT = "Its worker does not answer any more. The next worker starts this file anew."
CAN_CLOSE = "You can close this page; the link stays valid."
CANCELLING = "Cancelling: the worker stops after the frames it is looking at."
CANCELLED = "This analysis was cancelled. No result was produced."
SAYS_NOTHING = "No result was produced; this says nothing about whether the file was manipulated."
TRIED_AGAIN = "Attempt {attempt} of {of} ended early; it will be tried again."
ALREADY_OPEN = "This file with these options is already in the queue, so it was not added again."

# --- errors ---------------------------------------------------------------------------------------

JOB_NOT_FOUND = "No job with this address. It may have been deleted, or the link may be incomplete."
DATABASE_DOWN = "The database cannot be reached. Nothing is lost."
DATABASE_DOWN_ADVICE = "This page tries again every few seconds and goes on by itself."
UNEXPECTED = "Something went wrong on this page. Stored files and reports are not affected."
UNEXPECTED_ADVICE = "Reload the page. If it happens again, report error {id}; the server's log says more."

# --- history --------------------------------------------------------------------------------------

NO_JOBS = "No files yet."
NO_JOBS_ADVICE = "Every file you submit appears here, with its verdict."
NO_NAME = "(no name)"
NO_MATCH = "No file matches."


# --- anchors --------------------------------------------------------------------------------------

ANCHOR_BELOW = (
    "An entry on a public chain lets anybody check in years that this report existed by a time and was not "
    "changed since. It does not say that the verdict is right."
)
ANCHOR_NOT_SET_UP = "Anchoring is not set up here."
ANCHOR_HOW = (
    "It needs a chain, a key with some coins, and the notary beside this server: the README has the steps. "
    "To try it without coins: make run CHAIN=local"
)
ANCHOR_ASK = "Anchor this report …"
ANCHOR_AGAIN = "Ask again …"
ANCHOR_TITLE = "Anchor this report?"
ANCHOR_CONFIRM = "Anchor it for good"
ANCHOR_STATES = {
    AnchorState.REQUESTED: "Asked for. Nothing is sent yet.",
    AnchorState.SIGNED: "Being sent, waiting for confirmation.",
    AnchorState.SUBMITTED: "Sent, waiting for confirmation.",
    AnchorState.MINED: "In block {block}, waiting for more blocks on top of it.",
}
NOTARY_SILENT = "The notary does not answer at the moment. A request is stored, and sent when it is back."
DOWNLOAD_PROOF = "Download the proof file"
DOWNLOAD_CHECKER = "Download the checker"
TO_EXPLORER = "Look at the transaction"
PROOF_KEEP = (
    "The proof file holds the report and where its anchor is. Keep it: with it nobody needs this server "
    "or its database, and once the report is deleted here, it cannot be made again. The checker is one HTML "
    "file that checks a proof in any browser, with a node of the chain and nothing else."
)

# --- verify ---------------------------------------------------------------------------------------

VERIFY_BELOW = "Is a report unchanged since it was made? When was it anchored, and by whom?"
VERIFY_FILE = "A report or a proof file, as it was downloaded"
VERIFY_MORE = "Check more: the original file, the issuer"
VERIFY_VIDEO = "The original file: is it the one that the report is on?"
VERIFY_ISSUER = "The address that must have anchored it"
VERIFYING = "Asking the chain …"
VERIFY_ANSWERS = {
    "Unchanged": "Every byte of the report is what was hashed. One changed digit, and it says so.",
    "Anchored": "In which block, when, by which address; read from the chain, not from our database.",
    "What it leaves open": "Whether the verdict is right, and whose address that is: ask who issued it.",
}
VERIFY_FAILED = "Something does not hold. Do not rely on this file."
VERIFY_FAILED_MEANS = "The lines below say what, and why."
VERIFY_INTACT = "What was checked holds."
VERIFY_NOT_ANCHORED = "Nothing here says when the report was made, or by whom: that takes an anchor."
VERIFY_YOURSELF = (
    "Here this server asks the chain. To take nobody's word for it, check on a machine of your own, "
    "with a node of your choice:"
)
VERIFY_COMMAND = "python -m deeptrace_core verify PROOF_FILE --media VIDEO --rpc https://NODE"
OUTCOMES = {
    Outcome.HOLDS: Look(word="holds", short="holds", tone="clear", icon="tick"),
    Outcome.FAILS: Look(word="does not hold", short="does not hold", tone="failed", icon="cross"),
    Outcome.NOT_CHECKED: Look(word="left open", short="left open", tone="none", icon="blank"),
}

# --- links and buttons ----------------------------------------------------------------------------

TO_HISTORY = "Look in the history"
TO_ANALYZE = "Analyze a file"
TRY_AGAIN = "Try again"
MORE_FRAMES = "Try again with four times as many frames"
CANCEL = "Cancel"


def analyze(count: int, *, active: bool) -> str:
    """The button that submits what was chosen."""
    if active:
        return "Analyze, once the upload has ended"
    return "Analyze" if count < 2 else f"Analyze {count} files"


def known(name: str, when: str) -> str:
    """What is said of a file with a report."""
    return f"{name} was analyzed before, on {when}."


def stopped(what: str) -> str:
    """What happened to a failed job: "The analysis stopped: the video could not be decoded." """
    is_name = what[1:2].isupper() or what[1:2].isdigit()  # "SHA-256 ..." keeps its capital
    return f"{STATES[JobState.FAILED].word}: {what if is_name else what[:1].lower() + what[1:]}"


def progress(now: Progress, left: str | None) -> str:
    """What the worker is doing: "Scoring faces: frame 212 of 600, about 4 s left." """
    said = STAGES[now.stage]
    if now.total:
        said += f": frame {now.done:,} of {now.total:,}"
    return f"{said}, about {left} left." if left else f"{said}."


def copy_shown(frames: int, of: int, *, sound: bool) -> str:
    """What the player plays. Of long videos some frames are left out of the copy."""
    some = f" It has {frames:,} of {of:,} frames, all that were examined among them." if frames < of else ""
    return (COPY_WITH_SOUND if sound else COPY_SHOWN) + some


def expected_wait(how_long: str) -> str:
    """A guess from what the last files took."""
    return f"It will probably start in about {how_long}: the last files are the measure."


def queue_place(ahead: int) -> str:
    """Where a waiting video stands."""
    if ahead == 0:
        return "Waiting for a worker. Yours is next."
    if ahead == 1:
        return "Waiting for a worker. 1 file is ahead of yours."
    return f"Waiting for a worker. {ahead} files are ahead of yours."


def weights_command(name: str) -> str:
    """What mends a detector without weights."""
    return f"Run there: python -m worker models pull {name}. Without it no face will be assessed."


def anchored(block: int, when: str) -> str:
    """The headline of an anchor that is on the chain for good."""
    return f"Anchored in block {block:,} at {when}"


def vouched(when: str) -> str:
    """The headline of a proof that holds."""
    return f"This report existed by {when}, unchanged since"


def batch(root: str) -> str:
    """How a report is anchored together with others."""
    return f"together with other reports, under the root {root}"


def anchor_dialog(chain_name: str, caution: str | None) -> tuple[str, ...]:
    """What a person must know before asking for an anchor."""
    return (
        *((caution,) if caution else ()),
        f"To {chain_name} goes the SHA-256 of this report: not the file, not its name, not the report.",
        "It cannot be undone, by anybody.",
        "It will show that this report existed by then and that this system vouched for it, not that its "
        "verdict is right.",
    )
