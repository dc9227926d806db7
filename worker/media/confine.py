"""What the decoder process gives up before it looks at a file. Linux only, each where the kernel has it."""

import ctypes
import os
import resource
import signal
import socket
from dataclasses import dataclass

from worker.media.limits import Limits
from worker.media.syscalls import allow_only_what_decoding_needs

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000


@dataclass(frozen=True, kw_only=True)
class Confinement:
    """What holds a decoder, as found by trying."""

    system_calls_filtered: bool
    """It can open no file, start no program, and signal nobody."""
    network_refused: bool


def confine(limits: Limits, parent_pid: int) -> Confinement:
    """Give up, for good, all that decoding does not need. To be called before any other thread exists."""
    libc = ctypes.CDLL(None, use_errno=True)
    _outlive_only_nobody(libc, parent_pid)
    _limit_resources(limits)
    _be_killed_first()
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    filtered = allow_only_what_decoding_needs()
    if not filtered:
        # The weaker way, for a machine without libseccomp: a network name space with nothing in it.
        libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)
        _outlive_only_nobody(libc, parent_pid)  # which new credentials undid
    return Confinement(system_calls_filtered=filtered, network_refused=not _reaches_loopback())


def _outlive_only_nobody(libc: ctypes.CDLL, parent_pid: int) -> None:
    """Die with the parent, and for nobody else's Ctrl-C or service manager: the parent decides."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # Strictly, it is sent when the parent's *thread* ends; the parent stays in one thread for a video.
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(0)  # it died before that


def _limit_resources(limits: Limits) -> None:
    _lower(resource.RLIMIT_AS, limits.address_space_bytes)
    _lower(resource.RLIMIT_NOFILE, limits.open_files)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_CORE, 0)
    # The parent raises this one as frames come, see `DecoderProcess`.
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s(), hard))


def _lower(what: int, value: int) -> None:
    hard = resource.getrlimit(what)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (value, value))


def _be_killed_first() -> None:
    """Where the machine runs out of memory, the kernel shall take the decoder and not the worker."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        return


def _reaches_loopback() -> bool:
    """Whether a connection to this very machine is even tried: refused by nobody listening is reached."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.settimeout(1)
            probe.connect(("127.0.0.1", 9))
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return True
