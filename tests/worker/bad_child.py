"""A decoder process that does what its "video" says: `tests/worker/test_sandbox.py` starts it.

What an attempt comes to is answered as the reason why the file is refused.
"""

import ctypes
import json
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable

import numpy as np

from deeptrace_core.errors import UnreadableMediaError
from worker.media.child import read_video, run
from worker.media.wire import COUNT, FRAME, HEADER, Kind, Order, send


def obey(order: Order, answers: int) -> None:
    """The file says what to do, and with what; a real video is read as ever."""
    name, *arguments = os.read(order.file, 1000).decode(errors="replace").split()
    if name in ACTS:
        ACTS[name](answers, *arguments)
    else:
        read_video(order, answers)


def crash(_answers: int) -> None:
    ctypes.string_at(0)


def abort(_answers: int) -> None:
    os.abort()


def leave(_answers: int) -> None:
    os._exit(3)


def hang(_answers: int) -> None:
    time.sleep(1000)


def burn(_answers: int) -> None:
    while True:
        pass


def burn_politely(answers: int) -> None:
    """Burn, and report one packet each second."""
    for number in range(1, 1000):
        ends_s = time.monotonic() + 0.5
        while time.monotonic() < ends_s:
            pass
        send(answers, Kind.LISTED, COUNT.pack(number))


def eat(_answers: int) -> None:
    eaten = []
    while True:
        eaten.append(bytearray(2**26))


def babble(answers: int) -> None:
    os.write(answers, b"What you want to hear" * 1000)


def trickle(answers: int) -> None:
    os.write(answers, HEADER.pack(Kind.INDEX, 1000))
    while True:
        os.write(answers, b" ")
        time.sleep(0.2)


def boast(answers: int) -> None:
    """An index longer than any memory."""
    send(answers, Kind.INDEX, good_index())
    os.write(answers, HEADER.pack(Kind.TIMES, 2**60))


def nest(answers: int) -> None:
    send(answers, Kind.INDEX, b"[" * 50_000)


def lie(answers: int, field: str, value: str) -> None:
    """An index with one thing in it that cannot be."""
    send(answers, Kind.INDEX, good_index(**{field: json.loads(value)}))
    send(answers, Kind.TIMES, bytes(8))


def disorder(answers: int, *times_s: str) -> None:
    send(answers, Kind.INDEX, good_index())
    send(answers, Kind.TIMES, np.array([float(time_s) for time_s in times_s]).tobytes())


def wrong_frame(answers: int, index: str, width_px: str, height_px: str) -> None:
    send(answers, Kind.INDEX, good_index())
    send(answers, Kind.TIMES, bytes(8))
    os.read(0, 1000)
    head = FRAME.pack(int(index), int(width_px), int(height_px))
    send(answers, Kind.FRAME, head, bytes(12))


def turn_a_deaf_ear(answers: int) -> None:
    """An index, and no interest in what is wanted."""
    send(answers, Kind.INDEX, good_index())
    send(answers, Kind.TIMES, bytes(8))
    time.sleep(1000)


def go_back(answers: int) -> None:
    """Progress that is none, for ever."""
    while True:
        send(answers, Kind.LISTED, COUNT.pack(1))


def shout(_answers: int) -> None:
    """More on stderr than a pipe holds, then an end."""
    for _ in range(10_000):
        try:
            os.write(2, b"noise " * 100)
        except BlockingIOError:
            break
    raise UnreadableMediaError("Shouted.")


def claim(answers: int, value: str) -> None:
    """Facts on a container with one number in it that cannot be."""
    send(answers, Kind.CONTAINER, good_container(key_frames=json.loads(value)))


def die_after_container(answers: int) -> None:
    send(answers, Kind.CONTAINER, good_container())
    os._exit(3)


def good_container(**changed: object) -> bytes:
    fields = {
        "brands": None,
        "streams": [],
        "more_streams": 0,
        "tags": [],
        "other_tags": [],
        "frame_timing": "UNKNOWN",
        "frames_per_s": None,
        "key_frames": 1,
        "key_frame_median_s": None,
        "key_frame_longest_s": None,
        "hidden_frames": 0,
        "hints": [],
    }
    return json.dumps(fields | changed).encode()


def good_index(**changed: object) -> bytes:
    fields = {
        "kind": "VIDEO",
        "container": "avi",
        "video_codec": "mpeg4",
        "width_px": 2,
        "height_px": 2,
        "rotation_deg": 0,
        "has_audio": False,
    }
    return json.dumps(fields | changed).encode()


def attempt(what: Callable[[], object]) -> Callable[..., None]:
    """Answers what came of it."""

    def act(_answers: int, *arguments: str) -> None:
        try:
            what(*arguments)
        except (OSError, ValueError) as error:
            raise UnreadableMediaError("refused") from error
        raise UnreadableMediaError("done")

    return act


def connect(port: str) -> None:
    with socket.socket() as client:
        client.settimeout(5)
        client.connect(("127.0.0.1", int(port)))


ACTS: dict[str, Callable[..., None]] = {
    "crash": crash,
    "abort": abort,
    "leave": leave,
    "hang": hang,
    "burn": burn,
    "burn-politely": burn_politely,
    "eat": eat,
    "babble": babble,
    "trickle": trickle,
    "boast": boast,
    "nest": nest,
    "lie": lie,
    "disorder": disorder,
    "wrong-frame": wrong_frame,
    "turn-a-deaf-ear": turn_a_deaf_ear,
    "go-back": go_back,
    "shout": shout,
    "claim": claim,
    "die-after-container": die_after_container,
    "connect": attempt(connect),
    "write": attempt(lambda path: os.open(path, os.O_WRONLY | os.O_CREAT)),
    "read": attempt(lambda path: os.open(path, os.O_RDONLY)),
    "fork": attempt(os.fork),
    "execute": attempt(lambda: os.execv("/bin/true", ["true"])),
    "signal": attempt(lambda pid: os.kill(int(pid), signal.SIGTERM)),
    "limit": attempt(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))),
}

if __name__ == "__main__":
    run(sys.argv[1], obey)
