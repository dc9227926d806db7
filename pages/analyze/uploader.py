"""The drop zone: a component that sends files in chunks to /api/uploads, so that none is in memory here."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from pages.http import access, paths
from pages.shared import backend, times, who, wording

HERE = Path(__file__).resolve().parent
CHUNK_BYTES = 8_000_000
"""Below what proxies let through by default with one setting raised, and little to send again."""
KINDS = (
    *("mp4", "mov", "m4v", "mkv", "webm", "avi", "mpg", "mpeg", "ts", "m2ts", "wmv", "flv", "ogv", "3gp"),
    *("gif", "jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"),
    *("mp3", "m4a", "aac", "wav", "flac", "ogg", "oga", "opus"),
)
"""For the dialog of the browser only. What a file is, its first bytes say, and then the worker."""

_component = st.components.v2.component(
    "deeptrace_uploader",
    html=(HERE / "uploader.html").read_text(encoding="utf-8"),
    css=(HERE / "uploader.css").read_text(encoding="utf-8"),
    js=(HERE / "uploader.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """What is in the drop zone."""

    uploads: tuple[str, ...] = ()
    """Ids of the complete ones."""
    active: bool = False
    """Whether more is on its way."""


def show(key: str) -> Chosen:
    """Draw it. A new key makes a new and empty one."""
    limit = times.limit(backend.settings().max_upload_bytes)
    texts = {
        name: text.format(limit=limit) if "{limit}" in text else text
        for name, text in wording.UPLOADER.items()
    }
    data = {
        "url": f"{paths.base()}{paths.API}/uploads",
        "ticket": access.ticket(who.acting().person),
        "maxBytes": backend.settings().max_upload_bytes,
        "chunkBytes": CHUNK_BYTES,
        "accept": ",".join(f".{kind}" for kind in KINDS),
        "texts": texts,
    }
    result = _component(key=key, data=data, default={"files": None}, on_files_change=_nothing)
    files = result.files or {}
    return Chosen(uploads=tuple(files.get("done", ())), active=bool(files.get("active")))


def _nothing() -> None:
    """Streamlit asks for a callback for each value that a component may set."""
