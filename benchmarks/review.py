"""`python -m benchmarks.review VIDEO`: how fast is the review page, and what do waiting pages cost?

Prints one JSON object. Opening: from the address to the verdict, and to a player that can play, in a browser
that has shown a page of ours before, and in one that has not. Polling: bytes a second of a page that watches
a running job, and after its end. Reviewers: 20 sessions at once, each drawing the whole page anew every three
seconds; the time of one drawing.
Needs Chromium.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import websockets
from playwright.sync_api import Browser, BrowserContext, ViewportSize, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.typing import Origin, Subprotocol

from benchmarks.pages import PORT, URL, serving_pages
from benchmarks.server import fresh_server, load_average
from deeptrace_core.blobs import Blobs
from deeptrace_core.job import Job, Progress, Stage, StoredMedia
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.settings import Settings
from deeptrace_core.store import Store, open_store
from worker.loop import Worker
from worker.models import Models

OPENINGS = 5
VIEW: ViewportSize = {"width": 1280, "height": 900}
REVIEWERS = 20
REDRAWINGS = 8
PAUSE_S = 3.0
"""Between two redrawings by one person. Most of what people do there redraws a part of the page only."""
WATCHED_S = 10.0
MOST = {"verdict_s": 1.5, "player_s": 3.0, "polling_bytes_per_s": 2_000, "redrawing_s": 1.0}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review", description=__doc__)
    parser.add_argument("video", type=Path)
    video = parser.parse_args(arguments).video
    with fresh_server(30) as settings, open_store(settings) as store:
        finished = _submitted(store, settings, video, min_frames=32)
        Worker(store, Blobs(settings.blobs_url), Models(settings), settings).run_once()
        with serving_pages(settings):
            outcome: dict[str, Any] = {"load": load_average()}
            with _browser() as browser:
                outcome |= _opening(browser, finished)
                outcome |= _polling(browser, store, _submitted(store, settings, video, min_frames=48))
            # Beside no browser, which would take the processor from the server.
            outcome["redrawing_s"] = round(asyncio.run(_reviewers(finished)), 3)
    good = all(outcome[name] <= most for name, most in MOST.items()) and not outcome["bytes_after_the_end"]
    sys.stdout.write(json.dumps({"review": "passed" if good else "failed"} | outcome) + "\n")
    return 0 if good else 1


def _submitted(store: Store, settings: Settings, video: Path, *, min_frames: int) -> Job:
    with video.open("rb") as file:
        sha256, size_bytes = Blobs(settings.blobs_url).put_stream(file)
    media = StoredMedia(sha256=sha256, size_bytes=size_bytes, name=video.name)
    options = AnalysisOptions(detector=settings.detector, min_frames=min_frames)
    return store.jobs.get(store.jobs.submit(media, options).job_id)


@contextmanager
def _browser() -> Iterator[Browser]:
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        yield browser
        browser.close()


def _opening(browser: Browser, job: Job) -> dict[str, float]:
    """Medians, for people who use the program (the browser knows its scripts) and at a very first visit.

    The first visit of all warms up the server and does not count.
    """
    answer: dict[str, float] = {}
    with closing(browser.new_context(viewport=VIEW)) as known:
        _opened(known, job)
        answer |= _medians("", [_opened(known, job) for _ in range(OPENINGS)])
    first_visits = []
    for _ in range(OPENINGS):
        with closing(browser.new_context(viewport=VIEW)) as new:
            first_visits.append(_opened(new, job))
    return answer | _medians("first_visit_", first_visits)


def _opened(context: BrowserContext, job: Job) -> tuple[float, float]:
    """Seconds from the address to the verdict, and to a player that can play."""
    page = context.new_page()
    started_s = time.monotonic()
    page.goto(f"{URL}/review?job={job.id}", wait_until="commit")
    page.locator(".dt-what").first.wait_for()
    verdict_s = time.monotonic() - started_s
    page.locator("video").wait_for(state="attached")
    page.wait_for_function("video => video.readyState >= 2", arg=page.locator("video").element_handle())
    player_s = time.monotonic() - started_s
    page.close()
    return verdict_s, player_s


def _medians(prefix: str, opened: Sequence[tuple[float, float]]) -> dict[str, float]:
    verdicts, players = zip(*opened, strict=True)
    return {
        f"{prefix}verdict_s": round(statistics.median(verdicts), 2),
        f"{prefix}player_s": round(statistics.median(players), 2),
    }


def _polling(browser: Browser, store: Store, job: Job) -> dict[str, float]:
    """What comes over the websocket while a job runs, and after it was cancelled."""
    claimed = store.jobs.claim("benchmark")
    assert claimed is not None
    assert claimed.id == job.id
    page = browser.new_page()
    received: list[int] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
    with _working(store, claimed):
        page.goto(f"{URL}/review?job={job.id}")
        page.get_by_text("Scoring faces").first.wait_for()
        page.wait_for_timeout(2_000)
        running = _bytes_within(page.wait_for_timeout, received)
    store.jobs.cancel(job.id)
    store.jobs.release(claimed)
    page.get_by_text("was cancelled").first.wait_for()
    page.wait_for_timeout(2_000)
    after = _bytes_within(page.wait_for_timeout, received)
    page.close()
    return {"polling_bytes_per_s": round(running / WATCHED_S), "bytes_after_the_end": after}


@contextmanager
def _working(store: Store, job: Job) -> Iterator[None]:
    """Pretends to work on the job."""
    over = threading.Event()

    def work() -> None:
        done = 0
        while not over.wait(0.5):
            done += 1
            store.jobs.renew(job, Progress(stage=Stage.SCORING, done=done, total=1_000))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _bytes_within(wait_ms: Callable[[float], None], received: list[int]) -> int:
    before = sum(received)
    wait_ms(1_000 * WATCHED_S)
    return sum(received) - before


async def _reviewers(job: Job) -> float:
    """The median time of drawing the page, seconds."""
    times = await asyncio.gather(*(_reviewer(job, number) for number in range(REVIEWERS)))
    return statistics.median(seconds for own in times for seconds in own)


async def _reviewer(job: Job, number: int) -> list[float]:
    """One session, as the browser's end of it: says that something changed, and waits for the page."""
    address = f"ws://127.0.0.1:{PORT}/_stcore/stream"
    async with websockets.connect(
        address, subprotocols=[Subprotocol("streamlit")], max_size=None, origin=Origin(URL)
    ) as socket:
        await _redrawn(socket, job)
        await asyncio.sleep(PAUSE_S * number / REVIEWERS)
        seconds = []
        for _ in range(REDRAWINGS):
            started_s = time.monotonic()
            await _redrawn(socket, job)
            seconds.append(time.monotonic() - started_s)
            await asyncio.sleep(PAUSE_S)
        return seconds


async def _redrawn(socket: "websockets.ClientConnection", job: Job) -> None:
    wish = BackMsg()
    wish.rerun_script.query_string = f"job={job.id}"
    wish.rerun_script.page_name = "review"
    await socket.send(wish.SerializeToString())
    while True:
        data = await socket.recv()
        answer = ForwardMsg()
        answer.ParseFromString(data if isinstance(data, bytes) else data.encode())
        if answer.WhichOneof("type") == "script_finished":
            return


if __name__ == "__main__":
    sys.exit(main())
