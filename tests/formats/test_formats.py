"""What is in each of the formats."""

import base64
import csv
import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace
from html.parser import HTMLParser

from PIL import Image

from deeptrace_core import audio_words
from deeptrace_core.audio import AudioReason
from deeptrace_core.formats import BundleZip, ReportHtml, ReportJson, ScoresCsv
from deeptrace_core.proof import parse_proof
from deeptrace_core.provenance_words import CONTAINER_NOT_READ, HINTS_ARE, headline
from tests.formats.dossiers import STRANGE, dossier_of, judged
from tests.formats.test_contract import written
from tests.pages.origins import NOT_READ, TRUSTED, origin
from tests.pages.samples import Desk, between, report_of, too_small, wave
from tests.pages.voices import heard, unheard

MAY_HAVE_A_SOURCE = re.compile(r"data:image/(webp|png);base64,[A-Za-z0-9+/=]+")


class Page(HTMLParser):
    """The elements of a page and their attributes, as a browser takes them apart."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_json_is_what_was_hashed(desk: Desk) -> None:
    """The same bytes as in the store."""
    dossier = dossier_of(desk, report_of([wave(0.5)]))
    data = written(ReportJson(), dossier)
    assert dossier.job.result is not None
    assert hashlib.sha256(data).hexdigest() == dossier.job.result.report_sha256 == dossier.sha256


def test_csv_has_a_row_for_each_face_in_each_frame(desk: Desk) -> None:
    """A face without a score has an empty cell and the reason, not a zero."""
    report = report_of([between(wave(0.9), 3, 12), too_small])
    text = written(ScoresCsv(), dossier_of(desk, report)).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == 32 + 10
    assert (rows[0]["face"], rows[0]["score"], rows[0]["not_scored_because"]) == ("B", "", "FACE_TOO_SMALL")
    assert (rows[3]["frame"], rows[3]["face"]) == ("30", "A")
    assert float(rows[3]["score"]) == report.frames[3].faces[0].fake_probability


def test_html_says_where_the_file_came_from(desk: Desk) -> None:
    """Each half where it was read, and that it was not where it was not."""
    report = replace(report_of([wave(0.5)]), provenance=origin(TRUSTED, NOT_READ))
    text = " ".join(Page(written(ReportHtml(), dossier_of(desk, report)).decode()).text.split())
    assert headline(TRUSTED) in text
    assert "Newsroom, Example News" in text
    assert CONTAINER_NOT_READ in text
    facts = replace(report, provenance=origin(NOT_READ))
    text = " ".join(
        Page(written(ReportHtml(), dossier_of(desk, facts, name="other.mp4")).decode()).text.split()
    )
    assert headline(NOT_READ) in text
    assert HINTS_ARE in text
    before = written(ReportHtml(), dossier_of(desk, report_of([wave(0.5)]), name="old.mp4")).decode()
    assert "Content Credentials" not in before


def test_html_is_harmless_whatever_is_in_it(desk: Desk) -> None:
    """No script, no handler, no request to anywhere; strange names and notes are text."""
    data = written(ReportHtml(), judged(desk)).decode()
    page = Page(data)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "iframe", "object", "embed", "link", "base", "form", "a"}
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")]
        for source in (attributes.get("src"), attributes.get("href")):
            assert source is None or MAY_HAVE_A_SOURCE.fullmatch(source)
    assert not re.search(r"https?://|url\((?!#hatch)|@import", data)
    assert "default-src 'none'" in data
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7*7 }}" in page.text
    assert "\u202e" not in data


def test_html_says_everything(desk: Desk) -> None:
    """Verdict and limits, faces with pictures, a drawing, both opinions, hashes, custody, the anchor."""
    dossier = judged(desk)
    page = Page(written(ReportHtml(), dossier).decode())
    for said in (
        "Signs of manipulation found on Face A.",
        "Not proof; check with other evidence.",
        *dossier.report.limits,
        "The analyst, on the whole video",
        "Agree",
        "Disagree",
        "second line",
        dossier.sha256,
        dossier.report.media.sha256,
        "Anchored in block 123456 of NeoX at 21 Nov 2026, 10:01:00 UTC.",
        "Opinion given",
        "Disagree, on Face A, 0:01.2 to 0:04.8",
        "Taken by a worker",
        "32 face pictures were smaller than 64 px and not scored.",
    ):
        assert said in page.text
    tags = [tag for tag, _ in page.elements]
    assert tags.count("img") == len(dossier.thumbnails) == 12
    assert {"svg", "polyline"} <= set(tags)


def test_html_draws_the_sound(desk: Desk) -> None:
    """Waveform, spectrogram and scores, each with the words for those who do not see it; or none of them."""
    report = report_of([wave(0.5)])
    page = Page(written(ReportHtml(), dossier_of(desk, replace(report, audio=heard(0.97)))).decode())
    named = [attributes.get("aria-label") or "" for _, attributes in page.elements]
    for drawing in (audio_words.WAVEFORM, audio_words.SPECTROGRAM, audio_words.SCORES):
        assert [name for name in named if name.startswith(drawing)]
    assert audio_words.SPECTROGRAM_IS in page.text
    [picture] = [attributes for tag, attributes in page.elements if tag == "image"]
    with Image.open(io.BytesIO(base64.b64decode((picture["href"] or "").partition(",")[2]))) as pixels:
        assert pixels.size == (400, 64)
    silent = replace(report, audio=unheard(AudioReason.NO_AUDIO))
    page = Page(written(ReportHtml(), dossier_of(desk, silent, name="silent.mp4")).decode())
    assert "image" not in {tag for tag, _ in page.elements}


def test_html_of_an_unjudged_report_says_so(desk: Desk) -> None:
    """Silence is not agreement, and no anchor is not an anchor."""
    page = Page(written(ReportHtml(), dossier_of(desk, report_of([wave(0.9)]))).decode())
    assert "No opinion was given" in page.text
    assert "This report is not anchored" in page.text


def test_the_bundle_holds_what_its_manifest_says(desk: Desk) -> None:
    """Each file with its SHA-256, in a fixed order and without a time; the proof can be read."""
    dossier = judged(desk)
    with zipfile.ZipFile(io.BytesIO(written(BundleZip(), dossier))) as bundle:
        names = bundle.namelist()
        manifest = json.loads(bundle.read("manifest.json"))
        sums = bundle.read("SHA256SUMS").decode()
        assert names == [*sorted(manifest["files"]), "SHA256SUMS", "manifest.json"]
        for name, entry in manifest["files"].items():
            data = bundle.read(name)
            assert (hashlib.sha256(data).hexdigest(), len(data)) == (entry["sha256"], entry["size_bytes"])
            assert f"{entry['sha256']}  {name}\n" in sums
        assert {info.date_time for info in bundle.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert bundle.read("report.json") == dossier.report_bytes
        assert len([name for name in names if name.startswith("faces/A/")]) == 6
        case = json.loads(bundle.read("case.json"))
        assert case["machine"]["verdict"] == "SIGNS_FOUND"
        assert {opinion["opinion"] for opinion in case["opinions"]} == {"AGREE", "DISAGREE"}
        assert case["notes"][0]["text"].startswith(STRANGE)
        events = json.loads(bundle.read("custody.json"))["events"]
        assert [event["event"] for event in events][:3] == ["submitted", "claimed", "completed"]
        (proof,) = [name for name in names if name.startswith("proofs/")]
        assert parse_proof(bundle.read(proof)).report_bytes == dossier.report_bytes
    assert manifest["report_sha256"] == dossier.sha256


def test_activation_maps_are_in_the_bundle_under_a_name_of_their_own(desk: Desk) -> None:
    """Nobody takes one for a picture of the face."""
    dossier = dossier_of(desk, report_of([wave(0.9)]))
    first = replace(dossier.thumbnails[0], activation_webp=b"map")
    data = written(BundleZip(), replace(dossier, thumbnails=(first,)))
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        (name,) = [name for name in bundle.namelist() if name.endswith("-network.webp")]
        assert bundle.read(name) == b"map"


def test_names_in_a_bundle_come_from_us_alone(desk: Desk) -> None:
    """A video called ../../x leads nowhere."""
    with zipfile.ZipFile(io.BytesIO(written(BundleZip(), judged(desk, name="../../etc/x.mp4")))) as bundle:
        assert all(re.fullmatch(r"[A-Za-z0-9][-A-Za-z0-9/.]*", name) for name in bundle.namelist())
        assert not any(".." in name for name in bundle.namelist())
