"""What the processor could do at most: the matrix products of an Xception and nothing else."""

import os
import statistics
import time

import torch

XCEPTION_FLOP = 16.7e9
"""Of one 299 px face: 8.36 billion multiplications and as many additions."""
SIDE = 2048
ROUNDS = 15


def matmul_faces_a_s() -> float:
    """Faces a CPU second, if products of large float32 matrices were all that had to be computed."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        a, b = torch.rand(SIDE, SIDE), torch.rand(SIDE, SIDE)
        seconds = []
        for _ in range(ROUNDS):
            start = time.thread_time()
            a @ b
            seconds.append(time.thread_time() - start)
    finally:
        torch.set_num_threads(threads)
        os.sched_setaffinity(0, allowed)
    return 2 * SIDE**3 / statistics.median(seconds) / XCEPTION_FLOP
