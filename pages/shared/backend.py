"""The store and the blobs, opened once for all sessions of this server."""

import streamlit as st

from deeptrace_core.blobs import Blobs
from deeptrace_core.model import Report
from deeptrace_core.report import parse_report
from deeptrace_core.settings import Settings, load_settings
from deeptrace_core.store import Store, open_store
from deeptrace_core.uploads import Uploads


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """The settings of this server: they do not change while it runs."""
    return load_settings()


@st.cache_resource(show_spinner=False, on_release=Store.close)
def store() -> Store:
    """The database. An error is not cached: the next call tries again."""
    return open_store(settings())


@st.cache_resource(show_spinner=False)
def blobs() -> Blobs:
    """Where videos and reports are."""
    return Blobs(settings().blobs_url)


@st.cache_resource(show_spinner=False)
def uploads() -> Uploads:
    """Files on their way to the blobs."""
    return Uploads(blobs(), settings().uploads_dir, max_bytes=settings().max_upload_bytes)


@st.cache_resource(show_spinner=False)
def link_key() -> bytes:
    """What links to stored files are signed with: the same on every host of these pages."""
    return store().signing_keys.get("links")


# A report never changes and is found by its own digest, so sessions may share it. Ask for it only
# after the job was found: whoever may see the job may see its report.
@st.cache_resource(show_spinner=False, max_entries=32)
def report(sha256: str) -> tuple[Report, bytes]:
    """A report and its canonical bytes, exactly as they were hashed.

    Raises:
        BlobMissingError: the bytes are gone.
        MediaChangedError: they are no longer those that were hashed.
        ReportInvalidError: this version cannot read the report.
    """
    data = blobs().read(sha256)
    return parse_report(data), data


# Each file is asked for its size, so not at every moment.
@st.cache_data(show_spinner=False, ttl=60)
def blobs_usage() -> tuple[int, int]:
    """How many files are stored, and how many bytes."""
    return blobs().usage()


def close() -> None:
    """The server stops: end the connection, and the embedded database if nobody else uses it."""
    store.clear()
