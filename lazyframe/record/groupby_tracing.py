"""Functions of a group, such as ``lambda x: x.max() - x.min()``, as values of the graph.

A function is called once, with a stand-in for the group that records what is done with it.  Only functions
are called whose code can do nothing but compute with their argument and with numbers: that is read off the
instructions, so that a function with side effects, or one that looks at the data to decide, is pandas' from
the beginning and is called as often as pandas calls it.
"""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import numpy as np
import pandas

from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, call_ufunc
from lazyframe.record.groupby import Options, aggregate
from lazyframe.record.reductions import Grouped, count_rows
from passes.ir.values import Value

_HARMLESS = frozenset(
    {
        "RESUME", "CACHE", "LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_FAST_LOAD_FAST", "LOAD_CONST",
        "LOAD_FAST_BORROW_LOAD_FAST_BORROW", "LOAD_SMALL_INT", "COPY_FREE_VARS", "LOAD_ATTR", "LOAD_METHOD",
        "PUSH_NULL", "PRECALL", "CALL", "BINARY_OP", "BINARY_SUBSCR", "COMPARE_OP", "UNARY_NEGATIVE",
        "RETURN_VALUE",
    }
)  # fmt: skip
"""Instructions that compute with what is on the stack; none stores, jumps or catches."""

_NAMED = frozenset({"LOAD_GLOBAL", "LOAD_DEREF"})
"""Instructions that load what a name stands for."""

REDUCTIONS = frozenset({"sum", "mean", "min", "max", "count", "median", "nunique"})
"""Methods of a series that give a number, and give what the group-by of that name gives.

Not those of a spread, which is exactly zero here for equal values and may be next to it in pandas: a ratio to
it would be another.
"""

_COMPARISONS = frozenset({np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal})

_NEAR = 1e-9
"""Numbers that differ by no more than this part of them may differ by rounding."""

_DTYPES = frozenset({BOOL, INT64, FLOAT64})
"""Series of other dtypes reduce to scalars of narrow types, which round on their own."""


class _Untraceable(Exception):  # noqa: N818  # no error: pandas runs the function
    """The function does something that has no counterpart in the graph."""


def is_pure(function: Any) -> bool:
    """Whether ``function`` is a plain function that only computes with its one argument and with numbers.

    It may ask how many rows there are with ``len``.
    """
    if type(function) is not FunctionType:
        return False
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


def trace_series(function: Callable[[Any], Any], by: Grouped, column: Value) -> Value | None:
    """What ``function`` gives for each group of a column, as a number; None where it cannot be traced."""
    return _traced(function, by, _Rows(by, column))


def trace_rows(function: Callable[[Any], Any], by: Grouped, column: Value) -> Value | None:
    """What ``function`` gives for each row of a column, of that column's dtype; None where it cannot tell."""
    found = _traced(function, by, _Rows(by, column), per_row=True)
    # pandas makes integers of floats where the column was of integers and all of them are whole
    return found if found is not None and found.dtype == column.dtype else None


def trace_frame(
    function: Callable[[Any], Any], by: Grouped, column: Callable[[Any], Value | None]
) -> Value | None:
    """The same of a group's rows of a frame, whose columns ``column`` gives by their labels."""
    return _traced(function, by, _Frame(by, column))


def trace_choice(
    function: Callable[[Any], Any],
    by: Grouped,
    column: Value | None,
    columns: Callable[[Any], Value | None],
) -> Choice | None:
    """Which groups ``function`` is true of; None where it cannot be traced.

    Parameters
    ----------
    function : callable
        Of the group's rows.
    by : Grouped
        The groups.
    column : Value or None
        What a series is grouped of; None for a frame.
    columns : callable
        Gives a frame's columns by their labels.
    """
    borders: list[Value] = []
    stand_in = _Frame(by, columns, borders) if column is None else _Rows(by, column, borders)
    found = _traced(function, by, stand_in)
    return None if found is None or found.dtype != BOOL else Choice(found, tuple(borders))


@dataclass(frozen=True, slots=True)
class Choice:
    """Which groups are chosen.

    Parameters
    ----------
    value : Value
        A boolean column of the groups.
    borders : tuple of Value
        The same: where a number that is rounded is next to what it was compared with, and so may be on its
        other side in pandas.
    """

    value: Value
    borders: tuple[Value, ...]


def _traced(
    function: Callable[[Any], Any], by: Grouped, stand_in: Any, per_row: bool = False
) -> Value | None:
    if not is_pure(function):
        return None
    try:
        result = _with_len(function)(stand_in)
    except Exception:  # of the function's own making, or because pandas has to run it
        return None
    if per_row:
        return result.spread() if isinstance(result, _Traced) else None
    return result.value if type(result) is _Number else None


def _with_len(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The function with a ``len`` that knows stand-ins: Python's own gives nothing but an ``int``."""
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

    def __init__(self, by: Grouped, value: Value, borders: list[Value] | None = None) -> None:
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
        if self.borders is None or isinstance(self, _Rows) or isinstance(other, _Rows):
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
        if name not in REDUCTIONS:
            raise _Untraceable
        return lambda: self._reduced(name)

    def abs(self) -> _Rows:
        """``series.abs()``."""
        found = call_ufunc(np.absolute, (self.value,))
        if found is None or self.value.dtype == BOOL:
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
    _borders: list[Value] | None = None

    def length(self) -> _Number:
        """``len(frame)``."""
        return _Number(self._by, count_rows(self._by), self._borders)

    def __getitem__(self, label: Any) -> _Rows:
        value = self._column(label) if isinstance(label, str) else None
        if value is None:
            raise _Untraceable
        return _Rows(self._by, value, self._borders)

    def __getattr__(self, name: str) -> _Rows:
        if hasattr(pandas.DataFrame, name):
            raise _Untraceable
        return self[name]
