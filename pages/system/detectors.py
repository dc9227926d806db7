"""The detectors that the workers offer: can they run, and how often are they wrong?"""

from collections.abc import Sequence
from html import escape

import streamlit as st

from deeptrace_core.job import WorkerInfo
from pages.analyze.options import offers_of
from pages.shared import desk_words, parts, wording
from pages.shared.text import visible


def show(alive: Sequence[WorkerInfo]) -> None:
    """Those that are ready first."""
    parts.heading("Detectors")
    offers = sorted(offers_of(alive).values(), key=lambda offer: (not offer.ready, offer.name))
    if not offers:
        parts.remark(desk_words.NO_DETECTORS)
        return
    items = []
    for offer in offers:
        tone, shape, said = (
            ("clear", "tick", desk_words.READY) if offer.ready else ("none", "blank", wording.NOT_READY)
        )
        mark = parts.badge(wording.Look(word=said, short=said, tone=tone, icon=shape), said)
        rates = offer.error_rates or desk_words.NOT_MEASURED
        items.append(
            f"<li><div><b>{escape(visible(offer.name))}</b> {mark}"
            f"<p>{escape(visible(offer.description))}</p>"
            f"<p>{escape(visible(rates[:1].upper() + rates[1:]))}.</p></div></li>"
        )
    st.html(f'<ul class="dt-checks">{"".join(items)}</ul>')
