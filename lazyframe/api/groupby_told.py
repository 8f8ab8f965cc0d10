"""pandas' own methods of groups, told which group each row is in: of the keys they see one row a group."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas

from lazyframe.api.groupby_asking import is_frame
from lazyframe.api.wrap import unwrap, wrap
from lazyframe.pandas_internals import groupby_told, grouper_told
from lazyframe.record.computing import compute, compute_own
from lazyframe.record.groupby_index import group_labels, small_frame
from lazyframe.record.groupby_keys import group_rows
from lazyframe.record.origin import stamp
from lazyframe.record.table import Table
from passes.ir.values import GroupNumber

TOLD = frozenset({
    "all", "any", "corr", "count", "cov", "describe", "first", "kurt", "last", "max", "mean", "median",
    "min", "nlargest", "nsmallest", "nunique", "ohlc", "prod", "quantile", "sem", "size", "skew", "std",
    "sum", "value_counts", "var",
})  # fmt: skip
"""Methods that ask for no more of the keys than which rows are in a group, and how groups are labelled."""


_QUICK = tuple(np.dtype(f"{sign}int{bits}") for sign in ("", "u") for bits in (8, 16, 32, 64))
"""Of a key alone: pandas takes no longer to number these than it takes to run a kernel."""


def is_told(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether a method need not find the groups: one of `TOLD`, or ``agg`` of names of these."""
    if name not in ("agg", "aggregate"):
        return name in TOLD
    func = args[0] if args else kwargs.get("func")
    if func is None:
        return all(_is_named(one[-1] if isinstance(one, tuple) else one) for one in kwargs.values())
    return all(map(_is_named, func.values())) if isinstance(func, dict) else _is_named(func)


def _is_named(operation: Any) -> bool:
    listed = operation if isinstance(operation, list) else [operation]
    return all(isinstance(one, str) and one in TOLD for one in listed)


def ask_told(self: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What pandas' method gives for the groups of ``self``; NotImplemented where it has to find these.

    Parameters
    ----------
    self : DataFrameGroupBy or SeriesGroupBy
        Lazy.
    name : str
        Of a method that `is_told`.
    args, kwargs
        Its arguments.
    """
    grouped = self._grouped
    coded = name == "value_counts"
    if coded not in grouped.told:
        grouped.told[coded] = _told(self, name, coded)
    told = grouped.told[coded]
    if told is None:
        return NotImplemented
    obj = unwrap(self.obj) if not is_frame(self) else _columns(self, name, args, kwargs)
    inside = {key.name for key, inside in zip(grouped.grouping.keys, grouped.in_frame, strict=True) if inside}
    if is_frame(self):
        inside &= set(obj.columns)
    plain = groupby_told(
        obj, told, inside, self.keys, self._selection, {**grouped.options, "as_index": self.as_index}
    )
    return wrap(getattr(plain, name)(*args, **kwargs))


def _columns(self: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The frame, or of one that is not computed the columns that are asked for, in blocks as in pandas."""
    frame = self.obj
    labels = None if "_mgr" in frame.__dict__ else _labels(self, name, args, kwargs)
    return unwrap(frame) if labels is None else unwrap(frame[labels]).copy()


def _labels(self: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Hashable] | None:
    """The labels of the columns that a method is of; None of all."""
    columns = self.obj.columns
    if not columns.is_unique or columns.nlevels > 1:
        return None
    if self._selection is not None:
        return list(self._selection)
    func = args[0] if args else kwargs.get("func")
    if name != "agg" or isinstance(func, (str, list)):
        keys = zip(self._grouped.grouping.keys, self._grouped.in_frame, strict=True)
        return list(columns.drop([key.name for key, inside in keys if inside]))
    asked = list(func) if isinstance(func, dict) else [one[0] for one in kwargs.values()]
    return list(dict.fromkeys(asked)) if all(label in columns for label in asked) else None


def _told(self: Any, name: str, coded: bool) -> Any:
    """pandas' object that has the groups, of numbers that are computed; None where pandas has to look.

    Which groups there are, their order and their labels follow from the combinations of keys, in order of
    appearance, missing ones among them.
    """
    grouped = self._grouped
    keys = grouped.grouping.keys
    if any(key.labels is not None for key in keys):
        return None
    numbers: Any = None
    combinations = group_rows(keys, sort=False, dropna=False)
    if len(keys) == 1 and keys[0].dtype in _QUICK:
        found = compute([keys[0].value])
    else:
        number = GroupNumber(combinations.group)
        stamp(number, f"groupby {name}")
        numbers, *found = compute_own([number, *group_labels(combinations).parts])
    if not len(found[0]):
        return None
    small = small_frame(combinations, found)
    by = list(small.columns)
    options = grouped.options
    given = {name: options[name] for name in ("sort", "dropna", "observed")}
    source = grouped.source
    return grouper_told(
        small.groupby(by if len(by) > 1 else by[0], **given),
        numbers,
        [(key.name, inside) for key, inside in zip(keys, grouped.in_frame, strict=True)],
        source.current_columns().index() if isinstance(source, Table) else pandas.RangeIndex(0),
        coded,
    )
