"""NumPy computes what is behind guards for the rows that these leave, and gives what kernels give."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.run import interpret, interpreted_rows, reference
from lazyframe.run.bindings import bind_array
from lazyframe.run.execute import compute
from passes.ir.operations import BOOL, FLOAT64, INT64
from passes.ir.rows import Filter, Group, Range
from passes.ir.values import (
    Aggregate,
    Gather,
    Key,
    Literal,
    Lookup,
    Map,
    Reduce,
    RowNumber,
    Take,
    Value,
    View,
)

pytestmark = pytest.mark.usefixtures("interpreted")

ROWS = 40_000


def _less(value: Value, limit: Any) -> Value:
    return Map("less", (value, Literal(limit)), BOOL)


def _columns() -> tuple[Value, Value, Value]:
    random = np.random.default_rng(7)
    x = random.normal(size=ROWS)
    x[::97], x[1::97], x[2::97] = np.nan, np.inf, -0.0
    k = random.integers(-50, 50, ROWS)
    return bind_array(x), bind_array(k), bind_array(random.integers(0, 900, ROWS))


def behind(values: list[Value], guards: list[Value]) -> list[Value]:
    """The values where all guards hold, one filter behind another."""
    for k in range(len(guards)):
        rows = Filter(guards[k].rows, guards[k])
        values = [Take(value, rows) for value in values]
        guards = [*guards[: k + 1], *[Take(guard, rows) for guard in guards[k + 1 :]]]
    return values


def results(few: bool, many: bool) -> list[Value]:
    x, k, far = _columns()
    first, second = _less(k, -48 if few else 40), _less(far, 890 if many else 9)
    squared = Map("multiply", (x, x), FLOAT64)
    kept = behind([x, squared, RowNumber(x.rows), Map("add", (k, far), INT64)], [first, second])
    again = behind([k], [first])
    group = Group(kept[0].rows, (kept[3],), True)
    sums = [Aggregate(name, kept[0], group, FLOAT64) for name in ("sum", "minimum", "maximum")]
    is_low = _less(kept[1], 0.5)
    flags = [Aggregate(name, is_low, group, BOOL) for name in ("any", "all")]
    counts = [Aggregate("sum", Literal(1), group, INT64), Aggregate("sum", kept[3], group, INT64)]
    whole = [Reduce("sum", kept[1], FLOAT64), Reduce("maximum", kept[2], INT64), Reduce("any", is_low, BOOL)]
    return [*kept, *again, *sums, *flags, *counts, *whole, Key(group, 0), Reduce("sum", squared, FLOAT64)]


def assert_means(values: list[Value]) -> list[Any]:
    with lazyframe.config(min_rows=0), np.errstate(all="ignore"):
        found, expected = compute(values), reference.compute(values)
    for f, e in zip(found, expected, strict=True):
        assert np.asarray(f).dtype == np.asarray(e).dtype
        np.testing.assert_allclose(f, e, rtol=1e-11, atol=1e-9)
    return found


@pytest.mark.parametrize("at_once", [1000, 1 << 16])
@pytest.mark.parametrize("few", [False, True])
@pytest.mark.parametrize("many", [False, True])
def test_guards(few: bool, many: bool, at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpret, "_ROWS_AT_ONCE", at_once)
    assert_means(results(few, many))


def test_guards_that_nothing_and_everything_passes() -> None:
    for limit in (-100, 100):
        x, k, _ = _columns()
        kept = behind([x], [_less(k, limit), _less(x, 0.0)])
        group = Group(kept[0].rows, (Take(Take(k, kept[0].rows.parent), kept[0].rows),), False)
        assert_means([*kept, Reduce("sum", kept[0], FLOAT64), Aggregate("sum", kept[0], group, FLOAT64)])


def test_views_and_gathers_behind_guards() -> None:
    x, k, _ = _columns()
    half = View(x, Range(ROWS // 2 - 3), 3, 2)
    back = View(k, half.rows, ROWS - 1, -1)
    numbers = View(RowNumber(x.rows), half.rows, 5, 1)
    behind_it = Map("minimum", (Map("add", (RowNumber(half.rows), Literal(1)), INT64), Literal(9)), INT64)
    kept = behind([half, back, numbers, Gather(half, behind_it)], [_less(back, -45), _less(half, 0.5)])
    assert_means(kept)


def test_lookups_behind_guards() -> None:
    x, k, far = _columns()
    table = bind_array(np.arange(0, 900, 7)[::-1].copy())
    found = Lookup((far,), table.rows, (table,))
    is_there = Map("greater_equal", (found, Literal(0)), BOOL)
    price = Gather(
        bind_array(np.linspace(0.0, 1.0, len(range(0, 900, 7)))), Map("maximum", (found, Literal(0)), INT64)
    )
    assert_means(behind([x, price, far], [_less(k, -40), is_there, _less(price, 0.5)]))


def test_only_rows_that_are_left_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []
    evaluate = interpreted_rows.evaluate

    def counting(name: str, arguments: list[Any], dtype: np.dtype, spent: Any) -> Any:
        if name == "exp":
            lengths.append(len(arguments[0]))
        return evaluate(name, arguments, dtype, spent)

    monkeypatch.setattr(interpreted_rows, "evaluate", counting)
    x, k, _ = _columns()
    rows = Filter(x.rows, _less(k, -48))
    assert_means([Take(Map("exp", (x,), FLOAT64), rows)])
    assert 0 < sum(lengths) < ROWS // 20


def test_results_that_are_needed_again_are_not_written_to() -> None:
    x, k, _ = _columns()
    twice = Map("add", (x, x), FLOAT64)
    fourfold = Map("add", (twice, twice), FLOAT64)
    once = Map("multiply", (fourfold, x), FLOAT64)
    more = Map("subtract", (Map("multiply", (once, once), FLOAT64), once), FLOAT64)
    alone = Map("negative", (Map("absolute", (Map("add", (x, Literal(1.0)), FLOAT64),), FLOAT64),), FLOAT64)
    seen = Map("multiply", (Map("add", (x, Literal(2.0)), FLOAT64), Literal(3.0)), FLOAT64)
    guarded = behind([more, alone, seen], [_less(k, -40), _less(seen, 5.0)])
    assert_means([x, twice, once, more, alone, *guarded, *behind([alone, seen], [_less(k, 10)])])


def test_nothing_is_left_of_a_loop() -> None:
    wanted = results(few=True, many=False)
    gc.collect()
    gc.disable()
    try:
        with lazyframe.config(min_rows=0), np.errstate(all="ignore"):
            compute(wanted)
        # by type: to ask a proxy of something that is gone for its class raises
        left = [one for one in gc.get_objects() if type(one) is interpreted_rows.Rows]
    finally:
        gc.enable()
    assert not left, "only the collector of cycles would give back what they hold"


@pytest.mark.parametrize("groups", [1, 3, 200])
def test_sums_of_long_groups_are_as_exact_as_pandas(groups: int) -> None:
    random = np.random.default_rng(8)
    prices = np.array([1200.5, 33.0, 7.25, 0.99])[random.integers(0, 4, ROWS)]
    frame = pandas.DataFrame({"key": random.integers(0, groups, ROWS), "price": prices})
    with lazyframe.config(min_rows=0):
        found = lazyframe.DataFrame(frame).groupby("key")["price"].sum().to_pandas()
    pandas.testing.assert_series_equal(found, frame.groupby("key")["price"].sum(), rtol=2e-15, atol=0.0)
