"""Checking a report and its proof: what holds, and the reason where something does not."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from web3 import EthereumTesterProvider, Web3
from web3.contract import Contract

from deeptrace_core.__main__ import main
from deeptrace_core.anchor import AnchorState
from deeptrace_core.canonical import digest as sha256_of
from deeptrace_core.chain.keystore import Signer
from deeptrace_core.chain.notary import Notary
from deeptrace_core.chain.presets import PRESETS, Chain
from deeptrace_core.proof import parse_proof, proof_bytes
from deeptrace_core.report import report_bytes
from deeptrace_core.store import Store
from deeptrace_core.verification import Asked, Outcome, Verification, verify
from tests.chain.following import all_ended, run
from tests.pages.samples import report_of, wave

NewNotary = Callable[..., Notary]
VIDEO = b"not really a video, but bytes"


@dataclass(frozen=True, kw_only=True)
class Anchored:
    """An anchored report on VIDEO."""

    report: bytes
    proof: bytes
    issuer: str
    asked: Asked
    """The chain to ask, and nothing else."""

    def changed(self, change: Callable[[dict[str, Any]], None]) -> bytes:
        """The proof file with a change."""
        document = json.loads(self.proof)
        change(document)
        return json.dumps(document).encode()


@pytest.fixture(params=[1, 3], ids=["alone", "in a batch"])
def anchored(
    request: pytest.FixtureRequest,
    store: Store,
    new_notary: NewNotary,
    chain: Chain,
    evm: EthereumTesterProvider,
    monkeypatch: pytest.MonkeyPatch,
) -> Anchored:
    """Anchored by the notary, confirmed two blocks later; nodes are asked in this process."""
    monkeypatch.setattr("deeptrace_core.chain.client._http", lambda url: evm)
    notary = new_notary()
    media_sha256 = hashlib.sha256(VIDEO).hexdigest()
    reports = []
    for _ in range(request.param):
        report = report_of([wave(0.5)])
        reports.append(report_bytes(replace(report, media=replace(report.media, sha256=media_sha256))))
    for report in reports:
        store.anchors.request(sha256_of(report), notary.place)
    run(notary, evm, all_ended(store, *map(sha256_of, reports)))
    anchor = store.anchors.of(sha256_of(reports[0]))
    assert anchor is not None
    assert anchor.record is not None
    assert anchor.state is AnchorState.CONFIRMED
    return Anchored(
        report=reports[0],
        proof=proof_bytes(reports[0], anchor, anchor.record, chain_name=chain.name),
        issuer=notary.place.issuer,
        asked=Asked(chain=replace(chain, rpc_urls=("http://node.example",))),
    )


def outcomes(result: Verification) -> dict[str, Outcome]:
    return {check.name: check.outcome for check in result.checks}


def reason(result: Verification) -> str:
    """What the failing checks say."""
    assert not result.holds
    return " ".join(check.said for check in result.checks if check.outcome is Outcome.FAILS)


def test_an_untouched_proof_holds(anchored: Anchored) -> None:
    """Bytes, chain, block and depth are checked; who the issuer is, is left to a person."""
    result = verify(anchored.proof, anchored.asked)
    assert result.holds
    found = outcomes(result)
    assert found.pop("Issuer") is Outcome.NOT_CHECKED
    assert found.pop("File") is Outcome.NOT_CHECKED
    assert set(found.values()) == {Outcome.HOLDS}
    assert set(found) - {"Batch"} == {"Report", "Contract", "Anchor", "Transaction", "Age of the block"}


def test_the_expected_issuer_and_the_video_hold(anchored: Anchored) -> None:
    """Everything that can be asked for."""
    asked = replace(anchored.asked, issuer=anchored.issuer, media_sha256=hashlib.sha256(VIDEO).hexdigest())
    assert set(outcomes(verify(anchored.proof, asked)).values()) == {Outcome.HOLDS}


def test_the_report_in_the_proof_is_the_report(anchored: Anchored) -> None:
    """Byte for byte, so that its SHA-256 can be computed by hand."""
    assert parse_proof(anchored.proof).report_bytes == anchored.report


def _one_digit_more(document: dict[str, Any]) -> None:
    document["report"] = document["report"].replace('"visual_prob":0.', '"visual_prob":0.1', 1)


def _reformatted(document: dict[str, Any]) -> None:
    document["report"] = json.dumps(json.loads(document["report"]), indent=1)


def _other_digest(document: dict[str, Any]) -> None:
    _one_digit_more(document)
    document["digest"] = sha256_of(document["report"].encode())


def _anchor(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["anchor"].update(changes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_one_digit_more, "The report was changed: its SHA-256 is"),
        (_reformatted, "These are not the bytes that were hashed"),
        (_other_digest, "not about this report|does not lead from this report"),
        (_anchor(value="ab" * 32), "not about this report|does not lead from this report"),
        (_anchor(merkle_proof=["cd" * 32]), "does not lead from this report"),
        (_anchor(merkle_proof=["zz"]), "something that is no hash"),
        (_anchor(issuer="0x5FbDB2315678afecb367f032d93F642f64180aa3"), "has not anchored this on Test chain"),
        (_anchor(contract="0x5FbDB2315678afecb367f032d93F642f64180aa3"), "There is no contract at"),
        (_anchor(contract="0x5FbDB2315678afecb367f032d93F642f64180aa"), "is no address"),
        (_anchor(time="2020-01-01T00:00:00Z"), "the proof says block .* at 2020-01-01"),
        (_anchor(block=1), "the proof says block 1"),
        (_anchor(block_hash="0x" + "00" * 32), "the proof says .* in 0x0000"),
        (_anchor(tx_hash="0x" + "11" * 32), "the proof says 0x1111"),
        (_anchor(chain_id=47763), "belongs to chain"),
        (_anchor(chain_id="many"), "incomplete or was changed"),
        (lambda document: document.pop("anchor"), "incomplete or was changed"),
        (lambda document: document.update(schema="deeptrace.proof/9"), "not a proof that DeepTrace can read"),
    ],
)
def test_a_tampered_proof_fails_with_the_reason(
    anchored: Anchored, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    """Whatever was changed is named."""
    assert re.search(said, reason(verify(anchored.changed(change), anchored.asked)))


def test_a_proof_with_a_sibling_changed_fails(anchored: Anchored) -> None:
    """A batch vouches for its own digests only."""
    siblings = list(parse_proof(anchored.proof).anchor.merkle_proof)
    if siblings:
        siblings[0] = "ee" * 32
        changed = anchored.changed(_anchor(merkle_proof=siblings))
        assert "does not lead" in reason(verify(changed, anchored.asked))


def test_another_video_fails(anchored: Anchored) -> None:
    """Both digests are named."""
    said = reason(verify(anchored.proof, replace(anchored.asked, media_sha256="ab" * 32)))
    assert "This is another file: its SHA-256 is abab" in said


def test_a_report_anchored_by_somebody_else_fails(anchored: Anchored, contract: Contract, w3: Web3) -> None:
    """A stranger may anchor our report, but not as us; the proof may not name a stranger either."""
    stranger = w3.eth.accounts[4]
    asked = replace(anchored.asked, issuer=stranger)
    assert "somebody else than the expected" in reason(verify(anchored.proof, asked))
    report = report_bytes(report_of([wave(0.7)]))
    contract.functions.anchor(bytes.fromhex(sha256_of(report))).transact({"from": stranger})
    said = reason(verify(report, replace(anchored.asked, issuer=anchored.issuer)))
    assert f"{anchored.issuer} has not anchored this on Test chain. Somebody else has: {stranger}" in said


def test_a_report_alone_is_found_with_its_issuer(anchored: Anchored) -> None:
    """By itself it needs no proof file; in a batch it does, and without an issuer nobody can look."""
    alone = not parse_proof(anchored.proof).anchor.merkle_proof
    result = verify(anchored.report, replace(anchored.asked, issuer=anchored.issuer))
    assert result.holds == alone
    result = verify(anchored.report, anchored.asked)
    assert result.holds
    assert outcomes(result)["Anchor"] is Outcome.NOT_CHECKED


def test_a_young_block_does_not_hold_yet(anchored: Anchored) -> None:
    """How many blocks came after it is said."""
    assert anchored.asked.chain is not None
    patient = replace(anchored.asked, chain=replace(anchored.asked.chain, confirmations=10_000))
    assert "wait until it is 10000" in reason(verify(anchored.proof, patient))


def test_offline_checks_files_only(anchored: Anchored) -> None:
    """And says that no chain was asked."""
    result = verify(anchored.proof, replace(anchored.asked, offline=True))
    assert result.holds
    assert outcomes(result)["Anchor"] is Outcome.NOT_CHECKED


def test_cautions_are_shown(anchored: Anchored) -> None:
    """A testnet and a local chain say what they are, whenever one of their anchors is checked."""
    assert anchored.asked.chain is not None
    chain = replace(anchored.asked.chain, caution=PRESETS["neox-testnet"].caution)
    said = {
        check.name: check.said
        for check in verify(anchored.proof, replace(anchored.asked, chain=chain)).checks
    }
    assert "may vanish" in said["Caution"]
    unknown = verify(anchored.proof, Asked(rpc_url="http://node.example"))
    assert "chain of their own" in {check.name: check.said for check in unknown.checks}["Caution"]


@pytest.mark.parametrize("data", [b"", b"\xff", b"{}", b"[]", b"[" * 3_000])
def test_anything_else_is_no_report(data: bytes) -> None:
    """A check that fails, never an error."""
    assert "not a report" in reason(verify(data, Asked(offline=True)))


def test_the_command_prints_a_line_for_each_check(
    anchored: Anchored,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 0 if everything asked for holds, else not, with the reason."""
    assert anchored.asked.chain is not None
    monkeypatch.setenv("DEEPTRACE_CHAIN", str(anchored.asked.chain.chain_id))
    monkeypatch.setenv("DEEPTRACE_CHAIN_RPC", "http://elsewhere.example")
    proof, video = tmp_path / "proof.json", tmp_path / "clip.mp4"
    proof.write_bytes(anchored.proof)
    video.write_bytes(VIDEO)
    command = ["verify", str(proof), "--media", str(video), "--rpc", "http://node.example"]
    assert main([*command, "--issuer", anchored.issuer]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("holds ") for line in lines)
    assert len(lines) >= 7
    video.write_bytes(VIDEO + b"!")
    assert main(command) != 0
    printed = capsys.readouterr()
    assert "FAILS  File" in printed.out
    assert "Does not hold: File" in printed.err
    assert main(["verify", str(tmp_path / "absent.json")]) != 0
    assert "cannot be read" in capsys.readouterr().err


def test_signer_is_the_issuer(anchored: Anchored, signer: Signer) -> None:
    """What the proof names is the notary's own address."""
    assert parse_proof(anchored.proof).anchor.issuer == signer.address
