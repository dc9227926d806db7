"""Dossiers for the tests of formats, put together by the store from what was put into it."""

from dataclasses import replace

from deeptrace_core.anchor import Anchor, AnchorState, ChainPlace, ChainRecord
from deeptrace_core.casework import VIDEO, CaseLabel, Opinion, subject_of
from deeptrace_core.formats.gather import gather
from deeptrace_core.formats.interface import Dossier
from deeptrace_core.model import Report
from deeptrace_core.report import report_bytes
from deeptrace_core.segments import segments_of
from tests.pages.origins import CUT, TRUSTED, origin
from tests.pages.samples import Desk, between, report_of, too_small, wave
from tests.pages.voices import heard

STRANGE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> {{ 7*7 }} 🎬\u202egpj.exe"


def dossier_of(desk: Desk, report: Report, *, name: str = "interview.mp4") -> Dossier:
    """The dossier of a new job with this report."""
    job = desk.completed(report, name)
    assert job.result is not None
    return gather(desk.store, job, report, report_bytes(report), job.result.report_sha256)


def judged(desk: Desk, *, name: str = STRANGE) -> Dossier:
    """One with everything in it, and all that people and files can write as strange as they can."""
    report = report_of([between(wave(0.9), 3, 12), wave(0.1), too_small])
    signed = replace(CUT, signer=STRANGE, software=STRANGE, title=STRANGE, signed_at=STRANGE)
    sound = heard(0.97)
    assert sound.track is not None
    report = replace(
        report,
        provenance=origin(replace(TRUSTED, steps=(signed,))),
        audio=replace(sound, track=replace(sound.track, codec=STRANGE)),
    )
    dossier = dossier_of(desk, report, name=name)
    cases, job_id = desk.store.cases, dossier.job.id
    (segment,) = segments_of(report.frames, 0.8)
    cases.mark(job_id, VIDEO, Opinion.AGREE, by=STRANGE)
    cases.mark(job_id, subject_of(segment), Opinion.DISAGREE, by=STRANGE)
    cases.add_note(job_id, f"{STRANGE}\nsecond line", at_s=4.2, by=STRANGE)
    cases.label(job_id, CaseLabel(name=STRANGE, reference=STRANGE), by=STRANGE)
    again = gather(desk.store, dossier.job, report, dossier.report_bytes, dossier.sha256)
    return replace(again, anchors=(anchor(dossier.sha256),))


def anchor(digest: str) -> Anchor:
    """A confirmed one, on a chain that is known."""
    return Anchor(
        id="a" * 32,
        digest=digest,
        place=ChainPlace(chain_id=47763, contract="0x" + "c" * 40, issuer="0x" + "d" * 40),
        state=AnchorState.CONFIRMED,
        requested_at="2026-11-21T10:00:00.000Z",
        record=ChainRecord(
            value=digest,
            tx_hash="0x" + "e" * 64,
            block=123456,
            block_hash="0x" + "f" * 64,
            time="2026-11-21T10:01:00Z",
        ),
        proof=(),
        fault=None,
    )
