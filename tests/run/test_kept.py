"""What is asked for twice is computed once."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import numpy as np
import pytest

import lazyframe
import lazyframe.numpy as lnp
from lazyframe.run import execute, kept, reference
from lazyframe.run.anonymous import request
from lazyframe.run.bindings import bind_array
from lazyframe.run.execute import compute
from passes.ir.rows import Filter, Group, Join, Slice, Sort
from passes.ir.values import (
    Aggregate,
    Gather,
    GroupNumber,
    Key,
    Literal,
    Lookup,
    Map,
    Position,
    Reduce,
    RowNumber,
    Take,
    Value,
    Window,
    WithinGroup,
)
from passes.ir.walk import topological

FLOAT64, INT64, BOOL = np.dtype(np.float64), np.dtype(np.int64), np.dtype(np.bool_)


@pytest.fixture(autouse=True)
def _recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # what is computed without a program keeps nothing
    monkeypatch.setattr(execute, "computed_at_once", lambda values: None)
    monkeypatch.setattr(execute, "filtered_at_once", lambda values, lent, compute: None)
    with lazyframe.config(min_rows=10**9):
        yield


def _filtered(mask_of: str) -> tuple[Filter, Value]:
    values = bind_array(np.random.default_rng(0).normal(size=500))
    mask = Map("greater", (Map(mask_of, (values,), FLOAT64), Literal(0.4)), BOOL)
    rows = Filter(values.rows, mask)
    return rows, Take(values, rows)


def test_a_dear_filter_is_kept_the_second_time() -> None:
    rows, column = _filtered("tanh")
    sums = [Reduce(name, column, FLOAT64) for name in ("sum", "maximum")]
    results: list[Value] = [column, *sums, column]
    for number, value in enumerate(results):
        (found,) = compute([value])
        np.testing.assert_allclose(found, reference.compute([value])[0], rtol=1e-14)
        assert (rows in kept._kept_rows) == (number >= 1)


def test_a_cheap_filter_is_evaluated_again() -> None:
    rows, column = _filtered("absolute")
    for _ in range(3):
        compute([column])
    assert rows not in kept._kept_rows


@pytest.mark.parametrize("operation", ["cumulative_count", "cumulative_sum"])
def test_a_filter_by_rows_of_groups_is_kept_at_once(operation: str) -> None:
    key = bind_array(np.random.default_rng(0).integers(0, 50, 500))
    values = bind_array(np.random.default_rng(1).integers(0, 9, 500).astype(np.float64))
    dtype = INT64 if operation == "cumulative_count" else FLOAT64
    found = WithinGroup(operation, values, Group(key.rows, (key,), True), dtype)
    rows = Filter(key.rows, Map("less", (found, Literal(found.dtype.type(3))), BOOL))
    column = Take(values, rows)
    for value in (column, Reduce("maximum", column, FLOAT64), column):
        np.testing.assert_array_equal(compute([value])[0], reference.compute([value])[0])
        assert rows in kept._kept_rows


def test_a_filter_of_a_kept_filter_is_right() -> None:
    rows, column = _filtered("tanh")
    inner = Filter(rows, Map("less", (Map("sin", (column,), FLOAT64), Literal(0.8)), BOOL))
    value = Take(column, inner)
    for _ in range(4):
        np.testing.assert_array_equal(compute([value])[0], reference.compute([value])[0])
    assert inner in kept._kept_rows


def test_what_kept_rows_alone_need_is_computed_for_them_alone() -> None:
    rows, column = _filtered("tanh")
    values = column.column  # type: ignore[attr-defined]  # a take's
    far = Gather(values, Map("subtract", (Literal(np.int64(499)), RowNumber(values.rows)), INT64))
    doubled = Map("multiply", (far, Literal(2.0)), FLOAT64)
    work = Map("add", (Map("sin", (values,), FLOAT64), doubled), FLOAT64)
    for _ in range(2):
        compute([column])
    (alone, *_) = kept.rebase(request([Take(work, rows)]), counting=False).request.values
    assert isinstance(alone, Map)
    assert alone.rows is kept._kept_rows[rows][0].rows
    (seen, *_) = kept.rebase(request([Take(work, rows), work]), counting=False).request.values
    assert seen == Gather(work, kept._kept_rows[rows][0])
    for results in ([Take(work, rows)], [Take(work, rows), work], [Take(far, rows), far]):
        for found, expected in zip(compute(results), reference.compute(results), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_a_sort_is_kept_when_all_of_it_is_needed_in_order() -> None:
    key = bind_array(np.random.default_rng(0).integers(0, 50, 500))
    rows = Sort(key.rows, (key,), (False,))
    column = Gather(bind_array(np.arange(500.0)), Position(rows, 0))
    first = Take(column, Slice(rows, None, 5, None))
    largest = Reduce("maximum", column, FLOAT64)
    counted = Reduce("maximum", Gather(key, Position(rows, 0)), key.dtype)
    for value, is_kept in [(first, False), (first, False), (counted, False), (counted, False), (column, True),
                           (first, True), (largest, True), (column, True)]:  # fmt: skip
        np.testing.assert_array_equal(compute([value])[0], reference.compute([value])[0])
        assert (rows in kept._kept_rows) == is_kept


def _joined() -> tuple[Join, list[Value]]:
    random = np.random.default_rng(1)
    keys = [bind_array(random.integers(0, 40, rows)) for rows in (300, 60)]
    rows = Join(keys[0].rows, keys[1].rows, (keys[0],), (keys[1],), "inner")
    sides = [bind_array(random.normal(size=rows)) for rows in (300, 60)]
    return rows, [Gather(column, Position(rows, side)) for side, column in enumerate(sides)]


def test_a_join_is_kept_the_second_time_and_then_its_columns() -> None:
    rows, columns = _joined()
    both = Map("add", (columns[0], columns[1]), FLOAT64)
    asked = [Reduce("maximum", column, FLOAT64) for column in (*columns, both)]
    for times in range(1, 6):
        for value in (both, asked[times % 3]):
            np.testing.assert_array_equal(compute([value])[0], reference.compute([value])[0])
        assert rows in kept._kept_rows
        assert (columns[0] in kept._kept_values) == (times >= 2)


def test_a_join_behind_a_filter_is_not_kept() -> None:
    rows, columns = _joined()
    left = Filter(rows, Map("greater", (columns[0], Literal(0.3)), BOOL))
    for _ in range(3):
        value = Reduce("maximum", Take(columns[1], left), FLOAT64)
        np.testing.assert_array_equal(compute([value])[0], reference.compute([value])[0])
    assert rows not in kept._kept_rows


def test_joins_of_which_a_filter_of_another_join_is_all_that_is_needed_are_not_kept() -> None:
    inner, columns = _joined()
    other = bind_array(np.arange(-20, 20))
    number = Gather(inner.right_keys[0], Position(inner, 1))
    outer = Join(inner, other.rows, (number,), (other,), "inner")
    seen = Gather(columns[0], Position(outer, 0))
    left = Filter(outer, Map("greater", (seen, Literal(0.3)), BOOL))
    for _ in range(3):
        value = Reduce("maximum", Take(seen, left), FLOAT64)
        np.testing.assert_array_equal(compute([value])[0], reference.compute([value])[0])
    assert inner not in kept._kept_rows
    for _ in range(2):
        compute([Reduce("maximum", seen, FLOAT64)])
    assert outer in kept._kept_rows


def _grouped() -> tuple[Group, list[Value]]:
    random = np.random.default_rng(2)
    key, values = bind_array(random.integers(0, 40, 500)), bind_array(random.normal(size=500))
    group = Group(key.rows, (key,), True)
    aggregates = [Aggregate(name, values, group, FLOAT64) for name in ("minimum", "maximum")]
    return group, [Key(group, 0), *aggregates]


def test_what_is_aggregated_of_groups_is_kept_the_second_time() -> None:
    group, (key, least, most) = _grouped()
    spread = Map("subtract", (most, least), FLOAT64)
    wide = Filter(group, Map("greater", (spread, Literal(3.5)), BOOL))
    compute([least])
    assert least not in kept._kept_values
    results = [spread, Take(key, wide), Reduce("maximum", spread, FLOAT64), Take(spread, wide), key, least]
    for value in [*results, *results]:
        np.testing.assert_array_equal(compute([value])[0], reference.compute([value])[0])
    assert all(value in kept._kept_values for value in (key, least, most))
    assert not [n for n in kept.rebase(request([spread])).request.order if isinstance(n, Group)]


def test_what_is_aggregated_of_few_groups_is_kept_at_once() -> None:
    r = np.random.default_rng(5)
    key, values = bind_array(r.integers(0, 3, 500)), bind_array(r.normal(size=500))
    some = Filter(key.rows, Map("greater", (values, Literal(-1.0)), BOOL))
    group = Group(some, (Take(key, some),), True)
    total, own_key = Aggregate("sum", Take(values, some), group, FLOAT64), Key(group, 0)
    compute([Reduce("maximum", total, FLOAT64)])
    assert {total, own_key} <= set(kept._kept_values)
    best = Filter(group, Map("greater", (total, Literal(0.0)), BOOL))
    asked: list[Value] = [Take(own_key, best), Take(total, best)]
    assert not any(
        isinstance(node, Group)
        for node in topological(kept.rebase(request(asked), counting=False).request.values)
    )
    for found, expected in zip(compute(asked), reference.compute(asked), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_keys_of_few_groups_are_kept_that_nobody_holds() -> None:
    r = np.random.default_rng(7)
    key, values = bind_array(r.integers(0, 3, 500)), bind_array(r.normal(size=500))
    group = Group(key.rows, (key,), True)
    total = Aggregate("sum", values, group, FLOAT64)
    compute([Reduce("maximum", total, FLOAT64)])
    gc.collect()
    asked: list[Value] = [Key(group, 0), total]
    assert not any(
        isinstance(node, Group)
        for node in topological(kept.rebase(request(asked), counting=False).request.values)
    )
    for found, expected in zip(compute(asked), reference.compute(asked), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_groups_that_are_many_or_asked_for_themselves_are_not_kept_at_once() -> None:
    r = np.random.default_rng(6)
    for distinct, asks_for_them in ((9, False), (3, True)):
        key, values = bind_array(r.integers(0, distinct, 500)), bind_array(r.normal(size=500))
        group = Group(key.rows, (key,), True)
        least = Aggregate("minimum", values, group, FLOAT64)
        compute([least if asks_for_them else Reduce("maximum", least, FLOAT64)])
        assert least not in kept._kept_values


def test_sums_of_groups_are_kept_at_once_where_something_else_is_made_of_them() -> None:
    r = np.random.default_rng(6)
    key, values = bind_array(r.integers(0, 400, 500)), bind_array(r.normal(size=500))
    group = Group(key.rows, (key,), True)
    total, largest = Aggregate("sum", values, group, FLOAT64), Aggregate("maximum", values, group, FLOAT64)
    compute([total])
    assert total not in kept._kept_values
    found, greatest = compute([total, Reduce("maximum", total, FLOAT64)])
    assert total in kept._kept_values
    kept_sums = kept._kept_values[total].token.data
    assert kept_sums is not found
    found[:] = 0.0  # whose it is
    is_greatest = Map("equal", (total, Literal(greatest, FLOAT64)), BOOL)
    again, most, mask = compute([total, largest, is_greatest])
    assert again.tobytes() == kept_sums.tobytes()
    np.testing.assert_array_equal(most, reference.compute([largest])[0])
    np.testing.assert_array_equal(mask, again == greatest)
    assert mask.any()


def test_groups_that_rows_are_found_in_are_not_replaced() -> None:
    group, (key, least, most) = _grouped()
    for value in [least, key, most, least, key, most]:
        compute([value])
    by_row = Map("add", (Gather(least, GroupNumber(group)), Gather(most, GroupNumber(group))), FLOAT64)
    for _ in range(3):
        np.testing.assert_array_equal(compute([by_row])[0], reference.compute([by_row])[0])


def test_where_rows_were_found_is_kept_the_second_time() -> None:
    random = np.random.default_rng(3)
    asked, held = bind_array(random.integers(0, 60, 400)), bind_array(random.permutation(50))
    found = Lookup((asked,), held.rows, (held,))
    least = Map("maximum", (found, Literal(0, np.int64)), found.dtype)
    seen = Gather(bind_array(random.normal(size=50)), least)
    for times, value in enumerate([seen, Reduce("maximum", seen, FLOAT64), seen, found, seen]):
        np.testing.assert_array_equal(compute([value])[0], reference.compute([value])[0])
        assert (found in kept._kept_values) == (times >= 1)


def test_where_rows_were_found_is_not_kept_behind_a_filter() -> None:
    random = np.random.default_rng(4)
    asked, held = bind_array(random.integers(0, 60, 400)), bind_array(random.permutation(50))
    found = Lookup((asked,), held.rows, (held,))
    rows = Filter(asked.rows, Map("greater_equal", (found, Literal(0, np.int64)), BOOL))
    for _ in range(3):
        value = Take(asked, rows)
        np.testing.assert_array_equal(compute([value])[0], reference.compute([value])[0])
    assert rows in kept._kept_rows
    assert found not in kept._kept_values


def test_a_scalar_that_somebody_holds_is_computed_once() -> None:
    values = bind_array(np.arange(1000.0))
    total = Reduce("sum", values, FLOAT64)
    first = Map("add", (values, total), FLOAT64)
    second = Map("subtract", (values, total), FLOAT64)
    compute([first])
    assert total in kept._kept_values
    assert not [n for n in kept.rebase(request([second])).summaries if isinstance(n, Reduce)]
    np.testing.assert_array_equal(compute([second])[0], np.arange(1000.0) - 499500.0)


def test_what_nobody_holds_is_forgotten() -> None:
    values = bind_array(np.arange(1000.0))
    compute([Map("add", (values, Reduce("sum", values, FLOAT64)), FLOAT64)])
    assert not any(isinstance(v, Reduce) and v.column is values for v in kept._kept_values)


def test_results_of_one_outer_product_share_its_folds() -> None:
    with lazyframe.config(min_rows=0):
        x = lnp.asarray(np.random.default_rng(0).normal(size=60))
        distances = lnp.sqrt((x[:, None] - x[None, :]) ** 2 + 1.0)
        nearest, furthest = distances.min(axis=1) + 1.0, distances.min(axis=1) * 2.0
        plain = np.asarray(x)
        expected = np.sqrt((plain[:, None] - plain[None, :]) ** 2 + 1.0).min(axis=1)
        np.testing.assert_allclose(np.asarray(nearest), expected + 1.0, rtol=1e-14)
        np.testing.assert_allclose(np.asarray(furthest), expected * 2.0, rtol=1e-14)


def test_small_vectors_are_held_for_their_outer_products() -> None:
    with lazyframe.config(min_rows=200_000):
        x = lnp.asarray(np.random.default_rng(0).normal(size=1100))
        outer = x[:, None] * x[None, :]
        assert isinstance(outer, lnp.ndarray)
        assert type(outer).__name__ == "LazyArray"
        plain = np.asarray(x)
        np.testing.assert_array_equal(np.asarray(outer), plain[:, None] * plain[None, :])


def _rows_of_source(seed: int) -> Value:
    return bind_array(np.random.default_rng(seed).normal(size=500))


def _right(*values: Value) -> None:
    for found, expected in zip(compute(values), reference.compute(values), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_what_no_loop_is_fused_with_is_kept_at_once() -> None:
    column = _rows_of_source(2)
    running = Window("cumulative_sum", Map("multiply", (column, Literal(2.0)), FLOAT64), FLOAT64)
    above = Map("add", (running, Literal(1.0)), FLOAT64)
    _right(Take(running, Slice(column.rows, None, 5, None)))
    assert running not in kept._kept_values, "fewer rows may be enough"
    _right(running)
    assert running not in kept._kept_values, "who asked has it, and may write to it"
    _right(Reduce("maximum", above, FLOAT64))
    assert running in kept._kept_values
    _right(above, running)
    _right(Reduce("minimum", above, FLOAT64), Take(running, Slice(column.rows, None, 5, None)))


def test_a_dear_column_of_a_source_is_kept_the_second_time() -> None:
    column = _rows_of_source(3)
    inside = Map("sin", (column,), FLOAT64)
    dear = Map("cos", (Map("add", (inside, Literal(1.0)), FLOAT64),), FLOAT64)
    cheap = Map("multiply", (column, column), FLOAT64)
    for number, name in enumerate(("maximum", "minimum", "sum")):
        _right(Reduce(name, dear, FLOAT64), Reduce(name, cheap, FLOAT64))
        assert (dear in kept._kept_values) == (number > 0)
    assert inside not in kept._kept_values, "the column has it in it"
    assert cheap not in kept._kept_values
    _right(dear, Map("multiply", (dear, cheap), FLOAT64))


@pytest.mark.parametrize("is_dear", [False, True])
def test_what_is_asked_for_itself_is_kept_the_second_time(is_dear: bool) -> None:
    column = _rows_of_source(5)
    dear = Map("cos", (Map("sin", (column,), FLOAT64),), FLOAT64)
    value = dear if is_dear else Window("cumulative_sum", column, FLOAT64)
    (first,) = compute([value])
    assert value not in kept._kept_values
    (second,) = compute([value])
    assert value in kept._kept_values
    assert second.flags.writeable
    second[:] = 0.0  # whose it is
    (third,) = compute([value])
    assert third.tobytes() == first.tobytes()


def test_a_dear_column_behind_a_filter_is_not_computed_of_all_rows() -> None:
    column = _rows_of_source(4)
    dear = Map("sin", (column,), FLOAT64)
    rows = Filter(column.rows, Map("less", (column, Literal(-1.0)), BOOL))
    for name in ("maximum", "minimum", "sum"):
        _right(Reduce(name, Take(dear, rows), FLOAT64))
    assert dear not in kept._kept_values


def test_a_running_column_is_kept_of_which_some_rows_are_asked_for() -> None:
    column = _rows_of_source(6)
    running = Window("cumulative_sum", column, FLOAT64)
    above = Map("add", (running, Literal(1.0)), FLOAT64)
    rows = Filter(column.rows, Map("less", (column, Literal(-1.0)), BOOL))
    _right(Take(above, rows))
    assert running in kept._kept_values
    assert above not in kept._kept_values
    _right(running, Reduce("maximum", above, FLOAT64))


def test_sums_of_groups_that_other_rows_look_for_are_not_kept_at_once() -> None:
    r = np.random.default_rng(6)
    key, values, asked = (
        bind_array(array) for array in (r.integers(0, 40, 500), r.normal(size=500), np.arange(7))
    )
    group = Group(key.rows, (key,), True)
    total = Aggregate("sum", values, group, FLOAT64)
    found = Lookup((asked,), group, (Key(group, 0),))
    compute([Gather(total, found)])
    assert total not in kept._kept_values
    own = Lookup((key,), group, (Key(group, 0),))
    compute([Gather(total, own)])
    assert total in kept._kept_values, "each group is found by its own rows"
