"""Choose a video and have it analyzed."""

import streamlit as st

from deeptrace_core.permissions import Act
from pages.analyze import options, upload
from pages.shared import backend, parts, places, who, wording

parts.title(
    "Was a face in this video or picture manipulated?",
    "DeepTrace scores every face it finds for signs of manipulation, and says what it could not examine.",
)
if who.acting().may(Act.SUBMIT):
    media, active = upload.choose()
    workers = backend.store().workers.alive()
    wanted = options.choose(workers)
    if not workers:
        parts.notice("inconclusive", wording.NO_WORKER_YET)
    if st.button(
        wording.analyze(len(media), active=active),
        key="analyze",
        type="primary",
        width="stretch",
        disabled=active or not media,
    ):
        upload.submit(media, wanted)
else:
    parts.notice("none", wording.VIEWERS_LOOK, wording.VIEWERS_LOOK_ADVICE)
    st.page_link(places.HISTORY, label=wording.TO_HISTORY, query_params={})
parts.promises(wording.PROMISES)
