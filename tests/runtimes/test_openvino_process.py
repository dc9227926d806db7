"""What OpenVINO does to the process that it is loaded into. Each trial has a process of its own."""

import subprocess
import sys

PREAMBLE = """
import faulthandler, signal, sys, tempfile, threading, time
from pathlib import Path
import numpy as np
import torch
from worker.runtimes.conversion import convert
from worker.runtimes.converted import ConvertedNetwork
from worker.runtimes.network import Built
from worker.runtimes.spread import Spread

def network():
    with tempfile.TemporaryDirectory() as folder:
        pictures = np.zeros((2, 3, 8, 8), np.float32)
        convert(Built(network=torch.nn.Conv2d(3, 1, 3), inputs=pictures, shape=(-1, 3, 8, 8)), Path(folder))
        return ConvertedNetwork(Path(folder), Spread.NOTHING)
"""


def ran(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PREAMBLE + program], capture_output=True, text=True, timeout=120, check=False
    )


def test_a_signal_is_survived_after_a_network_was_let_go_in_another_thread() -> None:
    """OpenVINO, when it is unloaded there, takes the stack for signals from under the first thread."""
    done = ran(
        """
faulthandler.enable()
networks = [network(), network()]
thread = threading.Thread(target=networks.clear)
thread.start()
thread.join()
signal.signal(signal.SIGALRM, lambda *_: print("heard"))
signal.setitimer(signal.ITIMER_REAL, 0.1)
time.sleep(1)
"""
    )
    assert (done.returncode, done.stdout) == (0, "heard\n"), done.stderr


def test_a_conversion_starts_no_process_and_calls_nobody() -> None:
    """OpenVINO's own way to convert forks, to report over the network what was converted."""
    done = ran(
        """
WATCHED = ("os.fork", "os.posix_spawn", "os.exec", "subprocess.", "socket.")
seen = []
sys.addaudithook(lambda event, _: seen.append(event) if event.startswith(WATCHED) else None)
print(network()(np.zeros((3, 3, 8, 8), np.float32))[0].shape)
print(seen)
"""
    )
    assert (done.returncode, done.stdout) == (0, "(3, 1, 6, 6)\n[]\n"), done.stderr


def test_who_would_report_over_the_network_is_not_loaded() -> None:
    """Neither by OpenVINO nor by NNCF, which quantizes."""
    done = ran("import nncf\nprint(sys.modules['openvino_telemetry'])")
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["None"]), done.stderr
