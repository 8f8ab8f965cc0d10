"""Merging frames: ``DataFrame.merge`` and ``pandas.merge``."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import pandas

from lazyframe import settings
from lazyframe.api.assigning import assigned_value
from lazyframe.api.deferred import is_large, made_of_plain
from lazyframe.api.likeness import like
from lazyframe.api.recording import column_of, fitting, lazy_frame, real, table_of
from lazyframe.api.wrap import unwrap, wrap
from lazyframe.pandas_internals import SINCE_3_1, blame_caller
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.merge_arrays import merge_by_arrays
from lazyframe.record.merge_by_pandas import is_array, merge_by_pandas
from lazyframe.record.merge_labels import merge_by_labels
from lazyframe.record.merge_levels import merge_on_levels, names_levels
from lazyframe.record.merge_sides import Request
from lazyframe.record.merging import cross_tables, merge_tables
from lazyframe.record.origin import stamp
from lazyframe.record.table import Table
from passes.ir.rows import JOIN_KINDS
from passes.ir.values import Gather

DataFrame: Any = pandas.DataFrame
NOTHING: Any = pandas.api.extensions.no_default
_DATA = (pandas.DataFrame, pandas.Series)


def _operand(source: Any) -> Table | None:
    """A frame, or a series as the frame of its one column."""
    if isinstance(source, pandas.DataFrame):
        return table_of(source)
    column = column_of(source) if isinstance(source, pandas.Series) else None
    if column is None or column.name is None:
        return None
    return Table(column.rows, ColumnLabels(pandas.Index([column.name])), column.labels, [column.value])


def _labels(on: Any) -> Sequence[Any] | None:
    """Key labels as a list; None for anything but labels."""
    keys = on if isinstance(on, list) else [on]
    return keys if keys and all(isinstance(key, (str, int)) for key in keys) else None


def _keys(
    left: Table, right: Table, on: Any, left_on: Any, right_on: Any
) -> tuple[Sequence[Any] | None, Sequence[Any] | None]:
    """The labels of the keys of both sides; None for a combination that pandas has to judge."""
    if on is None and left_on is None and right_on is None:
        columns = left.current_columns().index(), right.current_columns().index()
        common = _labels(list(columns[0].intersection(columns[1])))
        return common, common
    if on is not None:
        common = _labels(on) if left_on is None and right_on is None else None
        return common, common
    return _labels(left_on), _labels(right_on)


def _with_arrays(on: Any) -> list[Any] | None:
    """Keys of which some are arrays, computed; None where pandas has to judge them."""
    keys = [unwrap(real(key)) for key in (on if isinstance(on, list) else [on])]
    known = keys and all(isinstance(key, (str, int)) or is_array(key) for key in keys)
    return keys if known else None


def _merge_given(
    sides: tuple[Table, Table], asked: Request, given: tuple[Any, Any], by_labels: list[bool]
) -> Table | None:
    """A merge of whose keys some are arrays, or that is ``by_labels`` of rows on one side."""
    merged = None if any(by_labels) else _merge_as_columns(sides, asked, given)
    if merged is not None:
        return merged
    keys = [_with_arrays(on) for on in given]
    if [on is None for on in keys] != by_labels:
        return None
    spelled = {name: on for name, on in zip(("left_on", "right_on"), keys, strict=True) if on is not None}
    request = asked._replace(left_on=keys[0], right_on=keys[1], spelled=asked.spelled | spelled)
    return merge_by_pandas(*sides, request)


def _merge_as_columns(sides: tuple[Table, Table], asked: Request, given: tuple[Any, Any]) -> Table | None:
    """The same where all arrays are columns of the rows of their side."""
    keys: list[list[Any]] = []
    for side, on in zip(sides, given, strict=True):
        listed = on if isinstance(on, list) else [on]
        keys.append([key if isinstance(key, (str, int)) else assigned_value(key, side) for key in listed])
    if None in keys[0] or None in keys[1]:
        return None
    return merge_by_arrays(sides, asked, (keys[0], keys[1]))


_KINDS = frozenset({*JOIN_KINDS, "left_anti", "right_anti"})

_UNIQUE: dict[Any, tuple[bool, bool]] = {
    None: (False, False),
    "one_to_one": (True, True),
    "1:1": (True, True),
    "one_to_many": (True, False),
    "1:m": (True, False),
    "many_to_one": (False, True),
    "m:1": (False, True),
    "many_to_many": (False, False),
    "m:m": (False, False),
}
"""By ``validate``, of which sides the keys must be distinct."""


def record_merge(
    left: Any,
    right: Any,
    how: Any = "inner",
    on: Any = None,
    left_on: Any = None,
    right_on: Any = None,
    left_index: Any = False,
    right_index: Any = False,
    sort: Any = False,
    suffixes: Any = ("_x", "_y"),
    indicator: Any = False,
    validate: Any = None,
) -> Any:
    """``pandas.merge(left, right, ...)``."""
    if any(type(flag) is not bool for flag in (left_index, right_index, sort)):
        return NotImplemented
    if type(how) is not str or type(validate) not in (str, type(None)) or validate not in _UNIQUE:
        return NotImplemented
    one, other = _operand(left), _operand(right)
    if one is None or other is None or type(indicator) not in (bool, str):
        return NotImplemented
    keys = {"on": on, "left_on": left_on, "right_on": right_on}
    indexes = {"left_index": left_index, "right_index": right_index}
    spelled = {name: given for name, given in keys.items() if given is not None}
    spelled |= {name: given for name, given in indexes.items() if given}
    spelled["suffixes"] = suffixes
    unique, label = _UNIQUE[validate], "_merge" if indicator is True else indicator or None
    plain = not sort and label is None
    merged: Table | None = None
    if how == "cross":
        if len(spelled) == 1 and plain and validate is None:
            merged = cross_tables(one, other, {**spelled, "how": how})
    elif left_index and right_index:
        if len(spelled) == 3 and how in _KINDS:
            request = Request(None, None, how, sort, label, unique, spelled)
            merged = merge_by_labels(one, other, request)
            merged = merge_by_pandas(one, other, request) if merged is None else merged
    elif how in _KINDS and not (on is not None and (left_index or right_index)):
        on_index = left_index or right_index
        by = _sided(left_index, left_on, right_on) if on_index else _keys(one, other, on, left_on, right_on)
        if by.count(None) == int(on_index):
            request = Request(*by, how, sort, label, unique, spelled)
            on_levels = names_levels(one, by[0]) or names_levels(other, by[1])
            merged = (merge_on_levels if on_levels else merge_tables)(one, other, request)
            merged = merge_by_pandas(one, other, request) if merged is None else merged
        elif on is None:
            request = Request(None, None, how, sort, label, unique, spelled)
            merged = _merge_given((one, other), request, (left_on, right_on), [left_index, right_index])
    return NotImplemented if merged is None else _stamped(merged)


def _stamped(merged: Table) -> Any:
    for value in merged.values_made():
        if isinstance(value, Gather):
            stamp(value, "merge")
    return lazy_frame(merged)


def _sided(
    left_index: bool, left_on: Any, right_on: Any
) -> tuple[Sequence[Any] | None, Sequence[Any] | None]:
    """The keys of both sides where one is the index: None for that, and where pandas has to judge."""
    if left_index:
        return None, None if left_on is not None else _labels(right_on)
    return None if right_on is not None else _labels(left_on), None


def record_merge_ordered(
    left: Any,
    right: Any,
    on: Any = None,
    left_on: Any = None,
    right_on: Any = None,
    fill_method: Any = None,
    suffixes: Any = ("_x", "_y"),
    how: Any = "outer",
) -> Any:
    """``pandas.merge_ordered(left, right, ...)`` without groups."""
    one, other = _operand(left), _operand(right)
    by = None if one is None or other is None else _keys(one, other, on, left_on, right_on)
    if one is None or other is None or by is None or None in by or how not in JOIN_KINDS:
        return NotImplemented
    spelled = {"left_on": by[0], "right_on": by[1], "suffixes": suffixes}
    request = Request(*by, how, True, None, (False, False), spelled)
    arguments = {**spelled, "fill_method": fill_method, "how": how}
    merged = merge_by_pandas(one, other, request, "merge_ordered", arguments)
    return NotImplemented if merged is None else _stamped(merged)


def record_merge_asof(
    left: Any,
    right: Any,
    on: Any = None,
    left_on: Any = None,
    right_on: Any = None,
    by: Any = None,
    left_by: Any = None,
    right_by: Any = None,
    suffixes: Any = ("_x", "_y"),
    tolerance: Any = None,
    allow_exact_matches: Any = True,
    direction: Any = "backward",
) -> Any:
    """``pandas.merge_asof(left, right, ...)`` by columns."""
    if (on is None) == (left_on is None and right_on is None) or (by is not None and left_by is not None):
        return NotImplemented
    one, other = _operand(left), _operand(right)
    nearest = [_labels(on if given is None else given) for given in (left_on, right_on)]
    groups = [[] if given is None else _labels(given) for given in (left_by or by, right_by or by)]
    if one is None or other is None or None in nearest or None in groups:
        return NotImplemented
    keys = [[*group, *last] for group, last in zip(groups, nearest, strict=True)]  # type: ignore[misc]
    spelled = {"left_on": keys[0], "right_on": keys[1], "suffixes": suffixes}
    request = Request(keys[0], keys[1], "left", False, None, (False, False), spelled)
    arguments = {
        "on": on, "left_on": left_on, "right_on": right_on,
        "by": by, "left_by": left_by, "right_by": right_by,
        "suffixes": suffixes, "tolerance": tolerance, "direction": direction,
        "allow_exact_matches": allow_exact_matches,
    }  # fmt: skip
    merged = merge_by_pandas(one, other, request, "merge_asof", arguments)
    return NotImplemented if merged is None else _stamped(merged)


_fits = fitting(record_merge)


def _is_worth_it(item: Any) -> bool:
    """Whether a frame is large, or so wide that taking its rows is dear: most columns nobody reads."""
    if is_large(item):
        return True
    rows, *columns = getattr(item, "shape", (0,))
    least = settings.current().min_rows
    return isinstance(item, pandas.DataFrame) and rows >= least // 4 and rows * columns[0] >= 2 * least


_merged_by_pandas = made_of_plain(pandas.merge)


@blame_caller
def merge(left: Any, right: Any, *args: Any, **kwargs: Any) -> Any:
    """``pandas.merge``, recorded where one of the frames is worth it."""
    if (_is_worth_it(left) or _is_worth_it(right)) and _fits((right, *args), kwargs):
        recorded = record_merge(left, right, *args, **kwargs)
        if recorded is not NotImplemented:
            return recorded
    return wrap(_merged_by_pandas(left, right, *args, **kwargs))


@blame_caller
def _record_join(
    self: Any,
    other: Any,
    on: Any = None,
    how: Any = "left",
    lsuffix: Any = NOTHING,
    rsuffix: Any = NOTHING,
    sort: Any = False,
    validate: Any = None,
    suffixes: Any = NOTHING,
) -> Any:
    """``self.join(other, ...)``: pandas makes a merge of it, with other suffixes."""
    given = suffixes is not NOTHING
    old = ["" if suffix is NOTHING else suffix for suffix in (lsuffix, rsuffix)]
    spelled_old = lsuffix is not NOTHING or rsuffix is not NOTHING
    if (given and (spelled_old or not SINCE_3_1)) or not isinstance(other, _DATA) or how == "cross":
        return NotImplemented
    recorded = record_merge(
        self,
        other,
        how,
        left_on=on,
        left_index=on is None,
        right_index=True,
        sort=sort,
        suffixes=suffixes if given else tuple(old),
        validate=validate,
    )
    if recorded is not NotImplemented and spelled_old:
        # pandas itself says what it thinks of the arguments
        DataFrame().join(DataFrame(), lsuffix=old[0], rsuffix=old[1])
    return recorded


_join_fits = fitting(_record_join)


class MergingFrame:
    """Mixin of the frame."""

    @functools.partial(like, theirs=DataFrame.join)
    @blame_caller
    def join(self, other: Any, *args: Any, **kwargs: Any) -> Any:
        if (is_large(self) or is_large(other)) and _join_fits((other, *args), kwargs):
            recorded = _record_join(self, other, *args, **kwargs)
            if recorded is not NotImplemented:
                return recorded
        return wrap(DataFrame.join(self, other, *args, **kwargs))

    @functools.partial(like, theirs=DataFrame.merge)
    @blame_caller
    def merge(self, right: Any, *args: Any, **kwargs: Any) -> Any:
        return merge(self, right, *args, **kwargs)
