"""Every page in a real browser: nothing is asked of anywhere else, and the policy stands in nobody's way."""

import uuid
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from pages.shared import desk_words
from tests.http.conftest import clip, desk, server, server_blobs, server_settings, server_store
from tests.http.server import Server
from tests.http.test_base_path import based
from tests.pages.samples import Desk, report_of, wave

__all__ = ["based", "clip", "desk", "server", "server_blobs", "server_settings", "server_store"]  # fixtures


@pytest.fixture
def refused(page: Page) -> list[str]:
    """What the policy refused, as the browser says it."""
    found: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Refused to" in message.text:
            found.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def test_no_page_asks_anybody_else(server: Server, desk: Desk, page: Page, refused: list[str]) -> None:
    """All pages, a report with its chart among them; `page` fails the test at any other request."""
    done = desk.completed(report_of([wave(0.9)]), name=uuid.uuid4().hex)
    other = desk.completed(report_of([wave(0.5)]), name=uuid.uuid4().hex)
    failed = desk.failed(uuid.uuid4().hex)
    for path, words in {
        "": "Evidence, not proof",
        f"review?job={done.id}": "How it was measured",
        f"review?job={failed.id}": "The analysis stopped",
        "history": "Every file that was submitted here",
        f"compare?a={done.id}&b={other.id}": "They were made in the same way",
        "verify": "Is a report unchanged",
        "system": desk_words.SYSTEM_BELOW,
    }.items():
        page.goto(f"{server.url}/{path}")
        expect(page.get_by_text(words).first).to_be_visible(timeout=60_000)
        if path.startswith("review") and path.endswith(done.id):
            expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=60_000)
        page.wait_for_timeout(500)
    assert refused == []


def test_pages_and_uploads_work_under_a_base_path(
    based: Server, page: Page, refused: list[str], clip: Path
) -> None:
    """From the drop zone to the page of the job."""
    page.goto(based.url)
    page.locator("input[type=file]").set_input_files(clip)
    page.get_by_role("button", name="Analyze").click()
    page.wait_for_url("**/some/where/review?job=*")
    expect(page.get_by_text("clip.mp4").first).to_be_visible(timeout=60_000)
    assert refused == []
