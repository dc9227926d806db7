"""Sending damaged videos through the worker's analysis, with the real sandbox, and keeping the books."""

import contextlib
import gc
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.fake_models import FakeModels
from benchmarks.fuzzing.mutations import mutate
from benchmarks.fuzzing.seeds import make_seeds
from benchmarks.peaks import ChildPeak, children, resident_mb
from deeptrace_core.errors import DeepTraceError, InputError
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.report import report_bytes
from worker.pipeline import analyze
from worker.sandbox import Sandbox
from worker.software import software

OPTIONS = AnalysisOptions(detector="brightness")
WARM_UP = 40
"""Runs after which the memory of this process has its level: caches of libraries have filled."""

SLOW_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one damaged video came to."""

    name: str
    kind: str
    """Its container."""
    said: str
    """A verdict, or the code and the reason."""
    answered: bool
    """A report or a reason, as promised."""
    wall_s: float


def run(count: int, *, seed: int, at_once: int = 2) -> dict[str, object]:
    """Damage, analyze, count."""
    started_s = time.monotonic()
    children_before = children()
    with TemporaryDirectory() as folder, ThreadPoolExecutor(at_once) as pool, ChildPeak() as decoders:
        damaged = _damaged(Path(folder), count, seed)
        outcomes = list(pool.map(_analyze, islice(damaged, WARM_UP)))
        before = _held()
        outcomes += pool.map(_analyze, damaged)
        after = _held()
    left = [pid for pid in children() if pid not in children_before]
    slowest = max(outcomes, key=lambda outcome: outcome.wall_s)
    unanswered = [f"{outcome.name}: {outcome.said}" for outcome in outcomes if not outcome.answered]
    good = (
        len(outcomes) == count
        and not unanswered
        and not left
        and after["descriptors"] == before["descriptors"]
        and slowest.wall_s < SLOW_S
    )
    return {
        "fuzz": "passed" if good else "failed",
        "files": len(outcomes),
        "seed": seed,
        "reports": sum(outcome.said.startswith("report") for outcome in outcomes),
        "outcomes": dict(Counter(outcome.said for outcome in outcomes).most_common()),
        "by_kind": {
            kind: dict(Counter(outcome.said.split(":")[0] for outcome in outcomes if outcome.kind == kind))
            for kind in sorted({outcome.kind for outcome in outcomes})
        },
        "unanswered": unanswered,
        "slowest": {"name": slowest.name, "wall_s": round(slowest.wall_s, 2), "said": slowest.said},
        "rss_mb_after_warm_up": before["rss_mb"],
        "rss_mb_at_the_end": after["rss_mb"],
        "largest_decoder_mb": round(decoders.mb),
        "descriptors": [before["descriptors"], after["descriptors"]],
        "children_left": len(left),
        "wall_s": round(time.monotonic() - started_s, 1),
    }


def _damaged(folder: Path, count: int, seed: int) -> Iterator[Path]:
    """Damaged files, each made when it is asked for, from the whole ones in turn."""
    seeds = make_seeds(folder)
    for number in range(count):
        whole = seeds[number % len(seeds)]
        random = Random(f"{seed}-{number}")
        data, damage = mutate(whole.read_bytes(), random)
        path = folder / f"{number}-{'-'.join(damage)}-{whole.name}"
        path.write_bytes(data)
        yield path


def _analyze(path: Path) -> Outcome:
    started_s = time.monotonic()
    answered = True
    try:
        analysis = analyze(
            path,
            OPTIONS,
            media=Sandbox(),
            models=FakeModels(),
            software=software("cpu"),
            on_progress=lambda _progress: None,
        )
        report_bytes(analysis.report)
        said = f"report: {analysis.report.finding.verdict}"
    except InputError as error:
        said = f"{error.code}: {re.sub(r'[0-9]+([.][0-9]+)?', '#', error.what)}"
    except DeepTraceError as error:
        answered, said = False, f"{error.code}: {error.what}"
    except Exception as error:
        answered, said = False, repr(error)
    wall_s = time.monotonic() - started_s
    kind = path.suffix.removeprefix(".")
    path.unlink()
    return Outcome(name=path.name, kind=kind, said=said, answered=answered, wall_s=wall_s)


def _held() -> dict[str, int]:
    """What this process holds now."""
    gc.collect()
    return {
        "rss_mb": round(resident_mb()),
        "descriptors": _open_descriptors(),
    }


def _open_descriptors() -> int:
    """Files, pipes and sockets; not what is opened in /proc for a moment to look at processes."""
    count = 0
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):
            count += not os.readlink(f"/proc/self/fd/{name}").startswith("/proc/")
    return count
