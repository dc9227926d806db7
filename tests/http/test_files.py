"""Stored files by signed links: whole, in part, and never for whoever forged a link."""

import os
import time
from urllib.parse import quote, urlsplit

import pytest
import requests

from deeptrace_core.blobs import Blobs
from pages.http import links as made
from tests.http.server import Server

DATA = os.urandom(3_000_000)

pytestmark = pytest.mark.usefixtures("links")


@pytest.fixture(scope="module")
def sha256(server_blobs: Blobs) -> str:
    return server_blobs.put_bytes(DATA)


def get(server: Server, path: str, **headers: str) -> requests.Response:
    return requests.get(
        server.url + path,
        headers={name.replace("_", "-"): text for name, text in headers.items()},
        timeout=30,
    )


def test_a_link_gives_the_file_with_its_type(server: Server, sha256: str) -> None:
    """The whole file, to be shown in place, kept by this browser only."""
    answer = get(server, made.media_url(sha256, "video/mp4"))
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["ETag"] == f'"{sha256}"'
    assert answer.headers["Cache-Control"].startswith("private")
    assert answer.headers["Content-Disposition"] == "inline"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_name_makes_it_a_download(server: Server, sha256: str) -> None:
    """Whatever the name contains, it stays one name."""
    answer = get(server, made.report_url(sha256, 'it"s\r\nX: y/../ü.json'))
    assert answer.content == DATA
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename*=utf-8''" + quote('it"s\r\nX: y/../ü.json', safe="")
    )
    assert "X" not in answer.headers


def test_the_same_file_has_the_same_link_for_a_while(sha256: str) -> None:
    """A page that is drawn again does not make the player load again."""
    assert made.media_url(sha256, "video/mp4") == made.media_url(sha256, "video/mp4")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-", 10, len(DATA)),
        ("bytes=-5", len(DATA) - 5, len(DATA)),
        ("bytes=1000000-2200000", 1_000_000, 2_200_001),
        (f"bytes=5-{10**12}", 5, len(DATA)),
    ],
)
def test_a_part_is_just_that_part(server: Server, sha256: str, asked: str, start: int, end: int) -> None:
    """206, the bytes, and where they are."""
    answer = get(server, made.media_url(sha256, "video/mp4"), Range=asked)
    assert (answer.status_code, answer.content) == (206, DATA[start:end])
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(DATA)}"


@pytest.mark.parametrize(
    "asked", ["bytes=5-3", "lines=1-2", "bytes=-", "bytes=0-1,5-9", "bytes=x-y", "bytes=²-3"]
)
def test_a_range_that_is_none_is_left_aside(server: Server, sha256: str, asked: str) -> None:
    """The whole file, as the RFC allows."""
    url = server.url + made.media_url(sha256, "video/mp4")
    answer = requests.get(url, headers={"Range": asked.encode("utf-8")}, timeout=30)
    assert (answer.status_code, len(answer.content)) == (200, len(DATA))


def test_a_range_behind_the_end_is_refused(server: Server, sha256: str) -> None:
    """416, and how long the file is."""
    for asked in (f"bytes={len(DATA)}-", "bytes=-0"):
        answer = get(server, made.media_url(sha256, "video/mp4"), Range=asked)
        assert answer.status_code == 416
        assert answer.headers["Content-Range"] == f"bytes */{len(DATA)}"


def test_what_the_browser_has_is_not_sent_again(server: Server, sha256: str) -> None:
    """The tag is the SHA-256; another one in If-Range means the whole file."""
    url = made.media_url(sha256, "video/mp4")
    assert get(server, url, If_None_Match=f'"{sha256}"').status_code == 304
    assert get(server, url, Range="bytes=0-9", If_Range='"other"').status_code == 200
    assert get(server, url, Range="bytes=0-9", If_Range=f'"{sha256}"').status_code == 206


def test_head_says_how_much_there_is(server: Server, sha256: str) -> None:
    """The headers of the whole, no bytes."""
    answer = requests.head(server.url + made.media_url(sha256, "video/mp4"), timeout=30)
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, str(len(DATA)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("video%2Fmp4", "text%2Fhtml"),
        ("name=", "name=x.html"),
        ("until=", "until=9"),
        ("until=", "until=%C2%B2"),
        ("signature=", "signature=A"),
        ("signature=", "signature=%F0%9F%8E%AC"),
        ("&signature=", "&unsigned="),
    ],
)
def test_a_changed_link_is_refused(server: Server, sha256: str, old: str, new: str) -> None:
    """Type, name, time and signature belong together."""
    answer = get(server, made.media_url(sha256, "video/mp4").replace(old, new))
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "LINK_INVALID"


def test_a_link_to_one_file_does_not_open_another(server: Server, server_blobs: Blobs, sha256: str) -> None:
    """The SHA-256 is signed, too."""
    other = server_blobs.put_bytes(b"another")
    assert get(server, made.media_url(sha256, "video/mp4").replace(sha256, other)).status_code == 403


def test_an_old_link_is_refused(server: Server, sha256: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link made 13 hours ago has ended."""
    now_s = time.time()
    monkeypatch.setattr(time, "time", lambda: now_s - 13 * 3600)
    answer = get(server, made.media_url(sha256, "video/mp4"))
    assert (answer.status_code, answer.json()["title"]) == (403, "The time of this link is over.")


@pytest.mark.parametrize(
    "path", ["..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "..", "a" * 64, "%00"]
)
def test_no_path_leads_out_of_the_storage(server: Server, path: str) -> None:
    """Only a hash with a signature names a file."""
    query = urlsplit(made.media_url("a" * 64, "video/mp4")).query
    request = requests.Request("GET", "http://x").prepare()
    request.url = f"{server.url}/files/{path}?{query}"
    with requests.Session() as session:
        answer = session.send(request, timeout=30)
    assert answer.status_code in (400, 403, 404)
    assert b"root:" not in answer.content


def test_a_signed_link_to_what_is_gone_says_so(server: Server) -> None:
    """The file was deleted meanwhile."""
    answer = get(server, made.media_url("a" * 64, "video/mp4"))
    assert (answer.status_code, answer.json()["code"]) == (404, "BLOB_MISSING")
