"""Categorical columns as the integers that they are, and work on them as work on their categories."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from weakref import ReferenceType, WeakKeyDictionary, ref

import numpy as np
import pandas

from lazyframe.record.computing import compute
from lazyframe.record.dictionaries import SMALL_DICTIONARY, Dictionary, follow, source_of
from lazyframe.record.elementwise import BOOL, INT64, apply, cast, literal, select
from lazyframe.run.bindings import bind_array, bind_opaque, data_of, dtype_of_input
from passes.ir.node import Token
from passes.ir.values import OPAQUE, Gather, Read, Reduce, Value

_codes: WeakKeyDictionary[Value, tuple[ReferenceType[Read], bool]] = WeakKeyDictionary()
_entries: WeakKeyDictionary[Token, Read] = WeakKeyDictionary()

_latest: OrderedDict[tuple[int, bool | None], Read] = OrderedDict()
"""Few categories, by their index, for the next column that has them: a frame's are those of frames that are
made of it, and what was asked of each category is not asked again."""

_MOST_LATEST = 16


def category_codes(value: Value) -> tuple[Value, pandas.CategoricalDtype, bool] | None:
    """The codes of a categorical column, -1 where it is missing; its dtype; whether any may be missing."""
    source = source_of(value) if value.dtype == OPAQUE else None
    if source is None or not isinstance(dtype_of_input(source.token), pandas.CategoricalDtype):
        return None
    data = data_of(source.token)
    if not isinstance(data, pandas.Categorical):
        return None  # an index
    codes, missing = _codes_of(source, data)
    return follow(value, source, codes), data.dtype, missing


def _codes_of(source: Read, data: pandas.Categorical) -> tuple[Read, bool]:
    known = _codes.get(source)
    if known is not None:
        bound = known[0]()
        if bound is not None:
            return bound, known[1]
    codes = data.codes
    # the token keeps alive what protects the categorical from being written to
    made = bind_array(codes, owner=source.token)
    missing = bool((codes < 0).any())
    _codes[source] = (ref(made), missing)
    return made, missing


def category_entries(value: Value) -> Dictionary | None:
    """A categorical column as a dictionary of all its categories, in their order, and a missing one."""
    found = category_codes(value)
    if found is None:
        return None
    codes, dtype, has_missing = found
    source = source_of(value)
    assert source is not None
    read = _entries.get(source.token)
    if read is None:
        read = _entries[source.token] = _entries_of(dtype)
    entries = data_of(read.token)
    if has_missing:
        behind = literal(len(entries) - 1, INT64)
        is_missing = apply("less", codes, literal(0, codes.dtype), dtype=BOOL)
        codes = select(is_missing, behind, cast(codes, INT64))
    return Dictionary(codes, entries, has_missing, read)


def _entries_of(dtype: pandas.CategoricalDtype) -> Read:
    if len(dtype.categories) > SMALL_DICTIONARY:
        return bind_opaque(each_category(dtype), "categories")
    key = (id(dtype.categories), dtype.ordered)
    found = _latest.get(key)
    if found is None or data_of(found.token).categories is not dtype.categories:
        found = _latest[key] = bind_opaque(each_category(dtype), "categories")
        if len(_latest) > _MOST_LATEST:
            _latest.popitem(last=False)
    return found


def map_categories(value: Value, mapper: Callable[[], Any], na_action: Any = None) -> Value | None:
    """``series.map(mapper, na_action)`` of a categorical column, which pandas does with its categories.

    What comes of it depends on all categories, on those that no row has too, and on whether a row has none:
    that is computed.

    Parameters
    ----------
    value : Value
        A column.
    mapper : callable
        Gives what it is mapped by: a function, a dict or a series.
    na_action : {None, "ignore"}
        Whether the missing category is mapped.

    Returns
    -------
    Value or None
        None for a column of anything but categories.
    """
    found = category_entries(value)
    if found is None:
        return None
    codes, entries = cast(found.codes, INT64), found.entries
    if found.has_missing:
        gone = apply("equal", codes, literal(found.missing, INT64), dtype=BOOL)
        has_missing = bool(compute([Reduce("any", gone, BOOL)])[0])
    if not (found.has_missing and has_missing):
        entries = entries[:-1]
    answers = pandas.Series(entries, copy=False).map(mapper(), na_action)
    if not isinstance(answers.dtype, np.dtype):
        return Gather(bind_opaque(answers.array, "answers"), codes)
    array = answers.to_numpy()
    return Gather((bind_opaque if array.dtype == OPAQUE else bind_array)(array, "answers"), codes)


def each_category(dtype: pandas.CategoricalDtype) -> Any:
    """A categorical of each category once, and a missing value."""
    codes = np.arange(len(dtype.categories) + 1)
    codes[-1] = -1
    return pandas.Categorical.from_codes(codes, dtype=dtype)
