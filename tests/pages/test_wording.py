"""No page claims more than the method can carry, and every state has its words."""

import ast
import re
from pathlib import Path

import pytest

from deeptrace_core.job import JobState, Stage
from deeptrace_core.model import Reason, Verdict
from deeptrace_core.report import LIMITS
from pages.shared import icons, wording
from tests.pages.conftest import OpenPage
from tests.pages.reading import words
from tests.pages.samples import Desk, report_of, wave

PAGES = Path(__file__).resolve().parents[2] / "pages"
OVERCLAIMS = re.compile(
    r"\b(fake|fakes|real|really|authentic|authenticity|proven|proves|genuine|certainly|certain"
    r"|guaranteed?|99 ?%|100 ?%|probability)\b",
    re.IGNORECASE,
)


def strings_of(file: Path) -> list[str]:
    """Each text in a file that could be shown: no docstrings, no keys, no style."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    docs = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


CORE = PAGES.parent / "deeptrace_core"
SAID_IN_EXPORTS = [
    CORE / f"{name}.py"
    for name in (
        "words",
        "sentences",
        "provenance_words",
        "audio_words",
        "audio_finding",
        "report_facts",
        "phrases",
    )
]
FILES = sorted([*PAGES.rglob("*.py"), *(CORE / "formats").glob("*.py"), *SAID_IN_EXPORTS])


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PAGES.parent)))
def test_no_text_of_the_pages_claims_too_much(file: Path) -> None:
    """Words that would turn a score into a fact about the video are not in the code of any page."""
    assert [text for text in strings_of(file) if OVERCLAIMS.search(text)] == []


@pytest.mark.parametrize("score", [0.02, 0.5, 0.97])
def test_no_page_claims_too_much(score: float, desk: Desk, open_page: OpenPage) -> None:
    """The same for what is shown, the texts that come with the report included."""
    desk.worker()
    job = desk.completed(report_of([wave(score)]))
    for app in (open_page(), open_page("review/page.py", job=job.id), open_page("history/page.py")):
        assert OVERCLAIMS.findall(words(app)) == []
    assert not any(OVERCLAIMS.search(limit) for limit in LIMITS)


def test_every_state_verdict_reason_and_stage_has_words() -> None:
    """A value that is added to the domain is noticed here."""
    assert set(wording.VERDICTS) == set(Verdict)
    assert set(wording.MEANINGS) == set(Verdict) - {Verdict.NOT_ASSESSED}
    assert set(wording.STATES) == set(JobState)
    assert set(wording.REASONS) == set(Reason)
    assert set(wording.STAGES) == set(Stage)


def test_every_look_has_a_colour_and_a_shape_of_its_own() -> None:
    """Verdicts differ in shape, so that nobody needs colours to tell them apart."""
    style = (PAGES / "shared" / "style.css").read_text(encoding="utf-8")
    looks = [*wording.VERDICTS.values(), *wording.STATES.values()]
    for look in looks:
        assert f".dt-{look.tone} {{" in style
        assert icons.icon(look.icon)
    assert len({look.icon for look in wording.VERDICTS.values()}) == len(Verdict)
    for tone, shape in wording.TONE_ICONS.items():
        assert f".dt-{tone} {{" in style
        assert icons.icon(shape)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("The video could not be decoded.", "The analysis stopped: the video could not be decoded."),
        ("SHA-256 differs.", "The analysis stopped: SHA-256 differs."),
        ("", "The analysis stopped: "),
    ],
)
def test_stopped_joins_the_sentence(what: str, said: str) -> None:
    """What happened becomes the second half of a sentence; an abbreviation keeps its capital."""
    assert wording.stopped(what) == said
