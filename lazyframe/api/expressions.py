"""Expressions of ``query`` and ``eval`` that are row-wise work on numbers: found once, and recorded at once.

pandas makes a tree of operations of an expression, by rules that look at no values. It is made here of one
row of the same dtypes, once for each expression and dtypes. What pandas' ``python`` engine would do with it
is what the operators of the columns record; what numexpr would do, it says itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas

from lazyframe.api.expression_lines import PREFIX, Line, lines_of
from lazyframe.api.expression_trees import (
    UnlikeError,
    common_name,
    instructions_of,
    record_instructions,
    tree_of,
)
from lazyframe.api.recording import lazy_series, result_name
from lazyframe.pandas_internals import operations_of_eval as operations
from lazyframe.record.elementwise import call_ufunc, cast, literal
from lazyframe.record.operators import ASKING, invert, negative, positive, record_operator
from lazyframe.record.origin import stamp, user_line
from lazyframe.record.row_labels import Level
from lazyframe.record.table import Table, UnmadeColumn
from lazyframe.record.templates import Template, template_of
from passes.ir.node import Token
from passes.ir.rows import Range
from passes.ir.values import Parameter, Read, Value

_LARGEST = 2**31
_QUOTED = "QUOTED"
"""Part of what stands in an expression for a name that is no identifier."""
_MIRRORED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne"}
_OPERATORS = {
    "+": "add", "-": "sub", "*": "mul", "/": "truediv", "//": "floordiv", "%": "mod", "**": "pow",
    "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne", "&": "and", "|": "or",
}  # fmt: skip
_SIGNS: dict[str, Callable[[Value], Value | None]] = {"-": negative, "+": positive, "~": invert}


class Evaluated(NamedTuple):
    """What an expression gives: a column of a dtype, named as the series would be, when it is made."""

    template: Template
    name: Hashable
    dtype: np.dtype
    columns: list[Value]
    numbers: list[Any]

    def value(self) -> Value:
        """The column."""
        return self.template.make(self.columns, self.numbers, user_line)

    def series(self, table: Table) -> Any:
        """The user's series, whose value waits."""
        line = user_line()
        return lazy_series(
            UnmadeColumn(
                table.rows,
                table.labels,
                self.name,
                self.dtype,
                lambda: self.template.make(self.columns, self.numbers, lambda: line),
            )
        )


def evaluate(
    line: Line, table: Table, names: Mapping[str, int | Level], variables: Mapping[str, Any], engine: str
) -> Evaluated | None:
    """A plain line of an expression on the columns of a frame.

    Parameters
    ----------
    line : Line
        The line.
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
    Evaluated or None
        None where there is more to it than numbers, and where pandas raises.
    """
    numbers = list(variables.values())
    for number in numbers:
        if not is_number(number):
            return None
    columns, labels = [], []
    for name, place in names.items():
        if isinstance(place, int):
            columns.append(table.value(place))
            labels.append(name if _QUOTED not in name else table.current_columns().label(place))
        else:
            columns.append(place.value)
            labels.append(place.name)
    recorded = _recorded_of(
        line.text,
        engine,
        tuple(names),
        tuple(labels),
        tuple([column.dtype for column in columns]),
        tuple([type(number) for number in numbers]),
    )
    return None if recorded is None else Evaluated(*recorded, columns, numbers)


def evaluate_columns(line: Line, table: Table, engine: str) -> Evaluated | None:
    """`evaluate` of a line without variables, of columns called as in the line; None of any other."""
    columns = table.current_columns()
    if line.variables or not columns.are_text() or len(table.labels.names) > 1:
        return None
    values, dtypes = [], []
    for name in line.names:
        position = None if _QUOTED in name else columns.position(name)
        if position is None:
            return None
        value = table.value(position)
        values.append(value)
        dtypes.append(value.dtype)
    recorded = _recorded_of(line.text, engine, line.names, line.names, tuple(dtypes), ())
    return None if recorded is None else Evaluated(*recorded, values, [])


def is_number(value: Any) -> bool:
    """Whether a variable is a number that expressions are made for, whichever it is."""
    return type(value) is float or (type(value) is int and abs(value) < _LARGEST)


@lru_cache(maxsize=512)
def _recorded_of(
    text: str,
    engine: str,
    names: tuple[str, ...],
    labels: tuple[Hashable, ...],
    dtypes: tuple[np.dtype, ...],
    kinds: tuple[type, ...],
) -> tuple[Template, Hashable, np.dtype] | None:
    """What a line records of columns of these dtypes with variables of these types; name and dtype."""
    (line,) = lines_of(text) or (None,)
    if line is None or not names or any(dtype.kind not in "biuf" for dtype in dtypes):
        return None
    try:
        return _recorded(line, engine, list(zip(names, labels, dtypes, strict=True)), kinds)
    except Exception:  # whatever is wrong, pandas says it
        return None


def _recorded(
    line: Line, engine: str, columns: list[tuple[str, Hashable, np.dtype]], kinds: tuple[type, ...]
) -> tuple[Template, Hashable, np.dtype] | None:
    rows = Range("rows")
    reads = [Read(Token(), dtype, rows) for _, _, dtype in columns]
    numbers = [Parameter(Token(), np.dtype(kind)) for kind in kinds]
    one_row = {name: pandas.Series(np.ones(1, dtype), name=label) for name, label, dtype in columns}
    ones = {name: kind(1) for name, kind in zip(line.variables, kinds, strict=True)}
    tree, visitor = tree_of(line, one_row, ones, engine)
    values: dict[str, Value] = {name: read for (name, _, _), read in zip(columns, reads, strict=True)}
    values |= {PREFIX + name: number for name, number in zip(line.variables, numbers, strict=True)}
    for term, variable in visitor.narrowed.items():
        values[term] = cast(values[variable], np.dtype(np.float32))
    result: Any
    if engine == "numexpr":
        instructions = instructions_of(tree)
        result = record_instructions(instructions, [_given(term, values) for term in instructions.terms])
        named = common_name([term.value for term in instructions.terms])
    else:
        result, named = _by_operators(tree, values)
    if not isinstance(result, Value) or result.rows is None:
        return None
    template = template_of(result, reads, numbers)
    return None if template is None else (template, named, result.dtype)


def _given(term: Any, values: Mapping[str, Value]) -> Value:
    """What stands for a term among what was recorded."""
    if term.name in values:
        return values[term.name]
    number = term.value
    if not isinstance(number, np.float32):
        raise UnlikeError
    return literal(number, number.dtype)


class _Part(NamedTuple):
    """The value of a part of an expression: a column with a series' name, or a number."""

    value: Any
    name: Hashable = None

    @property
    def is_column(self) -> bool:
        return isinstance(self.value, Value) and self.value.rows is not None

    @property
    def is_known(self) -> bool:
        return not isinstance(self.value, Value)


def _by_operators(tree: Any, values: Mapping[str, Value]) -> _Part:
    """What the operators of the columns record, as pandas' python engine calls them."""
    if isinstance(tree, operations.Term):
        if not isinstance(tree.value, pandas.Series):
            return _Part(values.get(tree.name, tree.value) if isinstance(tree.name, str) else tree.value)
        return _Part(values[tree.name], tree.value.name)
    parts = [_by_operators(operand, values) for operand in tree.operands]
    is_call = isinstance(tree, operations.MathCall)
    if all(part.is_known for part in parts):
        function = tree.func.func if is_call else tree.func
        return _Part(function(*[part.value for part in parts]))
    if is_call:
        names = [part.name for part in parts if part.is_column]
        if len(names) != 1:
            raise UnlikeError
        return _stamped(call_ufunc(tree.func.func, [part.value for part in parts]), names[0], tree.op)
    if isinstance(tree, operations.UnaryOp):
        (part,) = parts
        if not part.is_column:
            raise UnlikeError
        return _stamped(_SIGNS[tree.op](part.value), part.name, tree.op)
    return _on_columns(_OPERATORS[tree.op], *parts)


def _on_columns(name: str, one: _Part, other: _Part) -> _Part:
    """What the operator of two series, or of a series and a number on either side, records."""
    if name in ASKING and not (one.is_column and other.is_known and other.value):
        raise UnlikeError
    if one.is_column and other.is_column:
        value = record_operator(name, one.value, other.value)
        return _stamped(value, result_name(one.name, other.name), name)
    if one.is_column:
        return _stamped(record_operator(name, one.value, other.value), one.name, name)
    if not other.is_column:
        raise UnlikeError
    swapped = name not in _MIRRORED
    value = record_operator(_MIRRORED.get(name, name), other.value, one.value, swapped)
    return _stamped(value, other.name, name)


def _stamped(value: Value | None, name: Hashable, what: str) -> _Part:
    if value is None:
        raise UnlikeError
    stamp(value, what)
    return _Part(value, name)
