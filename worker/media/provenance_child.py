"""The process that reads where one file says it comes from: `python -m worker.media.provenance_child ORDER`.

Apart from that which decodes pictures, so that its start stays cheap, and so that what the reader of
manifests dies of ends nothing else. The same confinement holds both: c2pa's native library is loaded before
it, and then asks for nothing beyond what decoding needs (tried with strace; `docs/provenance.md`).
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial

from deeptrace_core.errors import InputError
from deeptrace_core.provenance import ContainerFacts, Credentials, NotRead, NotReadReason
from worker.media.child import progress, run
from worker.media.container_facts import container_facts
from worker.media.credentials import ADVICE, read_credentials
from worker.media.wire import COUNT, TEXT_BYTES, Kind, Order, send

Found = ContainerFacts | Credentials | NotRead


def read_provenance(order: Order, answers: int) -> None:
    """Answer twice; what one half cannot read takes nothing from the other."""
    file, limits = order.file, order.limits
    anchors = _anchors(0)
    on_packet = progress(partial(send, answers, Kind.LISTED))
    _answer(answers, Kind.CONTAINER, lambda: container_facts(file, limits, on_packet=on_packet))
    _answer(answers, Kind.CREDENTIALS, lambda: read_credentials(file, anchors, limits))


def _anchors(pipe: int) -> str | None:
    with os.fdopen(pipe, "rb", closefd=False) as orders:
        (length,) = COUNT.unpack(orders.read(COUNT.size))
        return orders.read(length).decode() or None


def _answer(answers: int, kind: Kind, read: Callable[[], Found]) -> None:
    try:
        found = read()
    except BrokenPipeError:
        raise
    except InputError as error:
        found = NotRead(reason=NotReadReason.UNREADABLE, explanation=error.what, advice=ADVICE)
    except Exception as error:
        found = NotRead(
            reason=NotReadReason.READER_FAILED,
            explanation=f"The reader met something that it cannot handle ({type(error).__name__}).",
            advice=ADVICE,
        )
    text = json.dumps(asdict(found), ensure_ascii=False).encode("utf-8", "replace")
    if len(text) > TEXT_BYTES:
        found = NotRead(
            reason=NotReadReason.TOO_LARGE,
            explanation="There is more of it than a report can hold.",
            advice=ADVICE,
        )
        text = json.dumps(asdict(found)).encode()
    send(answers, kind, text)


if __name__ == "__main__":
    run(sys.argv[1], read_provenance)
