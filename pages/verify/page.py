"""Check a report or a proof file that somebody holds, without asking our database."""

import hashlib

import streamlit as st

from deeptrace_core.chain.presets import chain_from
from deeptrace_core.verification import Asked, verify
from pages.shared import backend, parts, wording
from pages.verify import checks

MAX_MB = 100
"""The report of two hours at 60 frames a second with two faces has 67 MB."""

parts.title("Verify", wording.VERIFY_BELOW)
file = st.file_uploader(wording.VERIFY_FILE, type=["json"], key="verify_file", max_upload_size=MAX_MB)
with st.expander(wording.VERIFY_MORE):
    video = st.file_uploader(wording.VERIFY_VIDEO, key="verify_video")
    issuer = st.text_input(
        wording.VERIFY_ISSUER, backend.settings().chain_issuer or "", key="verify_issuer", max_chars=42
    )
if file is None:
    parts.promises(wording.VERIFY_ANSWERS)
else:
    with st.spinner(wording.VERIFYING):
        asked = Asked(
            media_sha256=hashlib.sha256(video.getbuffer()).hexdigest() if video else None,
            issuer=issuer.strip() or None,
            chain=chain_from(backend.settings()),
        )
        result = verify(file.getvalue(), asked)
    checks.show(result)
parts.remark(wording.VERIFY_YOURSELF)
st.code(wording.VERIFY_COMMAND, language=None, wrap_lines=True)
