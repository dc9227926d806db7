"""The answers: one band that sums up, and a line for each check."""

from html import escape

import streamlit as st

from deeptrace_core.verification import Check, Outcome, Verification
from pages.shared import parts, times, wording
from pages.shared.icons import icon
from pages.shared.text import visible


def show(result: Verification) -> None:
    """What was checked, and what that means."""
    anchored = any(check.name == "Anchor" and check.outcome is Outcome.HOLDS for check in result.checks)
    caution = next((check.said for check in result.checks if check.name == "Caution"), None)
    if not result.holds:
        parts.notice("failed", wording.VERIFY_FAILED, wording.VERIFY_FAILED_MEANS)
    elif anchored and result.claim is not None:
        parts.vouched(wording.vouched(times.local_time(result.claim.time)), wording.ANCHOR_MEANS, caution)
    else:
        parts.notice("clear", wording.VERIFY_INTACT, wording.VERIFY_NOT_ANCHORED)
    st.html(f'<ul class="dt-checks">{"".join(map(_line, result.checks))}</ul>')


def _line(check: Check) -> str:
    look = wording.OUTCOMES[check.outcome]
    return (
        f'<li class="dt-{look.tone}">{icon(look.icon)}<div><b>{escape(check.name)}</b>'
        f'<span class="dt-outcome">{escape(look.word)}</span>'
        f"<p>{escape(visible(check.said))}</p></div></li>"
    )
