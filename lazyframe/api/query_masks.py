"""Masks of ``query`` that compare text, times and narrow integers, or look for values in lists.

numexpr, which pandas evaluates with where it is installed, knows neither text nor times: pandas calls the
operators of the columns for these, and so do the masks here. Numbers are compared and combined as in
`expressions`. On a row of the same dtypes pandas itself says whether it takes an expression.
"""

from __future__ import annotations

import ast
import datetime
import operator
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache, reduce
from typing import Any

import numpy as np
import pandas

from lazyframe.api.expressions import (
    COMPARISONS,
    NUMEXPR_DTYPES,
    PREFIX,
    Expression,
    UnlikeError,
    is_number,
    parse,
)

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_LISTED = (str, int, float)


def mask_of(text: str, frame: Any, variables: Callable[[], Mapping[str, Any]]) -> Any:
    """The mask that an expression is on a frame, as a series.

    Parameters
    ----------
    text : str
        The expression.
    frame : DataFrame
        Whose columns are named differently.
    variables : callable
        Gives the user's.

    Returns
    -------
    Series or None
        None where pandas has to evaluate it, or raises.
    """
    found = parse(text)
    if found is None or not found.columns or not set(found.columns).issubset(frame.columns):
        return None
    known = variables() if found.variables else {}
    given = tuple([(name, _given(known.get(name))) for name in found.variables])
    if any(value is None for _, value in given):
        return None
    columns = {name: frame[name] for name in found.columns}
    dtypes = tuple([(name, column.dtype) for name, column in columns.items()])
    if not all(_is_known(dtype) for _, dtype in dtypes) or not _is_accepted(text, dtypes, given):
        return None
    return _Evaluation(found, columns, dict(given)).result()


def _given(value: Any) -> Hashable:
    """A variable's value, as something that does not change; None for what is pandas' to judge."""
    if type(value) in (list, tuple):
        return tuple(value) if all(type(one) in _LISTED for one in value) else None
    if type(value) in (str, pandas.Timestamp, datetime.datetime, datetime.date) or is_number(value):
        kept: Hashable = value
        return kept
    return None


def _is_known(dtype: Any) -> bool:
    return _is_text(dtype) or _is_time(dtype) or (isinstance(dtype, np.dtype) and _is_number(dtype))


def _is_text(dtype: Any) -> bool:
    return isinstance(dtype, pandas.StringDtype) and dtype.na_value is np.nan


def _is_time(dtype: Any) -> bool:
    return isinstance(dtype, np.dtype) and dtype.kind == "M"


def _is_number(dtype: Any) -> bool:
    return dtype in NUMEXPR_DTYPES or dtype.kind == "i"


@lru_cache(maxsize=512)
def _is_accepted(text: str, dtypes: tuple[Any, ...], given: tuple[Any, ...]) -> bool:
    """Whether pandas evaluates an expression on a row of these columns to a mask, with these variables."""
    columns = {name: pandas.Series(["a"] if _is_text(dtype) else [1], dtype=dtype) for name, dtype in dtypes}
    local = {name: list(value) if type(value) is tuple else value for name, value in given}
    try:
        found = pandas.DataFrame(columns).eval(text, local_dict=local, global_dict={})
    except Exception:
        return False
    return isinstance(found, pandas.Series) and found.dtype == bool


class _Evaluation:
    """One expression on the columns of one frame."""

    def __init__(self, found: Expression, columns: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        self._body = found.body
        self._columns = columns
        self._given = given

    def result(self) -> Any:
        """The mask; None where it is pandas' to find."""
        try:
            return self._mask(self._body)
        except UnlikeError:
            return None

    def _mask(self, node: ast.expr) -> Any:
        match node:
            case ast.Name(name) if name in self._columns and self._columns[name].dtype == bool:
                return self._columns[name]
            case ast.UnaryOp(ast.Not() | ast.Invert(), operand):
                return ~self._mask(operand)
            case ast.BoolOp(sign, parts):
                both = operator.and_ if isinstance(sign, ast.And) else operator.or_
                return reduce(both, [self._mask(part) for part in parts])
            case ast.Compare(left, signs, others):
                sides = [left, *others]
                masks = [self._compared(*each) for each in zip(sides, signs, sides[1:], strict=False)]
                return reduce(operator.and_, masks)
        raise UnlikeError

    def _compared(self, left: ast.expr, sign: ast.cmpop, right: ast.expr) -> Any:
        if isinstance(sign, (ast.In, ast.NotIn)):
            found = self._side(left)
            listed = self._listed(right)
            if not isinstance(found, pandas.Series) or _is_time(found.dtype):
                raise UnlikeError
            return found.isin(listed) if isinstance(sign, ast.In) else ~found.isin(listed)
        if type(sign) not in COMPARISONS:
            raise UnlikeError
        one, other = self._side(left), self._side(right)
        kinds = {_kind(side) for side in (one, other) if isinstance(side, pandas.Series)}
        if len(kinds) != 1:
            raise UnlikeError
        (kind,) = kinds
        equal = isinstance(sign, (ast.Eq, ast.NotEq))
        # `time == 'text'` is pandas' `isin`, which reads times otherwise
        if (kind == "text" and not equal) or (kind == "time" and equal and str in (type(one), type(other))):
            raise UnlikeError
        compare = getattr(operator, COMPARISONS[type(sign)])
        return compare(_of_kind(kind, one, other), _of_kind(kind, other, one))

    def _side(self, node: ast.expr) -> Any:
        """One side of a comparison: a series, or a constant."""
        match node:
            case ast.Name(name) if name in self._columns:
                return self._columns[name]
            case ast.Name(name) if name.startswith(PREFIX):
                return self._given[name.removeprefix(PREFIX)]
            case ast.Constant(value) if type(value) is str or is_number(value):
                return value
            case ast.UnaryOp(ast.USub(), ast.Constant(value)) if is_number(value):
                number: Any = value
                return -number
            case ast.BinOp(left, sign, right) if type(sign) in _ARITHMETIC:
                one, other = self._side(left), self._side(right)
                series = [side for side in (one, other) if isinstance(side, pandas.Series)]
                numbers = [side for side in (one, other) if is_number(side)]
                wide = all(side.dtype in NUMEXPR_DTYPES and side.dtype != bool for side in series)
                if not series or not wide or len(series) + len(numbers) != len((one, other)):
                    raise UnlikeError
                return _ARITHMETIC[type(sign)](one, other)
        raise UnlikeError

    def _listed(self, node: ast.expr) -> list[Any]:
        match node:
            case ast.List(parts) | ast.Tuple(parts):
                values = [part.value if isinstance(part, ast.Constant) else None for part in parts]
            case ast.Name(name) if name.startswith(PREFIX):
                values = self._given[name.removeprefix(PREFIX)]
            case _:
                raise UnlikeError
        if not isinstance(values, (list, tuple)) or not all(type(one) in _LISTED for one in values):
            raise UnlikeError
        return list(values)


def _kind(series: Any) -> str:
    if _is_text(series.dtype):
        return "text"
    if _is_time(series.dtype):
        return "time"
    if series.dtype == bool:
        raise UnlikeError
    return "number"


def _of_kind(kind: str, side: Any, other: Any) -> Any:
    """A side as it is compared with a series of a kind."""
    if isinstance(side, pandas.Series):
        return side
    if kind == "number":
        narrow = other.dtype not in NUMEXPR_DTYPES
        if not is_number(side) or (narrow and type(side) is not int):
            raise UnlikeError
        return side
    if kind == "text":
        if type(side) is not str:
            raise UnlikeError
        return side
    if type(side) not in (str, pandas.Timestamp, datetime.datetime, datetime.date):
        raise UnlikeError
    moment = pandas.Timestamp(side)
    if pandas.isna(moment) or moment.tz is not None:
        raise UnlikeError
    return moment
