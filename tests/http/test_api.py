"""The API as a program uses it: submit, follow, read, list, cancel, delete; and refusals it can rely on."""

import hashlib
import json
import os
import re
import socket
import uuid
from pathlib import Path

import pytest
import requests

from deeptrace_core.blobs import Blobs
from tests.http.server import Server
from tests.pages.samples import Desk, report_of, wave

HEAD = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"


def new_video(size_bytes: int = 1000) -> bytes:
    return HEAD + os.urandom(size_bytes)


def analyze(server: Server, data: bytes | None = None, **more: object) -> requests.Response:
    return requests.post(f"{server.url}/api/analyze", data=data, timeout=60, **more)  # type: ignore[arg-type]


def status(server: Server, job_id: str) -> dict[str, object]:
    answer: dict[str, object] = requests.get(f"{server.url}/api/status/{job_id}", timeout=30).json()
    return answer


def test_a_body_becomes_a_job(server: Server, server_blobs: Blobs) -> None:
    """202, the address of its status, and the bytes in the blobs."""
    data = new_video()
    answer = analyze(server, data, params={"name": "clip.mp4", "min_frames": 40})
    assert answer.status_code == 202
    job = requests.get(f"http://127.0.0.1:{server.port}" + answer.headers["Location"], timeout=30).json()
    assert (job["jobId"], job["state"], job["name"]) == (answer.json()["jobId"], "PENDING", "clip.mp4")
    assert job["options"]["min_frames"] == 40
    assert job["result"] is None
    assert job["sha256"] == hashlib.sha256(data).hexdigest()
    assert server_blobs.read(job["sha256"]) == data


def test_a_form_becomes_a_job(server: Server) -> None:
    """As `curl -F file=@clip.mp4 -F min_face_px=80` sends it."""
    data = new_video(2_500_000)
    answer = analyze(server, files={"file": ("fölm.mp4", data)}, params={}, json=None)
    job = status(server, answer.json()["jobId"])
    assert (job["sha256"], job["name"]) == (hashlib.sha256(data).hexdigest(), "fölm.mp4")


def test_options_stand_in_the_form_too(server: Server) -> None:
    """Before the file or after it."""
    files = [("min_face_px", (None, "80")), ("file", ("a.mp4", new_video())), ("rate_hz", (None, "2.5"))]
    job = status(server, analyze(server, files=files).json()["jobId"])
    assert job["options"] == {
        "detector": "deeptrace-light-1",
        "min_frames": 32,
        "rate_hz": 2.5,
        "max_frames": 10_000,
        "min_face_px": 80,
        "activation_maps": False,
    }


def test_an_upload_becomes_a_job(server: Server) -> None:
    """What came in chunks is analyzed by its id."""
    data = new_video()
    wish = {"name": "in parts.mp4", "sizeBytes": len(data)}
    upload_id = requests.post(f"{server.url}/api/uploads", json=wish, timeout=30).json()["id"]
    too_early = analyze(server, json={"uploadId": upload_id})
    assert (too_early.status_code, too_early.json()["code"]) == (409, "UPLOAD_CONFLICT")
    requests.put(f"{server.url}/api/uploads/{upload_id}?offset=0", data=data, timeout=30)
    job_id = analyze(server, json={"uploadId": upload_id, "detector": "meso4-df"}).json()["jobId"]
    assert status(server, job_id)["name"] == "in parts.mp4"
    again = analyze(server, json={"uploadId": upload_id, "detector": "meso4-df"}).json()
    assert again == {"jobId": job_id, "alreadyOpen": True, "status": f"/api/status/{job_id}"}


@pytest.mark.parametrize(
    ("data", "params", "code", "status_code"),
    [
        (b"%PDF-1.7" + bytes(2_000_000), {}, "NOT_A_VIDEO", 415),
        (b"", {}, "REQUEST_INVALID", 400),
        (new_video(), {"min_frames": "many"}, "REQUEST_INVALID", 400),
        (new_video(), {"min_face_px": "3"}, "REQUEST_INVALID", 400),
        (new_video(), {"rate_hz": "nan"}, "REQUEST_INVALID", 400),
        (new_video(), {"activation_maps": "perhaps"}, "REQUEST_INVALID", 400),
        (new_video(), {"detector": "x" * 400}, "REQUEST_INVALID", 400),
    ],
)
def test_what_cannot_be_analyzed_is_refused_and_leaves_nothing(
    server: Server, server_blobs: Blobs, data: bytes, params: dict[str, str], code: str, status_code: int
) -> None:
    """A problem document with a stable code; no part of the file stays."""
    answer = analyze(server, data, params=params)
    assert (answer.status_code, answer.json()["code"]) == (status_code, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "detail", "status", "code"}
    assert server_blobs.parts_folder is not None
    assert not [path for path in server_blobs.parts_folder.glob("*.part") if path.stat().st_size > 10**6]


def test_a_form_without_its_end_is_no_file(server: Server) -> None:
    """A boundary that never comes, and a form that is none."""
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = analyze(server, b"not a form", headers={"Content-Type": kind})
        assert answer.status_code in (400, 415)


def test_a_result_has_the_names_that_older_clients_know(server: Server, desk: Desk) -> None:
    """`visual_prob`, `visual_scores` and `suspicious_frames`, beside the verdict and its limits."""
    job = desk.completed(report_of([wave(0.9)]), name=uuid.uuid4().hex)
    result = status(server, job.id)["result"]
    assert isinstance(result, dict)
    assert result["verdict"] == "SIGNS_FOUND"
    assert result["visual_prob"] == pytest.approx(0.9, abs=0.05)
    assert len(result["visual_scores"]) == 32
    assert result["suspicious_frames"]
    assert result["limits"]


def test_the_report_comes_byte_for_byte(server: Server, desk: Desk) -> None:
    """Its SHA-256 is the tag, and the one in the status."""
    job = desk.completed(report_of([wave(0.4)]), name=uuid.uuid4().hex)
    answer = requests.get(f"{server.url}/api/jobs/{job.id}/report", timeout=30)
    sha256 = hashlib.sha256(answer.content).hexdigest()
    assert answer.headers["ETag"] == f'"{sha256}"'
    assert status(server, job.id)["reportSha256"] == sha256
    assert json.loads(answer.content)["schema"] == "deeptrace.report/1"


def test_a_job_without_a_report_says_so(server: Server) -> None:
    """404 while it waits."""
    job_id = analyze(server, new_video()).json()["jobId"]
    answer = requests.get(f"{server.url}/api/jobs/{job_id}/report", timeout=30)
    assert (answer.status_code, answer.json()["title"]) == (404, "This job has no report: it is PENDING.")


def test_jobs_are_listed_in_pages(server: Server) -> None:
    """The newest first, each once; `next` leads on until there are no more."""
    name = uuid.uuid4().hex
    made = [
        analyze(server, new_video(), params={"name": f"{name}-{n}.mp4"}).json()["jobId"] for n in range(5)
    ]
    found: list[str] = []
    address = f"/api/jobs?limit=2&name={name}&state=PENDING&state=PROCESSING"
    while address:
        page = requests.get(f"http://127.0.0.1:{server.port}{address}", timeout=30).json()
        found += [job["jobId"] for job in page["jobs"]]
        address = page["next"]
    assert found == made[::-1]


def test_a_job_is_cancelled_and_deleted(server: Server) -> None:
    """Cancelled at once while it waits; deleted, it is not found any more."""
    job_id = analyze(server, new_video()).json()["jobId"]
    answer = requests.post(f"{server.url}/api/jobs/{job_id}/cancel", timeout=30)
    assert answer.json() == {"jobId": job_id, "state": "CANCELLED"}
    assert requests.delete(f"{server.url}/api/jobs/{job_id}", timeout=30).status_code == 204
    for method in ("GET", "DELETE"):
        path = f"status/{job_id}" if method == "GET" else f"jobs/{job_id}"
        gone = requests.request(method, f"{server.url}/api/{path}", timeout=30)
        assert (gone.status_code, gone.json()["code"]) == (404, "JOB_NOT_FOUND")


def test_what_is_not_there_is_a_problem_too(server: Server) -> None:
    """404 and 405 are documents, not the page of Streamlit."""
    assert requests.get(f"{server.url}/api/nothing", timeout=30).json()["code"] == "NOT_FOUND"
    answer = requests.patch(f"{server.url}/api/jobs", timeout=30)
    assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (405, {"GET", "HEAD"})


def test_it_says_how_it_is(server: Server) -> None:
    """Alive, ready, and in figures."""
    assert requests.get(f"{server.url}/api/health", timeout=30).json() == {"status": "ok"}
    assert requests.get(f"{server.url}/api/ready", timeout=30).json() == {"status": "ok"}
    analyze(server, new_video())
    figures = requests.get(f"{server.url}/api/metrics", timeout=30).text
    assert not re.search(r"deeptrace_uploaded_bytes_total 0\.0", figures)
    for name in ("deeptrace_jobs_waiting", "deeptrace_workers_alive 0.0", "process_resident_memory_bytes"):
        assert name in figures
    assert 'deeptrace_http_answers_total{method="GET",status="200"}' in figures


def test_another_web_site_cannot_use_it(server: Server) -> None:
    """A page elsewhere may make this machine's browser ask; the browser says who asked."""
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = analyze(server, new_video(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "OTHER_SITE")
    headers = {"Host": f"evil.example:{server.port}"}
    for path in ("/api/jobs", "/", "/_stcore/health"):
        assert requests.get(server.url + path, headers=headers, timeout=30).status_code == 403


@pytest.mark.parametrize(("host", "status_line"), [("127.0.0.1", b" 101 "), ("evil.example", b" 403 ")])
def test_another_web_site_cannot_open_a_session(server: Server, host: str, status_line: bytes) -> None:
    """A name of its own that leads to this machine opens no WebSocket either."""
    with socket.create_connection(("127.0.0.1", server.port)) as wire:
        wire.sendall(
            f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}:{server.port}\r\nOrigin: http://{host}:{server.port}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        assert status_line in wire.recv(1000)


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/api/jobs", "/api/nothing", "/static/nothing"])
def test_every_answer_has_the_headers_that_guard_it(server: Server, path: str) -> None:
    """Those of Streamlit, too: nothing from elsewhere, in no frame, no guessing of types."""
    headers = requests.get(server.url + path, timeout=30).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"].replace("style-src 'self' 'unsafe-inline'", "")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_a_streamed_body_stays_out_of_memory(server: Server, tmp_path: Path) -> None:
    """100 MB in one request: the server grows by less than 20 MB."""
    path = tmp_path / "large.mp4"
    path.write_bytes(new_video(100_000_000))
    before_mb = server.rss_mb()
    with path.open("rb") as file:
        assert requests.post(f"{server.url}/api/analyze", data=file, timeout=60).status_code == 202
    assert server.rss_mb() - before_mb < 20
