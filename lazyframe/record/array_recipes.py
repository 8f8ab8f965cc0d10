"""Operations on arrays of one column, of axes and dtypes that were met before.

What NumPy's broadcasting and promotion say of such arrays follows from their axes and dtypes alone, and a
program that records an operation has recorded many like it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from lazyframe.record.array_broadcast import ArrayOperand, axes_of_several
from lazyframe.record.array_form import Axis, Form, row_axes, rows_over
from lazyframe.record.elementwise import kernel_loop, literal, operand_type
from passes.ir.rows import Product, Range, Rows
from passes.ir.values import Outer, map_over


class _Recipe(NamedTuple):
    """How the column of a result is made.

    Parameters
    ----------
    axes : tuple of Rows or int
        Of the result.
    rows : Rows
        Of its column.
    operation : str
        See `passes.ir.values.Map`.
    computing, dtype : numpy.dtype
        Of the arguments, and of the result.
    outer : tuple of (int, int)
        Operands that are columns of a side of a product, and which; the rows of others are the result's.
    plain : tuple of int
        Operands that are numbers.
    """

    axes: tuple[Axis, ...]
    rows: Rows
    operation: str
    computing: np.dtype
    dtype: np.dtype
    outer: tuple[tuple[int, int], ...]
    plain: tuple[int, ...]


_recipes: dict[Hashable, _Recipe | None] = {}
_MOST_RECIPES = 1024


def record_by_recipe(ufunc: np.ufunc, operands: Sequence[ArrayOperand]) -> Form | None:
    """Record ``ufunc(*operands)``, which is one operation; None where that takes more than a recipe."""
    key: list[Any] = [ufunc]
    given: list[Any] = []
    for operand in operands:
        if type(operand) is Form:
            columns = operand._columns
            column = columns[0] if columns is not None and len(columns) == 1 else operand.only_column
            if column is None or column.reached:
                return None
            key += operand.axes, column.dtype
            given.append(column)
        else:
            key.append(type(operand))
            given.append(operand)
    facts = tuple(key)
    try:
        recipe = _recipes[facts]
    except KeyError:
        recipe = _recipe(ufunc, operands)
        if all(_is_of_ranges(operand) for operand in operands):  # others would keep their data in memory
            if len(_recipes) >= _MOST_RECIPES:
                _recipes.clear()
            _recipes[facts] = recipe
    return None if recipe is None else _follow(recipe, given)


def _follow(recipe: _Recipe, given: list[Any]) -> Form | None:
    """What comes of columns, and of numbers, which become constants in their places."""
    axes, rows, operation, computing, dtype, outer, plain = recipe
    for place, side in outer:
        given[place] = Outer(given[place], rows, side)  # type: ignore[arg-type]  # a side is a product's
    for place in plain:
        try:
            given[place] = literal(given[place], computing)
        except (OverflowError, ValueError):
            return None
    return Form(axes, (map_over(operation, tuple(given), dtype, rows),))


def _recipe(ufunc: np.ufunc, operands: Sequence[ArrayOperand]) -> _Recipe | None:
    types: list[np.dtype | type] = []
    for operand in operands:
        if isinstance(operand, np.ndarray):
            return None
        types.append(operand.dtype if isinstance(operand, Form) else operand_type(operand))
    loop = kernel_loop(ufunc, tuple(types))
    axes = _same_axes(operands) or axes_of_several(operands)
    rows = None if axes is None else rows_over(axes)
    if axes is None or rows is None or loop is None or any(type(a) is int and a != 1 for a in axes):
        return None
    operation, computing, dtype, is_plain = loop
    outer: list[tuple[int, int]] = []
    plain: list[int] = []
    for place, operand in enumerate(operands):
        if not isinstance(operand, Form):
            plain.append(place)
            continue
        own = operand.only_column
        if own is None or own.rows is None or own.dtype != computing:
            return None
        if own.rows is not rows:
            if not isinstance(rows, Product) or len(row_axes(operand.axes)) != 1:
                return None
            side = len(axes) - len(operand.axes) + row_axes(operand.axes)[0]
            if (rows.left, rows.right)[side] is not own.rows:
                return None
            outer.append((place, side))
    return _Recipe(axes, rows, operation, computing, dtype, tuple(outer), tuple(plain)) if is_plain else None


def _same_axes(operands: Sequence[ArrayOperand]) -> tuple[Axis, ...] | None:
    found = [operand.axes for operand in operands if isinstance(operand, Form)]
    return found[0] if found and all(axes == found[0] for axes in found) else None


def _is_of_ranges(operand: ArrayOperand) -> bool:
    return not isinstance(operand, Form) or all(type(axis) is Range or axis == 1 for axis in operand.axes)
