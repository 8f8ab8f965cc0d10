"""``eval`` and ``query``: pandas parses the expression, and evaluates it on columns that record."""

from __future__ import annotations

import functools
import importlib.util
import sys
from types import FrameType
from typing import Any

import numpy as np
import pandas

from lazyframe.api.expressions import Evaluated, evaluate
from lazyframe.api.likeness import like
from lazyframe.api.query_masks import mask_of
from lazyframe.api.recording import is_large, kind_named, lazy_frame, table_of
from lazyframe.api.recording_frame import is_small
from lazyframe.api.wrap import wrap
from lazyframe.pandas_internals import blame_caller
from lazyframe.record.elementwise import BOOL
from lazyframe.record.selection import filter_rows
from lazyframe.record.table import Table

DataFrame: Any = pandas.DataFrame

_WIDE = frozenset(map(np.dtype, ("bool", "int64", "float64")))
_OTHERWISE_IN_NUMEXPR = ("%", "//", "**")
"""Operators of integers that numexpr computes as C does."""


@functools.cache
def _has_numexpr() -> bool:
    return importlib.util.find_spec("numexpr") is not None


def _same_in_numexpr(expression: str, table: Any) -> bool:
    """Whether numexpr, which pandas evaluates with where it is installed, has the same dtypes and values."""
    if not _has_numexpr() or not pandas.get_option("compute.use_numexpr"):
        return True
    if any(operator in expression for operator in _OTHERWISE_IN_NUMEXPR):
        return False
    labels = table.current_columns().index()
    kernels = tuple([(labels[i], v.dtype) for i, v in enumerate(table.values()) if v.dtype.kind in "biuf"])
    if not _WIDE.issuperset([dtype for _, dtype in kernels]):
        return False
    return "@" in expression or _is_accepted(expression, kernels)


@functools.lru_cache(maxsize=512)
def _is_accepted(expression: str, columns: tuple[tuple[Any, np.dtype], ...]) -> bool:
    """Whether pandas evaluates an expression on a row of these columns."""
    try:
        DataFrame({label: np.ones(1, dtype) for label, dtype in columns}).eval(expression)
    except Exception:
        return False
    return True


def _records(frame: Any, expression: Any) -> bool:
    if not isinstance(expression, str) or not is_large(frame):
        return False
    table = table_of(frame)
    return table is not None and _same_in_numexpr(expression, table)


_PLAIN: dict[str, Any] = {"parser": "pandas", "resolvers": (), "inplace": False}
"""Options that say nothing, beside None."""


def _says_nothing(options: dict[str, Any]) -> bool:
    return all(
        value is None or name == "level" or (name in _PLAIN and value == _PLAIN[name])
        for name, value in options.items()
    )


def _table(frame: Any, expression: Any, options: dict[str, Any]) -> Table | None:
    """The table of a large frame whose columns a simple expression may be on."""
    if type(expression) is not str or is_small(frame) or type(frame) is not kind_named("DataFrame"):
        return None
    return table_of(frame) if not options or _says_nothing(options) else None


def _evaluated(table: Table, expression: str, user: FrameType) -> Evaluated | None:
    """A simple expression on columns and the variables of the user's."""
    return evaluate(expression, table, lambda: _variables(user))


def _variables(user: FrameType) -> dict[str, Any]:
    return {**user.f_globals, **user.f_locals}


class RecordingEval:
    """Mixin: ``eval`` and ``query``."""

    @functools.partial(like, theirs=DataFrame.query)
    @blame_caller
    def query(self: Any, expr: str, **kwargs: Any) -> Any:
        table = _table(self, expr, kwargs)
        if table is not None:
            user = sys._getframe(kwargs.get("level", 0) + 1)
            mask = _evaluated(table, expr, user)
            if mask is not None and mask.dtype == BOOL:
                return lazy_frame(filter_rows(table, mask.value()))
            found = mask_of(expr, self, lambda: _variables(user)) if self.columns.is_unique else None
            if found is not None:
                return self[found]
        # pandas looks for ``@name`` so many frames up, and this is one more
        options = kwargs | {"level": kwargs.get("level", 0) + 1}
        return DataFrame.query(self, expr, **options)

    @functools.partial(like, theirs=DataFrame.eval)
    @blame_caller
    def eval(self, expr: str, **kwargs: Any) -> Any:
        table = _table(self, expr, kwargs)
        if table is not None:
            found = _evaluated(table, expr, sys._getframe(kwargs.get("level", 0) + 1))
            if found is not None:
                return found.series(table)
        # one frame further from the user's variables
        options = kwargs | {"level": kwargs.get("level", 0) + 1}
        if kwargs.get("engine") is None and _records(self, expr):
            options["engine"] = "python"  # which calls the operators of the columns
        return wrap(DataFrame.eval(self, expr, **options))
