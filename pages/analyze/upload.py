"""The file: chosen, kept in the blobs, and put in the queue."""

from typing import BinaryIO, cast

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from deeptrace_core.job import StoredMedia
from deeptrace_core.model import AnalysisOptions
from pages.review import note
from pages.shared import backend, parts, places, wording

KINDS = ("mp4", "mov", "m4v", "mkv", "webm", "avi", "mpg", "ts")
"""By name only, so that nobody drops a document by mistake. What a file is, the worker finds out."""
_KEY = "upload_number"


def choose() -> UploadedFile | None:
    """The drop zone. None while no file, or an empty one, is in it."""
    file = st.file_uploader(
        "Drop a video here, or choose a file",
        type=KINDS,
        key=f"upload_{st.session_state.get(_KEY, 0)}",
    )
    # Streamlit itself says the kinds and the size limit, inside of the drop zone.
    parts.remark(wording.STAYS_HERE)
    if file is not None and not file.size:
        parts.notice("failed", wording.EMPTY_FILE, wording.EMPTY_FILE_ADVICE)
        return None
    return file


def submit(file: UploadedFile, options: AnalysisOptions) -> None:
    """Keep the file, put it in the queue, and go to the page of its job."""
    with st.spinner("Storing the video …"):
        sha256, size_bytes = backend.blobs().put_stream(cast(BinaryIO, file))
        media = StoredMedia(sha256=sha256, size_bytes=size_bytes, name=file.name)
        submission = backend.store().jobs.submit(media, options)
    # Streamlit holds the bytes in memory as long as a widget with this key exists: make another.
    st.session_state[_KEY] = st.session_state.get(_KEY, 0) + 1
    if submission.already_open:
        note.leave(submission.job_id, wording.ALREADY_OPEN)
    places.go_to_job(submission.job_id)
