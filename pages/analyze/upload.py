"""The files: chosen, on the server, and put in the queue."""

import streamlit as st

from deeptrace_core.errors import UploadNotFoundError
from deeptrace_core.job import StoredMedia
from deeptrace_core.model import AnalysisOptions
from pages.analyze import uploader
from pages.http.uploads import own_upload
from pages.review import note
from pages.shared import backend, parts, places, times, who, wording
from pages.shared.text import literal, shortened

_KEY = "upload_number"


def choose() -> tuple[tuple[StoredMedia, ...], bool]:
    """The drop zone: what is on the server, and whether some file is still on its way."""
    acting = who.acting()
    chosen = uploader.show(f"upload_{st.session_state.get(_KEY, 0)}")
    media = []
    for upload_id in chosen.uploads:
        try:
            media.append(backend.uploads().finish(own_upload(acting.person, upload_id)))
        except UploadNotFoundError:  # it was left for more than a day
            parts.notice("inconclusive", wording.UPLOAD_GONE)
    for one in media:
        _show_known(one)
    return tuple(media), chosen.active


def submit(media: tuple[StoredMedia, ...], options: AnalysisOptions) -> None:
    """Put the files in the queue, and go to the page of the job; of several, to the list."""
    acting = who.acting()
    submissions = [acting.submit(one, options, uploaded=True) for one in media]
    # A new key makes a new, empty drop zone, for when this person comes back.
    st.session_state[_KEY] = st.session_state.get(_KEY, 0) + 1
    if len(submissions) > 1:
        st.switch_page(places.HISTORY, query_params={})
    (submission,) = submissions
    if submission.already_open:
        note.leave(submission.job_id, wording.ALREADY_OPEN)
    places.go_to_job(submission.job_id)


def _show_known(media: StoredMedia) -> None:
    """A file that was analyzed before has a report already."""
    job = who.acting().of_media(media.sha256)
    if job is None:
        return
    name = shortened(media.name) or wording.NO_NAME
    parts.notice(
        "active",
        wording.known(name, times.local_time(job.finished_at or job.created_at)),
        wording.KNOWN_MEANS,
    )
    label = literal(wording.OPEN_REPORT.format(name=name))
    st.page_link(places.REVIEW, label=label, query_params=places.job_query(job.id))
