"""Files in chunks: taken, resumed, refused, forgotten; and never in the memory of the server."""

import hashlib
import os
import socket
from pathlib import Path

import pytest
import requests

from deeptrace_core.blobs import Blobs
from tests.e2e.system import wait_for
from tests.http.server import Server

HEAD = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"
MB = 1_000_000


def video(size_bytes: int) -> bytes:
    """Bytes that begin like an MP4."""
    return HEAD + os.urandom(size_bytes - len(HEAD))


def begin(server: Server, size_bytes: int, name: str = "clip.mp4") -> requests.Response:
    return requests.post(
        f"{server.url}/api/uploads", json={"name": name, "sizeBytes": size_bytes}, timeout=30
    )


def put(server: Server, upload_id: str, offset: int, data: bytes) -> requests.Response:
    return requests.put(f"{server.url}/api/uploads/{upload_id}?offset={offset}", data=data, timeout=60)


def finish(server: Server, upload_id: str) -> requests.Response:
    return requests.post(f"{server.url}/api/uploads/{upload_id}/finish", timeout=60)


def test_chunks_become_a_stored_file(server: Server, server_blobs: Blobs) -> None:
    """What was sent in chunks is stored under the SHA-256 of the whole, and finishing twice is harmless."""
    data = video(3 * MB)
    upload_id = begin(server, len(data)).json()["id"]
    assert put(server, upload_id, 0, data[:MB]).json() == {"have": MB}
    assert put(server, upload_id, MB, data[MB:]).json() == {"have": len(data)}
    for _ in range(2):
        answer = finish(server, upload_id).json()
        assert answer["sha256"] == hashlib.sha256(data).hexdigest()
    assert server_blobs.read(answer["sha256"]) == data
    assert not list(Path(server_blobs.parts_folder or "").glob(f"*{upload_id}*.part"))


def test_a_broken_chunk_goes_on_where_it_ended(server: Server, server_blobs: Blobs) -> None:
    """The connection breaks in the middle of a chunk: what came is kept, and HEAD says how much."""
    data = video(4 * MB)
    upload_id = begin(server, len(data)).json()["id"]
    with socket.create_connection(("127.0.0.1", server.port)) as wire:
        wire.sendall(
            f"PUT /api/uploads/{upload_id}?offset=0 HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            f"Content-Length: {len(data)}\r\n\r\n".encode()
            + data[:1_500_000]
        )
    url = f"{server.url}/api/uploads/{upload_id}"
    have = 1_500_000
    wait_for(lambda: requests.head(url, timeout=30).headers["Upload-Offset"] == str(have), "the rest")
    conflict = put(server, upload_id, 0, data)
    assert (conflict.status_code, conflict.json()["have"]) == (409, have)
    assert put(server, upload_id, have, data[have:]).json() == {"have": len(data)}
    assert finish(server, upload_id).json()["sha256"] == hashlib.sha256(data).hexdigest()


def test_a_dead_connection_does_not_stand_in_the_way(server: Server) -> None:
    """The sender is gone and the server has not noticed: the next chunk is taken, and the old one is not."""
    data = video(2 * MB)
    upload_id = begin(server, len(data)).json()["id"]
    with socket.create_connection(("127.0.0.1", server.port)) as silent:
        silent.sendall(
            f"PUT /api/uploads/{upload_id}?offset=0 HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            f"Content-Length: {len(data)}\r\n\r\n".encode()
        )
        assert put(server, upload_id, 0, data).status_code == 200
        silent.sendall(data)
        assert b" 409 " in silent.recv(1000)
    assert finish(server, upload_id).json()["sha256"] == hashlib.sha256(data).hexdigest()


def test_an_upload_survives_a_restart_of_the_server(server: Server) -> None:
    """What had arrived is still there; the hash is that of the whole."""
    data = video(2 * MB)
    upload_id = begin(server, len(data)).json()["id"]
    put(server, upload_id, 0, data[:MB])
    server.stop()
    server.start()
    assert requests.get(f"{server.url}/api/uploads/{upload_id}", timeout=30).json()["have"] == MB
    put(server, upload_id, MB, data[MB:])
    assert finish(server, upload_id).json()["sha256"] == hashlib.sha256(data).hexdigest()


def test_what_is_too_large_is_refused_before_it_comes(server: Server) -> None:
    """413 and both numbers; and whoever sends more than was promised is stopped."""
    answer = begin(server, 4_000_000_001)
    assert (answer.status_code, answer.json()["code"]) == (413, "FILE_TOO_LARGE")
    assert "4,000,000,001" in answer.json()["title"]
    upload_id = begin(server, MB).json()["id"]
    assert put(server, upload_id, 0, video(MB + 1)).status_code == 413


def test_an_empty_file_is_refused(server: Server) -> None:
    """With the words that say why."""
    assert begin(server, 0).json()["title"] == "This file is empty: it has 0 bytes."


@pytest.mark.parametrize("size_bytes", [5, 2 * MB])
def test_what_is_no_video_is_refused_and_forgotten(server: Server, size_bytes: int) -> None:
    """By its first bytes, whatever its name says: at the first chunk, or at the end of a tiny one."""
    data = b"%PDF-1.7 " + os.urandom(size_bytes)
    upload_id = begin(server, len(data)).json()["id"]
    answer = put(server, upload_id, 0, data)
    if size_bytes < 1000:
        assert answer.status_code == 200
        answer = finish(server, upload_id)
    assert (answer.status_code, answer.json()["code"]) == (415, "NOT_A_VIDEO")
    assert requests.get(f"{server.url}/api/uploads/{upload_id}", timeout=30).status_code == 404


def test_a_cancelled_upload_takes_no_space(server: Server, server_blobs: Blobs) -> None:
    """Its part is gone, and so is its address."""
    data = video(2 * MB)
    upload_id = begin(server, 3 * MB).json()["id"]
    put(server, upload_id, 0, data)
    assert requests.delete(f"{server.url}/api/uploads/{upload_id}", timeout=30).status_code == 204
    assert put(server, upload_id, len(data), data).status_code == 404
    assert not list(Path(server_blobs.parts_folder or "").glob(f"*{upload_id}*.part"))


def test_what_is_not_complete_cannot_be_finished(server: Server) -> None:
    """409, and how much is missing."""
    upload_id = begin(server, 2 * MB).json()["id"]
    put(server, upload_id, 0, video(MB))
    answer = finish(server, upload_id)
    assert (answer.status_code, answer.json()["title"]) == (409, "1,000,000 of 2,000,000 bytes have arrived.")


@pytest.mark.parametrize("upload_id", ["..%2f..%2fetc", "a" * 32, "A" * 32, "x", "%00"])
def test_no_other_id_is_an_upload(server: Server, upload_id: str) -> None:
    """Nothing but an id that was given out leads to a file."""
    answer = requests.get(f"{server.url}/api/uploads/{upload_id}", timeout=30)
    assert answer.status_code in (400, 404)


@pytest.mark.parametrize(
    "wish",
    [
        b"",
        b"[]",
        b'{"name": 1, "sizeBytes": 5}',
        b'{"name": "x"}',
        b'{"name":"x","sizeBytes":true}',
        b"{" * 20_000,
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(server: Server, wish: bytes) -> None:
    """400, never a mistake of ours."""
    answer = requests.post(f"{server.url}/api/uploads", data=wish, timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (400, "REQUEST_INVALID")


def test_memory_stays_flat(server: Server) -> None:
    """200 MB in chunks of 8: the server grows by less than 20 MB."""
    chunk = video(8 * MB)
    put(server, begin(server, 8 * MB).json()["id"], 0, chunk)  # what is loaded once is loaded
    before_mb = server.rss_mb()
    upload_id = begin(server, 25 * len(chunk)).json()["id"]
    most_mb = before_mb
    for number in range(25):
        put(server, upload_id, number * len(chunk), chunk)
        most_mb = max(most_mb, server.rss_mb())
    assert finish(server, upload_id).status_code == 200
    assert max(most_mb, server.rss_mb()) - before_mb < 20
