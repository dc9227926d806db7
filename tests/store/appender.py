"""A process that adds events to one chain: `python -m tests.store.appender URI JOB NAME COUNT`."""

import sys

from deeptrace_core.settings import load_settings
from deeptrace_core.store import open_store


def main(uri: str, job_id: str, name: str, count: int) -> None:
    with open_store(load_settings({"DEEPTRACE_MONGODB_URI": uri})) as store:
        for number in range(count):
            store.audit.record("viewed", job_id=job_id, actor=name, n=number)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
