"""The case bundle: everything about a finished job in one ZIP file, with the SHA-256 of each file in it."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import IO, Any, BinaryIO, cast

from deeptrace_core.anchor import AnchorState
from deeptrace_core.casework import subject_of
from deeptrace_core.chain.presets import chain_numbered
from deeptrace_core.custody import head_of
from deeptrace_core.formats.interface import Dossier
from deeptrace_core.formats.report_html import ReportHtml
from deeptrace_core.formats.report_json import ReportJson
from deeptrace_core.formats.scores_csv import ScoresCsv
from deeptrace_core.proof import proof_bytes

BUNDLE_SCHEMA = "deeptrace.bundle/1"
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The only time that a ZIP file can hold and that says nothing: when it was written is no content."""
READ_ME = """\
A case bundle of DeepTrace.

report.html    the report to read and print
report.json    the report itself: what was hashed, and what an anchor is about
scores.csv     every score, one row for each face in each frame
case.json      what people said: opinions and notes, beside the verdict of the machine
custody.json   what happened to the file, when and by whom
faces/         the most suspicious pictures of each face; -network: where the network looked, not evidence
proofs/        proof files of anchors, if the report is anchored
manifest.json  the SHA-256 of each file above, and the end of the chain of custody

Is the custody whole? python -m deeptrace_core custody THIS_FILE
Is a file unchanged? Compute its SHA-256 and compare: sha256sum --check SHA256SUMS
The original file itself is not in here; manifest.json has its SHA-256.
"""

Write = Callable[[BinaryIO], None]


class BundleZip:
    """See `ReportFormat`."""

    name = "zip"
    label = "the case bundle (ZIP)"
    about = "All of these with the pictures, the notes, the chain of custody and the SHA-256 of each file."
    suffix = "-case.zip"
    media_type = "application/zip"

    def write(self, dossier: Dossier, out: BinaryIO) -> None:
        """See `ReportFormat.write`."""
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
            sums = {name: _add(bundle, name, write) for name, write in sorted(_files(dossier).items())}
            lines = "".join(f"{entry['sha256']}  {name}\n" for name, entry in sums.items())
            _add(bundle, "SHA256SUMS", _these(lines.encode()))
            manifest = {
                "schema": BUNDLE_SCHEMA,
                "job": dossier.job.id,
                "media_sha256": dossier.report.media.sha256,
                "report_sha256": dossier.sha256,
                # Who keeps this bundle can tell later whether the chain still has this end in it.
                "custody": asdict(end) if (end := head_of(dossier.events)) else None,
                "files": sums,
            }
            _add(bundle, "manifest.json", _these(_json(manifest)))


def _files(dossier: Dossier) -> dict[str, Write]:
    html, csv, report = ReportHtml(), ScoresCsv(), ReportJson()
    return {
        "README.txt": _these(READ_ME.encode()),
        "report.html": lambda out: html.write(dossier, out),
        "report.json": lambda out: report.write(dossier, out),
        "scores.csv": lambda out: csv.write(dossier, out),
        "case.json": _these(_json(_case(dossier))),
        "custody.json": _these(_json({"events": [asdict(event) for event in dossier.events]})),
        **_pictures(dossier),
        **_proofs(dossier),
    }


def _pictures(dossier: Dossier) -> dict[str, Write]:
    labels = {track.id: track.label for track in dossier.report.tracks}
    pictures = {}
    for picture in dossier.thumbnails:
        stem = f"faces/{labels[picture.track_id]}/frame-{picture.frame_index:07}"
        pictures[f"{stem}.webp"] = _these(picture.webp)
        if picture.activation_webp is not None:
            pictures[f"{stem}-network.webp"] = _these(picture.activation_webp)
    return pictures


def _proofs(dossier: Dossier) -> dict[str, Write]:
    proofs = {}
    for anchor in dossier.anchors:
        if anchor.state is AnchorState.CONFIRMED and anchor.record is not None:
            chain = chain_numbered(anchor.place.chain_id).name
            proof = proof_bytes(dossier.report_bytes, anchor, anchor.record, chain_name=chain)
            proofs[f"proofs/chain-{anchor.place.chain_id}-{anchor.id[:8]}.json"] = _these(proof)
    return proofs


def _case(dossier: Dossier) -> Mapping[str, Any]:
    labels = {track.id: track.label for track in dossier.report.tracks}
    segments = {subject_of(segment): segment for segment in dossier.segments()}
    return {
        "name": dossier.job.case.name,
        "reference": dossier.job.case.reference,
        "machine": {
            "verdict": dossier.report.finding.verdict,
            "score": dossier.report.visual_prob,
        },
        "opinions": [
            {
                **asdict(mark),
                "subject": subject,
                **(
                    {"face": labels[segment.track_id], "segment": asdict(segment)}
                    if (segment := segments.get(subject))
                    else {}
                ),
            }
            for subject, mark in dossier.case.marks.items()
        ],
        "notes": [asdict(note) for note in dossier.case.notes],
    }


def _add(bundle: zipfile.ZipFile, name: str, write: Write) -> dict[str, Any]:
    """Add a file piece by piece. Returns its SHA-256 and size."""
    info = zipfile.ZipInfo(name, EARLIEST)
    info.compress_type = zipfile.ZIP_STORED if name.endswith(".webp") else zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    info.create_system = 3  # else it would depend on the machine
    with bundle.open(info, "w", force_zip64=True) as out:
        counted = _Counted(out)
        write(cast(BinaryIO, counted))
    return {"sha256": counted.sha256.hexdigest(), "size_bytes": counted.size_bytes}


class _Counted:
    """Passes bytes on, and remembers their hash and number."""

    closed = False

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self.sha256 = hashlib.sha256()
        self.size_bytes = 0

    def write(self, data: bytes) -> int:
        self._out.write(data)
        self.sha256.update(data)
        self.size_bytes += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back here."""

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False


def _these(data: bytes) -> Write:
    def write(out: BinaryIO) -> None:
        out.write(data)

    return write


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"
