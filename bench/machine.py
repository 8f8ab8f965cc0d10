"""Facts of the machine that go with every saved result, and its measured memory bandwidth."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import time
from pathlib import Path
from typing import Any

import numpy as np

PACKAGES = (
    "lazyframe-jit",
    "pandas",
    "numpy",
    "scipy",
    "numba",
    "llvmlite",
    "pyarrow",
    "polars",
    "duckdb",
    "numexpr",
)
# Three arrays of 128 MB: beyond any last-level cache in use, as STREAM's rules ask.
STREAM_ELEMENTS = 16_000_000


def facts() -> dict[str, Any]:
    """CPU, cores, memory, operating system, Python and the versions of every contender."""
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "load_average": os.getloadavg(),
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor())


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def memory_bandwidth(threads: int) -> dict[str, float]:
    """
    Measure what memory gives, in bytes per second: the best of five runs each of a sum, a copy and a triad.

    The kernels and the counting of bytes are those of STREAM (J. McCalpin, 1995): reads and writes of the
    program, not the lines that a write fetches first. `sum` reads only, as workloads that end in a scalar do.
    """
    import numba

    numba.set_num_threads(threads)

    @numba.njit(parallel=True, fastmath={"reassoc"})
    def total(a):  # type: ignore[no-untyped-def]
        result = 0.0
        for i in numba.prange(len(a)):
            result += a[i]
        return result

    @numba.njit(parallel=True)
    def copy(a, b):  # type: ignore[no-untyped-def]
        for i in numba.prange(len(a)):
            b[i] = a[i]

    @numba.njit(parallel=True)
    def triad(a, b, c):  # type: ignore[no-untyped-def]
        for i in numba.prange(len(a)):
            c[i] = a[i] + 3.0 * b[i]

    arrays = [np.full(STREAM_ELEMENTS, float(value)) for value in range(1, 4)]
    kernels = {"sum": (total, arrays[:1]), "copy": (copy, arrays[:2]), "triad": (triad, arrays)}
    best = {}
    for name, (kernel, arguments) in kernels.items():
        kernel(*arguments)
        elapsed_s = min(_elapsed(kernel, arguments) for _ in range(5))
        best[name] = sum(array.nbytes for array in arguments) / elapsed_s
    return best


def _elapsed(kernel: Any, arguments: list[np.ndarray]) -> float:
    start = time.perf_counter()
    kernel(*arguments)
    return time.perf_counter() - start
