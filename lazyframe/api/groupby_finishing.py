"""Results of group-bys whose dtypes or rows depend on the data: computed at once, and finished by pandas."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.api.wrap import wrap
from lazyframe.pandas_internals import SINCE_3_1, zoned_array
from lazyframe.record.capture import dtype_of
from lazyframe.record.computing import compute, compute_own
from lazyframe.record.elementwise import FLOAT64, INT64
from lazyframe.record.groupby_index import group_labels, small_frame, with_rows_in_no_group
from lazyframe.record.groupby_keys import Grouping
from lazyframe.record.groupby_schema import Answer
from lazyframe.record.reductions import Grouped, Whole, count_rows, count_valid
from passes.ir.values import RowNumber, Value

_AGAIN = {
    "sum": "sum", "count": "sum", "size": "sum", "prod": "prod", "any": "any", "all": "all",
    "nunique": "sum", "max": "max", "first": "first", "last": "last",
}  # fmt: skip
"""What one row a group is aggregated by, so that the row stays and categories without rows get what
pandas gives them; ``min`` for all others, which give NaN."""


def finish(
    grouped: Any,
    wanted: Sequence[Any],
    values: list[Value],
    inserted: list[int],
    answer: Answer,
    blocks: Sequence[Hashable],
) -> Any:
    """The result if it has to be computed to know its schema, else None.

    That is with categories that may have no rows, with categoricals among the columns, where sums may fit a
    narrow dtype, and with means of times that know their zone.

    Parameters
    ----------
    grouped : lazyframe.api.groupby.Grouped
        The call of ``groupby``.
    wanted : sequence of lazyframe.api.groupby_aggregating.Wanted
        What each column of the result is.
    values : list of Value
        The columns, over the groups.
    inserted : list of int
        The keys that become columns.
    answer : Answer
        The schema.
    blocks : sequence of hashable
        Equal for columns of a dtype that pandas aggregates as one array.
    """
    grouping: Grouping = grouped.grouping
    bins = grouping.bins
    categorical = bins is not None or any(key.categories is not None for key in grouping.keys)
    expanded = bins is not None or (categorical and not grouped.options["observed"])
    depends = [one for one in wanted if one.column.dtype != FLOAT64]
    narrowed = any(one.narrowed is not None for one in depends)
    if not (categorical or depends):
        return None
    widened = [
        one.is_widened(dtype) for one, dtype in zip(wanted, answer.dtypes[len(inserted) :], strict=True)
    ]
    zoned = any(one.zoned is not None for one in wanted)
    if not (expanded or (categorical and inserted) or narrowed or zoned or any(widened)):
        return None
    if expanded and not _is_expandable(grouping, wanted):
        return NotImplemented
    if bins is not None and any(widened):
        return NotImplemented
    labels = group_labels(grouping).parts
    floats = [one.column for one in wanted if one.column.dtype == np.float32]
    clues = _clues(grouping, floats) if any(widened) else []
    computed = compute_own([*values, *labels, *clues])
    columns, parts = computed[: len(values)], computed[len(values) : len(values) + len(labels)]
    if clues and not _in_order(computed[len(values) + len(labels) :]):
        columns = [
            column.astype(np.float32) if wide else column
            for column, wide in zip(columns, widened, strict=True)
        ]
    if bins is not None:
        if len(parts[0]) < len(bins):
            columns = [_spread(parts[0], len(bins), c, one) for c, one in zip(columns, wanted, strict=True)]
        index: pandas.Index = bins.rename(grouping.keys[0].name)
    elif expanded:
        keys = parts[: len(grouping.keys)]
        extended = with_rows_in_no_group(grouping, keys, parts[len(grouping.keys) :])
        more = len(extended[0]) - len(keys[0])
        columns = [_with_rows_in_front(column, more) for column in columns]
        columns, index = _expand(small_frame(grouping, extended), columns, wanted, grouped.options)
    else:
        index = group_labels(grouping).build(parts)
    columns = [_in_zone(column, one.zoned) for column, one in zip(columns, wanted, strict=True)]
    columns = _narrow(columns, wanted, blocks)
    if answer.columns is None:
        return wrap(pandas.Series(columns[0], index=_named(index, grouping), name=answer.name, copy=False))
    if inserted:
        levels = [index.get_level_values(k) for k in inserted]
        columns, index = [*levels, *columns], pandas.RangeIndex(len(index))
    else:
        index = _named(index, grouping) if grouped.options["as_index"] else pandas.RangeIndex(len(index))
    frame = pandas.DataFrame(dict(enumerate(columns)), index=index, copy=False)
    frame.columns = answer.columns
    return wrap(frame)


def _in_zone(column: Any, dtype: pandas.DatetimeTZDtype | None) -> Any:
    """Points in UTC as times of a zone, if there is one."""
    return column if dtype is None else zoned_array(np.asarray(column), dtype)


def _clues(grouping: Grouping, floats: Sequence[Value]) -> list[Value]:
    """What tells whether rows are in the order of the groups, and no float is missing."""
    by, whole = Grouped(grouping.group), Whole(grouping.rows)
    row = grouping.seen(RowNumber(grouping.rows))
    first, last = by.reduce("minimum", row, INT64), by.reduce("maximum", row, INT64)
    valid = [count_valid(whole, column) for column in dict.fromkeys(floats)]
    return [first, last, count_rows(by), count_rows(whole), *valid]


def are_in_order(grouping: Grouping, columns: Sequence[Value]) -> bool:
    """Whether the rows come in the order of the groups, all have a key, and no value is missing."""
    return _in_order(compute(_clues(grouping, columns)))


def _in_order(clues: Sequence[Any]) -> bool:
    """Whether each group's rows are adjacent, behind those of the group before, the last at the end."""
    first, last, size, rows, *valid = clues
    adjacent = bool((last - first + 1 == size).all()) and bool((first[1:] > first[:-1]).all())
    return adjacent and len(last) > 0 and last[-1] == rows - 1 and all(count == rows for count in valid)


def _is_expandable(grouping: Grouping, wanted: Sequence[Any]) -> bool:
    """Whether pandas, given one row a group, puts categories without rows where it does for all rows."""
    if not wanted:
        return False
    return SINCE_3_1 or len(grouping.keys) == 1 or grouping.group.sort


def _named(index: pandas.Index, grouping: Grouping) -> pandas.Index:
    index.names = grouping.names
    return index


def _expand(
    small: pandas.DataFrame, columns: Sequence[Any], wanted: Sequence[Any], options: dict[str, Any]
) -> tuple[list[Any], pandas.Index]:
    """Let pandas add the categories that have no rows."""
    by: Any = list(small.columns)
    if len(by) == 1:
        (by,) = by
    shown = {"sort": options["sort"], "dropna": options["dropna"], "observed": False}
    made = []
    index = None
    for column, one in zip(columns, wanted, strict=True):
        grouped = small.assign(value=column).groupby(by, **shown)["value"]
        if not isinstance(one.operation, str):
            result = grouped.agg(_seen_again(one))
            made.append(result.array)
            index = result.index
            continue
        again = _AGAIN.get(one.operation, "min")
        given: dict[str, Any] = {}
        if again in ("sum", "prod"):
            given = {"min_count": min(one.options.min_count, 1)}
            if column.dtype.kind == "f":  # a sum that is NaN, of infinities, is not missing
                given["skipna"] = False
        result = getattr(grouped, again)(**given)
        made.append(result.array)
        index = result.index
    assert index is not None
    return made, index


def _seen_again(wanted: Any) -> Callable[[Any], Any]:
    """The only value of a group, or what the user's function gives of no row."""
    nothing = pandas.Series([], dtype=dtype_of(wanted.column))
    return lambda values: values.iloc[0] if len(values) else wanted.operation(nothing)


def _with_rows_in_front(column: Any, rows: int) -> Any:
    """Values with something in front, for rows that are in no group."""
    if rows == 0:
        return column
    if isinstance(column, np.ndarray):
        return np.concatenate([np.zeros(rows, column.dtype), column])
    return column.take(np.append(np.full(rows, -1), np.arange(len(column))), allow_fill=True)


def _spread(numbers: np.ndarray, bins: int, column: Any, wanted: Any) -> Any:
    """Values of the bins that have rows -> of all bins: of others pandas is asked, given one of each."""
    given = np.ones(len(column), np.bool_)
    if isinstance(column, np.ndarray) and column.dtype != object:
        given[1:] = False
    one_more = pandas.Categorical.from_codes(
        np.arange(given.sum()), categories=pandas.RangeIndex(given.sum() + 1)
    )
    options = {"sort": True, "dropna": True}
    (expanded,), _ = _expand(pandas.DataFrame({"key": one_more}), [column[given]], [wanted], options)
    if given.all():
        places = np.full(bins, len(column))
        places[numbers] = np.arange(len(column))
        return expanded.take(places)
    few = np.asarray(expanded)
    result = np.full(bins, few[-1], few.dtype)
    result[numbers] = column
    return result


def _narrow(columns: Sequence[Any], wanted: Sequence[Any], blocks: Sequence[Hashable]) -> list[Any]:
    """Store integer sums at their column's dtype if they fit: pandas does, all of a block or none."""
    narrowed = [(one.narrowed, block) for one, block in zip(wanted, blocks, strict=True)]
    result = []
    for column, own in zip(columns, narrowed, strict=True):
        dtype = own[0]
        if dtype is None:
            result.append(column)
            continue
        block = [c for c, other in zip(columns, narrowed, strict=True) if other == own]
        fits = all(bool((np.asarray(c).astype(dtype) == np.asarray(c)).all()) for c in block)
        result.append(np.asarray(column).astype(dtype) if fits else column)
    return result
