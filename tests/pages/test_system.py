"""The page on the system itself."""

from dataclasses import replace

from deeptrace_core.anchor import AnchorFault, ChainPlace, NotaryInfo
from tests.pages.conftest import OpenPage
from tests.pages.reading import words
from tests.pages.samples import WORKER, Desk, report_of, wave

SYSTEM = "system/page.py"
NOTARY = NotaryInfo(
    place=ChainPlace(chain_id=47763, contract="0x" + "c" * 40, issuer="0x" + "d" * 40),
    chain_name="NeoX",
    explorer=None,
    caution=None,
)


def test_an_empty_system_says_what_is_missing(open_page: OpenPage) -> None:
    """Without a worker nothing is analyzed; without a notary nothing is anchored."""
    said = words(open_page(SYSTEM))
    assert "No worker is running. Files are stored and start when one returns." in said
    assert "Nothing waits." in said
    assert "No notary is set up" in said
    assert "0 bytes in 0 files" in said


def test_a_busy_system_says_what_it_does(desk: Desk, open_page: OpenPage) -> None:
    """Workers with device and version, the queue by state, detectors with readiness and error rates."""
    desk.completed(report_of([wave(0.5)]), "done.mp4")
    desk.pending("a.mp4")
    offers = (replace(WORKER.detectors[0], error_rates="measured on <i>X</i>: false alarms 5 %"),)
    desk.store.workers.announce(replace(WORKER, detectors=offers + WORKER.detectors[1:]))
    desk.store.notaries.announce(NOTARY, good_for_s=60)
    said = words(open_page(SYSTEM))
    for fact in (
        "desk, process 1 cpu · DeepTrace 0.1.0 · since 20 Nov 2026, 10:00 UTC",
        "The oldest has waited since",
        "Waiting 1",
        "Finished 1",
        "mesoinception4-df ready",
        "Measured on <i>X</i>: false alarms 5 %.",
        "xception-ff weights missing",
        "A notary is running and can anchor reports.",
        "NeoX, id 47763",
        "in 3 files",
        "Free on the disk",
    ):
        assert fact in said


def test_a_notary_in_trouble_says_why(desk: Desk, open_page: OpenPage) -> None:
    """No funds, or no sign of life."""
    fault = AnchorFault(code="NO_FUNDS", what="The account is empty.", advice="Send it coins.")
    desk.store.notaries.announce(replace(NOTARY, fault=fault), good_for_s=60)
    assert "The account is empty. Send it coins." in words(open_page(SYSTEM))
    desk.store.notaries.announce(NOTARY, good_for_s=0)
    assert "The notary does not answer at the moment." in words(open_page(SYSTEM))
