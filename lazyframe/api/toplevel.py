"""pandas' top-level functions and classes, returning lazyframe's frames and series."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pandas

from lazyframe.api.deferred import holds_large, is_large, load, made_of_plain
from lazyframe.api.frame import DataFrame
from lazyframe.api.handing_out import handing_out
from lazyframe.api.likeness import like
from lazyframe.api.reading import read_parquet
from lazyframe.api.series import Series
from lazyframe.api.wrap import wrap, wrapping
from lazyframe.pandas_internals import blame_caller

RETURN_DATA = frozenset(
    {
        "concat",
        "crosstab",
        "cut",
        "from_dummies",
        "get_dummies",
        "isna",
        "isnull",
        "json_normalize",
        "lreshape",
        "melt",
        "merge",
        "merge_asof",
        "merge_ordered",
        "notna",
        "notnull",
        "pivot",
        "pivot_table",
        "qcut",
        "to_datetime",
        "to_numeric",
        "to_timedelta",
        "wide_to_long",
    }
)
"""The functions of pandas, beside ``eval`` and those that read, that may return a frame or series."""

TAKE_NUMBERS = frozenset(
    {"array", "bdate_range", "date_range", "interval_range", "period_range", "timedelta_range"}
)
"""Functions that are given numbers, which may be lazy, and return neither."""

STORES = frozenset({"ExcelFile", "HDFStore"})


def top_level(name: str) -> Any:
    """What ``lazyframe.<name>`` is, for a name that pandas has.

    Raises
    ------
    AttributeError
        If pandas has no such name.
    """
    if name in _OURS:
        return _OURS[name]
    theirs = getattr(pandas, name)
    if name in RETURN_DATA or name.startswith("read_"):
        return wrapping(made_of_plain(theirs))
    if name in TAKE_NUMBERS:
        return made_of_plain(theirs)
    if name in STORES:
        return handing_out(theirs, wrap)
    return theirs


_EVAL = inspect.signature(pandas.eval)


@blame_caller
def _eval(*args: Any, **kwargs: Any) -> Any:
    try:
        arguments = _EVAL.bind(*args, **kwargs).arguments
    except TypeError:
        return pandas.eval(*args, **kwargs)  # which says what is wrong with them
    # pandas looks for the variables of the expression in the frame that called it, which would be this.
    caller = sys._getframe(1 + arguments.get("level", 0))
    for scope, variables in (("local_dict", caller.f_locals), ("global_dict", caller.f_globals)):
        if arguments.get(scope) is None:
            arguments[scope] = variables
    if holds_large(arguments["local_dict"].values()) or holds_large(arguments["global_dict"].values()):
        load()
        from lazyframe.api.top_level_eval import evaluate_top_level

        found = evaluate_top_level(arguments)
        if found is not NotImplemented:
            return found
    return wrap(pandas.eval(**arguments))


_plain_merge = made_of_plain(pandas.merge)


@blame_caller
def _merge(left: Any, right: Any, *args: Any, **kwargs: Any) -> Any:
    if holds_large((left, right)):
        load()
        from lazyframe.api.recording_merge import merge

        return merge(left, right, *args, **kwargs)
    return wrap(_plain_merge(left, right, *args, **kwargs))


@blame_caller
def _concat(objs: Any, *args: Any, **kwargs: Any) -> Any:
    if isinstance(objs, Iterator):
        objs = list(objs)
    if type(objs) in (list, tuple, dict) and holds_large(objs.values() if type(objs) is dict else objs):
        load()
        from lazyframe.api.recording_concat import concat

        return concat(objs, *args, **kwargs)
    return wrap(pandas.concat(objs, *args, **kwargs))


@blame_caller
def _crosstab(index: Any, columns: Any, *args: Any, **kwargs: Any) -> Any:
    if holds_large((index, columns)):
        load()
        from lazyframe.api.recording_crosstab import crosstab

        return crosstab(index, columns, *args, **kwargs)
    return wrap(pandas.crosstab(index, columns, *args, **kwargs))


def _recorded(name: str, first: str, module: str) -> Any:
    """A function of pandas whose ``first`` argument decides whether a module of ours records it."""
    theirs = made_of_plain(getattr(pandas, name))

    @blame_caller
    def function(*args: Any, **kwargs: Any) -> Any:
        if not is_large(args[0] if args else kwargs.get(first)):
            return wrap(theirs(*args, **kwargs))
        load()
        from lazyframe.api.recording import ask

        given = args or (kwargs.pop(first),)
        recorder = getattr(import_module(f"lazyframe.api.{module}"), f"record_{name}")
        recorded = ask(recorder, *given, **kwargs)
        return wrap(theirs(*given, **kwargs)) if recorded is NotImplemented else recorded

    return like(function, theirs)


_OURS: dict[str, Any] = {
    "crosstab": like(_crosstab, pandas.crosstab),
    "concat": like(_concat, pandas.concat),
    "DataFrame": DataFrame,
    "Series": Series,
    "eval": like(_eval, pandas.eval),
    "merge": like(_merge, pandas.merge),
    "read_parquet": read_parquet,
    "cut": _recorded("cut", "x", "recording_cut"),
    "factorize": _recorded("factorize", "values", "recording_distinct"),
    "get_dummies": _recorded("get_dummies", "data", "recording_dummies"),
    "melt": _recorded("melt", "frame", "recording_melt"),
    "merge_asof": _recorded("merge_asof", "left", "recording_merge"),
    "merge_ordered": _recorded("merge_ordered", "left", "recording_merge"),
    "qcut": _recorded("qcut", "x", "recording_cut"),
    "to_datetime": _recorded("to_datetime", "arg", "recording_times"),
    "to_numeric": _recorded("to_numeric", "arg", "recording_times"),
    "to_timedelta": _recorded("to_timedelta", "arg", "recording_times"),
}
