"""The methods of a series that record."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
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
    opposite,
    positive,
    record_operator,
)
from lazyframe.record.powers import facts_of_power
from lazyframe.record.schema import is_ambiguous
from lazyframe.record.table import Column
from lazyframe.record.time_arithmetic import facts_of_times, is_length, is_time_scalar
from lazyframe.record.unequal import compare_unequal
from lazyframe.record.zoned_times import zone_dtype_of
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
        if operand is None and is_ambiguous(other):
            return NotImplemented
        if operand is None and (mine.value.dtype.kind in "mM" or zone_dtype_of(mine.value) is not None):
            operand = other if name in COMPARISONS or is_time_scalar(other) else None
        if operand is None and name in ARITHMETIC and is_length(other):
            operand = other
    if operand is None:
        return _compared_in_vain(mine, other, name, named)
    column = mine.value
    facts = _facts(name, column, operand, swapped)
    if facts is None:
        found = record_operator(name, column, operand, swapped)
        if found is None and not isinstance(operand, Value):
            return _compared_in_vain(mine, other, name, named)
        return series_of(found, mine, named, name)
    make = partial(record_operator, name, column, operand, swapped)
    return series_by_facts(facts, make, mine, named, name)


def _compared_in_vain(mine: Column, other: Any, name: str, named: Any) -> Any:
    """A comparison with what nothing in a series can be equal to."""
    if name not in COMPARISONS:
        return NotImplemented
    return series_of(compare_unequal(name, mine.value, other), mine, named, name)


def _facts(name: str, one: Value, other: Any, swapped: bool) -> Hashable | None:
    """All that decides the dtype of an operator's result, where that is more than one node; else None."""
    if name not in ARITHMETIC:
        return None
    if one.dtype.kind in "mM" or is_length(other):
        # of sums and differences the next operation takes the limits, for which they have to be there
        return None if name in ("add", "sub") else facts_of_times(name, one, other, swapped)
    if name in DIVISIONS and _are_integers(one, other):
        # of which the dtype depends on whether a divisor is 0
        return name, swapped, one.dtype, other.dtype, holds_zero(one if swapped else other)
    if name in DIVISIONS and type(other) in (int, float) and other and not swapped:
        return name, one.dtype, type(other), other
    if name == "pow" and (isinstance(other, Value) or type(other) in (int, float)):
        return facts_of_power(other, one) if swapped else facts_of_power(one, other)
    return None


def _are_integers(one: Value, other: Any) -> bool:
    """Whether two columns are of integers that divide as integers."""
    if not isinstance(other, Value) or other.rows is None:
        return False
    return all(value.dtype.kind in "iu" and value.dtype != np.uint64 for value in (one, other))


def _flexible(name: str, swapped: bool) -> Any:
    def record(self: Any, other: Any, level: Any = None, fill_value: Any = None, axis: Any = 0) -> Any:
        if level is not None or fill_value is not None or axis not in (0, "index"):
            return NotImplemented
        if isinstance(other, Series) and (name in ("floordiv", "mod") or _holds_objects(self, other)):
            return NotImplemented  # of two series this method leaves division by zero, and objects, to NumPy
        return record_binary(self, other, name, swapped)

    return record


def _holds_objects(*series: Any) -> bool:
    return any(one.dtype == OPAQUE for one in series)


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
    __neg__ = overriding(Series.__neg__, _unary(opposite, "negative"))
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
