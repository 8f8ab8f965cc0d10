"""NumPy's universal functions recorded over `Form`."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache

import numpy as np

from lazyframe.record.array_broadcast import ArrayOperand, align, axes_of_several, broadcast
from lazyframe.record.array_form import Axis, Form, is_kernel_dtype
from lazyframe.record.array_recipes import record_by_recipe
from lazyframe.record.elementwise import (
    BOOL,
    FLOAT64,
    KINDS,
    Operand,
    call_ufunc,
    cast,
    kernel_loop,
    literal,
    logical,
    loop_dtypes,
    operand_type,
    select,
)
from lazyframe.record.powers import power
from passes.ir.values import Literal, Map, Value

Rowwise = Callable[[list[Operand]], Value | None]


def record_ufunc(ufunc: np.ufunc, operands: Sequence[ArrayOperand]) -> Form | tuple[Form, ...] | None:
    """Record ``ufunc(*operands)``; None where NumPy decides: it computes, or raises its own error."""
    if len(operands) != ufunc.nin:
        return None
    if ufunc.nout == 1:
        known = None if ufunc in _COMPOSED else record_by_recipe(ufunc, operands)
        if known is not None:
            return known
        waiting = _made_later(ufunc, operands)
        if waiting is not None:
            return waiting
        return map_rows(operands, lambda row: ufunc_of_rows(ufunc, row))
    if ufunc is not np.divmod:
        return None
    whole = map_rows(operands, lambda row: call_ufunc(np.floor_divide, row))
    rest = map_rows(operands, lambda row: call_ufunc(np.remainder, row))
    return None if whole is None or rest is None else (whole, rest)


def _made_later(ufunc: np.ufunc, operands: Sequence[ArrayOperand]) -> Form | None:
    """The same where one operation gives each of several columns: they wait until they are needed."""
    axes = None if ufunc in _COMPOSED else axes_of_several(operands)
    if axes is None:
        return None
    types: list[np.dtype | type] = []
    for one in operands:
        types.append(one.dtype if isinstance(one, (Form, np.ndarray)) else operand_type(one))
    loop = kernel_loop(ufunc, tuple(types))
    if loop is None or not loop[-1]:
        return None
    _, computing, dtype, _ = loop
    for one in operands:
        if not isinstance(one, (Form, np.ndarray)) and at_dtype(one, computing) is None:
            return None

    def make() -> tuple[Value, ...]:
        aligned = align(operands, axes)
        assert aligned is not None
        made = [call_ufunc(ufunc, row) for row in aligned]
        return tuple([column for column in made if column is not None])

    return Form.later(axes, dtype, make, operands, _lie_by_column(operands))


def ufunc_of_rows(ufunc: np.ufunc, row: list[Operand]) -> Value | None:
    """``ufunc(*row)``, of one result, for columns of the same rows and scalars."""
    composed = _COMPOSED.get(ufunc)
    return call_ufunc(ufunc, row) if composed is None else composed(row)


def map_rows(operands: Sequence[ArrayOperand], rowwise: Rowwise) -> Form | None:
    """Broadcast, and apply ``rowwise`` to the operands of each column of the result."""
    simple = _one_column(operands)
    if simple is not None:
        axes, row = simple
        column = rowwise(row)
        return None if column is None else Form(axes, (column,))
    found = broadcast(operands)
    if found is None:
        return None
    axes, aligned = found
    columns: list[Value] = []
    for row in aligned:
        column = rowwise(row)
        if column is None:
            return None
        columns.append(column)
    return Form(axes, tuple(columns), _lie_by_column(operands))


def _lie_by_column(operands: Sequence[ArrayOperand]) -> bool:
    """Whether NumPy leaves columns, as it does where all matrices that it is given have them."""
    found = False
    for one in operands:
        if isinstance(one, Form) and len(one.axes) == 2 and one.count > 1:
            if not one.by_column:
                return False
            found = True
    return found


_known_dtypes: dict[Hashable, np.dtype] = {}
_MOST_KNOWN = 1024


def map_rows_later(operands: Sequence[ArrayOperand], rowwise: Rowwise, asked: Hashable) -> Form | None:
    """`map_rows`, whose columns wait where their dtype is known.

    Parameters
    ----------
    operands : sequence
        Waiting is for arrays of the same axes, and scalars.
    rowwise : callable
        Whether it gives None, and else the dtype, follows from scalars and the dtypes of arrays.
    asked : hashable
        All that ``rowwise`` holds.
    """
    axes: tuple[Axis, ...] = ()
    key: list[Hashable] = [asked]
    for operand in operands:
        if isinstance(operand, Form):
            if operand.axes and axes and operand.axes != axes:
                return map_rows(operands, rowwise)
            axes = axes or operand.axes
            key.append((operand.dtype, operand.axes == ()))
        elif isinstance(operand, np.ndarray):
            return map_rows(operands, rowwise)
        else:
            key.append((type(operand), operand))
    facts = tuple(key)
    dtype = _known_dtypes.get(facts)
    if dtype is None:
        made = map_rows(operands, rowwise)
        if made is not None:
            if len(_known_dtypes) >= _MOST_KNOWN:
                _known_dtypes.clear()
            _known_dtypes[facts] = made.dtype
        return made

    def make() -> tuple[Value, ...]:
        found = map_rows(operands, rowwise)
        assert found is not None
        return found.columns

    return Form.later(axes, dtype, make, operands, _lie_by_column(operands))


def _one_column(operands: Sequence[ArrayOperand]) -> tuple[tuple[Axis, ...], list[Operand]] | None:
    """The operands as they are, where they are arrays of one column and of the same axes, and scalars."""
    axes: tuple[Axis, ...] = ()
    row: list[Operand] = []
    for operand in operands:
        if type(operand) is not Form:
            if isinstance(operand, np.ndarray):
                return None
            row.append(operand)  # type: ignore[arg-type]  # a scalar
            continue
        if operand.count != 1:
            return None
        if operand.axes:
            if axes and axes != operand.axes:
                return None
            axes = operand.axes
        row.append(operand.columns[0])
    return axes, row


def at_dtype(operand: Operand, dtype: np.dtype) -> Value | None:
    """An operand as a value of ``dtype``; None for a Python integer that does not fit."""
    if isinstance(operand, Value):
        return cast(operand, dtype)
    try:
        return literal(operand, dtype)
    except (OverflowError, ValueError):
        return None


def _at_loop(ufunc: np.ufunc, row: list[Operand]) -> list[Value] | None:
    dtypes = loop_dtypes(ufunc, tuple([operand_type(o) for o in row]))
    if dtypes is None or not all(is_kernel_dtype(d) for d in dtypes):
        return None
    arguments = [at_dtype(o, d) for o, d in zip(row, dtypes, strict=False)]
    return None if any(a is None for a in arguments) else arguments  # type: ignore[return-value]


def _scaled(ufunc: np.ufunc, factor: float) -> Rowwise:
    def rowwise(row: list[Operand]) -> Value | None:
        arguments = _at_loop(ufunc, row)
        if arguments is None:
            return None
        [x] = arguments
        return Map("multiply", (x, _constant_factor(factor, x.dtype)), x.dtype)

    return rowwise


def _constant_factor(factor: float, dtype: np.dtype) -> Literal:
    if dtype == FLOAT64:
        return Literal(factor, dtype)
    pi = dtype.type(math.pi)  # NumPy divides the rounded constants at the loop's own precision
    half_turn = dtype.type(180)
    return Literal(pi / half_turn if factor < 1 else half_turn / pi, dtype)


def _square(row: list[Operand]) -> Value | None:
    arguments = _at_loop(np.square, row)
    return None if arguments is None else Map("multiply", (arguments[0], arguments[0]), arguments[0].dtype)


def _reciprocal(row: list[Operand]) -> Value | None:
    arguments = _at_loop(np.reciprocal, row)
    if arguments is None or arguments[0].dtype.kind != "f":
        return None
    [x] = arguments
    return Map("divide", (Literal(1, x.dtype), x), x.dtype)


def _power(row: list[Operand]) -> Value | None:
    """NumPy's loop takes shorter ways for a scalar exponent, with results of their own at -0.0 and -inf."""
    exponent = row[1]
    if isinstance(exponent, Value) or exponent not in (-1, 0.5, 1, 2):
        return power(*row)
    arguments = _at_loop(np.power, row)
    if arguments is None or arguments[0].dtype.kind != "f":
        return call_ufunc(np.power, row)
    base = arguments[0]
    if exponent == 2:
        return Map("multiply", (base, base), base.dtype)
    if exponent == 0.5:
        return Map("square_root", (base,), base.dtype)
    return base if exponent == 1 else Map("divide", (Literal(1, base.dtype), base), base.dtype)


def _same(ufunc: np.ufunc) -> Rowwise:
    def rowwise(row: list[Operand]) -> Value | None:
        arguments = _at_loop(ufunc, row)
        return None if arguments is None else arguments[0]

    return rowwise


def _logical(name: str) -> Rowwise:
    def rowwise(row: list[Operand]) -> Value | None:
        if any(not isinstance(o, (Value, bool, int, float, np.generic)) for o in row):
            return None
        return logical(name, row)

    return rowwise


def _classify(ufunc: np.ufunc, of_integers: bool) -> Rowwise:
    def rowwise(row: list[Operand]) -> Value | None:
        [x] = row
        if not isinstance(x, Value) or x.dtype.kind not in "biu":
            return call_ufunc(ufunc, row)
        # every integer is at least the lowest of its kind: a column must be made of a column
        least = Literal(False if x.dtype == BOOL else np.iinfo(x.dtype).min, x.dtype)
        if x.dtype == BOOL:
            always: Value = Map("bitwise_or", (x, Map("invert", (x,), BOOL)), BOOL)
        else:
            always = Map("greater_equal", (x, least), BOOL)
        return always if of_integers else Map("invert", (always,), BOOL)

    return rowwise


def clip_rows(row: list[Operand]) -> Value | None:
    dtype = result_dtype(row)
    if dtype is None:
        return None
    values = [at_dtype(o, dtype) for o in row]
    x, low, high = values
    if x is None or low is None or high is None or dtype == BOOL:
        return None
    # Of zeros that are equal and differ in sign NumPy's loop for scalar bounds keeps x, the other the bound.
    if low.rows is None and high.rows is None:
        return _bounded(_bounded(x, low, "less"), high, "greater")
    return _bounded(_bounded(x, low, "less_equal"), high, "greater_equal")


def _bounded(x: Value, bound: Value, beyond: str) -> Value:
    outside: Value = Map(beyond, (x, bound), BOOL)
    if x.dtype.kind == "f" and not (isinstance(bound, Literal) and bound.value == bound.value):
        outside = Map("bitwise_or", (outside, Map("is_nan", (bound,), BOOL)), BOOL)
        outside = Map("bitwise_and", (outside, Map("invert", (Map("is_nan", (x,), BOOL),), BOOL)), BOOL)
    return select(outside, bound, x)


def result_dtype(row: Sequence[Operand]) -> np.dtype | None:
    """The dtype that NumPy promotes operands to, Python scalars being weak; None if not for kernels."""
    kinds: list[np.dtype | type] = []
    for operand in row:
        kinds.append(operand.dtype if isinstance(operand, (Value, np.generic)) else type(operand))
    return promoted(tuple(kinds))


@lru_cache(maxsize=1024)
def promoted(kinds: tuple[np.dtype | type, ...]) -> np.dtype | None:
    """The dtype that NumPy promotes dtypes, and types of Python scalars, to; None if not for kernels."""
    # only a Python scalar's kind counts, so 0 stands for every int: numpy promotes by type since 2.0
    stand_ins = [kind if isinstance(kind, np.dtype) else kind() for kind in kinds]
    try:
        dtype = np.result_type(*stand_ins)
    except TypeError:
        return None
    return dtype if is_kernel_dtype(dtype) else None


def where(condition: ArrayOperand, yes: ArrayOperand, no: ArrayOperand) -> Form | None:
    """Record ``numpy.where(condition, yes, no)``."""

    def rowwise(row: list[Operand]) -> Value | None:
        dtype = result_dtype(row[1:])
        truth = logical("logical_not", [row[0]])
        if dtype is None or truth is None:
            return None
        values = [at_dtype(o, dtype) for o in row[1:]]
        if values[0] is None or values[1] is None:
            return None
        if isinstance(row[0], Value) and row[0].dtype == BOOL:
            return select(row[0], values[0], values[1])
        return select(truth, values[1], values[0])

    return map_rows_later([condition, yes, no], rowwise, "where")


def converted(form: Form, dtype: np.dtype) -> Form:
    """Every column cast with C's conversion."""
    return Form(form.axes, tuple([cast(c, dtype) for c in form.columns]), form.by_column)


def kernel_operand(value: object) -> bool:
    """Whether a scalar, beside arrays, is one that kernels compute with."""
    return isinstance(value, (bool, int, float)) or (
        isinstance(value, np.generic) and value.dtype.kind in KINDS and value.dtype != np.float16
    )


_COMPOSED: dict[np.ufunc, Rowwise] = {
    np.logical_and: _logical("logical_and"),
    np.logical_or: _logical("logical_or"),
    np.logical_xor: _logical("logical_xor"),
    np.logical_not: _logical("logical_not"),
    np.square: _square,
    np.power: _power,
    np.reciprocal: _reciprocal,
    np.positive: _same(np.positive),
    np.conjugate: _same(np.conjugate),
    np.deg2rad: _scaled(np.deg2rad, math.pi / 180.0),
    np.radians: _scaled(np.radians, math.pi / 180.0),
    np.rad2deg: _scaled(np.rad2deg, 180.0 / math.pi),
    np.degrees: _scaled(np.degrees, 180.0 / math.pi),
    np.isnan: _classify(np.isnan, False),
    np.isinf: _classify(np.isinf, False),
    np.isfinite: _classify(np.isfinite, True),
}
"""The ufuncs that are more than one operation."""
