"""Choose a video and have it analyzed."""

import streamlit as st

from pages.analyze import options, upload
from pages.shared import backend, parts, wording

parts.title(
    "Was a face in this video manipulated?",
    "DeepTrace scores every face it finds for signs of manipulation, and says what it could not examine.",
)
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
parts.promises(wording.PROMISES)
