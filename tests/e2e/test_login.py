"""A person logs in at a provider, in a real browser."""

from playwright.sync_api import Page, expect

from tests.http.conftest import server_settings
from tests.http.server import Server
from tests.http.test_login import closed, tokens

__all__ = ["closed", "server_settings", "tokens"]  # fixtures


def test_a_person_logs_in_and_out(closed: Server, page: Page) -> None:
    """Before: one button and nothing else, at every address. After: the pages, and who one is."""
    for path in ("", "/history", "/review?job=" + "a" * 32):
        page.goto(closed.url + path)
        expect(page.get_by_role("button", name="Log in")).to_be_visible(timeout=60_000)
        assert page.get_by_text("History").count() == 0
        assert page.locator("input[type=file]").count() == 0
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Was a face in this video manipulated?")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Logged in as ada@example.org.")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible(timeout=60_000)
