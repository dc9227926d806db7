"""The pages, run by Streamlit's AppTest over a real database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from deeptrace_core.blobs import Blobs
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store
from tests.pages.fresh_backend import fresh_backend
from tests.pages.samples import Desk

FRAME = Path(__file__).resolve().parents[2] / "pages" / "frame.py"

OpenPage = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _backend(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The pages use the database and the folders of this test, and nothing of the one before."""
    with fresh_backend(settings, monkeypatch):
        yield


@pytest.fixture
def desk(store: Store, settings: Settings) -> Desk:
    """What the pages look at, to fill it."""
    return Desk(store=store, blobs=Blobs(settings.blobs_url))


@pytest.fixture
def open_page() -> OpenPage:
    """Opens a page by its file, with a query."""

    def opened(page: str = "analyze/page.py", **query: str) -> AppTest:
        app = AppTest.from_file(str(FRAME), default_timeout=15)
        app.query_params.update(query)
        if page == "analyze/page.py":
            return app.run()
        # The first run only tells Streamlit which pages there are.
        return app.run().switch_page(page).run()

    return opened
