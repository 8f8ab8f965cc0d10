"""Rows merged into the slots of a table, against NumPy's ``ufunc.at``."""

from __future__ import annotations

import numpy as np
import pytest

from lazyframe.codegen.compile_source import compile_source
from lazyframe.codegen.emit_operations import memory_type
from lazyframe.codegen.group_tables import BATCH_ROWS, GROUP_ROWS, LANES
from lazyframe.codegen.kernel import KernelSource
from lazyframe.codegen.loader import load
from passes.ir.operations import REDUCTIONS, neutral

SLOTS = 5
ROWS = 40
ALL = ("sum", "product", "minimum", "maximum")
CASES = [
    *[("float64", name) for name in ALL],
    *[("float32", name) for name in ALL[1:]],
    *[(dtype, name) for dtype in ("int64", "uint64", "int16") for name in ALL],
    *[("bool", name) for name in ("any", "all", "minimum", "maximum")],
]


def source(dtype: np.dtype, suffix: str, operation: str, columns: int, stride: int) -> KernelSource:
    """Copy columns into batches, and merge the batches into a table."""
    memory = memory_type(dtype)
    names = [f"a{k}" for k in range(columns)]
    batches = "".join([f"b{k}, " for k in range(columns)])
    lines = [
        f"def kernel(lo, hi, table, slots, {', '.join(names)}):",
        "    d0 = batch(int64(0))",
        *[f"    b{k} = batch({memory}(0))" for k in range(columns)],
        "    for i in range(lo, hi):",
        "        d0[i] = slots[i]",
        *[f"        b{k}[i] = a{k}[i]" for k in range(columns)],
        f"    for r in range(lo, hi, {GROUP_ROWS}):",
        *[f"        prefetch({name}, 1000000 * r)" for name in ("slots", *names)],
        f"        merge_{operation}{suffix}(table, d0, r, {stride}, ({batches}))",
        "    return 0",
        "",
    ]
    types = ("int64", "int64", f"{memory}*", "int64*", *[f"{memory}*"] * columns)
    return KernelSource("\n".join(lines), types, "merge rows")


def numbers(dtype: np.dtype, columns: int) -> np.ndarray:
    random = np.random.default_rng(columns)
    if dtype.kind == "b":
        return random.random((columns, ROWS)) < 0.5
    values = random.integers(0 if dtype.kind == "u" else -9, 10, (columns, ROWS)).astype(dtype)
    if dtype.kind == "f":
        values[:, ::7] = random.choice([np.nan, np.inf, -0.0, 0.0], values[:, ::7].shape)
    return values


def merged(
    dtype: np.dtype,
    suffix: str,
    operation: str,
    values: np.ndarray,
    layers: int,
    slots: np.ndarray | None = None,
) -> np.ndarray:
    """What the kernel leaves in a table of slots by layers by columns."""
    columns = len(values)
    width = 1 << (columns - 1).bit_length()
    code = compile_source(source(dtype, suffix, operation, columns, layers * width))
    if slots is None:
        slots = np.random.default_rng(1).integers(0, SLOTS, ROWS)
    table = np.full((SLOTS, layers, width), neutral(operation, dtype))
    if suffix.startswith("_compensated"):
        table[:, 1] = 0.0
    memory = [table, slots, *np.ascontiguousarray(values)]
    kernel = load(code, source(dtype, suffix, operation, columns, 0).arguments)
    assert kernel(0, ROWS, *[array.ctypes.data for array in memory]) == 0
    return table


def expected(dtype: np.dtype, operation: str, values: np.ndarray, lanes: int) -> np.ndarray:
    slots = np.random.default_rng(1).integers(0, SLOTS, ROWS)
    table = np.full((SLOTS, lanes, len(values)), neutral(operation, dtype))
    with np.errstate(all="ignore"):
        REDUCTIONS[operation].combine.at(table, (slots, np.arange(ROWS) % lanes), values.T)
    return table


@pytest.mark.parametrize("columns", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("lanes", [1, LANES])
def test_every_number_of_columns(columns: int, lanes: int) -> None:
    dtype = np.dtype(np.float64)
    values = numbers(dtype, columns)
    suffix = "_in_lanes" if lanes > 1 else ""
    table = merged(dtype, suffix, "sum", values, lanes)
    np.testing.assert_array_equal(table[:, :, :columns], expected(dtype, "sum", values, lanes))


@pytest.mark.parametrize(("dtype", "operation"), CASES)
def test_every_operation(dtype: str, operation: str) -> None:
    own = np.dtype(dtype)
    values = numbers(own, 3)
    table = merged(own, "_in_lanes", operation, values, LANES)
    np.testing.assert_array_equal(table[:, :, :3], expected(own, operation, values, LANES))


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize(("dtype", "operation"), [*CASES, ("float64", "compensated")])
def test_rows_that_go_to_one_slot_together(dtype: str, operation: str, columns: int) -> None:
    own = np.dtype(dtype)
    values = numbers(own, columns)
    if own.kind == "f":
        values = np.where(np.isfinite(values), np.clip(values, -2, 2), 1.0)  # exact in any order
    slots = np.repeat(np.arange(SLOTS), GROUP_ROWS)
    suffix, name, layers = ("_compensated", "sum", 2) if operation == "compensated" else ("", operation, 1)
    for ordered in (slots, np.roll(slots, 3)):  # eight rows of one slot, or of two
        want = np.full((SLOTS, columns), neutral(name, own))
        REDUCTIONS[name].combine.at(want, ordered, values.T)
        for one in (suffix, suffix + "_of_runs"):
            table = merged(own, one, name, values, layers, ordered)
            np.testing.assert_array_equal(table[:, 0, :columns], want)


def test_compensated_sums_keep_what_rounding_loses() -> None:
    dtype = np.dtype(np.float64)
    values = np.stack([np.full(ROWS, 1.0), np.full(ROWS, 1e-17), np.full(ROWS, np.inf)])
    values[1, 0] = 1.0
    table = merged(dtype, "_compensated", "sum", values, 2)
    slots = np.random.default_rng(1).integers(0, SLOTS, ROWS)
    counts = np.bincount(slots, minlength=SLOTS)
    np.testing.assert_array_equal(table[:, 0, 0], counts)
    tiny = counts * 1e-17 + (np.arange(SLOTS) == slots[0]) * (1.0 - 1e-17)
    np.testing.assert_allclose(table[:, 0, 1] + table[:, 1, 1], tiny, rtol=1e-15)
    first = slots[0]
    assert table[first, 1, 1] == pytest.approx((counts[first] - 1) * 1e-17)
    np.testing.assert_array_equal(table[:, 0, 2], np.inf)


def test_a_batch_holds_whole_groups_of_rows() -> None:
    assert BATCH_ROWS % GROUP_ROWS == 0
    assert GROUP_ROWS % LANES == 0
