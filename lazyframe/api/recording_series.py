"""The methods of a series that record."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.api.recording import (
    aligned_value,
    column_of,
    operand_of,
    overriding,
    overriding_in_place,
    overriding_operator,
    result_name,
    series_by_facts,
    series_of,
)
from lazyframe.record.operators import (
    ARITHMETIC,
    COMPARISONS,
    DIVISIONS,
    FAMILIES,
    LOGIC,
    absolute,
    holds_zero,
    invert,
    negative,
    positive,
    record_operator,
)
from lazyframe.record.table import Column
from lazyframe.record.time_arithmetic import is_length, is_time_scalar
from passes.ir.values import OPAQUE, Value

Series = pandas.Series


def record_binary(self: Any, other: Any, name: str, swapped: bool) -> Any:
    """``self <name> other``."""
    mine = column_of(self)
    if mine is None:
        return NotImplemented
    named = self._name
    if isinstance(other, Series):
        operand: Any = aligned_value(other, mine)
        named = result_name(named, other._name)
    else:
        operand = operand_of(other, mine)
        if type(other) is str and mine.value.dtype == OPAQUE:
            operand = other
        if operand is None and mine.value.dtype.kind in "mM":
            operand = other if name in COMPARISONS or is_time_scalar(other) else None
        if operand is None and name in ARITHMETIC and is_length(other):
            operand = other
    if operand is None:
        return NotImplemented
    if name in DIVISIONS and _are_integers(mine.value, operand):
        return _divided(name, mine, operand, swapped, named)
    if name == "pow" and not swapped and type(operand) in (int, float):
        asked = (name, swapped, mine.value.dtype, type(operand), operand)
        return series_by_facts(
            asked, lambda: record_operator(name, mine.value, operand, swapped), mine, named, name
        )
    return series_of(record_operator(name, mine.value, operand, swapped), mine, named, name)


def _are_integers(one: Value, other: Any) -> bool:
    """Whether two columns are of integers that divide as integers."""
    if not isinstance(other, Value) or other.rows is None:
        return False
    return all(value.dtype.kind in "iu" and value.dtype != np.uint64 for value in (one, other))


def _divided(name: str, mine: Column, other: Value, swapped: bool, named: Any) -> Any:
    """Whole quotients or remainders of two columns: their dtype depends on whether a divisor is 0."""
    one = mine.value
    any_zero = holds_zero(one if swapped else other)
    asked = (name, swapped, one.dtype, other.dtype, any_zero)
    return series_by_facts(asked, lambda: record_operator(name, one, other, swapped), mine, named, name)


def _flexible(name: str, swapped: bool) -> Any:
    def record(self: Any, other: Any, level: Any = None, fill_value: Any = None, axis: Any = 0) -> Any:
        if level is not None or fill_value is not None or axis not in (0, "index"):
            return NotImplemented
        if isinstance(other, Series) and name in ("floordiv", "mod"):
            return NotImplemented  # of two series this method leaves division by zero to NumPy
        return record_binary(self, other, name, swapped)

    return record


def _unary(function: Any, what: str) -> Any:
    def record(self: Any) -> Any:
        mine = column_of(self)
        if mine is None:
            return NotImplemented
        return series_of(function(mine.value), mine, self._name, what)

    return record


class RecordingSeries:
    """Mixin: operators and element-wise methods."""

    __invert__ = overriding(Series.__invert__, _unary(invert, "invert"))
    __neg__ = overriding(Series.__neg__, _unary(negative, "negative"))
    __pos__ = overriding(Series.__pos__, _unary(positive, "positive"))
    __abs__ = overriding(Series.__abs__, _unary(absolute, "abs"))
    abs = overriding(Series.abs, _unary(absolute, "abs"))


ALIASES = {"truediv": ("truediv", "div", "divide"), "mul": ("mul", "multiply"), "sub": ("sub", "subtract")}


def _install() -> None:
    for name in FAMILIES:
        for swapped in (False, True):
            if swapped and name in COMPARISONS:
                continue
            dunder = f"__{'r' if swapped else ''}{name}__"
            method = overriding_operator(getattr(Series, dunder), record_binary, name, swapped)
            setattr(RecordingSeries, dunder, method)
            if not swapped and (in_place := getattr(Series, f"__i{name}__", None)) is not None:
                method = overriding_in_place(in_place, record_binary, name)
                setattr(RecordingSeries, f"__i{name}__", method)
            if name in LOGIC:
                continue
            for alias in ALIASES.get(name, (name,)) if not swapped else (f"r{name}",):
                setattr(RecordingSeries, alias, overriding(getattr(Series, alias), _flexible(name, swapped)))
    RecordingSeries.rdiv = RecordingSeries.rtruediv  # type: ignore[attr-defined]


_install()
