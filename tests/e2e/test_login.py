"""A person logs in at a provider, in a real browser."""

from playwright.sync_api import Page, expect

from tests.http.conftest import server_settings
from tests.http.server import Server
from tests.http.test_login import closed, tokens
from tests.http.test_sign_in import PASSWORD, people, with_passwords

__all__ = ["closed", "people", "server_settings", "tokens", "with_passwords"]  # fixtures


def test_a_person_logs_in_and_out(closed: Server, page: Page) -> None:
    """Before: one button and nothing else, at every address. After: the pages, and who one is."""
    for path in ("", "/history", "/review?job=" + "a" * 32):
        page.goto(closed.url + path)
        expect(page.get_by_role("button", name="Log in")).to_be_visible(timeout=60_000)
        assert page.get_by_text("History").count() == 0
        assert page.locator("input[type=file]").count() == 0
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Was a face in this video or picture manipulated?")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Logged in as ada@example.org, analyst.")).to_be_visible(timeout=60_000)
    assert "LOGGED IN: ada@example.org (analyst)." in closed.log.read_text()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible(timeout=60_000)


def test_a_person_logs_in_with_a_password(with_passwords: Server, page: Page) -> None:
    """A wrong one is said to be wrong; the right one leads to the page that was asked for, and out again."""
    page.goto(f"{with_passwords.url}/history")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/history")
    expect(page.get_by_text("Your files, and those of cases that are shared")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Logged in as ada, analyst.")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Log out").click()
    expect(page.get_by_label("Password")).to_be_visible(timeout=60_000)
