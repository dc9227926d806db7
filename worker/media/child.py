"""The process that reads one file for a worker: `python -m worker.media.child ORDER`.

It holds nothing worth stealing, gives up all that it does not need, and may die at any moment.
"""

import json
import logging  # noqa: F401 - PyAV imports it late, and the modules below; then no file can be opened
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial

import av.subtitles.codeccontext
import av.subtitles.stream  # noqa: F401
import numpy as np
from numpy.typing import NDArray

from deeptrace_core.errors import DecoderFailedError, InputError
from worker.media.confine import confine
from worker.media.container import out_of_memory
from worker.media.frames import read_frames
from worker.media.index import VideoIndex
from worker.media.limits import Limits
from worker.media.outbox import Outbox
from worker.media.probe import index_video
from worker.media.wire import COUNT, FRAME, Kind, Order, send

PROGRESS_S = 1.0

Work = Callable[[Order, int], None]
"""Reads the file of an order and writes answers to a pipe."""


def run(order_text: str, work: Work) -> None:
    """Give up what is not needed, say so, and do the work; an error becomes the last answer."""
    answers = os.dup(1)
    # What C libraries print goes to the parent's log, and is dropped rather than waited for.
    os.dup2(2, 1)
    os.set_blocking(2, False)
    order = Order.decode(order_text)
    confinement = confine(order.limits, order.parent_pid)
    try:
        send(answers, Kind.READY, json.dumps(asdict(confinement)).encode())
        try:
            work(order, answers)
        except Exception as error:
            _refuse(answers, error, order.limits)
    except BrokenPipeError:
        return  # nobody reads any more


def read_video(order: Order, answers: int) -> None:
    """Tell what is in the video, then send the frames that the parent asks for."""
    file, limits = order.file, order.limits
    index = index_video(file, limits, on_packet=progress(partial(send, answers, Kind.LISTED)))
    fields = {name: value for name, value in vars(index).items() if name != "times_s"}
    send(answers, Kind.INDEX, json.dumps(fields).encode())
    send(answers, Kind.TIMES, index.times_s.tobytes())
    wanted = _read_request(0)
    with Outbox(answers, room=_frames_ahead(index, limits)) as outbox:
        on_frame = progress(partial(outbox.put, Kind.DECODED))
        for frame in read_frames(file, index.times_s, wanted, limits, on_frame=on_frame):
            height_px, width_px = frame.image.shape[:2]
            head = FRAME.pack(frame.index, width_px, height_px)
            outbox.put(Kind.FRAME, head, frame.image.data.cast("B"))


def _read_request(pipe: int) -> NDArray[np.int64]:
    with os.fdopen(pipe, "rb", closefd=False) as file:
        (count,) = COUNT.unpack(file.read(COUNT.size))
        return np.frombuffer(file.read(8 * count), dtype=np.int64)


def _frames_ahead(index: VideoIndex, limits: Limits) -> int:
    frame_bytes = max(3 * index.width_px * index.height_px, 1)
    return max(1, min(limits.ahead_frames, limits.ahead_bytes // frame_bytes))


def progress(tell: Callable[[bytes], None]) -> Callable[[int], None]:
    """Tells how much was done, once a second."""
    told_s = time.monotonic()

    def on_step(done: int) -> None:
        nonlocal told_s
        now_s = time.monotonic()
        if now_s - told_s >= PROGRESS_S:
            told_s = now_s
            tell(COUNT.pack(done))

    return on_step


def _refuse(answers: int, error: Exception, limits: Limits) -> None:
    """Say why there is no result."""
    if isinstance(error, BrokenPipeError):
        raise error
    if isinstance(error, MemoryError):
        said: InputError = out_of_memory(limits)
    elif isinstance(error, InputError):
        said = error
    else:
        said = DecoderFailedError(
            "The decoder met something in this file that it cannot handle. No result was produced."
        )
    answer = {"code": said.code, "what": said.what, "advice": said.advice, "detail": repr(error)[:1000]}
    send(answers, Kind.REFUSED, json.dumps(answer).encode())


if __name__ == "__main__":
    run(sys.argv[1], read_video)
