"""File names are shown as they are, and do nothing."""

import re

import pytest

from pages.shared import times
from pages.shared.text import literal, shortened, visible
from tests.pages.conftest import OpenPage
from tests.pages.reading import words
from tests.pages.samples import Desk, report_of, wave

NAMES = [
    "../../etc/passwd",
    "<script>alert(1)</script>.mp4",
    "**bold** _it_ `code` ~~s~~ # head",
    "$\\frac{1}{2}$ :smile: :red[x] [l](http://x.y) ![i](http://x.y/z.png)",
    "a -> b <- c -- d >= e www.example.com a@b.co",
    "quote\"s and 'more' &amp; &lt;b&gt;",
    "\N{GRINNING FACE}\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN} ünïcödé.mov",
    "W" * 300 + ".mp4",
]


@pytest.mark.parametrize("name", NAMES)
def test_name_is_shown_literally_on_every_page(name: str, desk: Desk, open_page: OpenPage) -> None:
    """Neither Markdown nor HTML in a name has any effect; a long one is cut in the list only."""
    job = desk.completed(report_of([wave(0.5)]), name)
    app = open_page("review/page.py", job=job.id)
    assert name in words(app).replace("  ", " ")
    assert not any("<script" in html.proto.body for html in app.main.get("html"))
    (label,) = [link.proto.label for link in open_page("history/page.py").get("page_link")]
    assert unescaped(label) == shortened(name)


def unescaped(markdown: str) -> str:
    """What Markdown shows of escaped text."""
    return re.sub(r"\\(.)", r"\1", markdown).replace("\N{WORD JOINER}", "")


@pytest.mark.parametrize("name", NAMES)
def test_literal_leaves_no_active_character(name: str) -> None:
    """Every ASCII punctuation mark is escaped, and nothing is lost."""
    escaped = literal(name)
    assert unescaped(escaped) == name
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_`$<>\[\]():#~|!@]", escaped.replace("\\\\", ""))


def test_characters_that_act_are_replaced() -> None:
    """Line breaks, control and direction characters become a mark that is seen."""
    assert visible("a\nb\u202egpj.exe\x1b[31m\u2028") == "a\ufffdb\ufffdgpj.exe\ufffd[31m\ufffd"


def test_shortened_keeps_both_ends() -> None:
    """The ending of a name says what kind of file it is."""
    short = shortened("a" * 100 + ".mp4", 30)
    assert len(short) == 30
    assert short.startswith("aaaa")
    assert short.endswith("….mp4"[-4:])
    assert shortened("clip.mp4", 30) == "clip.mp4"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0:00.0"), (4.23, "0:04.2"), (59.97, "1:00.0"), (3723, "1:02:03.0"), (600, "10:00.0")],
)
def test_video_time(seconds: float, said: str) -> None:
    """A moment in a video, without a minute of 60 seconds."""
    assert times.video_time(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.52, "0.5 s"),
        (4, "4 s"),
        (9.97, "10 s"),
        (59.6, "1 min 0 s"),
        (125, "2 min 5 s"),
        (7380, "2 h 3 min"),
    ],
)
def test_duration(seconds: float, said: str) -> None:
    """How long something is, in no more detail than helps."""
    assert times.duration(seconds) == said


def test_times_are_in_the_zone_of_the_reader() -> None:
    """With a zone its clock, without one UTC, and saying so."""
    moment = "2026-11-20T23:30:00.000Z"
    assert times.in_zone(moment, "Europe/Berlin") == "21 Nov 2026, 00:30"
    assert times.in_zone(moment, None) == "20 Nov 2026, 23:30 UTC"
    assert times.in_zone(moment, "No/Where") == "20 Nov 2026, 23:30 UTC"


@pytest.mark.parametrize(
    ("size", "said"), [(0, "0 bytes"), (999, "999 bytes"), (52_428_800, "52.4 MB"), (4 * 10**9, "4.00 GB")]
)
def test_size(size: int, said: str) -> None:
    """Decimal units, as file managers show them."""
    assert times.size(size) == said
