"""``eval`` and ``query``: pandas parses the expression, and evaluates it on columns that record."""

from __future__ import annotations

import functools
import importlib.util
import sys
from typing import Any

import numpy as np
import pandas

from lazyframe.api.expressions import evaluate
from lazyframe.api.recording import is_large, kind_named, table_of
from lazyframe.api.wrap import wrap
from lazyframe.pandas_internals import blame_caller, is_plain

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


class RecordingEval:
    """Mixin: ``eval``, and ``query``, which pandas builds upon it."""

    @functools.wraps(DataFrame.eval)
    @blame_caller
    def eval(self, expr: str, **kwargs: Any) -> Any:
        recorded = is_large(self) and type(self) is kind_named("DataFrame") and is_plain(self)
        if recorded and type(expr) is str and _says_nothing(kwargs):
            user = sys._getframe(kwargs.get("level", 0) + 1)
            found = evaluate(expr, self, lambda: {**user.f_globals, **user.f_locals})
            if found is not None:
                return found
        # one frame further from the user's variables
        options = kwargs | {"level": kwargs.get("level", 0) + 1}
        if kwargs.get("engine") is None and _records(self, expr):
            options["engine"] = "python"  # which calls the operators of the columns
        return wrap(DataFrame.eval(self, expr, **options))
