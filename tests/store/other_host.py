"""A worker process whose clock may be wrong. Run by the tests as `python -m tests.store.other_host SHIFT_S`.

Does as told on its standard input, one command a line, and answers each with one line.
"""

import datetime
import sys
import time

SHIFT_S = float(sys.argv[1])

_time, _datetime = time.time, datetime.datetime


class Shifted(_datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> "Shifted":
        return cls.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls) -> "Shifted":
        return cls.fromtimestamp(time.time(), datetime.UTC).replace(tzinfo=None)


time.time = lambda: _time() + SHIFT_S
datetime.datetime = Shifted  # type: ignore[misc]

# Only now, so that everything below knows no other clock.
from deeptrace_core.errors import ClaimEnded  # noqa: E402
from deeptrace_core.job import Job, JobFailure  # noqa: E402
from deeptrace_core.settings import load_settings  # noqa: E402
from deeptrace_core.store import Store, open_store  # noqa: E402

WAIT_S = 1.3
WORKER = f"worker whose clock is {SHIFT_S:+.0f} s wrong"


def obey(store: Store, job: Job | None, command: str) -> Job | None:
    """Carry out one command; its answer is one line."""
    answer = "done"
    try:
        if command == "claim":
            job = store.jobs.claim(WORKER)
            answer = "none" if job is None else job.id
        elif command == "wait":
            time.sleep(WAIT_S)
        elif command == "reap":
            answer = str(store.jobs.reap())
        elif command == "promote":
            answer = str(store.jobs.promote())
        elif command == "renew" and job is not None:
            store.jobs.renew(job)
        elif command == "fail" and job is not None:
            failure = JobFailure(code="ANY", what="It went wrong.", advice="None.")
            answer = store.jobs.fail(job, failure, retry=True).value
    except ClaimEnded as error:
        answer = error.code
    sys.stdout.write(answer + "\n")
    sys.stdout.flush()
    return job


def main() -> None:
    with open_store(load_settings()) as store:
        job = None
        for line in sys.stdin:
            job = obey(store, job, line.strip())


if __name__ == "__main__":
    main()
