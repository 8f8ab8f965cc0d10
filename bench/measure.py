"""Timing, and memory: what is done in the measuring process."""

from __future__ import annotations

import ctypes
import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.compare import columns_of

Run = Callable[[], Any]


def elapsed(run: Run) -> float:
    """Seconds of one run; its result is dropped after the clock has stopped."""
    gc.collect()
    start = time.perf_counter()
    result = run()
    seconds = time.perf_counter() - start
    del result
    return seconds


def alternate(runs: Mapping[str, Run], rounds: int) -> dict[str, list[float]]:
    """
    Time contenders round-robin, each round beginning with another, so that drift falls on all alike.

    Returns
    -------
    dict of str to list of float
        Seconds of each round, by contender.
    """
    names = list(runs)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for round_ in range(rounds if names else 0):
        first = round_ % len(names)
        for name in names[first:] + names[:first]:
            seconds[name].append(elapsed(runs[name]))
    return seconds


def summary(seconds: Sequence[float]) -> dict[str, Any]:
    """Median, extremes and quartiles of some timings, with the timings themselves."""
    quartiles = statistics.quantiles(seconds, n=4) if len(seconds) > 1 else [seconds[0]] * 3
    return {
        "median_s": statistics.median(seconds),
        "min_s": min(seconds),
        "max_s": max(seconds),
        "quartile1_s": quartiles[0],
        "quartile3_s": quartiles[2],
        "runs_s": list(seconds),
    }


def peak_extra_bytes(run: Run) -> dict[str, int]:
    """
    Run once and say how far resident memory rose above what was resident before.

    Returns
    -------
    dict of str to int
        `peak_extra_bytes` over the inputs, of which `result_bytes` are the results.
    """
    results: list[Any] = []
    rise = rise_of_resident_bytes(lambda: results.append(run()))
    result_bytes = sum(column.nbytes for column in columns_of(results[0]).values())
    return {"peak_extra_bytes": rise, "result_bytes": result_bytes}


def rise_of_resident_bytes(run: Run) -> int:
    """
    Run once and say how far resident memory rose above what was resident before.

    Linux only: ``/proc/self/clear_refs`` resets the kernel's high-water mark (value 5, see proc(5)).
    """
    gc.collect()
    _trim_heap()
    Path("/proc/self/clear_refs").write_text("5")
    before = _resident_bytes("VmRSS")
    result = run()
    peak = _resident_bytes("VmHWM")
    del result
    return max(0, peak - before)


def _resident_bytes(field: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise OSError(f"/proc/self/status has no {field}: memory can be measured on Linux only")


def _trim_heap() -> None:
    # Freed memory that the allocator still holds would hide what the run needs.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
