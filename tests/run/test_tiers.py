"""Every builder by kernel and by NumPy, on any number of threads, over many morsels: one answer."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import lazyframe
from lazyframe.codegen import store
from lazyframe.codegen.compiler import Compiler
from lazyframe.codegen.emit_scans import find_bounds
from lazyframe.codegen.kernel import CompileError
from lazyframe.run import execute, reference, tiers
from lazyframe.run.bindings import bind_array
from lazyframe.run.execute import compute
from lazyframe.run.morsels import LEAST_MORSEL_ROWS as MORSEL_ROWS
from passes.ir.operations import BOOL, FLOAT64, INT64
from passes.ir.rows import Filter, Group, Product, Range
from passes.ir.values import Aggregate, Fold, Key, Literal, Map, Outer, Reduce, RowNumber, Take, Value

ROWS = 5 * MORSEL_ROWS + 17
LENGTHS = (0, 1, 2, MORSEL_ROWS, MORSEL_ROWS + 1, ROWS)


def _inputs(rows: int, strided: bool = False, groups: int = 50) -> tuple[Value, Value]:
    random = np.random.default_rng(rows)
    x = random.normal(size=(rows, 2))
    k = random.integers(-3, groups, (rows, 2))
    return tuple(bind_array(a[:, 0] if strided else a[:, 0].copy()) for a in (x, k))  # type: ignore[return-value]


def append(x: Value, k: Value) -> list[Value]:
    return [Map("multiply", (x, x), FLOAT64), Map("add", (k, Literal(1)), INT64)]


def filtered(x: Value, k: Value) -> list[Value]:
    rows = Filter(x.rows, Map("greater", (x, Literal(0.5)), BOOL))
    again = Filter(rows, Map("less", (Take(k, rows), Literal(20)), BOOL))
    return [Take(x, rows), Take(Take(k, rows), again), RowNumber(rows), Take(RowNumber(x.rows), rows)]


def reduced(x: Value, k: Value) -> list[Value]:
    below = Map("less", (x, Literal(0.0)), BOOL)
    rows = Filter(x.rows, below)
    named = [
        Reduce(name, column, column.dtype) for name in ("sum", "minimum", "maximum") for column in (x, k)
    ]
    return [
        *named,
        Reduce("any", below, BOOL),
        Reduce("all", below, BOOL),
        Reduce("sum", Take(x, rows), FLOAT64),
    ]


def grouped(x: Value, k: Value) -> list[Value]:
    found: list[Value] = []
    for sort in (True, False):
        group = Group(x.rows, (k,), sort)
        found += [Key(group, 0), *[Aggregate(n, x, group, FLOAT64) for n in ("sum", "minimum", "maximum")]]
        ones = Map("cast", (Map("equal", (k, k), BOOL),), INT64)
        found.append(Aggregate("sum", ones, group, INT64))
    rows = Filter(x.rows, Map("greater", (x, Literal(0.0)), BOOL))
    group = Group(rows, (Take(k, rows),), False)
    return [*found, Key(group, 0), Aggregate("sum", Take(k, rows), group, INT64)]


def folded(x: Value, k: Value) -> list[Value]:
    few = bind_array(np.linspace(-1.0, 1.0, 7))
    pairs = Product(x.rows, few.rows)
    product = Map("multiply", (Outer(x, pairs, 0), Outer(few, pairs, 1)), FLOAT64)
    rows = Filter(pairs, Map("greater", (product, Literal(0.9)), BOOL))
    folds = [Fold(name, product, axis, FLOAT64) for name in ("sum", "maximum") for axis in (0, 1)]
    return [*folds, Take(product, rows)]


BUILDERS = (append, filtered, reduced, grouped, folded)


def computed(values: list[Value], **options: Any) -> list[Any]:
    with lazyframe.config(**options):
        return compute(values)


def bits(results: list[Any]) -> list[bytes]:
    return [np.asarray(result).tobytes() for result in results]


def assert_means(actual: list[Any], values: list[Value]) -> None:
    with np.errstate(all="ignore"):
        expected = reference.compute(values)
    for a, e in zip(actual, expected, strict=True):
        assert np.asarray(a).dtype == np.asarray(e).dtype
        np.testing.assert_allclose(a, e, rtol=1e-11, atol=1e-9)


@pytest.fixture(params=["kernel", "numpy"])
def tier(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "numpy":
        monkeypatch.setattr(execute, "kernel_for", lambda *loop: None)
    return str(request.param)


@pytest.mark.parametrize("build", BUILDERS)
@pytest.mark.usefixtures("tier")
def test_threads_change_no_bit(build: Any) -> None:
    values = build(*_inputs(ROWS))
    one = computed(values, min_rows=0, threads=1)
    assert_means(one, values)
    for threads in (2, 7):
        assert bits(computed(values, min_rows=0, threads=threads)) == bits(one)


@pytest.mark.parametrize("rows", LENGTHS)
@pytest.mark.parametrize("build", BUILDERS)
@pytest.mark.usefixtures("tier")
def test_any_length(build: Any, rows: int) -> None:
    values = build(*_inputs(rows))
    assert_means(computed(values, min_rows=0), values)


@pytest.mark.parametrize("build", BUILDERS)
@pytest.mark.usefixtures("tier")
def test_strided_inputs(build: Any) -> None:
    values = build(*_inputs(ROWS, strided=True))
    assert_means(computed(values, min_rows=0), values)


@pytest.mark.usefixtures("tier")
def test_arrays_without_sizes() -> None:
    values = filtered(*_inputs(ROWS))
    sized = computed(values, min_rows=0)
    assert bits(computed(values, min_rows=0, disable=["infer_sizes"])) == bits(sized)


@pytest.mark.parametrize("groups", [5_000, 300_000, 10**15])
@pytest.mark.usefixtures("tier")
def test_many_groups_and_keys_too_wide_to_address(groups: int) -> None:
    values = grouped(*_inputs(ROWS, groups=groups))
    one = computed(values, min_rows=0, threads=1)
    assert_means(one, values)
    assert bits(computed(values, min_rows=0, threads=2)) == bits(one)


@pytest.mark.parametrize(("waiting", "waits"), [(0, True), (4, False)])
def test_nobody_waits_for_a_kernel_behind_many_others(
    waiting: int, waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    fake = SimpleNamespace(
        find=lambda source: None,
        waiting=lambda: waiting,
        running_seconds=lambda: 1000.0,
        obtain=lambda source: asked.append("obtain"),
        prepare=lambda source: asked.append("prepare"),
    )
    monkeypatch.setattr(tiers, "compiler", fake)
    monkeypatch.setattr(tiers, "interpreted_seconds", lambda loop, layout: 2.5 * tiers.COMPILE_SECONDS)
    loop, layout = SimpleNamespace(domain=Range(10)), SimpleNamespace(outer=10, inner=1)
    with lazyframe.config(min_rows=1):
        tiers.kernel_for(SimpleNamespace(kernel=None), loop, layout)  # type: ignore[arg-type]
    assert asked == ["obtain" if waits else "prepare"]


@pytest.mark.parametrize(("seconds", "compiled"), [(0.0, True), (1.0, False)])
def test_a_short_loop_that_runs_again_and_again_is_compiled_behind(
    seconds: float, compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    fake = SimpleNamespace(at_hand=lambda source: None, prepare=asked.append)
    monkeypatch.setattr(tiers, "compiler", fake)
    monkeypatch.setattr(tiers, "_REPEATED_SECONDS", seconds)
    for run in range(6):
        x, k = _inputs(1000)
        rows = Filter(x.rows, Map("greater", (x, Literal(0.11 + run / 10)), BOOL))
        values = [Take(Map("multiply", (x, Literal(2.1 + run)), FLOAT64), rows), Take(k, rows)]
        assert_means(computed(values, min_rows=10**6), values)
        assert len(asked) == (max(run - 1, 0) if compiled else 0)
    assert len(set(asked)) <= 1


def test_the_store_is_asked_once_for_what_it_does_not_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    monkeypatch.setattr(store, "load", looked.append)
    mine = Compiler(SimpleNamespace(submit=lambda *job: None))  # type: ignore[arg-type]
    for folder in ("one", "one", "other"):
        with lazyframe.config(cache_dir=tmp_path / folder):
            assert mine.at_hand(find_bounds(INT64)) is None
            assert mine.at_hand(find_bounds(INT64)) is None
    assert len(looked) == 2
    mine._kernels[find_bounds(INT64)] = kernel = object()  # type: ignore[assignment]
    assert mine.at_hand(find_bounds(INT64)) is kernel


def test_whoever_asks_first_starts_the_compiler(tmp_path: Path) -> None:
    mine = Compiler(SimpleNamespace(submit=lambda *job: None))  # type: ignore[arg-type]
    with lazyframe.config(cache_dir=tmp_path):
        mine.prepare(find_bounds(INT64))
        assert mine.running_seconds() == 0.0
        assert mine.waiting() == 1
        while not mine.running_seconds():
            time.sleep(0.01)
        first = mine.running_seconds()
        mine.prepare(find_bounds(FLOAT64))
        assert mine.running_seconds() >= first > 0.0


def test_what_nobody_waits_for_is_asked_for_later_and_before_what_somebody_waits_for(tmp_path: Path) -> None:
    asked: list[tuple[Any, Any]] = []

    def submit(source: Any, directory: Any, done: Any) -> None:
        asked.append((source, directory))
        if source is float_bounds:
            done(CompileError("tried"))

    mine = Compiler(SimpleNamespace(submit=submit, close=lambda: None))  # type: ignore[arg-type]
    int_bounds, float_bounds = find_bounds(INT64), find_bounds(FLOAT64)
    with lazyframe.config(cache_dir=tmp_path / "first"):
        mine.prepare(int_bounds)
        mine.prepare(int_bounds)
    assert not asked
    with lazyframe.config(cache_dir=tmp_path / "second"), pytest.raises(CompileError, match="tried"):
        mine.obtain(float_bounds)
    assert asked == [(int_bounds, tmp_path / "first"), (float_bounds, tmp_path / "second")]
    mine.prepare(find_bounds(np.dtype(np.int32)))
    mine.close()
    assert [source for source, _ in asked] == [int_bounds, float_bounds, find_bounds(np.dtype(np.int32))]
