"""Small kernels that several tests compile."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lazyframe.codegen.kernel import KernelSource


def doubling(constant: float = 2.0) -> KernelSource:
    """A kernel that multiplies a column by `constant`; another constant makes another kernel."""
    lines = [
        "def kernel(lo, hi, p0, p1):",
        "    for i in range(lo, hi):",
        f"        p1[i] = p0[i] * {constant!r}",
        "    return 0",
        "",
    ]
    types = ("int64", "int64", "float64*", "float64*")
    return KernelSource("\n".join(lines), types, f"multiply by {constant!r}")


def doubles(kernel: Callable[..., int], constant: float = 2.0) -> bool:
    data, result = np.arange(37.0), np.zeros(37)
    assert kernel(0, 37, data.ctypes.data, result.ctypes.data) == 0
    return bool(np.array_equal(result, data * constant))
