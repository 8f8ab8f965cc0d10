"""Expressions that are more than arithmetic of numbers, evaluated by pandas' operations on lazy columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas
from pandas.api.types import is_extension_array_dtype, is_string_dtype

from lazyframe.api.expression_lines import Line
from lazyframe.api.expression_steps import Step, evaluated, key_of, remember, remembered
from lazyframe.api.expression_trees import (
    Instructions,
    UnlikeError,
    common_name,
    instructions_of,
    record_instructions,
    tree_of,
)
from lazyframe.api.recording import column_of, lazy_series
from lazyframe.api.wrap import wrap
from lazyframe.record.elementwise import KINDS, literal
from lazyframe.record.origin import stamp_line, user_line
from lazyframe.record.row_labels import Level
from lazyframe.record.table import Column, Table, UnmadeColumn
from passes.ir.values import Value


def evaluate_live(
    line: Line,
    frame: Any,
    table: Table,
    names: Mapping[str, int | Level],
    variables: Mapping[str, Any],
    engine: str,
) -> Any:
    """What a line gives, as a rule a lazy series.

    Parameters
    ----------
    line : Line
        The line.
    frame : DataFrame
        Whose ``table`` the columns are of.
    table : Table
        The frame.
    names : mapping
        The positions of columns, and levels of row labels, by their names in the line.
    variables : mapping
        The user's.
    engine : str
        pandas' name of what evaluates.

    Returns
    -------
    object
        ``NotImplemented`` where it is for pandas, which may raise.
    """
    columns = [_series(frame, table, place) for place in names.values()]
    key = key_of(line.text, engine, [column.dtype for column in columns], variables, line.target)
    known = remembered(key)
    if known is not None:
        try:
            return wrap(evaluated(known, columns))
        except Exception:  # found again, or raised again, below
            pass
    try:
        # what is remembered holds no list that the user may change
        own = {name: list(value) if type(value) is list else value for name, value in variables.items()}
        step, found = _evaluated_first(line, dict(zip(names, columns, strict=True)), own, engine)
    except Exception:  # whatever is wrong, pandas says it
        return NotImplemented
    if key is not None and step is not None:
        remember(key, step)
    return wrap(found)


def _series(frame: Any, table: Table, place: int | Level) -> Any:
    if isinstance(place, Level):
        return lazy_series(Column(place.value, table.labels, place.name))
    return frame[table.current_columns().label(place)]


def _evaluated_first(
    line: Line, columns: dict[str, Any], variables: dict[str, Any], engine: str
) -> tuple[Step | None, Any]:
    """What a line gives, and the steps to it, if they can be gone again."""
    tree, visitor = tree_of(line, columns, variables, engine, ByNumexpr)
    if engine == "python":
        found = tree(visitor.env)
        try:
            part = visitor.part_of(tree)
        except UnlikeError:
            return None, found
        return part if isinstance(part, Step) else None, found
    if _switches(tree):
        raise UnlikeError
    instructions = instructions_of(tree)
    function = ByNumexpr(instructions)
    found = function(*[term.value for term in instructions.terms])
    try:
        return Step(function, tuple([visitor.part_of(term) for term in instructions.terms])), found
    except UnlikeError:
        return None, found


def _switches(tree: Any) -> bool:
    """Whether pandas says that numexpr knows no such dtype, and evaluates with Python."""
    dtypes = [tree.return_type, *(getattr(tree, "operand_types", None) or ())]
    return any(is_extension_array_dtype(dtype) and not is_string_dtype(dtype) for dtype in dtypes)


class ByNumexpr:
    """The lazy series that numexpr computes of columns and numbers."""

    def __init__(self, instructions: Instructions) -> None:
        self._instructions = instructions._replace(terms=[])
        self._known: tuple[list[Any], np.dtype] | None = None
        """Of which dtypes it has given which."""

    def __call__(self, *given: Any) -> Any:
        series = [one for one in given if isinstance(one, pandas.Series)]
        columns = [column_of(one) for one in series]
        first = columns[0] if columns else None
        if first is None or not all(column is not None and _alike(column, first) for column in columns):
            raise UnlikeError
        dtypes = [one.dtype if isinstance(one, pandas.Series) else type(one) for one in given]
        line = user_line()

        def make() -> Value:
            value = record_instructions(self._instructions, [operand_of_numexpr(one) for one in given])
            stamp_line(value, "eval", line)
            return value

        name = common_name(series)
        if self._known is not None and self._known[0] == dtypes:
            return lazy_series(UnmadeColumn(first.rows, first.labels, name, self._known[1], make))
        value = make()
        if value.rows is None:
            raise UnlikeError
        self._known = dtypes, value.dtype
        return lazy_series(Column(value, first.labels, name))


def _alike(one: Column, other: Column) -> bool:
    if one is other:
        return True
    same = one.rows is other.rows and one.labels.same_as(other.labels)
    return same and one.labels.names == other.labels.names


def operand_of_numexpr(given: Any) -> Value:
    """A column or a number, as numexpr is given it."""
    if isinstance(given, pandas.Series):
        column = column_of(given)
        if column is None or column.value.dtype.kind not in KINDS:
            raise UnlikeError
        return column.value
    if not isinstance(given, (bool, int, float, np.number, np.bool_)):
        raise UnlikeError
    dtype = np.asarray(given).dtype
    if dtype.kind not in KINDS or dtype.itemsize > 8 or dtype == np.float16:
        raise UnlikeError
    return literal(given, dtype)
