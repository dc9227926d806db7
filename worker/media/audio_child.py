"""The process that decodes the sound of one file: `python -m worker.media.audio_child ORDER`.

Apart from that which decodes pictures, so that a sound track which brings it down takes no picture with it.
"""

import json
import sys
from dataclasses import asdict
from functools import partial

from deeptrace_core.audio import AudioTrack
from worker.audio.interface import NotHeardError
from worker.audio.windows import RATE_HZ
from worker.media.child import progress, run
from worker.media.samples import read_samples
from worker.media.wire import BLOCK, Kind, Order, send


def read_audio(order: Order, answers: int) -> None:
    """Tell what the sound track is, send it in blocks, and say whether that was all of it."""
    told = False

    def on_track(track: AudioTrack) -> None:
        nonlocal told
        send(answers, Kind.TRACK, json.dumps(asdict(track)).encode())
        told = True

    blocks = read_samples(
        order.file,
        RATE_HZ,
        order.limits,
        on_track=on_track,
        on_packet=progress(partial(send, answers, Kind.LISTED)),
    )
    said = {}
    try:
        for start_s, samples in blocks:
            send(answers, Kind.SAMPLES, BLOCK.pack(start_s), samples.data.cast("B"))
    except NotHeardError as error:
        said = asdict(error.finding)
    if told:
        send(answers, Kind.SAMPLES)
    send(answers, Kind.HEARD if told else Kind.TRACK, json.dumps(said).encode())


if __name__ == "__main__":
    run(sys.argv[1], read_audio)
