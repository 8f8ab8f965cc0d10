"""Python's dates and pandas' periods, as ``.dt.date`` and ``.dt.to_period`` give, as keys of groups.

Both are looked up by the day: the numbers of the days are codes of the dates in their order, and those of the
periods follow.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import pandas

from lazyframe.record.dictionaries import places_in, source_of
from lazyframe.record.string_entries import bind_dictionary, picks_from_dictionary
from lazyframe.record.text_objects import is_objects
from lazyframe.run.bindings import bind_array, data_of
from passes.ir.node import Token
from passes.ir.values import Gather, Read, Value


class _Known(NamedTuple):
    """The dates or periods of a dictionary.

    Parameters
    ----------
    entries : Read
        Each of them once, in their order, and what is missing behind them.
    numbers : Value or None
        For each place in the dictionary which of them is there; None where it is that of the same number.
    """

    entries: Read
    numbers: Value | None


_known: WeakKeyDictionary[Token, _Known | None] = WeakKeyDictionary()
"""By dictionaries; None of those that hold something else, or in another order."""


def date_codes(column: Value) -> tuple[Value, Read] | None:
    """The codes of a column's dates or periods, and what they stand for.

    None of anything else, and where one may be missing: which of the missing values pandas shows as a key
    depends on the rows.
    """
    source = source_of(column)
    if source is None or not picks_from_dictionary(column):
        return None
    places = places_in(column, source)
    if places is None:
        return None
    if source.token not in _known:
        _known[source.token] = _found_in(data_of(source.token))
    known = _known[source.token]
    if known is None:
        return None
    return places if known.numbers is None else Gather(known.numbers, places), known.entries


def _found_in(entries: Any) -> _Known | None:
    if isinstance(getattr(entries, "dtype", None), pandas.PeriodDtype):
        first, numbers = np.unique(entries.asi8, return_index=True, return_inverse=True)[1:]
        if entries.isna().any():
            return None
        labels = entries.take(np.append(first, -1), allow_fill=True)
        return _Known(bind_dictionary(labels), bind_array(numbers.astype(np.int64), "periods"))
    if not is_objects(entries) or set(map(type, entries)) != {date}:
        return None
    if not all(one < other for one, other in pairwise(entries)):
        return None
    labels = np.empty(len(entries) + 1, object)
    labels[:-1], labels[-1] = entries, np.nan
    return _Known(bind_dictionary(labels), None)
