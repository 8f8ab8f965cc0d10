"""``eval`` and ``query``: expressions on columns that record, as pandas' engines evaluate them."""

from __future__ import annotations

import functools
import sys
from collections import ChainMap
from collections.abc import Callable, Mapping
from typing import Any

import pandas

from lazyframe.api.expression_lines import Line, lines_of
from lazyframe.api.expression_names import found_names, found_variables
from lazyframe.api.expressions import Evaluated, evaluate, evaluate_columns
from lazyframe.api.likeness import like
from lazyframe.api.live_expressions import evaluate_live
from lazyframe.api.recording import aligned_value, kind_named, lazy_frame, table_of
from lazyframe.api.recording_frame import is_small
from lazyframe.api.wrap import wrap
from lazyframe.pandas_internals import blame_caller, has_numexpr, uses_numexpr
from lazyframe.record.elementwise import BOOL
from lazyframe.record.selection import filter_rows
from lazyframe.record.table import Table

DataFrame: Any = pandas.DataFrame

_OURS = frozenset({"level", "engine", "parser", "local_dict", "global_dict"})
_ENGINES = (None, "python", "numexpr")


def _lines(frame: Any, expression: Any, options: dict[str, Any]) -> tuple[Line, ...] | None:
    """The lines of an expression on a large frame, where options say nothing that is pandas' to follow."""
    if type(expression) is not str or is_small(frame) or type(frame) is not kind_named("DataFrame"):
        return None
    if options and not _are_followed(options):
        return None
    return lines_of(expression)


def _are_followed(options: dict[str, Any]) -> bool:
    return (
        _OURS.issuperset(options)
        and options.get("engine") in _ENGINES
        and options.get("parser", "pandas") == "pandas"
        and all(type(options.get(scope)) in (dict, type(None)) for scope in ("local_dict", "global_dict"))
        and (options.get("engine") != "numexpr" or has_numexpr())
    )


def _engine(options: dict[str, Any]) -> str:
    engine: str = options.get("engine") or ("numexpr" if uses_numexpr() else "python")
    return engine


def _variables(options: dict[str, Any], depth: int) -> Callable[[], Mapping[str, Any]]:
    """What gives the variables that an expression sees, of the frame so many above the caller."""
    user = sys._getframe(options.get("level", 0) + depth + 1)
    outer, inner = options.get("global_dict"), options.get("local_dict")
    return lambda: ChainMap(
        user.f_locals if inner is None else inner, user.f_globals if outer is None else outer
    )


def _found(frame: Any, table: Table, line: Line, engine: str, known: Callable[[], Mapping[str, Any]]) -> Any:
    """What a line gives: `Evaluated`, or whatever pandas' operations give; ``NotImplemented`` where it is
    for pandas."""
    quick = evaluate_columns(line, table, engine) if line.is_plain else None
    if quick is not None:
        return quick
    names = found_names(line, table)
    variables = found_variables(line, known()) if line.variables else {}
    if names is None or variables is None:
        return NotImplemented
    found = evaluate(line, table, names, variables, engine) if line.is_plain else None
    return evaluate_live(line, frame, table, names, variables, engine) if found is None else found


class RecordingEval:
    """Mixin: ``eval`` and ``query``."""

    @functools.partial(like, theirs=DataFrame.query)
    @blame_caller
    def query(self: Any, expr: str, **kwargs: Any) -> Any:
        lines = _lines(self, expr, kwargs)
        table = None if lines is None else table_of(self)
        if lines is not None and table is not None and len(lines) == 1 and lines[0].target is None:
            known = _variables(kwargs, 1) if lines[0].variables else dict
            found = _found(self, table, lines[0], _engine(kwargs), known)
            mask = None
            if isinstance(found, Evaluated):
                mask = found.value() if found.dtype == BOOL else None
            elif isinstance(found, pandas.Series) and found.dtype == BOOL:
                mask = aligned_value(found, table)
            if mask is not None:
                return lazy_frame(filter_rows(table, mask))
        # pandas looks for ``@name`` so many frames up, and this is one more
        options = kwargs | {"level": kwargs.get("level", 0) + 1}
        return DataFrame.query(self, expr, **options)

    @functools.partial(like, theirs=DataFrame.eval)
    @blame_caller
    def eval(self: Any, expr: str, **kwargs: Any) -> Any:
        lines = _lines(self, expr, kwargs)
        if lines is not None:
            found = _assigned(self, lines, _engine(kwargs), _variables(kwargs, 1))
            if found is not NotImplemented:
                return found
        # one frame further from the user's variables
        options = kwargs | {"level": kwargs.get("level", 0) + 1}
        return wrap(DataFrame.eval(self, expr, **options))


def _assigned(
    frame: Any, lines: tuple[Line, ...], engine: str, known: Callable[[], Mapping[str, Any]]
) -> Any:
    """What lines give one after the other: the last one's result, or the frame that they assign to."""
    result = frame
    spent: set[str] = set()
    for line in lines:
        if not line.is_plain and not spent.isdisjoint(line.names):
            return NotImplemented
        if engine == "numexpr":
            # what pandas has given to numexpr is a bare array to the lines that follow
            spent |= {*line.names}
            spent -= {line.target or ""}
        table = table_of(result)
        found = NotImplemented if table is None else _found(result, table, line, engine, known)
        if found is NotImplemented:
            return NotImplemented
        if isinstance(found, Evaluated):
            assert table is not None
            found = found.series(table)
        if line.target is None:
            return found
        # what follows sees the result itself, not the column that is made of it
        if not isinstance(found, pandas.Series) and (len(lines) > 1 or isinstance(found, pandas.DataFrame)):
            return NotImplemented
        result = result.copy(deep=False)
        result[line.target] = found
    return result


MIXINS = {"DataFrame": RecordingEval}
