"""What every report format keeps to. A new one is tested here by its line in the registry alone."""

import io
import re

import pytest

from deeptrace_core.formats import FORMATS
from deeptrace_core.formats.interface import Dossier, ReportFormat
from tests.formats.dossiers import dossier_of, judged
from tests.pages.samples import Desk, report_of, wave, without_detector
from tests.pages.test_wording import OVERCLAIMS

every_format = pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: format_.name)


def written(format_: ReportFormat, dossier: Dossier) -> bytes:
    """The bytes of a format."""
    out = io.BytesIO()
    format_.write(dossier, out)
    assert not out.closed
    return out.getvalue()


@every_format
def test_a_format_says_what_it_is(format_: ReportFormat) -> None:
    """Names for programs and people, a file name's ending, a media type."""
    assert re.fullmatch(r"[a-z0-9_]+", format_.name)
    assert re.fullmatch(r"[-a-z0-9]*\.[a-z0-9]+", format_.suffix)
    assert re.fullmatch(r"[a-z]+/[-+.a-z0-9]+", format_.media_type)
    assert format_.about.endswith(".")
    assert not OVERCLAIMS.search(f"{format_.label} {format_.about}")


def test_formats_do_not_share_a_name_or_an_ending() -> None:
    """Two downloads of one job never have the same file name."""
    assert len({format_.name for format_ in FORMATS}) == len(FORMATS)
    assert len({format_.suffix for format_ in FORMATS}) == len(FORMATS)


@every_format
def test_the_same_dossier_gives_the_same_bytes(format_: ReportFormat, desk: Desk) -> None:
    """Nothing of the moment or the machine of writing is in them."""
    dossier = judged(desk)
    assert written(format_, dossier) == written(format_, dossier) != b""


@every_format
@pytest.mark.parametrize("empty", [report_of([]), without_detector()], ids=["no face", "no detector"])
def test_a_report_without_scores_can_be_taken_away(format_: ReportFormat, desk: Desk, empty: object) -> None:
    """Not assessed is a result like others."""
    assert written(format_, dossier_of(desk, empty))  # type: ignore[arg-type]


@every_format
@pytest.mark.parametrize("score", [0.02, 0.5, 0.97])
def test_no_export_claims_too_much(format_: ReportFormat, desk: Desk, score: float) -> None:
    """The words that no page uses are in no export either."""
    data = written(format_, dossier_of(desk, report_of([wave(score)])))
    assert OVERCLAIMS.findall(data.decode("utf-8", "ignore")) == []
