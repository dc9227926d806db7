"""What the tests of the store share: jobs to submit, a look behind the store, a server to mistreat."""

import hashlib
import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deeptrace_core.job import Job, StoredMedia
from deeptrace_core.model import AnalysisOptions
from deeptrace_core.store import Store
from deeptrace_core.store.mongod_folder import MongodFolder
from deeptrace_core.store.mongod_process import running_pid

Submit = Callable[..., Job]


def make_media(content: str | None = None, name: str = "clip.mp4") -> StoredMedia:
    """A file as it would stand in the blob store. Without content, a new one each time."""
    sha256 = hashlib.sha256((content or uuid.uuid4().hex).encode()).hexdigest()
    return StoredMedia(sha256=sha256, size_bytes=1234, name=name)


def claimed(store: Store, worker_id: str = "worker-1") -> Job:
    """The next job, which must exist."""
    job = store.jobs.claim(worker_id)
    assert job is not None
    return job


@pytest.fixture
def media() -> Callable[..., StoredMedia]:
    """A maker of media."""
    return make_media


@pytest.fixture
def options() -> AnalysisOptions:
    return AnalysisOptions(detector="test")


@pytest.fixture
def submit(store: Store, options: AnalysisOptions) -> Submit:
    """Submits one new job and returns it."""

    def submit_one(*, name: str = "clip.mp4", priority: int = 0) -> Job:
        submission = store.jobs.submit(make_media(name=name), options, priority=priority)
        return store.jobs.get(submission.job_id)

    return submit_one


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder with a short path. A server that is left in it is killed."""
    folder = Path(tempfile.mkdtemp(prefix="dt-test-", dir="/tmp"))
    yield folder
    for mongo in (folder, *folder.rglob("mongo")):
        if (mongo / "mongod.pid").exists():
            pid = running_pid(MongodFolder(root=mongo))
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder)
