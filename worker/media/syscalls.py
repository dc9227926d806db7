"""A filter of system calls (seccomp) through libseccomp, which knows their numbers on each machine."""

import ctypes
import errno
import os

# the file and the pipes, which are open already
FILES = (
    "read pread64 readv lseek write writev close dup fcntl fstat newfstatat statx poll ppoll select pselect6"
)
# memory
MEMORY = "mmap munmap mremap mprotect madvise brk"
# threads
THREADS = (
    "futex futex_wait futex_waitv futex_wake set_robust_list rseq rt_sigaction rt_sigprocmask "
    "rt_sigreturn sigaltstack sched_yield sched_getaffinity gettid membarrier exit exit_group "
    "restart_syscall"
)
# clocks, and facts about this process and machine
FACTS = (
    "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday times getrandom getpid "
    "getppid getuid geteuid getgid getegid getrusage uname sysinfo"
)
NEEDED = f"{FILES} {MEMORY} {THREADS} {FACTS}".split()
"""Everything else fails with EPERM: opening files, sockets, io_uring, other programs, signals to others,
raising a limit. So a decoder that was taken over can burn time and lie about pictures, and no more."""

ALLOW = 0x7FFF0000
REFUSE = 0x00050000
"""SCMP_ACT_ERRNO, with the number of the error added."""

THREAD_SYNC = 4
"""SCMP_FLTATR_CTL_TSYNC: the filter holds for every thread."""

CLONE_THREAD = 0x00010000
EQUAL, MASKED_EQUAL = 4, 7


class _Compare(ctypes.Structure):
    """struct scmp_arg_cmp"""

    _fields_ = (
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("a", ctypes.c_uint64),
        ("b", ctypes.c_uint64),
    )


def allow_only_what_decoding_needs() -> bool:
    """Put the filter on this process for good. False where libseccomp or the kernel's part is missing."""
    try:
        library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    except OSError:
        return False
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(REFUSE + errno.EPERM)))
    if not context:
        return False

    def rule(action: int, name: str, *compares: _Compare) -> None:
        number = library.seccomp_syscall_resolve_name(name.encode())
        array = (_Compare * len(compares))(*compares)
        # A call unknown to this machine or to this libseccomp stays refused.
        library.seccomp_rule_add_array(context, ctypes.c_uint32(action), number, len(compares), array)

    try:
        library.seccomp_attr_set(context, THREAD_SYNC, ctypes.c_uint32(1))
        for name in NEEDED:
            rule(ALLOW, name)
        # Threads, not processes. The C library takes ENOSYS as "use clone", whose flags can be looked at.
        rule(ALLOW, "clone", _Compare(0, MASKED_EQUAL, CLONE_THREAD, CLONE_THREAD))
        rule(REFUSE + errno.ENOSYS, "clone3")
        # abort() signals its own process; nobody else may be.
        rule(ALLOW, "tgkill", _Compare(0, EQUAL, os.getpid(), 0))
        return bool(library.seccomp_load(context) == 0)
    finally:
        library.seccomp_release(context)
