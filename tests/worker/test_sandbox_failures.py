"""A decoder that crashes, hangs, lies or reaches out ends its own video, and nothing else."""

import os
import socket
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deeptrace_core.errors import DecoderFailedError, InputError
from tests.media.in_process import ignore
from worker.media.limits import Limits
from worker.sandbox import Sandbox

BAD_CHILD = "tests.worker.bad_child"
SMALL = Limits(address_space_bytes=2**30)
SILENT_2_S = replace(SMALL, silence_s=2)
BUSY_2_S = replace(SMALL, cpu_base_s=2)

SILENCE = "The decoder stopped making progress while reading this file: nothing came for 2 s."

pytestmark = pytest.mark.usefixtures("nothing_is_left")


def obey(tmp_path: Path, act: str, limits: Limits = SMALL) -> InputError:
    """What a reader is told by a decoder that does this."""
    path = tmp_path / "video"
    path.write_text(act)
    with (
        pytest.raises(InputError) as raised,
        Sandbox(limits, child=BAD_CHILD).open(path, on_wait=ignore) as video,
    ):
        list(video.frames(np.zeros(20_000, dtype=np.int64)))  # more than a pipe holds
    return raised.value


@pytest.mark.parametrize(
    ("act", "limits", "said"),
    [
        ("crash", SMALL, "The decoder crashed while reading this file (SIGSEGV)."),
        ("abort", SMALL, "The decoder crashed while reading this file (SIGABRT)."),
        ("leave", SMALL, "The decoder crashed while reading this file (exit code 3)."),
        ("hang", SILENT_2_S, SILENCE),
        ("trickle", SILENT_2_S, SILENCE),
        ("turn-a-deaf-ear", SILENT_2_S, SILENCE),
        ("eat", SMALL, "The decoder ran out of the memory it is allowed (1 GiB) while reading this file."),
        (
            "burn-politely",
            BUSY_2_S,
            "The decoder used more processor time than a video of this length may take.",
        ),
    ],
)
def test_a_decoder_that_fails_ends_its_video_with_a_reason(
    tmp_path: Path, act: str, limits: Limits, said: str
) -> None:
    """A clear sentence of its own for each way to fail, and what to do."""
    error = obey(tmp_path, act, limits)
    assert isinstance(error, DecoderFailedError)
    assert (error.code, error.what) == ("DECODER_FAILED", f"{said} No result was produced.")
    assert "convert it" in error.advice


def test_burning_in_silence_ends_too(tmp_path: Path) -> None:
    """By CPU time or by silence, whichever comes first."""
    assert isinstance(obey(tmp_path, "burn", replace(BUSY_2_S, silence_s=5)), DecoderFailedError)


@pytest.mark.parametrize(
    "act",
    [
        "babble",
        "boast",
        "nest",
        "go-back",
        'lie container "a\\u0000b"',
        "lie width_px 0",
        "lie width_px -2",
        "lie width_px 2.5",
        "lie width_px 30000000",
        "lie rotation_deg 45",
        "lie has_audio null",
        "lie unheard_of 1",
        "disorder",
        "disorder 1",
        "disorder 0 2 1",
        "disorder 0 nan",
        "disorder 0 inf",
        "wrong-frame 1 2 2",
        "wrong-frame 0 2 3",
        "wrong-frame 0 0 0",
        "wrong-frame 0 4000000000 4000000000",
    ],
)
def test_an_answer_that_makes_no_sense_is_not_believed(tmp_path: Path, act: str) -> None:
    """A decoder that was taken over may say anything: no crash here, no memory for its boasts."""
    error = obey(tmp_path, act)
    assert error.what == (
        "The decoder gave an answer that makes no sense while reading this file. No result was produced."
    )


def test_what_a_decoder_prints_is_dropped_rather_than_waited_for(tmp_path: Path) -> None:
    """A full pipe does not stop it."""
    assert obey(tmp_path, "shout").what == "Shouted."


def test_a_decoder_reaches_no_network(tmp_path: Path) -> None:
    """Not even a server on this very machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        said = obey(tmp_path, f"connect {server.getsockname()[1]}").what
        if said == "done":
            pytest.skip("neither libseccomp nor network name spaces are to be had on this machine")
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()
    assert said == "refused"


def test_a_decoder_writes_no_file(tmp_path: Path) -> None:
    """Not one byte; without libseccomp it may make an empty one."""
    target = tmp_path / "written"
    obey(tmp_path, f"write {target}")
    assert not target.exists() or target.stat().st_size == 0


@pytest.mark.parametrize("act", ["read /etc/passwd", "fork", "execute", "signal {pid}", "limit"])
def test_a_decoder_does_nothing_but_decode(tmp_path: Path, act: str) -> None:
    """Other files, other programs, other processes and its own limits are out of reach."""
    said = obey(tmp_path, act.format(pid=os.getpid())).what
    if said == "done":
        pytest.skip("libseccomp is not to be had on this machine")
    assert said == "refused"
