"""`make run`: the database, the pages and one worker on this machine, until Ctrl-C."""

import http.client
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from deeptrace_core import __version__
from deeptrace_core.check import check
from deeptrace_core.errors import EnvironmentFault, StartupError, StoreUnavailableError
from deeptrace_core.settings import PROJECT_ROOT, Settings
from deeptrace_core.store import Store, open_store
from deeptrace_core.supervised import SupervisedProcess

HOST = "127.0.0.1"
START_TIMEOUT_S = 180.0
"""Importing torch from a cold disk takes up to a minute."""


class _Stopped(Exception):
    """Ctrl-C came while something was starting."""


def up(settings: Settings) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP, then stop everything that was started.

    Raises:
        DeepTraceError: something is missing or did not start; what did start is stopped.
    """
    stop = threading.Event()
    _say(f"DeepTrace {__version__}. Data and logs are in {settings.home}.")
    check(settings)
    _check_port(settings.port)
    with ExitStack() as undo:
        undo.enter_context(_signals_set(stop))
        undo.callback(_say, "Stopped.")
        try:
            _serve(settings, stop, undo)
        except _Stopped:
            pass
        finally:
            _say("\nStopping: the job at hand goes back to the queue.")


def _serve(settings: Settings, stop: threading.Event, undo: ExitStack) -> None:
    with _step("Database"):
        store = undo.enter_context(open_store(settings))
    worker = _process("worker", [sys.executable, "-m", "worker", "run"], settings)
    address = [f"--server.address={HOST}", f"--server.port={settings.port}"]
    pages = _process("pages", [sys.executable, "-m", "streamlit", "run", "app.py", *address], settings)
    for process in (worker, pages):
        process.start()
        undo.callback(process.stop)
    anchoring = _start_anchoring(settings, store, stop, undo)
    with _step("Pages"):
        _wait_until(lambda: _pages_answer(settings.port), pages, stop)
    with _step("Worker (loads the networks)"):
        _wait_until(lambda: _worker_lives(store, worker), worker, stop)
    _tell_ready(store, worker, settings)
    while not stop.wait(1.0):
        for process in (worker, pages, *anchoring):
            if process.restart_if_dead():
                _say(f"The {process.name} process ended and was started again. See {process.log}.")
        try:
            store.revive()
        except EnvironmentFault as error:
            _say(error.diagnostics())


def _start_anchoring(
    settings: Settings, store: Store, stop: threading.Event, undo: ExitStack
) -> tuple[SupervisedProcess, ...]:
    """The notary, where a chain and a key are set; and the chain itself, where it is the local one."""
    if settings.chain is None or settings.keystore is None:
        return ()
    # Only who anchors needs web3: without a chain it is not loaded.
    from deeptrace_core.chain import local
    from deeptrace_core.chain.presets import chain_from

    processes = []
    chain = chain_from(settings)
    if chain is not None and settings.chain == "local":
        node = _process("chain", local.local_chain_command(settings, chain), settings)
        node.start()
        undo.callback(node.stop)
        with _step("Local chain"):
            _wait_until(lambda: local.answers(chain), node, stop)
            local.prepare(settings, chain)
        _say(f"{chain.caution} It is for trying things out.")
        processes.append(node)
    notary = _process("notary", [sys.executable, "-m", "deeptrace_core", "notary"], settings)
    notary.start()
    undo.callback(notary.stop)
    with _step("Notary (opens its key)"):
        _wait_until(lambda: _notary_lives(store), notary, stop)
    return (*processes, notary)


def _process(name: str, command: list[str], settings: Settings) -> SupervisedProcess:
    return SupervisedProcess(
        name,
        command,
        folder=PROJECT_ROOT,
        log=settings.home / "logs" / f"{name}.log",
    )


def _tell_ready(store: Store, worker: SupervisedProcess, settings: Settings) -> None:
    info = next(info for info in store.workers.alive() if info.pid == worker.pid)
    offer = next((offer for offer in info.detectors if offer.name == info.default_detector), None)
    if offer is None or not offer.ready:
        python = Path(sys.executable)
        _say(
            f"The weights of the detector {info.default_detector!r} are not on this machine, so videos "
            f"will not be assessed. To get them: {python} -m worker models pull {info.default_detector}"
        )
    _say(f"\nOpen http://{HOST}:{settings.port}\nPress Ctrl-C to stop.")


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise StartupError(
                f"Port {port} of {HOST} cannot be used: {error.strerror}.",
                advice="If DeepTrace is running already, use that one or stop it. "
                "Or choose another port: DEEPTRACE_PORT=8502 make run",
            ) from error


def _pages_answer(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _worker_lives(store: Store, worker: SupervisedProcess) -> bool:
    try:
        return any(info.pid == worker.pid for info in store.workers.alive())
    except StoreUnavailableError:
        return False


def _notary_lives(store: Store) -> bool:
    try:
        info = store.notaries.latest()
    except StoreUnavailableError:
        return False
    return info is not None and info.alive


def _wait_until(ready: Callable[[], bool], process: SupervisedProcess, stop: threading.Event) -> None:
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while not ready():
        if stop.wait(0.2):
            raise _Stopped
        if not process.is_alive() or time.monotonic() > deadline_s:
            raise StartupError(
                f"The {process.name} process did not start: {process.last_words()}",
                advice=f"The whole log is in {process.log}.",
            )


@contextmanager
def _signals_set(stop: threading.Event) -> Iterator[None]:
    def handle(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    kept = {
        number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


@contextmanager
def _step(name: str) -> Iterator[None]:
    sys.stdout.write(f"{name} ... ")
    sys.stdout.flush()
    started = time.monotonic()
    try:
        yield
    except BaseException:
        sys.stdout.write("\n")
        raise
    _say(f"ready after {time.monotonic() - started:.1f} s")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
