"""pandas' operators on columns: NumPy's, and what pandas does beyond it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from lazyframe.record import strings
from lazyframe.record.chains import taken_further
from lazyframe.record.computing import compute, found_of
from lazyframe.record.datetimes import compare_times
from lazyframe.record.elementwise import (
    BOOL,
    FLOAT64,
    Operand,
    apply,
    both,
    call_ufunc,
    cast,
    kernel_loop,
    literal,
    negate,
    select,
)
from lazyframe.record.powers import power
from lazyframe.record.row_counts import has_rows
from lazyframe.record.schema import key_of, result_dtype
from lazyframe.record.time_arithmetic import is_length, time_arithmetic, time_sign
from lazyframe.record.wall_times import zoned_arithmetic
from lazyframe.record.zoned_times import point_in, points_of, zone_dtype_of
from passes.ir.values import OPAQUE, Literal, Map, Reduce, Value

ARITHMETIC: dict[str, np.ufunc] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.divide,
    "floordiv": np.floor_divide,
    "mod": np.remainder,
    "pow": np.power,
}
DIVISIONS = ("floordiv", "mod")
"""Whose results depend on whether a divisor is 0."""

ASKING = (*DIVISIONS, "pow")
"""Which may have to look at numbers to know what they give, or whether that is pandas' to say."""

_METHODS = {name: f"__{name}__" for name in ARITHMETIC}
_REFLECTED = {name: f"__r{name}__" for name in ARITHMETIC}
COMPARISONS: dict[str, np.ufunc] = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}
LOGIC: dict[str, np.ufunc] = {"and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor}


def arithmetic(name: str, left: Value, right: Operand, swapped: bool, whole: bool = True) -> Value | None:
    """``left <name> right`` (``right <name> left`` if ``swapped``) as pandas computes it, or None.

    Parameters
    ----------
    name : str
        A key of `ARITHMETIC`.
    left : Value
        A column.
    right : Value or scalar
        A column of the same rows, or a scalar.
    swapped : bool
        For the reflected methods.
    whole : bool
        Whether the column is a block of its own. In a frame pandas decides on one dtype for all columns of a
        block together, so what depends on values is left to it.
    """
    is_number = left.dtype.kind in "biuf"
    if is_number:  # first, as most are: a loop is found for numbers on either side alone
        kind: Any = right.dtype if isinstance(right, Value) and right.rows is not None else type(right)
        loop = _loop_of_any(name, left.dtype, kind, swapped)
        if loop is not None:
            return _looped(loop, left, right, swapped)
    if zone_dtype_of(left) is not None or (isinstance(right, Value) and zone_dtype_of(right) is not None):
        return zoned_arithmetic(name, left, right, swapped)
    if left.dtype == OPAQUE:
        if name == "mul":
            return strings.repeat(left, right)
        return strings.concatenate(left, right, swapped) if name == "add" else None
    if left.dtype.kind in "mM" or is_length(right):
        return time_arithmetic(name, left, right, swapped, whole)
    if not is_number:
        return None
    if isinstance(right, np.generic) and not isinstance(right, np.bool_):
        right = right.item()  # pandas treats NumPy's scalars as Python's in arithmetic
    if isinstance(right, Value) and right.rows is None and right.dtype.kind == left.dtype.kind == "f":
        right = cast(right, left.dtype)
    operands = (right, left) if swapped else (left, right)
    result = power(*operands) if name == "pow" else call_ufunc(ARITHMETIC[name], operands)
    if result is None:
        return None
    # NumPy has ways of its own for the exponents 1 and 2
    asked = right if name == "pow" and not isinstance(right, Value) else key_of(right)
    expected = result_dtype((_REFLECTED if swapped else _METHODS)[name], left.dtype, asked)
    if expected is None:
        return None
    if _may_become_float64(name, result.dtype, operands[1]):
        return _division_with_remainder(name, result, expected, whole)
    return result if result.dtype is expected or result.dtype == expected else None


_SIGNS: dict[type, tuple[int | float, ...]] = {float: (0.0, 1.0), int: (-1, 0, 1)}
"""Of each type of Python's numbers those that `key_of` tells apart."""


@lru_cache(maxsize=4096)
def _loop_of_any(
    name: str, left: np.dtype, right: np.dtype | type, swapped: bool
) -> tuple[str, np.dtype, np.dtype] | None:
    """The operation of a column with another one or with Python's numbers, and the dtypes that it takes and
    gives, where these are the same whatever the values are; else None."""
    asked: Sequence[Any] = [right] if isinstance(right, np.dtype) else _SIGNS.get(right, ())
    if name == "pow" or not asked:
        return None
    loop = kernel_loop(ARITHMETIC[name], (right, left) if swapped else (left, right))
    if loop is None:
        return None
    operation, computing, dtype, is_plain = loop
    if not is_plain or _may_become_float64(name, dtype, None):
        return None
    method = (_REFLECTED if swapped else _METHODS)[name]
    answers = {result_dtype(method, left, one) for one in asked}
    return (operation, computing, dtype) if answers == {dtype} and None not in answers else None


def _looped(loop: tuple[str, np.dtype, np.dtype], left: Value, right: Operand, swapped: bool) -> Value | None:
    operation, computing, dtype = loop
    if isinstance(right, Value):
        other = cast(right, computing)
    else:
        try:
            other = literal(right, computing)
        except OverflowError:
            return None
    mine = cast(left, computing)
    return Map(operation, (other, mine) if swapped else (mine, other), dtype)


def _may_become_float64(name: str, dtype: np.dtype, divisor: Operand | None) -> bool:
    if name == "floordiv":
        return dtype != FLOAT64
    return name == "mod" and dtype.kind in "iu" and _kind_of(divisor) != "b"


def _division_with_remainder(name: str, result: Value, expected: np.dtype, whole: bool) -> Value | None:
    """pandas turns the whole column into float64 when a divisor is 0, and says so of infinity and NaN."""
    if not isinstance(result, Map):
        return None
    dividend, divisor = result.arguments
    if isinstance(divisor, Literal) and divisor.value != 0:
        any_zero = False
    elif result.dtype.kind == "f":
        if not whole:
            return None
        any_zero = holds_zero(divisor)
        if any_zero:
            known = negate(apply("is_nan", dividend, dtype=BOOL))  # NaN by 0 stays what it is
            (any_zero,) = compute([Reduce("any", both(_is_zero(divisor), known), BOOL)])
    elif isinstance(divisor, Literal):
        assert result.rows is not None
        any_zero = has_rows(result.rows)
    elif not whole:
        return None
    else:
        any_zero = holds_zero(divisor)
    if not any_zero:
        return result if result.dtype == expected else None
    if result.dtype.kind == "f":
        return cast(result, FLOAT64)
    quotient: Value
    if name == "floordiv":
        quotient = apply("divide", cast(dividend, FLOAT64), literal(0.0, FLOAT64))
    else:
        quotient = literal(np.nan, FLOAT64)
    return select(_is_zero(divisor), quotient, cast(result, FLOAT64))


def _keeps_zeros(cast_: Map) -> bool:
    """Whether a conversion gives 0 for 0 and for nothing else."""
    before = cast_.arguments[0].dtype
    return before.kind in "biu" and before.itemsize <= cast_.dtype.itemsize


def _is_zero(divisor: Value) -> Value:
    return apply("equal", divisor, literal(0, divisor.dtype), dtype=BOOL)


def holds_zero(divisor: Value) -> bool:
    """Whether a divisor is 0 anywhere: computed once."""
    # what was made for the operation is forgotten with it, the user's column is not
    while isinstance(divisor, Map) and divisor.operation == "cast" and _keeps_zeros(divisor):
        divisor = divisor.arguments[0]

    def holds() -> Value:
        return _is_zero(divisor) if divisor.rows is None else Reduce("any", _is_zero(divisor), BOOL)

    return found_of(divisor, "is zero", holds)


def comparison(
    name: str, left: Value, right: Operand, swapped: bool = False, whole: bool = True
) -> Value | None:
    """``left <name> right`` as booleans, or None where pandas has to decide."""
    zone = zone_dtype_of(left)
    if zone is not None:
        return _compare_zoned(name, left, right, zone)
    if left.dtype == OPAQUE:
        return strings.compare(name, left, right)
    if left.dtype.kind in "mM" or getattr(right, "dtype", BOOL).kind in "mM":
        return compare_times(name, left, right)
    if left.dtype.kind not in "biuf" or _is_text(right):
        return None
    if isinstance(right, Value) and right.dtype == OPAQUE:
        return strings.compare_rows(name, left, right)
    return call_ufunc(COMPARISONS[name], (left, right))


def _compare_zoned(name: str, left: Value, right: Operand, zone: Any) -> Value | None:
    if isinstance(right, Value):
        other: Any = points_of(right) if zone_dtype_of(right) == zone else None
    else:
        other = point_in(right, zone)
    return None if other is None else compare_times(name, points_of(left), other)


def _is_text(right: Any) -> bool:
    return isinstance(right, (str, bytes))


def logic(name: str, left: Value, right: Operand, swapped: bool = False, whole: bool = True) -> Value | None:
    """``&``, ``|`` and ``^``: of integers bit by bit, and of anything beside booleans as a boolean.

    None where pandas has to decide.
    """
    kinds = left.dtype.kind, _kind_of(right)
    if kinds == ("b", "f") and isinstance(right, Value) and right.rows is not None:
        # a missing number is False
        known = negate(apply("is_nan", right, dtype=BOOL))
        right = both(apply("not_equal", right, literal(0, right.dtype), dtype=BOOL), known)
    elif not set(kinds).issubset("biu"):
        return None
    result = call_ufunc(LOGIC[name], (left, right))
    return cast(result, BOOL) if result is not None and "b" in kinds else result


def _kind_of(operand: Operand | None) -> str:
    if isinstance(operand, (Value, np.generic)):
        return operand.dtype.kind
    if isinstance(operand, bool):
        return "b"
    return "i" if isinstance(operand, int) else "O"


FAMILIES: dict[str, Callable[..., Value | None]] = {
    **dict.fromkeys(ARITHMETIC, arithmetic),
    **dict.fromkeys(COMPARISONS, comparison),
    **dict.fromkeys(LOGIC, logic),
}
"""Which function records which operator."""


def record_operator(
    name: str, left: Value, right: Operand, swapped: bool = False, whole: bool = True
) -> Value | None:
    """Any of pandas' operators, by its name without ``r``: see `arithmetic`."""
    left = taken_further(left)
    if isinstance(right, Value):
        right = taken_further(right)
    return FAMILIES[name](name, left, right, swapped, whole)


def invert(column: Value) -> Value | None:
    """``~column``; None where pandas raises."""
    return call_ufunc(np.invert, (column,)) if column.dtype.kind in "biu" else None


def negative(column: Value) -> Value | None:
    """``-column``; None where pandas raises."""
    if column.dtype.kind == "m":
        return time_sign("negative", column)
    return call_ufunc(np.negative, (column,)) if column.dtype.kind in "iuf" else None


def opposite(column: Value) -> Value | None:
    """``-column`` as pandas has it: of booleans, which NumPy refuses, it is what `invert` gives."""
    return invert(column) if column.dtype == BOOL else negative(column)


def positive(column: Value) -> Value | None:
    """``+column``: the column itself; None where pandas raises."""
    return column if column.dtype.kind in "biufm" else None


def absolute(column: Value) -> Value | None:
    """``abs(column)``."""
    if column.dtype.kind == "m":
        return time_sign("absolute", column)
    return call_ufunc(np.absolute, (column,)) if column.dtype.kind in "biuf" else None
