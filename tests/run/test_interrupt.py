"""Ctrl-C stops a computation between morsels, whatever it is doing, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("interrupted.py")
ATTEMPTS = 3
"""On a busy machine the threads that compute may run on for a while before the one that has the signal."""

PATIENCE_S = 120.0
"""After so long a child that nothing stops is ended."""


@pytest.mark.parametrize(
    ("tier", "threads"),
    [("kernel", 1), ("kernel", 2), ("numpy", 1), ("numpy", 2), ("compiling", 2), ("groups", 2)],
)
def test_stops_within_200_ms_of_work_and_computes_again(tier: str, threads: int, tmp_path: Path) -> None:
    worked = []
    for _ in range(ATTEMPTS):
        worked.append(_worked_after_signal(tier, threads, tmp_path))
        if worked[-1] < 0.2 * threads:
            return
    raise AssertionError(f"after Ctrl-C {worked} s of processors were used before it came through")


def _worked_after_signal(tier: str, threads: int, directory: Path) -> float:
    """Seconds of processors, which do not depend on what else the machine is busy with."""
    environment = {**os.environ, "LAZYFRAME_CACHE_DIR": str(directory)}
    process = subprocess.Popen(
        [sys.executable, str(CHILD), tier, str(threads)], env=environment, stdout=subprocess.PIPE, text=True
    )
    impatient = threading.Timer(PATIENCE_S, process.kill)
    with process:
        impatient.start()
        try:
            assert process.stdout is not None
            assert process.stdout.readline().split()[0] == "started"
            time.sleep(0.7)
            before = time.clock_gettime(_processor_clock(process.pid))
            process.send_signal(signal.SIGINT)
            said, _, after = process.stdout.readline().partition(" ")
            assert said == "stopped", after
            assert float(process.stdout.readline().split()[1]) < 0.15
            rest = process.stdout.read()
        finally:
            impatient.cancel()
            process.kill()
    assert rest.split() == ["again"]
    return float(after) - before


def _processor_clock(pid: int) -> int:
    """What clock_getcpuclockid(3) gives: the clock of the seconds that a process has used."""
    return (~pid << 3) | 2
