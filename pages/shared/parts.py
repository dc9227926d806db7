"""Pieces of HTML that several pages draw. Every value from outside passes through `escape`."""

from collections.abc import Iterable, Mapping
from html import escape

import streamlit as st

from pages.shared.icons import icon
from pages.shared.text import visible
from pages.shared.wording import TONE_ICONS, Look


def title(text: str, below: str = "") -> None:
    """The heading of a page, and a quieter line below it."""
    line = f'<p class="dt-below">{escape(visible(below))}</p>' if below else ""
    st.html(f'<h1 class="dt-title">{escape(visible(text))}</h1>{line}')


def heading(text: str, below: str = "") -> None:
    """The heading of a section."""
    line = f'<p class="dt-below">{escape(visible(below))}</p>' if below else ""
    st.html(f'<h2 class="dt-heading">{escape(text)}</h2>{line}')


def notice(tone: str, what: str, *more: str) -> None:
    """A band that says one thing first, and then what it means or what to do."""
    st.html(band(tone, icon(TONE_ICONS[tone]), what, *more))


def vouched(what: str, means: str, caution: str | None) -> None:
    """A band for an anchor that stands. What weakens it comes first, and changes its colour."""
    tone, shape = ("inconclusive", "question") if caution else ("clear", "tick")
    st.html(band(tone, icon(shape), what, caution or "", means))


def band(tone: str, picture: str, what: str, *more: str, extra: str = "", role: str = "status") -> str:
    """The HTML of a band. `extra` is HTML and stands between the headline and the rest."""
    lines = "".join(f"<p>{escape(visible(line))}</p>" for line in more if line)
    return (
        f'<section class="dt-band dt-{tone}" role="{role}">{picture}<div class="dt-said">'
        f'<p class="dt-what">{escape(visible(what))}</p>{extra}{lines}</div></section>'
    )


def badge(look: Look, text: str) -> str:
    """A small mark: icon, colour and words."""
    return f'<span class="dt-badge dt-{look.tone}">{icon(look.icon)}{escape(text)}</span>'


def facts(rows: Mapping[str, str | None]) -> None:
    """Names and values, one a line; a value that is not known is left out."""
    items = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(visible(value))}</dd>" for name, value in rows.items() if value
    )
    st.html(f'<dl class="dt-facts">{items}</dl>')


def progress(what: str, share: float | None, *more: str) -> None:
    """A band with a bar; it only moves to and fro while the amount of work is not known."""
    bar = '<div class="dt-bar dt-unknown"><i></i></div>'
    if share is not None:
        bar = (
            f'<div class="dt-bar" role="progressbar" aria-label="{escape(what)}" aria-valuemin="0" '
            f'aria-valuemax="100" aria-valuenow="{share * 100:.0f}"><i style="width:{share:.1%}"></i></div>'
        )
    # Not a live region: a screen reader would read the frame number aloud each second.
    st.html(band("active", icon("play"), what, *more, extra=bar, role="group"))


def remark(text: str) -> None:
    """A sentence on what stands above it."""
    st.html(f'<p class="dt-below">{escape(visible(text))}</p>')


def points(sentences: Iterable[str]) -> None:
    """Sentences which stand each for itself."""
    st.html(
        f'<ul class="dt-points">{"".join(f"<li>{escape(visible(line))}</li>" for line in sentences)}</ul>'
    )


def promises(entries: Mapping[str, str]) -> None:
    """Short headlines with a sentence each, side by side where there is room."""
    items = "".join(f"<li><b>{escape(name)}</b>{escape(text)}</li>" for name, text in entries.items())
    st.html(f'<ul class="dt-promises">{items}</ul>')
