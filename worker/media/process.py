"""Starting a decoder process, hearing it out with patience that ends, and saying what it died of."""

import contextlib
import fcntl
import logging
import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from deeptrace_core.errors import DecoderFailedError, DecoderUnavailableError, DeepTraceError
from deeptrace_core.settings import PROJECT_ROOT
from worker.media.limits import Limits
from worker.media.wire import HEADER, Order

log = logging.getLogger(__name__)

PIPE_BYTES = 2**20
TICK_S = 1.0
DEATH_S = 10.0
"""How long a killed process may take to be gone. It may hang in a file system that does not answer."""

LOG_BYTES = 2000

ENVIRONMENT = {
    # All of it: the settings of the worker hold passwords, and the decoder is what they must be kept from.
    "MALLOC_ARENA_MAX": "2",  # each thread's arena reserves 64 MiB of the address space
    # The C library would hand the memory of each frame back and ask for it again, which takes a sixth of the
    # time of decoding. A frame above the first number, the most it allows, still goes this way.
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(128 * 2**20),
    "OPENBLAS_NUM_THREADS": "1",  # numpy is only for shapes; a filter of system calls wants one thread
}


class DecoderProcess:
    """One child process which reads one file. Used as a context manager; at the end it is gone.

    Args:
        file: a descriptor of the video, open for reading.
        module: what the child runs, see `worker.media.child`.
        on_wait: called every second or so while the child is waited for; what it raises ends the wait.

    Raises:
        DecoderUnavailableError: the process cannot be started.
    """

    def __init__(self, file: int, limits: Limits, module: str, on_wait: Callable[[], None]) -> None:
        self._limits = limits
        self._on_wait = on_wait
        self._patience_s = limits.start_s
        self._waited_s = 0.0
        self._has_file = False
        order = Order(file=file, parent_pid=os.getpid(), limits=limits)
        try:
            self._process = subprocess.Popen(
                # -B: it may write no file, -E and -s: nothing of the user's environment.
                [sys.executable, "-B", "-E", "-s", "-m", module, order.encode()],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(file,),
                cwd=PROJECT_ROOT,
                env=ENVIRONMENT,
                start_new_session=True,  # Ctrl-C in a terminal is for the worker
            )
        except OSError as error:
            raise DecoderUnavailableError(
                "The process that decodes videos could not be started.", advice=f"{error}."
            ) from error
        assert self._process.stdin
        assert self._process.stdout
        self._orders, self._answers = self._process.stdin.fileno(), self._process.stdout.fileno()
        with contextlib.suppress(OSError):  # a user may have only so much of this
            fcntl.fcntl(self._answers, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(self._answers, select.POLLIN)
        self._writable.register(self._orders, select.POLLOUT)
        os.set_blocking(self._orders, False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe
            pipe.close()
        try:
            self._process.wait(DEATH_S)
        except subprocess.TimeoutExpired:
            log.warning("The decoder process %d was killed, and is still there.", self._process.pid)

    def gets_the_file(self) -> None:
        """From here on the process reads the file, and what it dies of is the file's doing."""
        self._has_file = True
        self._patience_s = self._limits.silence_s

    def ask(self, data: bytes) -> None:
        """Write to the process.

        Raises:
            DecoderFailedError: it does not read.
        """
        self._waited_s = 0.0
        rest = memoryview(data)
        while rest:
            self._wait(self._writable)
            try:
                rest = rest[os.write(self._orders, rest) :]
            except BrokenPipeError:
                return  # what it answered before says why

    def read_header(self) -> tuple[int, int]:
        """The kind and the length of the next message, as the process states them."""
        self._waited_s = 0.0
        header = bytearray(HEADER.size)
        self.read_into(memoryview(header))
        kind, length = HEADER.unpack(header)
        return kind, length

    def read_into(self, buffer: memoryview) -> None:
        """Fill a buffer from the message at hand; its patience is that of the whole message.

        Raises:
            DecoderFailedError: the process crashed, ran out of CPU time, or stopped making progress.
            DecoderUnavailableError: it was killed from outside, or never came up.
        """
        while buffer:
            self._wait(self._readable)
            count = os.readv(self._answers, [buffer])
            if count == 0:
                raise self._death()
            buffer = buffer[count:]

    def allow_cpu_s(self, cpu_s: int) -> None:
        """Let the process have this much CPU time in all."""
        with contextlib.suppress(ProcessLookupError):
            hard = resource.prlimit(self._process.pid, resource.RLIMIT_CPU)[1]
            resource.prlimit(self._process.pid, resource.RLIMIT_CPU, (cpu_s, hard))

    def _wait(self, pipe: select.poll) -> None:
        # Counted in ticks: a time in which this very process was frozen is not the decoder's silence.
        while True:
            started_s = time.monotonic()
            ready = pipe.poll(TICK_S * 1000)
            self._waited_s += min(time.monotonic() - started_s, TICK_S)
            if self._waited_s > self._patience_s:
                raise self._silence()
            if ready:
                return
            self._on_wait()

    def _silence(self) -> DeepTraceError:
        if not self._has_file:
            return DecoderUnavailableError(
                f"The process that decodes videos did not come up within {self._patience_s:g} s."
            )
        return DecoderFailedError(
            "The decoder stopped making progress while reading this file: nothing came for "
            f"{self._patience_s:g} s. No result was produced."
        )

    def _death(self) -> DeepTraceError:
        """What to say of a process that closed its end."""
        try:
            code = self._process.wait(TICK_S)
        except subprocess.TimeoutExpired:
            return DecoderFailedError(
                "The decoder stopped answering while reading this file. No result was produced."
            )
        last_words = self._last_words()
        log.warning("The decoder process ended with code %d. %s", code, last_words)
        if not self._has_file:
            return DecoderUnavailableError(
                f"The process that decodes videos could not start (exit code {code})."
            )
        if code == -signal.SIGKILL:
            return DecoderUnavailableError(
                "The decoder was killed from outside while it read this file, most likely because the "
                "machine ran out of memory."
            )
        if code == -signal.SIGXCPU:
            return DecoderFailedError(
                "The decoder used more processor time than a video of this length may take. "
                "No result was produced."
            )
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return DecoderFailedError(
            f"The decoder crashed while reading this file ({how}). No result was produced."
        )

    def _last_words(self) -> str:
        assert self._process.stderr
        pipe = self._process.stderr.fileno()
        os.set_blocking(pipe, False)
        try:
            return os.read(pipe, PIPE_BYTES)[-LOG_BYTES:].decode(errors="replace")
        except BlockingIOError:
            return ""
