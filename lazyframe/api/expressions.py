"""Expressions of ``query`` and ``eval`` by which Python and pandas mean the same, parsed once each.

pandas binds every column of a frame, tokenises and parses an expression each time that it is evaluated, which
takes milliseconds. Most expressions are comparisons of columns with numbers: those are evaluated here, by the
operators of the columns, as pandas' own ``python`` engine does it. Whatever else there is in an expression is
left to pandas.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any, NamedTuple

import numpy as np
import pandas

from lazyframe.api.recording import lazy_series, result_name
from lazyframe.record.operators import invert, record_operator
from lazyframe.record.origin import stamp, user_line
from lazyframe.record.table import Table, UnmadeColumn
from lazyframe.record.templates import Template, template_of
from passes.ir.node import Token
from passes.ir.rows import Range
from passes.ir.values import Parameter, Read, Value

NUMEXPR_DTYPES = frozenset(map(np.dtype, ("bool", "int64", "float64")))
"""The dtypes that numexpr, which pandas evaluates with where it is installed, computes with as they are."""

_SIMPLE = re.compile(r"[A-Za-z0-9_@ .()+\-*/<>=!&|~\[\],]*")
_QUOTED = re.compile(r"""('[^'"\\\n]*'|"[^'"\\\n]*")""")
_VARIABLE = re.compile(r"@(?=[A-Za-z_])")
PREFIX = "__variable_"
_MOST_NODES = 200
_LARGEST = 2**31

_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
}
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.Eq: "eq",
    ast.NotEq: "ne",
}
_MIRRORED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne"}


class UnlikeError(Exception):
    """This expression is for pandas."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression.

    Parameters
    ----------
    body : ast.expr
        Of names, numbers, text and lists, arithmetic, comparisons and logic.
    columns, variables : tuple of str
        The names in it, and those that ``@`` stands before.
    """

    body: ast.expr
    columns: tuple[str, ...]
    variables: tuple[str, ...]


@lru_cache(maxsize=512)
def parse(text: str) -> Expression | None:
    """An expression of the simple kind; None for any other, also for one that is wrong."""
    parts = _QUOTED.split(text)
    if not all(map(_SIMPLE.fullmatch, parts[::2])):
        return None
    # pandas gives & and | the precedence of `and` and `or`
    parts[::2] = [_VARIABLE.sub(PREFIX, p).replace("&", " and ").replace("|", " or ") for p in parts[::2]]
    python = "".join(parts)
    try:
        body = ast.parse(python, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    nodes = list(ast.walk(body))
    if len(nodes) > _MOST_NODES or not isinstance(body, (ast.BinOp, ast.BoolOp, ast.Compare)):
        return None
    names = list(dict.fromkeys([node.id for node in nodes if isinstance(node, ast.Name)]))
    variables = [name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX)]
    return Expression(body, tuple([n for n in names if not n.startswith(PREFIX)]), tuple(variables))


class _Part(NamedTuple):
    """The value of a part of an expression: a column with a series' name, or a number."""

    value: Any
    name: Hashable = None

    @property
    def is_column(self) -> bool:
        return isinstance(self.value, Value) and self.value.rows is not None

    @property
    def is_truth(self) -> bool:
        return self.is_column and bool(self.value.dtype.kind == "b")


class Evaluated(NamedTuple):
    """What an expression gives: a column of a dtype, named as the series would be, when it is made."""

    template: Template
    name: Hashable
    dtype: np.dtype
    columns: list[Value]
    numbers: list[Any]

    def value(self) -> Value:
        """The column."""
        return self.template.make(self.columns, self.numbers, user_line())

    def series(self, table: Table) -> Any:
        """The user's series, whose value waits."""
        line = user_line()
        return lazy_series(
            UnmadeColumn(
                table.rows,
                table.labels,
                self.name,
                self.dtype,
                lambda: self.template.make(self.columns, self.numbers, line),
            )
        )


def evaluate(text: str, table: Table, variables: Callable[[], Mapping[str, Any]]) -> Evaluated | None:
    """An expression on the columns of a frame.

    Parameters
    ----------
    text : str
        The expression.
    table : Table
        The frame.
    variables : callable
        Gives the user's.

    Returns
    -------
    Evaluated or None
        None where pandas has to evaluate it, or raises.
    """
    found = parse(text)
    if found is None or not found.columns:
        return None
    columns: list[Value] = []
    for name in found.columns:
        column = table.column_named(name)
        if column is None:
            return None
        columns.append(column)
    numbers: list[Any] = []
    if found.variables:
        known = variables()
        numbers = [known.get(name) for name in found.variables]
        if not all(map(is_number, numbers)):
            return None
    recorded = _recorded_of(text, tuple([c.dtype for c in columns]), tuple([type(n) for n in numbers]))
    return None if recorded is None else Evaluated(*recorded, columns, numbers)


@lru_cache(maxsize=512)
def _recorded_of(
    text: str, dtypes: tuple[np.dtype, ...], kinds: tuple[type, ...]
) -> tuple[Template, Hashable, np.dtype] | None:
    """What an expression records of columns of these dtypes with variables of these types; name and dtype."""
    found = parse(text)
    assert found is not None
    if not NUMEXPR_DTYPES.issuperset(dtypes) or not _is_accepted(found, text, dtypes, kinds):
        return None
    rows = Range("rows")
    columns = [Read(Token(), dtype, rows) for dtype in dtypes]
    numbers = [Parameter(Token(), np.dtype(kind)) for kind in kinds]
    values = {name: _Part(column, name) for name, column in zip(found.columns, columns, strict=True)}
    values |= {PREFIX + name: _Part(number) for name, number in zip(found.variables, numbers, strict=True)}
    try:
        result = _evaluate(found.body, values)
    except UnlikeError:
        return None
    template = template_of(result.value, columns, numbers) if result.is_column else None
    return None if template is None else (template, result.name, result.value.dtype)


def is_number(value: Any) -> bool:
    return type(value) is float or (type(value) is int and abs(value) < _LARGEST)


def _is_accepted(found: Expression, text: str, dtypes: Sequence[np.dtype], kinds: Sequence[type]) -> bool:
    """Whether pandas evaluates an expression on a row of these columns, with variables of these types."""
    for name, kind in zip(found.variables, kinds, strict=True):
        text = re.sub(rf"@{name}\b", repr(kind(1)), text)
    columns = {label: np.ones(1, dtype) for label, dtype in zip(found.columns, dtypes, strict=True)}
    try:
        pandas.DataFrame(columns).eval(text)
    except Exception:
        return False
    return True


def _evaluate(node: ast.expr, values: Mapping[str, _Part]) -> _Part:
    match node:
        case ast.Name(name):
            return values[name]
        case ast.Constant(value) if is_number(value):
            return _Part(value)
        case ast.UnaryOp(ast.USub(), ast.Constant() as constant) if is_number(constant.value):
            number: Any = constant.value
            return _Part(-number)
        case ast.UnaryOp(ast.Not() | ast.Invert(), operand):
            truth = _truths(operand, values)
            return _recorded(invert(truth.value), truth.name, "invert")
        case ast.BinOp(left, sign, right) if type(sign) in _ARITHMETIC:
            return _on_columns(_ARITHMETIC[type(sign)], _numbers(left, values), _numbers(right, values))
        case ast.BoolOp(sign, parts):
            together = "and" if isinstance(sign, ast.And) else "or"
            truths = [_truths(part, values) for part in parts]
            return reduce(lambda one, other: _on_columns(together, one, other), truths)
        case ast.Compare(left, signs, others) if all(type(sign) in COMPARISONS for sign in signs):
            sides = [_numbers(side, values) for side in (left, *others)]
            pairs = zip(signs, sides, sides[1:], strict=False)
            masks = [_on_columns(COMPARISONS[type(sign)], one, other) for sign, one, other in pairs]
            return reduce(lambda one, other: _on_columns("and", one, other), masks)
    raise UnlikeError


def _truths(node: ast.expr, values: Mapping[str, _Part]) -> _Part:
    part = _evaluate(node, values)
    if not part.is_truth:
        raise UnlikeError
    return part


def _numbers(node: ast.expr, values: Mapping[str, _Part]) -> _Part:
    part = _evaluate(node, values)
    if part.is_truth:
        raise UnlikeError
    return part


def _on_columns(name: str, one: _Part, other: _Part) -> _Part:
    """What the operator of two series, or of a series and a number on either side, records."""
    if one.is_column and other.is_column:
        return _recorded(
            record_operator(name, one.value, other.value), result_name(one.name, other.name), name
        )
    if one.is_column:
        return _recorded(record_operator(name, one.value, other.value), one.name, name)
    if not other.is_column:
        raise UnlikeError
    swapped = name not in _MIRRORED
    made = record_operator(_MIRRORED.get(name, name), other.value, one.value, swapped)
    return _recorded(made, other.name, name)


def _recorded(value: Value | None, name: Hashable, what: str) -> _Part:
    if value is None:
        raise UnlikeError
    stamp(value, what)
    return _Part(value, name)
