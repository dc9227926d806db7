"""Workers, queue, detectors, storage and notary, as they are at this moment."""

import streamlit as st

from pages.shared import desk_words, faults, parts
from pages.system import detectors, notary, queue, storage, workers

POLL_S = 5.0

parts.title("System", desk_words.SYSTEM_BELOW)


@st.fragment(run_every=POLL_S)
def _moving() -> None:
    with faults.explained(retried_by_caller=True):
        alive = workers.show()
        queue.show()
        detectors.show(alive)
        notary.show()


_moving()
storage.show()
