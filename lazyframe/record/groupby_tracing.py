"""Functions of a group, such as ``lambda x: x.max() - x.min()``, as values of the graph.

A function is called once, with a stand-in for the group that records what is done with it.  Only functions
are called whose code can do nothing but compute with their argument and with numbers: that is read off the
instructions, so that a function with side effects, or one that looks at the data to decide, is pandas' from
the beginning and is called as often as pandas calls it.
"""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import numpy as np
import pandas

from lazyframe.record import groupby_rows
from lazyframe.record.computing import compute
from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, apply, call_ufunc, cast, literal, select
from lazyframe.record.groupby import Options, aggregate
from lazyframe.record.groupby_whole import WholeGroups
from lazyframe.record.reductions import Grouped, count_rows
from passes.ir.type_rules import ROLLING
from passes.ir.values import Gather, Reduce, Value

_HARMLESS = frozenset(
    {
        "RESUME", "CACHE", "LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_FAST_LOAD_FAST", "LOAD_CONST",
        "LOAD_FAST_BORROW_LOAD_FAST_BORROW", "LOAD_SMALL_INT", "COPY_FREE_VARS", "LOAD_ATTR", "LOAD_METHOD",
        "PUSH_NULL", "PRECALL", "CALL", "KW_NAMES", "CALL_KW", "BINARY_OP", "BINARY_SUBSCR", "COMPARE_OP",
        "UNARY_NEGATIVE", "RETURN_VALUE",
    }
)  # fmt: skip
"""Instructions that compute with what is on the stack; none stores, jumps or catches."""

_NAMED = frozenset({"LOAD_GLOBAL", "LOAD_DEREF"})
"""Instructions that load what a name stands for."""

REDUCTIONS = frozenset({"sum", "mean", "min", "max", "count", "median", "nunique"})
"""Methods of a series that give a number, and give what the group-by of that name gives."""

SPREADS = frozenset({"std", "var"})
"""The same of a spread, which is exactly zero here for equal values and may be next to it in pandas."""

_KNOWN: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (np.sum, lambda rows: rows.sum()),
    (np.mean, lambda rows: rows.mean()),
    (np.max, lambda rows: rows.max()),
    (np.min, lambda rows: rows.min()),
    (len, lambda rows: rows.length()),
)
"""Functions of others that pandas calls for each group, and what they do with a series."""

_COMPARISONS = frozenset({np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal})

_NEAR = 1e-9
"""Numbers that differ by no more than this part of them may differ by rounding."""

_LEAST_SPREAD = 1e-6
"""A deviation of no more than this part of the mean may be rounding, or is mostly."""

_DTYPES = frozenset({BOOL, INT64, FLOAT64})
"""Series of other dtypes reduce to scalars of narrow types, which round on their own."""


class _Untraceable(Exception):  # noqa: N818  # no error: pandas runs the function
    """The function does something that has no counterpart in the graph."""


def is_pure(function: Any) -> bool:
    """Whether ``function`` is a plain function that only computes with its one argument and with numbers.

    It may ask how many rows there are with ``len``.
    """
    if type(function) is not FunctionType:
        return is_known(function)
    code = function.__code__
    one = code.co_argcount == 1 and code.co_kwonlyargcount == code.co_posonlyargcount == 0
    if not one or code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS | inspect.CO_GENERATOR):
        return False
    try:
        known = inspect.getclosurevars(function)
    except (TypeError, ValueError):
        return False
    named = {**known.builtins, **known.nonlocals, **known.globals}
    for instruction in dis.get_instructions(function):
        if instruction.opname in _NAMED:
            value = named.get(instruction.argval)
            if type(value) not in (int, float) and value is not len:
                return False
        elif instruction.opname not in _HARMLESS:
            return False
    return True


def is_known(function: Any) -> bool:
    """Whether ``function`` is one of NumPy's or Python's that is known."""
    return any(function is known for known, _ in _KNOWN)


def trace_series(function: Callable[[Any], Any], by: Grouped, column: Value) -> Value | None:
    """What ``function`` gives for each group of a column, as a number; None where it cannot be traced."""
    return _traced(function, by, _Rows(by, column, []))


def trace_rows(function: Callable[[Any], Any], by: Grouped, column: Value) -> Value | None:
    """What ``function`` gives for each row of a column; None where it cannot be traced."""
    return _traced(function, by, _Rows(by, column, []), per_row=True)


def trace_frame(
    function: Callable[[Any], Any], by: Grouped, column: Callable[[Any], Value | None]
) -> Value | None:
    """The same of a group's rows of a frame, whose columns ``column`` gives by their labels."""
    return _traced(function, by, _Frame(by, column, []))


def _is_certain(borders: Sequence[Value]) -> bool:
    """Whether no number is so near to another that rounding decides what comes of it, which is computed."""
    return not any(compute([Reduce("any", border, BOOL) for border in borders]))


def _traced(
    function: Callable[[Any], Any], by: Grouped, stand_in: Any, per_row: bool = False
) -> Value | None:
    if not is_pure(function):
        return None
    try:
        result = _callable(function)(stand_in)
    except Exception:  # of the function's own making, or because pandas has to run it
        return None
    found: Value | None = None
    if per_row and isinstance(result, _Traced):
        found = result.spread()
    elif not per_row and type(result) is _Number:
        found = result.value
    return found if found is not None and _is_certain(stand_in.borders) else None


def _callable(function: Any) -> Any:
    """The function with a ``len`` that knows stand-ins: Python's own gives nothing but an ``int``."""
    for known, own in _KNOWN:
        if known is function:
            return own
    if "len" not in function.__code__.co_names:
        return function
    names = {**inspect.getclosurevars(function).globals, "len": _length, "__builtins__": {}}
    return FunctionType(function.__code__, names, closure=function.__closure__)


def _length(rows: Any) -> _Number:
    if not isinstance(rows, (_Rows, _Frame)):
        raise _Untraceable
    return rows.length()


def _operation(ufunc: np.ufunc, swapped: bool = False) -> Any:
    def compute(self: _Traced, other: Any) -> _Traced:
        return self.combine(ufunc, other, swapped)

    return compute


class _Traced:
    """A value that a function computes: of each row, or of each group."""

    __slots__ = ("borders", "by", "value")
    __hash__ = None  # type: ignore[assignment]  # nothing may look it up

    def __init__(self, by: Grouped, value: Value, borders: list[Value]) -> None:
        self.by = by
        self.value = value
        self.borders = borders

    def combine(self, ufunc: np.ufunc, other: Any, swapped: bool) -> _Traced:
        """One operation with another value, or with a number."""
        if ufunc in _COMPARISONS and (isinstance(self, _Number) or isinstance(other, _Number)):
            self._note_border(other)
        mine: Any = self.value
        kind: type[_Traced] = type(self)
        if isinstance(other, _Traced):
            theirs: Any = other.value
            if type(other) is not kind:
                mine, theirs, kind = self.spread(), other.spread(), _Rows
        elif type(other) in (int, float):
            theirs = other
        else:
            raise _Untraceable
        found = call_ufunc(ufunc, (theirs, mine) if swapped else (mine, theirs))
        if found is None or found.dtype not in _DTYPES:
            raise _Untraceable
        return kind(self.by, found, self.borders)

    def _note_border(self, other: Any) -> None:
        """Note where a mean that differs in its last bit would be on the other side."""
        if isinstance(self, _Rows) or isinstance(other, _Rows):
            raise _Untraceable
        theirs = other.value if isinstance(other, _Number) else other
        if self.value.dtype != FLOAT64 and (not isinstance(theirs, Value) or theirs.dtype != FLOAT64):
            return  # whole numbers are exact
        distance = call_ufunc(np.absolute, [_found(np.subtract, self.value, theirs)])
        scale = _found(np.absolute, _found(np.multiply, self.value, _NEAR))
        assert distance is not None
        self.borders.append(_found(np.less_equal, distance, scale))

    def spread(self) -> Value:
        """The value seen by each row."""
        return self.value

    def __bool__(self) -> bool:
        raise _Untraceable

    def __neg__(self) -> _Traced:
        if self.value.dtype == BOOL:
            raise _Untraceable
        return self.combine(np.multiply, -1, swapped=False)

    __add__, __radd__ = _operation(np.add), _operation(np.add, swapped=True)
    __sub__, __rsub__ = _operation(np.subtract), _operation(np.subtract, swapped=True)
    __mul__, __rmul__ = _operation(np.multiply), _operation(np.multiply, swapped=True)
    __truediv__, __rtruediv__ = _operation(np.true_divide), _operation(np.true_divide, swapped=True)
    __lt__, __le__ = _operation(np.less), _operation(np.less_equal)
    __gt__, __ge__ = _operation(np.greater), _operation(np.greater_equal)
    __and__, __or__ = _operation(np.bitwise_and), _operation(np.bitwise_or)
    __eq__, __ne__ = _operation(np.equal), _operation(np.not_equal)


class _Number(_Traced):
    """A number for each group."""

    __slots__ = ()

    def spread(self) -> Value:
        return self.by.spread(self.value)


class _Rows(_Traced):
    """A column: the group's rows of a series."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name in SPREADS:
            return lambda: self._spread_of(name)
        if name not in REDUCTIONS:
            raise _Untraceable
        return lambda: self._reduced(name)

    def _spread_of(self, name: str) -> _Number:
        found = self._reduced(name)
        deviation, mean = self._reduced("std").value, self._reduced("mean").value
        least = _found(np.multiply, _found(np.absolute, mean), _LEAST_SPREAD)
        self.borders.append(_found(np.less_equal, deviation, least))
        return found

    def fillna(self, value: Any) -> _Rows:
        """``series.fillna(value)`` with a number, or one for each group."""
        if self.value.dtype != FLOAT64 or not isinstance(value, (_Number, int, float)):
            raise _Untraceable
        put = value.spread() if isinstance(value, _Number) else literal(float(value), FLOAT64)
        if put.dtype.kind == "b":
            raise _Untraceable
        missing = apply("is_nan", self.value, dtype=BOOL)
        return _Rows(self.by, select(missing, cast(put, FLOAT64), self.value), self.borders)

    def abs(self) -> _Rows:
        """``series.abs()``."""
        found = call_ufunc(np.absolute, (self.value,))
        if found is None or self.value.dtype == BOOL:
            raise _Untraceable
        return _Rows(self.by, found, self.borders)

    def shift(self, periods: Any = 1) -> _Rows:
        """``series.shift(periods)``."""
        return self._looking_back("shift", periods)

    def diff(self, periods: Any = 1) -> _Rows:
        """``series.diff(periods)``."""
        return self._looking_back("diff", periods)

    def pct_change(self, periods: Any = 1) -> _Rows:
        """``series.pct_change(periods)``."""
        return self._looking_back("pct_change", periods)

    def rank(self, method: Any = "average", ascending: Any = True, pct: Any = False) -> _Rows:
        """``series.rank()``."""
        if method not in groupby_rows.RANKS or not type(ascending) is type(pct) is bool:
            raise _Untraceable
        return self._of_rows(groupby_rows.rank(self._groups(), self.value, method, ascending, pct))

    def cummax(self) -> _Rows:
        """``series.cummax()``."""
        return self._of_rows(groupby_rows.cumulative(self._groups(), self.value, "cummax"))

    def cummin(self) -> _Rows:
        """``series.cummin()``."""
        return self._of_rows(groupby_rows.cumulative(self._groups(), self.value, "cummin"))

    def cumsum(self) -> _Rows:
        """``series.cumsum()`` of integers: floats pandas adds up in two ways, of a series and of groups."""
        if self.value.dtype != INT64:
            raise _Untraceable
        return self._of_rows(groupby_rows.cumulative(self._groups(), self.value, "cumsum"))

    def rolling(self, window: Any, min_periods: Any = None) -> _Window:
        """``series.rolling(window)``."""
        least = window if min_periods is None else min_periods
        if type(window) is not int or window < 1 or type(least) is not int or not 0 <= least <= window:
            raise _Untraceable
        return _Window(self, window, min_periods)

    @property
    def iloc(self) -> _Places:
        """``series.iloc``."""
        return _Places(self)

    def _looking_back(self, name: str, periods: Any) -> _Rows:
        if type(periods) is not int or periods == 0 or self.value.dtype == BOOL:
            raise _Untraceable
        return self._of_rows(groupby_rows.shifted(self._groups(), self.value, name, periods))

    def _groups(self) -> WholeGroups:
        return WholeGroups(self.by.group, None)

    def _of_rows(self, found: Value | None) -> _Rows:
        if found is None or found.dtype not in _DTYPES:
            raise _Untraceable
        return _Rows(self.by, found, self.borders)

    def length(self) -> _Number:
        """``len(series)``."""
        return self._reduced("size")

    @property
    def size(self) -> _Number:
        """``series.size``."""
        return self._reduced("size")

    def _reduced(self, name: str) -> _Number:
        options = Options(min_count=0 if name == "sum" else -1)
        found = aggregate(name, self.by, self.value, options)
        if found is None or found.dtype not in _DTYPES:
            raise _Untraceable
        return _Number(self.by, found, self.borders)


@dataclass(frozen=True, slots=True)
class _Window:
    """``series.rolling(rows)`` of a group's rows."""

    _of: _Rows
    _rows: int
    _least: int | None

    def __getattr__(self, name: str) -> Any:
        if name not in ROLLING:
            raise _Untraceable
        rows = self._of
        return lambda: rows._of_rows(
            groupby_rows.rolled(rows._groups(), rows.value, name, self._rows, self._least)
        )


@dataclass(frozen=True, slots=True)
class _Places:
    """``series.iloc``: the first or the last row, as every group has them."""

    _of: _Rows

    def __getitem__(self, place: Any) -> _Number:
        if type(place) is not int or place not in (0, -1):
            raise _Untraceable
        rows = self._of
        positions = rows.by.positions()
        found = rows.by.reduce("minimum" if place == 0 else "maximum", positions, INT64)
        return _Number(rows.by, Gather(rows.value, found), rows.borders)


def _found(ufunc: np.ufunc, *operands: Any) -> Value:
    found = call_ufunc(ufunc, operands)
    if found is None:
        raise _Untraceable
    return found


@dataclass(frozen=True, slots=True)
class _Frame:
    """The group's rows of a frame."""

    _by: Grouped
    _column: Callable[[Any], Value | None]
    borders: list[Value]

    def length(self) -> _Number:
        """``len(frame)``."""
        return _Number(self._by, count_rows(self._by), self.borders)

    def __getitem__(self, label: Any) -> _Rows:
        value = self._column(label) if isinstance(label, str) else None
        if value is None:
            raise _Untraceable
        return _Rows(self._by, value, self.borders)

    def __getattr__(self, name: str) -> _Rows:
        if hasattr(pandas.DataFrame, name):
            raise _Untraceable
        return self[name]
