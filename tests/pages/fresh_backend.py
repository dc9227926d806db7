"""The cached store and blobs of the pages, opened anew for a test."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from deeptrace_core.settings import Settings
from pages.shared import backend


@contextmanager
def fresh_backend(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The pages of this process use these settings, and nothing of the test before or after."""
    assert settings.mongodb_uri is not None
    monkeypatch.setenv("DEEPTRACE_HOME", str(settings.home))
    monkeypatch.setenv("DEEPTRACE_MONGODB_URI", settings.mongodb_uri)
    _forget()
    yield
    _forget()


def _forget() -> None:
    backend.close()
    for cached in (backend.settings, backend.blobs, backend.report, backend.uploads, backend.link_key):
        cached.clear()
    backend.blobs_usage.clear()
