"""Expressions of ``query`` and ``eval`` by which Python and pandas mean the same, parsed once each.

pandas binds every column of a frame, tokenises and parses an expression each time that it is evaluated, which
takes milliseconds. Most expressions are comparisons of columns with numbers: those are evaluated here, by the
operators of the columns, as pandas' own ``python`` engine does it. Whatever else there is in an expression is
left to pandas.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

import numpy as np
import pandas

BOOL, INT64, FLOAT64 = map(np.dtype, ("bool", "int64", "float64"))
"""The dtypes that numexpr, which pandas evaluates with where it is installed, computes with as they are."""

_SIMPLE = re.compile(r"[A-Za-z0-9_@ .()+\-*/<>=!&|~]+")
_VARIABLE = re.compile(r"@(?=[A-Za-z_])")
_PREFIX = "__variable_"
_MOST_NODES = 200
_LARGEST = 2**31

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class _UnlikeError(Exception):
    """This expression is for pandas."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression.

    Parameters
    ----------
    body : ast.expr
        Of names and numbers, arithmetic, comparisons and logic.
    columns, variables : tuple of str
        The names in it, and those that ``@`` stands before.
    """

    body: ast.expr
    columns: tuple[str, ...]
    variables: tuple[str, ...]


@lru_cache(maxsize=512)
def parse(text: str) -> Expression | None:
    """An expression of the simple kind; None for any other, also for one that is wrong."""
    if not _SIMPLE.fullmatch(text):
        return None
    # pandas gives & and | the precedence of `and` and `or`
    python = _VARIABLE.sub(_PREFIX, text).replace("&", " and ").replace("|", " or ")
    try:
        body = ast.parse(python, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    nodes = list(ast.walk(body))
    if len(nodes) > _MOST_NODES or not isinstance(body, (ast.BinOp, ast.BoolOp, ast.Compare)):
        return None
    names = list(dict.fromkeys([node.id for node in nodes if isinstance(node, ast.Name)]))
    variables = [name.removeprefix(_PREFIX) for name in names if name.startswith(_PREFIX)]
    return Expression(body, tuple([n for n in names if not n.startswith(_PREFIX)]), tuple(variables))


def evaluate(text: str, frame: Any, variables: Callable[[], Mapping[str, Any]]) -> Any:
    """An expression on the columns of a frame.

    Parameters
    ----------
    text : str
        The expression.
    frame : lazyframe.DataFrame
        Whose columns record.
    variables : callable
        Gives the user's.

    Returns
    -------
    Series or None
        None where pandas has to evaluate it, or raises.
    """
    found = parse(text)
    if found is None:
        return None
    values: dict[str, Any] = {}
    for name in found.columns:
        column = frame[name] if name in frame.columns else None
        if not isinstance(column, pandas.Series) or column.dtype not in (BOOL, INT64, FLOAT64):
            return None
        values[name] = column
    known = variables() if found.variables else {}
    for name in found.variables:
        if not _is_number(known.get(name)):
            return None
        values[_PREFIX + name] = known[name]
    kinds = tuple([(name, values[name].dtype) for name in found.columns])
    if not kinds or not _is_accepted(text, kinds, tuple([type(known[name]) for name in found.variables])):
        return None
    try:
        result, _ = _evaluate(found.body, values)
    except _UnlikeError:
        return None
    return result if isinstance(result, pandas.Series) else None


def _is_number(value: Any) -> bool:
    return type(value) is float or (type(value) is int and abs(value) < _LARGEST)


@lru_cache(maxsize=512)
def _is_accepted(text: str, columns: tuple[tuple[str, np.dtype], ...], kinds: tuple[type, ...]) -> bool:
    """Whether pandas evaluates an expression on a row of these columns, with variables of these types."""
    found = parse(text)
    assert found is not None
    for name, kind in zip(found.variables, kinds, strict=True):
        text = re.sub(rf"@{name}\b", repr(kind(1)), text)
    try:
        pandas.DataFrame({label: np.ones(1, dtype) for label, dtype in columns}).eval(text)
    except Exception:
        return False
    return True


def _evaluate(node: ast.expr, values: Mapping[str, Any]) -> tuple[Any, bool]:
    """The value of a part, and whether it is of truths rather than of numbers."""
    match node:
        case ast.Name(name):
            value = values[name]
            return value, isinstance(value, pandas.Series) and value.dtype == BOOL
        case ast.Constant(value) if _is_number(value):
            return value, False
        case ast.UnaryOp(ast.USub(), ast.Constant() as constant) if _is_number(constant.value):
            number: Any = constant.value
            return -number, False
        case ast.UnaryOp(ast.Not() | ast.Invert(), operand):
            return ~_truths(operand, values), True
        case ast.BinOp(left, sign, right) if type(sign) in _ARITHMETIC:
            return _on_columns(
                _ARITHMETIC[type(sign)], _numbers(left, values), _numbers(right, values)
            ), False
        case ast.BoolOp(sign, parts):
            together = operator.and_ if isinstance(sign, ast.And) else operator.or_
            return reduce(together, [_truths(part, values) for part in parts]), True
        case ast.Compare(left, signs, others) if all(type(sign) in _COMPARISONS for sign in signs):
            sides = [_numbers(side, values) for side in (left, *others)]
            pairs = zip(signs, sides, sides[1:], strict=False)
            masks = [_on_columns(_COMPARISONS[type(sign)], one, other) for sign, one, other in pairs]
            return reduce(operator.and_, masks), True
    raise _UnlikeError


def _truths(node: ast.expr, values: Mapping[str, Any]) -> Any:
    value, is_truth = _evaluate(node, values)
    if not is_truth:
        raise _UnlikeError
    return value


def _numbers(node: ast.expr, values: Mapping[str, Any]) -> Any:
    value, is_truth = _evaluate(node, values)
    if is_truth:
        raise _UnlikeError
    return value


def _on_columns(function: Callable[[Any, Any], Any], one: Any, other: Any) -> Any:
    if not (isinstance(one, pandas.Series) or isinstance(other, pandas.Series)):
        raise _UnlikeError
    return function(one, other)
