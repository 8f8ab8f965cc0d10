"""Fixtures of the code generation tests: one compile helper for all of them, a store for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from lazyframe.codegen import store
from lazyframe.codegen.compiler import Compiler
from lazyframe.codegen.helper_process import HelperProcess
from lazyframe.codegen.kernel import KernelSource

Apply = Callable[..., list[np.ndarray]]


@pytest.fixture(scope="session")
def helper() -> Iterator[HelperProcess]:
    shared = HelperProcess()
    yield shared
    shared.close()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "store"
    store.configure(path)
    yield path
    store.configure(None)


@pytest.fixture
def compiler(helper: HelperProcess, folder: Path) -> Compiler:
    return Compiler(helper)


@pytest.fixture
def apply(compiler: Compiler) -> Apply:
    """Compile row-wise expressions over ``x0, x1, ...`` into one kernel and run it."""

    def run(
        expressions: list[str], *columns: np.ndarray, dtypes: list[str] | None = None
    ) -> list[np.ndarray]:
        wanted = dtypes or [str(columns[0].dtype)] * len(expressions)
        size = len(columns[0])
        outputs = [np.zeros(size, dtype=dtype) for dtype in wanted]
        names = [f"p{i}" for i in range(len(columns))] + [f"o{i}" for i in range(len(outputs))]
        lines = [f"def kernel(lo, hi, {', '.join(names)}):", "    for i in range(lo, hi):"]
        lines += [f"        x{i} = p{i}[i]" for i in range(len(columns))]
        lines += [f"        o{i}[i] = {expression}" for i, expression in enumerate(expressions)]
        arrays = [*columns, *outputs]
        types = ("int64", "int64", *(f"{array.dtype}*" for array in arrays))
        source = KernelSource("\n".join([*lines, "    return 0", ""]), types, "test")
        assert compiler.obtain(source)(0, size, *(array.ctypes.data for array in arrays)) == 0
        return outputs

    return run
