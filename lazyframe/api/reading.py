"""``read_parquet``: a frame whose columns are decoded when, and if, they are needed."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import pandas

from lazyframe import settings
from lazyframe.api import deferred
from lazyframe.api.frame import DataFrame, lazy_frame
from lazyframe.api.likeness import like
from lazyframe.api.reading_filters import filtered, filters_of, fits
from lazyframe.api.wrap import wrap
from lazyframe.pandas_internals import blame_caller, frame_from_manager, options_of_text

_SIGNATURE = inspect.signature(pandas.read_parquet)
_RECORDED = frozenset({"path", "engine", "columns", "filters"})
"""Arguments that may be other than their defaults; pandas reads with the others."""

_SMALL_BYTES = 1 << 20
"""Files of few rows that decode to so much are read at once: that takes milliseconds."""


@blame_caller
def _read_parquet(*args: Any, **kwargs: Any) -> Any:
    recorded = _recorded(args, kwargs)
    return wrap(pandas.read_parquet(*args, **kwargs)) if recorded is None else recorded


def _recorded(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The lazy frame; None where pandas is to read, or to say what is wrong."""
    given = _given(args, kwargs)
    if given is None:
        return None
    columns = given.get("columns")
    if not _RECORDED.issuperset(name for name, value in given.items() if not _is_default(name, value)):
        return None
    if given.get("engine", "pyarrow") not in ("pyarrow", pandas.api.extensions.no_default):
        return None
    if not (columns is None or (type(columns) is list and columns and all(type(c) is str for c in columns))):
        return None
    filters = given.get("filters")
    if not _reads_as_by_default() or not (filters is None or filters_of(filters)):
        return None
    try:
        from lazyframe.record.scanned import read_at_once, table_of_scan
        from lazyframe.run.parquet.find import find_scan

        scan = find_scan(given["path"])
        if scan is None:
            return None
        if scan.rows < settings.current().min_rows and scan.stored_bytes < _SMALL_BYTES:
            small = read_at_once(scan) if columns is filters is None else None
            return None if small is None else frame_from_manager(DataFrame, small)
        terms = filters_of(filters)
        if terms and not fits(scan, terms, columns):
            return None
        table = table_of_scan(scan, None if terms else columns)
    except Exception:
        return None  # pandas meets the same, and says so in its own words
    if table is None:
        return None
    deferred.load()
    frame = lazy_frame(table)
    return filtered(frame, terms, columns) if terms else frame


def _given(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
    """The arguments by their names; None where pandas takes no such ones."""
    if len(args) == 1 and not kwargs:
        return {"path": args[0]}
    try:
        return _SIGNATURE.bind(*args, **kwargs).arguments
    except TypeError:
        return None


def _is_default(name: str, value: Any) -> bool:
    default = _SIGNATURE.parameters[name].default
    return value is default or (name == "kwargs" and not value)


def _reads_as_by_default() -> bool:
    """Whether no option of pandas changes what is read."""
    text = _dtype_of_text(options_of_text())
    if not isinstance(text, pandas.StringDtype) or text.storage != "pyarrow" or text.na_value is pandas.NA:
        return False
    return pandas.get_option("io.parquet.engine") in ("auto", "pyarrow")


@functools.lru_cache(maxsize=8)
def _dtype_of_text(options: tuple[Any, ...]) -> Any:
    """What pandas makes of strings while it has these options; programs read many files."""
    return pandas.Index(["text"]).dtype


read_parquet = like(_read_parquet, pandas.read_parquet)
