"""A decoder of sound that does what its "video" says, and never what it should."""

import json
import os
import sys

import numpy as np

from tests.worker.bad_child import abort, crash, leave
from worker.media.child import run
from worker.media.wire import BLOCK, Kind, Order, send

TRACK = json.dumps({"codec": "aac", "channels": 1, "rate_hz": 48_000, "more_tracks": 0}).encode()


def sound_of_nan(answers: int) -> None:
    send(answers, Kind.TRACK, TRACK)
    send(answers, Kind.SAMPLES, BLOCK.pack(0), np.full(10, np.nan, np.float32).tobytes())


def sound_of_odd_length(answers: int) -> None:
    send(answers, Kind.TRACK, TRACK)
    send(answers, Kind.SAMPLES, BLOCK.pack(0), bytes(7))


def sound_without_track(answers: int) -> None:
    send(answers, Kind.SAMPLES, BLOCK.pack(0), bytes(8))


def track_of_lies(answers: int) -> None:
    send(answers, Kind.TRACK, json.dumps({"codec": "aac", "channels": "many", "rate_hz": []}).encode())


ACTS = {
    act.__name__: act
    for act in (crash, leave, abort, sound_of_nan, sound_of_odd_length, sound_without_track, track_of_lies)
}


def obey(order: Order, answers: int) -> None:
    """The file says what to do."""
    ACTS[os.read(order.file, 100).decode()](answers)


if __name__ == "__main__":
    run(sys.argv[1], obey)
