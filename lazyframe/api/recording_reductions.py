"""Reductions: of a series to a scalar now, of a frame to a series in one pass."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.api.recording import (
    column_of,
    kind_named,
    overriding,
    series_made_later,
    table_of,
)
from lazyframe.pandas_internals import array_held, series_from_manager, series_manager
from lazyframe.record.computing import compute
from lazyframe.record.labels_by_place import are_plain, labelled
from lazyframe.record.origin import stamp
from lazyframe.record.reducing import NUMBERS, UNDECIDED, Plan, plan
from lazyframe.record.row_counts import has_rows
from lazyframe.record.row_labels import RowLabels
from lazyframe.record.rowwise import (
    are_compared_in_rows,
    dtype_of_rows,
    extreme_in_rows,
    has_unknown_rows,
    reduce_rows,
)
from lazyframe.record.table import Table
from lazyframe.run.bindings import bound_to
from lazyframe.settings import current
from passes.ir.values import OPAQUE, Read, Value

Series = pandas.Series
DataFrame = pandas.DataFrame
NUMERIC = "biuf"
TIMES_TOO = "biufmM"


def _options(name: str, options: dict[str, Any]) -> dict[str, Any] | None:
    """The options that a plan takes; None if there is one that it does not know."""
    taken = {} if name == "count" else {"skipna": options.pop("skipna", True)}
    if name in ("var", "std", "sem"):
        taken["ddof"] = options.pop("ddof", 1)
    if name in ("sum", "prod"):
        taken["min_count"] = options.pop("min_count", 0)
    if options or type(taken.get("skipna", True)) is not bool:
        return None
    ddof, least = taken.get("ddof", 1), taken.get("min_count", 0)
    return taken if type(ddof) is int and type(least) is int else None


def is_numpys_default(options: dict[str, Any]) -> bool:
    """Takes away what NumPy's functions pass on to methods; whether all of it was left at its default."""
    return all(options.pop(name, None) is None for name in ("dtype", "out", "keepdims"))


def _of_series(name: str) -> Any:
    def record(self: Any, *args: Any, axis: Any = None, numeric_only: Any = False, **options: Any) -> Any:
        if _is_soonest_reduced(name, self.__dict__):
            return NotImplemented
        if args:
            if len(args) > 1:
                return NotImplemented
            (axis,) = args
        if axis not in (None, 0, "index") or not (numeric_only is False or numeric_only is None):
            return NotImplemented
        taken = _options(name, options) if is_numpys_default(options) else None
        mine = None if taken is None else column_of(self)
        if mine is None or taken is None:
            return NotImplemented
        held = _soonest_reduced(name, mine.value)
        if held is not None:
            return getattr(_numbered(held), name)(**taken)
        planned = plan(name, mine.value, **taken)
        if planned is None:
            return NotImplemented
        stamp(planned.values[0], name)
        result = planned.finish(compute(planned.values))
        return NotImplemented if result is UNDECIDED else result

    return record


_QUICK = frozenset({"sum", "mean", "min", "max", "any", "all", "count", "argmin", "argmax"})
_QUICK_OF_TIMES = frozenset({"min", "max", "count", "mean", "std", "sum"})
_OFTEN = 5
"""So many times as many rows as are worth recording, pandas reduces sooner than a computation begins."""
_PLACES = frozenset({"argmin", "argmax"})
_OFTEN_OF_PLACES = 50
"""Places of extremes NumPy finds in vectors, in one pass, where kernels need two; of flags the first that is
looked for decides, and they are looked through as fast as memory is read."""


def _soonest_reduced(name: str, value: Value) -> np.ndarray | None:
    """The array that is reduced if it is an input in memory, and short enough for pandas to be quickest."""
    known = _QUICK if value.dtype.kind in NUMERIC else _QUICK_OF_TIMES
    if name not in known or type(value) is not Read or value.dtype.kind not in TIMES_TOO:
        return None
    held = bound_to(value.token)
    return held if isinstance(held, np.ndarray) and len(held) < _longest(name, held.dtype) else None


def _longest(name: str, dtype: np.dtype) -> int:
    """How many rows pandas reduces sooner than a computation begins."""
    searches = name in _PLACES or (name in ("any", "all") and dtype.kind == "b")
    return (_OFTEN_OF_PLACES if searches else _OFTEN) * current().min_rows


def _is_soonest_reduced(name: str, state: dict[str, Any]) -> bool:
    """Whether a series is computed, and so short that pandas' own method is quickest."""
    manager = state.get("_mgr")
    if manager is None:
        return False
    array = array_held(manager)
    if type(array) is np.ndarray:
        is_quick = name in _QUICK and array.dtype.kind in NUMERIC
    else:
        is_quick = name in _QUICK_OF_TIMES and isinstance(array.dtype, np.dtype)
    return is_quick and len(array) < _longest(name, array.dtype)


def _numbered(held: np.ndarray) -> Any:
    """A series of an array that is only looked at."""
    return series_from_manager(Series, series_manager(held, pandas.RangeIndex(len(held))))


def _count(self: Any) -> Any:
    return _reduce_now(self, "count")


def _reduce_now(self: Any, name: str, **options: Any) -> Any:
    if _is_soonest_reduced(name, self.__dict__):
        return NotImplemented
    mine = column_of(self)
    held = None if mine is None else _soonest_reduced(name, mine.value)
    if held is not None:
        return getattr(_numbered(held), name)(**options)
    planned = None if mine is None else plan(name, mine.value, **options)
    if planned is None:
        return NotImplemented
    stamp(planned.values[0], name)
    result = planned.finish(compute(planned.values))
    return NotImplemented if result is UNDECIDED else result


def _position(name: str) -> Any:
    def record(self: Any, axis: Any = None, skipna: Any = True, *args: Any, **options: Any) -> Any:
        if axis not in (None, 0) or args or options or type(skipna) is not bool:
            return NotImplemented
        return _reduce_now(self, name, skipna=skipna)

    return record


def compute_with_labels(values: Sequence[Value], labels: RowLabels) -> tuple[list[Any], pandas.Index]:
    """Some values, and the labels of the rows, all in one program."""
    index = labels.known()
    if index is not None:
        return compute(values), index
    computed = compute([*values, *labels.parts])
    return computed[: len(values)], labels.build(computed[len(values) :])


def _label(name: str) -> Any:
    def record(self: Any, axis: Any = 0, skipna: Any = True, *args: Any, **options: Any) -> Any:
        if axis not in (0, "index") or args or options or type(skipna) is not bool:
            return NotImplemented
        if _is_soonest_reduced(name, self.__dict__):
            return NotImplemented
        mine = column_of(self)
        held = None if mine is None else _soonest_reduced(name, mine.value)
        if mine is not None and held is not None and mine.index is not None:
            return getattr(Series(held, mine.index, copy=False), name.replace("arg", "idx"))(skipna=skipna)
        planned = None if mine is None else plan(name, mine.value, skipna)
        if mine is None or planned is None:
            return NotImplemented
        stamp(planned.values[0], name)
        found, index = compute_with_labels(planned.values, mine.labels)
        position = planned.finish(found)
        return NotImplemented if position is UNDECIDED else index[position]

    return record


# frames -------------------------------------------------------------------------------------------------


def numeric_columns(table: Table, numeric_only: bool) -> list[int] | None:
    """The positions of the columns to reduce; None if pandas must decide."""
    kept = []
    for position, value in enumerate(table.values()):
        if value.dtype.kind in NUMERIC:
            kept.append(position)
            continue
        dtype = table.dtypes[position] if value.dtype == OPAQUE else value.dtype
        if (
            not numeric_only
            or (not isinstance(dtype, np.dtype) and getattr(dtype, "_is_numeric", True))
            or (isinstance(dtype, np.dtype) and dtype.kind in "iufcm")
        ):
            return None
    return kept


@functools.lru_cache(maxsize=1024)
def _frame_dtype(
    name: str, dtypes: tuple[np.dtype, ...], options: tuple[tuple[str, Any], ...], rows: int = 64
) -> Any:
    """The dtype of the series that pandas reduces a frame of these dtypes to.

    Asked of more rows than any usual ``ddof``: pandas 3.0 types the NaN of too few values differently.
    """
    one = DataFrame({position: np.ones(rows, dtype) for position, dtype in enumerate(dtypes)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return getattr(one, name)(**dict(options)).dtype
        except Exception:
            return None


def _certain_dtype(table: Table, name: str, dtypes: Any, options: Any) -> Any:
    """`_frame_dtype`, or None where it is another one without rows, and there are none."""
    dtype = _frame_dtype(name, dtypes, options)
    if dtype is None or _frame_dtype(name, dtypes, options, 0) == dtype:
        return dtype
    return dtype if has_rows(table.rows) else None


def _of_frame(name: str) -> Any:
    def record(self: Any, *args: Any, axis: Any = 0, numeric_only: Any = False, **options: Any) -> Any:
        if args:
            if len(args) > 1:
                return NotImplemented
            (axis,) = args
        if name in ("any", "all"):  # they have another option in its place, and refuse it
            if numeric_only is not False:
                return NotImplemented
            numeric_only = options.pop("bool_only", False)
        if type(numeric_only) is not bool or not is_numpys_default(options):
            return NotImplemented
        taken = _options(name, options)
        table = None if taken is None or axis not in (0, 1, "index", "columns") else table_of(self)
        if table is None or taken is None or (numeric_only and name in ("any", "all")):
            return NotImplemented
        positions = numeric_columns(table, numeric_only)
        if not positions:
            return NotImplemented
        if axis in (1, "columns"):
            return reduce_across(table, name, positions, taken)
        return _down(table, name, positions, taken)

    return record


def _down(table: Table, name: str, positions: list[int], taken: dict[str, Any]) -> Any:
    plans: list[Plan] = []
    for position in positions:
        planned = plan(name, table.value(position), **taken)
        if planned is None:
            return NotImplemented
        stamp(planned.values[0], name)
        plans.append(planned)
    dtypes = tuple([table.value(position).dtype for position in positions])
    dtype = _certain_dtype(table, name, dtypes, tuple(taken.items()))
    if not isinstance(dtype, np.dtype) or dtype.kind not in "biuf":
        return NotImplemented
    values = [value for planned in plans for value in planned.values]
    computed = iter(compute(values))
    results = [planned.finish([next(computed) for _ in planned.values]) for planned in plans]
    if any(result is UNDECIDED for result in results):
        return NotImplemented
    labels = table.current_columns().index()
    kept = labels if len(positions) == len(labels) else labels.take(positions)
    return our_series(np.array(results, dtype), index=kept, copy=False)


def reduce_across(table: Table, name: str, positions: list[int], taken: dict[str, Any]) -> Any:
    """The series of a reduction of each row; ``NotImplemented`` where pandas has to decide."""
    values = [table.value(position) for position in positions]
    dtypes, options = tuple([value.dtype for value in values]), tuple(taken.items())
    dtype = _certain_dtype(table, name, dtypes, (("axis", 1), *options))
    found = None if dtype is None else dtype_of_rows(name, dtypes, options)
    if found is None or found != dtype:
        return NotImplemented

    def make() -> Value:
        result = reduce_rows(name, values, **taken)
        assert result is not None
        return result

    return series_made_later(found, make, table, None, name)


def _frame_label(name: str) -> Any:
    def record(self: Any, axis: Any = 0, skipna: Any = True, numeric_only: Any = False) -> Any:
        if type(skipna) is not bool or type(numeric_only) is not bool:
            return NotImplemented
        table = table_of(self) if axis in (0, 1, "index", "columns") else None
        positions = None if table is None else numeric_columns(table, numeric_only)
        if table is None or not positions:
            return NotImplemented
        if axis in (1, "columns"):
            return _label_across(table, name, positions, skipna)
        plans = [planned for position in positions if (planned := plan(name, table.value(position), skipna))]
        if len(plans) != len(positions):
            return NotImplemented
        values = [value for planned in plans for value in planned.values]
        results, index = compute_with_labels(values, table.labels)
        computed = iter(results)
        found = [planned.finish([next(computed) for _ in planned.values]) for planned in plans]
        if any(result is UNDECIDED for result in found):
            return NotImplemented
        columns = table.current_columns().index()
        kept = columns if len(positions) == len(columns) else columns.take(positions)
        labels = index.take(np.array(found))
        return our_series(labels.array if labels.nlevels == 1 else labels.to_numpy(), index=kept)

    return record


def _label_across(table: Table, name: str, positions: list[int], skipna: bool) -> Any:
    """The label of the column of each row's least or largest value."""
    labels = table.current_columns().take(positions).index()
    columns = [table.value(position) for position in positions]
    if not are_compared_in_rows(columns):
        return NotImplemented
    if not are_plain(labels) or not has_rows(table.rows) or has_unknown_rows(columns, skipna):
        return NotImplemented

    def make() -> Value:
        return labelled(labels, extreme_in_rows(name, columns))

    return series_made_later(labels.dtype, make, table, None, name.replace("arg", "idx"))


def our_series(*args: Any, **options: Any) -> Any:
    """``lazyframe.Series``, which is made of this module."""
    return kind_named("Series")(*args, **options)


class RecordingSeriesReductions:
    """Mixin: a series' reductions."""

    count = overriding(Series.count, _count)
    argmin = overriding(Series.argmin, _position("argmin"))
    argmax = overriding(Series.argmax, _position("argmax"))
    idxmin = overriding(Series.idxmin, _label("argmin"))
    idxmax = overriding(Series.idxmax, _label("argmax"))


class RecordingFrameReductions:
    """Mixin: a frame's reductions."""

    idxmin = overriding(DataFrame.idxmin, _frame_label("argmin"))
    idxmax = overriding(DataFrame.idxmax, _frame_label("argmax"))


for _name in NUMBERS:
    if _name != "count":
        setattr(RecordingSeriesReductions, _name, overriding(getattr(Series, _name), _of_series(_name)))
    setattr(RecordingFrameReductions, _name, overriding(getattr(DataFrame, _name), _of_frame(_name)))
RecordingSeriesReductions.product = RecordingSeriesReductions.prod  # type: ignore[attr-defined]
RecordingFrameReductions.product = RecordingFrameReductions.prod  # type: ignore[attr-defined]
