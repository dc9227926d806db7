"""The drop zone in a real browser: several files, a broken connection, a restart, cancelling, refusals."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from deeptrace_core.job import JobResult
from deeptrace_core.model import Verdict
from deeptrace_core.settings import Settings, load_settings
from deeptrace_core.store import open_store
from tests.e2e.conftest import free_port
from tests.http.server import Server

HEAD = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"


@pytest.fixture(scope="module")
def settings(mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings(
        {
            "DEEPTRACE_HOME": str(tmp_path_factory.mktemp("upload")),
            "DEEPTRACE_MONGODB_URI": mongodb_uri.replace("/?", "/e2e_upload?"),
        }
    )


@pytest.fixture(scope="module")
def server(settings: Settings) -> Iterator[Server]:
    """The pages without a worker, which takes files of up to 300 MB."""
    limit = {"DEEPTRACE_MAX_UPLOAD_GB": "0.3"}
    server = Server(settings=settings, port=free_port(), environment=limit)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def video(path: Path, size_bytes: int) -> Path:
    """A file that begins like an MP4."""
    with path.open("wb") as file:
        file.write(HEAD)
        for _ in range(size_bytes // 1_000_000):
            file.write(os.urandom(1_000_000))
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def choose(page: Page, server: Server, *paths: Path) -> None:
    page.goto(server.url)
    expect(page.get_by_text("Drop a video, a picture or a sound file")).to_be_visible(timeout=60_000)
    page.locator("input[type=file]").set_input_files(list(paths))


def said(page: Page, name: str) -> Locator:
    """What the line of a file says of it."""
    return page.locator("li", has_text=name).locator(".state")


def expect_uploaded(page: Page, name: str) -> None:
    expect(said(page, name)).to_have_text("Uploaded. Ready to be analyzed.", timeout=60_000)


def newest_media(settings: Settings, count: int = 1) -> list[str]:
    with open_store(settings) as store:
        return [job.media.sha256 for job in store.jobs.history(limit=count)]


def test_several_files_are_sent_and_submitted_together(
    page: Page, server: Server, settings: Settings, tmp_path: Path
) -> None:
    """One after the other; one button for all; then their list."""
    paths = [video(tmp_path / f"several{number}.mp4", 20_000_000) for number in range(3)]
    choose(page, server, *paths)
    page.get_by_role("button", name="Analyze 3 files").click()
    page.wait_for_url("**/history")
    for path in paths:
        expect(page.get_by_role("link", name=path.name)).to_be_visible(timeout=60_000)
    assert set(newest_media(settings, 3)) == set(map(sha256, paths))


def test_a_lost_connection_is_said_and_made_good(
    page: Page, server: Server, settings: Settings, tmp_path: Path
) -> None:
    """Every second chunk breaks off: it says so, goes on by itself, and the file is whole."""
    path, count = video(tmp_path / "broken.mp4", 40_000_000), 0

    def break_every_second(route: Route) -> None:
        nonlocal count
        count += 1
        if count % 2:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/api/uploads/*?offset=*", break_every_second)
    choose(page, server, path)
    expect(said(page, "broken.mp4")).to_have_text(
        "Connection lost, retrying. Nothing is lost.", timeout=60_000
    )
    expect_uploaded(page, "broken.mp4")
    page.get_by_role("button", name="Analyze").click()
    page.wait_for_url("**/review?job=*")
    assert newest_media(settings) == [sha256(path)]


def test_an_upload_goes_on_after_a_restart_of_the_server(
    page: Page, server: Server, settings: Settings, tmp_path: Path
) -> None:
    """The server goes away in the middle, and comes back: nothing is sent twice, the file is whole."""
    path, offsets = video(tmp_path / "restart.mp4", 60_000_000), []

    def slowly(route: Route) -> None:
        offset = int(route.request.url.partition("offset=")[2])
        if offset == 24_000_000 and offset not in offsets:
            server.stop()
        offsets.append(offset)
        route.continue_()

    page.route("**/api/uploads/*?offset=*", slowly)
    choose(page, server, path)
    expect(said(page, "restart.mp4")).to_contain_text("Connection lost", timeout=60_000)
    server.start()
    expect_uploaded(page, "restart.mp4")
    assert offsets.count(0) == offsets.count(8_000_000) == offsets.count(16_000_000) == 1
    page.get_by_role("button", name="Analyze").click()
    page.wait_for_url("**/review?job=*")
    assert newest_media(settings) == [sha256(path)]


def test_a_file_that_is_chosen_again_goes_on_where_it_was(page: Page, server: Server, tmp_path: Path) -> None:
    """The page was closed in the middle; the same file, chosen again, is not sent from its beginning."""
    path, offsets = video(tmp_path / "again.mp4", 40_000_000), []
    broken = True

    def until_16_mb(route: Route) -> None:
        offset = int(route.request.url.partition("offset=")[2])
        offsets.append(offset)
        if broken and offset == 16_000_000:
            route.abort()
        else:
            route.continue_()

    page.route("**/api/uploads/*?offset=*", until_16_mb)
    choose(page, server, path)
    expect(said(page, "again.mp4")).to_contain_text("Connection lost", timeout=60_000)
    broken = False
    offsets.clear()
    choose(page, server, path)
    expect_uploaded(page, "again.mp4")
    assert offsets[0] == 16_000_000


def test_a_cancelled_file_leaves_nothing(
    page: Page, server: Server, settings: Settings, tmp_path: Path
) -> None:
    """Its line goes, its part goes, and the next one is sent."""
    path, other = video(tmp_path / "cancelled.mp4", 30_000_000), video(tmp_path / "other.mp4", 1_000_000)
    parts = settings.home / "blobs" / "tmp"
    before = set(parts.glob("*.part"))
    page.route("**/api/uploads/*?offset=16000000", lambda route: None)  # it hangs there
    choose(page, server, path, other)
    expect(said(page, "cancelled.mp4")).to_contain_text("Uploading 5", timeout=60_000)
    expect(said(page, "other.mp4")).to_have_text("Waiting for the file before it.")
    page.get_by_role("button", name="Cancel: cancelled.mp4").click()
    expect(page.get_by_text("cancelled.mp4")).to_have_count(0)
    expect_uploaded(page, "other.mp4")
    assert set(parts.glob("*.part")) == before


def test_what_is_no_video_is_refused_beside_what_is(page: Page, server: Server, tmp_path: Path) -> None:
    """A document under the name of a video, an empty file, one that is too large: each says why."""
    wrong, empty = tmp_path / "wrong.mp4", tmp_path / "empty.mp4"
    wrong.write_bytes(b"%PDF-1.7" + os.urandom(9_000_000))
    empty.write_bytes(b"")
    large = tmp_path / "large.mp4"
    with large.open("wb") as file:
        file.truncate(300_000_001)
    choose(page, server, wrong, empty, large, video(tmp_path / "good.mp4", 1_000_000))
    expect(said(page, "wrong.mp4")).to_contain_text("This is no video, picture or sound file")
    expect(said(page, "empty.mp4")).to_contain_text("This file is empty")
    expect(said(page, "large.mp4")).to_contain_text("larger than 300 MB")
    expect_uploaded(page, "good.mp4")
    expect(page.get_by_role("button", name="Analyze", exact=True)).to_be_enabled()
    page.get_by_role("button", name="Remove: good.mp4").click()
    expect(page.get_by_role("button", name="Analyze", exact=True)).to_be_disabled()


def test_a_file_may_be_dropped_anywhere_on_the_page(page: Page, server: Server) -> None:
    """Who misses the zone does not leave the page for the video."""
    page.goto(server.url)
    expect(page.get_by_text("Drop a video, a picture or a sound file")).to_be_visible(timeout=60_000)
    dropped = page.evaluate_handle(
        """() => {
            const carried = new DataTransfer();
            const head = [0, 0, 0, 24, 102, 116, 121, 112, 105, 115, 111, 109];
            carried.items.add(new File([new Uint8Array([...head, ...Array(5000).fill(7)])], "dropped.mp4"));
            return carried;
        }"""
    )
    for kind in ("dragover", "drop"):
        page.dispatch_event("h1", kind, {"dataTransfer": dropped})
    expect_uploaded(page, "dropped.mp4")


def test_the_same_file_offers_its_report(
    page: Page, server: Server, settings: Settings, tmp_path: Path
) -> None:
    """Sent again under another name, it is recognized by its bytes."""
    path = video(tmp_path / "first.mp4", 2_000_000)
    choose(page, server, path)
    page.get_by_role("button", name="Analyze").click()
    page.wait_for_url("**/review?job=*")
    job_id = page.url.partition("job=")[2]
    with open_store(settings) as store:
        while (job := store.jobs.claim("somebody")) is not None:
            result = JobResult(
                report_sha256=job.media.sha256, verdict=Verdict.INCONCLUSIVE, reason=None, score=0.5
            )
            store.jobs.complete(job, result)
    choose(page, server, path.rename(tmp_path / "second.mp4"))
    expect(page.get_by_text("second.mp4 was analyzed before")).to_be_visible()
    page.get_by_role("link", name="Open the report on second.mp4").click()
    page.wait_for_url(f"**/review?job={job_id}")


def test_the_server_does_not_grow_with_a_file(page: Page, server: Server, tmp_path: Path) -> None:
    """200 MB from a browser: less than 20 MB of memory."""
    choose(page, server, video(tmp_path / "small.mp4", 10_000_000))
    expect_uploaded(page, "small.mp4")
    before_mb = server.rss_mb()
    choose(page, server, video(tmp_path / "large.mp4", 200_000_000))
    expect_uploaded(page, "large.mp4")
    assert server.rss_mb() - before_mb < 20
