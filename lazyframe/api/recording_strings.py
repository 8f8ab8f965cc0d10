"""What ``series.str`` and ``series.cat`` record."""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas

from lazyframe.api.handing_out import handing_out, pickle_as_handing_out
from lazyframe.api.likeness import like
from lazyframe.api.recording import aligned_value, column_of, lazy_frame, lazy_series, series_of
from lazyframe.api.wrap import wrap
from lazyframe.pandas_internals import blame_caller
from lazyframe.record.ask_once import freeze
from lazyframe.record.categories import category_codes
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.dictionaries import is_str, is_text, may_be_text, texts_of
from lazyframe.record.origin import stamp
from lazyframe.record.row_counts import has_rows
from lazyframe.record.string_entries import CHEAP, DEAR, map_entries, map_entries_apart
from lazyframe.record.string_lists import Lists
from lazyframe.record.string_pairs import map_pairs
from lazyframe.record.string_rows import Apart, Method
from lazyframe.record.table import Column, Table
from passes.ir.values import OPAQUE, Value

LISTS = ("encode", "findall", "partition", "rpartition", "rsplit", "split")
"""Methods that may give a list, or bytes, for each string, of which programs mostly take one item."""

WIDER = (*LISTS, "extract", "get_dummies")
"""Methods that may give several columns."""

COSTS = {
    "startswith": CHEAP,
    "endswith": CHEAP,
    "len": CHEAP,
    **dict.fromkeys(
        ("__getitem__", "get", "slice", "lower", "upper", "strip", "lstrip", "rstrip"), 2 * CHEAP
    ),
}
"""What pandas takes for a row, in nanoseconds; `DEAR` for all others."""

_EXAMPLES = 8

METHODS = (
    "__getitem__", "capitalize", "casefold", "center", "contains", "count", "decode", "endswith", "find",
    "fullmatch", "get", "index", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "islower",
    "isnumeric", "isspace", "istitle", "isupper", "join", "len", "ljust", "lower", "lstrip", "match",
    "normalize", "pad", "removeprefix", "removesuffix", "repeat", "replace", "rfind", "rindex", "rjust",
    "rstrip", "slice", "slice_replace", "startswith", "strip", "swapcase", "title", "translate", "upper",
    "wrap", "zfill",
)  # fmt: skip
"""The methods that treat each string by itself."""


def recording_accessor(series: Any, kind: Any) -> Any:
    """``series.str`` or ``series.cat``, of pandas' class ``kind``, without computing the series."""
    made: Any = object.__new__(_recording(kind))
    made.__dict__["_recorded_series"] = series
    return made


def holds_text(series: Any) -> bool:
    """Whether a series of Python objects has strings and missing values, and nothing else."""
    if _lists_of(series) is not None:
        return True
    mine = column_of(series)
    return mine is not None and is_text(mine.value)


@functools.cache
def _recording(kind: Any) -> Any:
    """The subclass of an accessor's class that records what it can; for the rest it becomes ``kind``."""
    base = handing_out(kind, wrap)

    def fill(self: Any, name: str) -> Any:
        state = self.__dict__
        if "_recorded_series" not in state or not name.startswith("_") or len(state) > 1:
            raise AttributeError(f"{kind.__name__!r} object has no attribute {name!r}")
        state.update(kind(state["_recorded_series"]).__dict__)
        return getattr(self, name)

    members: dict[str, Any] = {
        "__module__": kind.__module__,
        "__doc__": kind.__doc__,
        "__qualname__": kind.__qualname__,
        "__getattr__": fill,
    }
    if kind.__name__ == "StringMethods":
        members.update({name: _method(name, getattr(base, name)) for name in METHODS if hasattr(kind, name)})
        members.update({name: _wider(name, getattr(base, name)) for name in WIDER})
        members["cat"] = _cat(base.cat)
    else:
        members["codes"] = _codes(base.codes)
    made = type(kind)(kind.__name__, (base,), members)
    pickle_as_handing_out(made, kind, wrap, lambda accessor: vars(kind(accessor._recorded_series)))
    return made


def _method(name: str, theirs: Any) -> Any:
    @blame_caller
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        recorded = _record(self._recorded_series, name, args, kwargs)
        return theirs(self, *args, **kwargs) if recorded is NotImplemented else recorded

    return like(method, theirs)


def _codes(theirs: Any) -> property:
    @blame_caller
    def codes(self: Any) -> Any:
        mine = column_of(self._recorded_series)
        found = None if mine is None else category_codes(mine.value)
        if mine is None or found is None:
            return theirs.fget(self)
        return series_of(found[0], mine, None, "cat.codes")

    return property(like(codes, theirs.fget), doc=theirs.__doc__)


def _record(series: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    asked = _asked(name, args, kwargs)
    if asked is None:
        return NotImplemented
    call, key = asked
    what = f"str.{name.strip('_')}"
    lists = _lists_of(series)
    if lists is not None:
        made, of_each = lists.method, call
        found = map_entries(
            lists.column.value,
            lambda strings: of_each(made(strings)),
            (lists.key, key),
            2 * DEAR,
            inferred=True,
        )
        return series_of(found, lists.column, series._name, what)
    mine = column_of(series)
    if mine is None:
        return NotImplemented
    return series_of(map_entries(mine.value, call, key, COSTS.get(name, DEAR)), mine, series._name, what)


def _asked(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Method, Hashable] | None:
    """A method of ``.str`` with its arguments, and what tells it from others; None if that is not known."""
    try:
        key = freeze(
            [name, [_known(one) for one in args], {word: _known(one) for word, one in kwargs.items()}]
        )
    except TypeError:
        return None
    return (lambda strings: getattr(strings.str, name)(*args, **kwargs)), key


def _lists_of(series: Any) -> Lists | None:
    """The lists that a series is of, if nobody has wanted them yet."""
    state = series.__dict__
    recorded = None if "_mgr" in state else state.get("_recorded")
    return recorded if type(recorded) is Lists else None


def _wider(name: str, theirs: Any) -> Any:
    @blame_caller
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        recorded = _record_wider(self._recorded_series, name, args, kwargs)
        return theirs(self, *args, **kwargs) if recorded is NotImplemented else recorded

    return like(method, theirs)


def _record_wider(series: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Lists, columns side by side, or, where a method gives no more, one column."""
    mine = None if _lists_of(series) is not None else column_of(series)
    asked = _asked(name, args, kwargs)
    few = None if mine is None else _some_strings(mine.value)
    if mine is None or asked is None or few is None:
        return NotImplemented
    of_categories = not may_be_text(mine.value)
    if of_categories and name == "get_dummies":
        return NotImplemented  # pandas shows categories without rows
    call, key = asked
    what = f"str.{name}"
    example = _of_examples(few, call, series._name)
    if type(example) is pandas.DataFrame:
        if (name == "extract" or of_categories) and not has_rows(mine.rows):
            return NotImplemented  # pandas leaves out the labels, or all columns
        found = map_entries_apart(mine.value, call, key)
        return NotImplemented if found is None else _frame_of(found, mine, what)
    if type(example) is not pandas.Series:
        return NotImplemented
    if name in LISTS:
        is_lists = example.dtype == object and not _may_raise(name, args, kwargs)
        named = Column(mine.value, mine.labels, series._name)
        return lazy_series(Lists(named, call, key)) if is_lists else NotImplemented
    return series_of(map_entries(mine.value, call, key), mine, example.name, what)


def _may_raise(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether a method raises for some strings, as it has to do at the user's line."""
    if name != "encode":
        return False
    encoding, *errors = [*args, *kwargs.values()]
    return encoding not in ("ascii", "latin-1", "utf-8") or errors not in (["ignore"], ["replace"])


def _frame_of(found: Apart, mine: Column, what: str) -> Any:
    columns, values = found
    for value in values:
        stamp(value, what)
    return lazy_frame(Table(mine.rows, ColumnLabels(columns), mine.labels, values))


def _some_strings(column: Value) -> Any:
    """A few of a column's strings, or of the categories that it has; None of anything else."""
    if may_be_text(column):
        return texts_of(column)[:_EXAMPLES]
    found = category_codes(column)
    if found is None or not is_str(found[1].categories.dtype):
        return None
    return pandas.Categorical.from_codes(range(min(len(found[1].categories), _EXAMPLES)), dtype=found[1])


def _of_examples(few: Any, method: Method, name: Any) -> Any:
    """What a method gives for a few strings as a series of that name; None if it raises or warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return method(pandas.Series(few, dtype=few.dtype, name=name, copy=True))
        except Exception:
            return None


def _cat(theirs: Any) -> Any:
    @blame_caller
    def cat(self: Any, *args: Any, **kwargs: Any) -> Any:
        recorded = _beside(self._recorded_series, *args, **kwargs)
        return theirs(self, *args, **kwargs) if recorded is NotImplemented else recorded

    return like(cat, theirs)


_JOINS = ("left", "right", "inner", "outer")


def _beside(series: Any, others: Any = None, sep: Any = None, na_rep: Any = None, join: Any = "left") -> Any:
    mine = None if _lists_of(series) is not None else column_of(series)
    if mine is None or not (type(join) is str and join in _JOINS):  # of equal labels all are one
        return NotImplemented
    if not (sep is None or type(sep) is str) or not (na_rep is None or type(na_rep) is str):
        return NotImplemented

    def call(left: pandas.Series, right: pandas.Series) -> Any:
        return left.str.cat(right, sep=sep, na_rep=na_rep)

    found: Value | None = mine.value
    for other in _columns_of(others):
        theirs = aligned_value(other, mine) if isinstance(other, pandas.Series) else None
        if found is None or theirs is None or other.dtype == object or theirs.dtype != OPAQUE:
            return NotImplemented
        found = map_pairs(found, theirs, call, ("cat", sep, na_rep))
    return NotImplemented if found is mine.value else series_of(found, mine, series._name, "str.cat")


def _columns_of(others: Any) -> list[Any]:
    """What is put behind a series, one after the other."""
    if isinstance(others, pandas.DataFrame):
        return [others[label] for label in others.columns] if others.columns.is_unique else [None]
    return list(others) if type(others) in (list, tuple) else [others]


_PLAIN = (str, int, bool, type, re.Pattern, re.RegexFlag, np.int64)


def _known(argument: Any) -> Hashable:
    """What tells an argument from others; raises TypeError for one that may treat rows differently."""
    if isinstance(argument, slice):
        return ("slice", _known(argument.start), _known(argument.stop), _known(argument.step))
    if type(argument) is dict:
        return ("dict", *[(_known(one), _known(other)) for one, other in argument.items()])
    if type(argument) is tuple:
        return ("tuple", *map(_known, argument))
    if argument is not None and type(argument) not in _PLAIN and argument == argument:
        raise TypeError
    return (type(argument), repr(argument) if argument != argument else argument)
