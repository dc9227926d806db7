"""How to analyze: which detector, how many frames, how small a face."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from deeptrace_core.ensemble import SEPARATOR
from deeptrace_core.job import DetectorOffer, WorkerInfo
from deeptrace_core.model import (
    LARGEST_FACE_PX,
    MAX_RATE_HZ,
    SMALLEST_FACE_PX,
    AnalysisOptions,
)
from deeptrace_core.scoring import MIN_TRACK_FRAMES
from pages.shared import backend, parts, wording


def choose(workers: Sequence[WorkerInfo]) -> AnalysisOptions:
    """The options, behind a click: the defaults are right for most videos."""
    with st.expander("Options"):
        detector = _detector(workers)
        default = AnalysisOptions(detector=detector)
        left, middle, right = st.columns(3)
        min_frames = left.number_input(
            "Frames, at least", MIN_TRACK_FRAMES, default.max_frames, default.min_frames, 8, key="min_frames",
            help="Spread evenly over the whole video. More frames find shorter appearances and take longer.",
        )  # fmt: skip
        rate_hz = middle.number_input(
            "Frames a second", 0.1, float(MAX_RATE_HZ), default.rate_hz, 0.5, key="rate_hz", format="%g",
            help="In long videos, once this gives more frames than the number beside it.",
        )  # fmt: skip
        min_face_px = right.number_input(
            "Smallest face (pixels)", SMALLEST_FACE_PX, LARGEST_FACE_PX, default.min_face_px, 8,
            key="min_face_px",
            help="Smaller faces are found and counted, but not scored: scores of small faces mean little.",
        )  # fmt: skip
        activation_maps = st.checkbox(
            "Keep where the network looked",
            key="activation_maps",
            help="A map over each of the most suspicious faces. It is not evidence.",
        )
    return AnalysisOptions(
        detector=detector,
        min_frames=int(min_frames),
        rate_hz=float(rate_hz),
        min_face_px=int(min_face_px),
        activation_maps=activation_maps,
    )


def offers_of(workers: Sequence[WorkerInfo]) -> dict[str, DetectorOffer]:
    """What the workers offer together. Ready means ready on at least one of them."""
    offers: dict[str, DetectorOffer] = {}
    for worker in workers:
        for offer in worker.detectors:
            if offer.name not in offers or offer.ready:
                offers[offer.name] = offer
    return offers


def _detector(workers: Sequence[WorkerInfo]) -> str:
    offers = offers_of(workers)
    default = workers[0].default_detector if workers else backend.settings().detector
    names = list(dict.fromkeys([default, *offers]))
    name: str = st.selectbox(
        "Detector",
        names,
        format_func=partial(_label, offers),
        key="detector",
        help="The network that scores the faces. Each knows the kinds of manipulation it was trained on.",
    )
    others: list[str] = st.multiselect(
        "Combined with",
        [other for other in names if other != name],
        format_func=partial(_label, offers),
        key="other_detectors",
        placeholder="no other detector",
        help="Each scores every face; the score is their average on the scale of log-odds. Takes longer.",
    )
    for chosen in (name, *others):
        if chosen in offers:
            parts.remark(f"{chosen}: {offers[chosen].description}" if others else offers[chosen].description)
        if not _ready(offers, chosen):
            parts.notice("inconclusive", wording.WEIGHTS_MISSING, wording.weights_command(chosen))
    return SEPARATOR.join((name, *others))


def _label(offers: dict[str, DetectorOffer], name: str) -> str:
    return name if _ready(offers, name) else f"{name} ({wording.NOT_READY})"


def _ready(offers: dict[str, DetectorOffer], name: str) -> bool:
    # Of a detector that no living worker offers, nothing bad is known.
    return name not in offers or offers[name].ready
