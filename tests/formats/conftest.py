"""A store and blobs to make dossiers from."""

import pytest

from deeptrace_core.blobs import Blobs
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store
from tests.pages.samples import Desk


@pytest.fixture
def desk(store: Store, settings: Settings) -> Desk:
    """Where jobs with reports are made."""
    return Desk(store=store, blobs=Blobs(settings.blobs_url))
