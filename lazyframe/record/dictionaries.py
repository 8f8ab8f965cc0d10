"""String columns as integers: the codes of a sorted dictionary, made once for each immutable array.

A code is the position of a row's string in the dictionary, so that codes sort as the strings do; a missing
string has the code behind the last. What is true of a string is then true of its code, and work on strings
is work on the dictionary's few entries, once, and on integers, in kernels.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary, ref

import numpy as np
import pandas

from lazyframe import settings
from lazyframe.pandas_internals import arrow_strings, strings_from_arrow
from lazyframe.run.bindings import bind_array, bind_opaque, data_of
from lazyframe.run.encode import encode, estimate_distinct
from passes.ir.values import OPAQUE, Gather, Read, Take, Value, View

SMALL_DICTIONARY = 4096
"""So many entries are never too many."""


@dataclass(slots=True, weakref_slot=True)
class _Encoded:
    """One array's codes.

    Parameters
    ----------
    codes : Read
        Over the array's rows.
    entries : pandas.api.extensions.ExtensionArray
        The sorted distinct strings, and behind them a missing one.
    has_missing : bool
        Whether a code may be the last.
    """

    codes: Read
    entries: Any
    has_missing: bool
    read: Read = field(init=False)

    def __post_init__(self) -> None:
        self.read = bind_opaque(self.entries, "entries")


@dataclass(frozen=True, slots=True)
class Dictionary:
    """A string column as codes.

    Parameters
    ----------
    codes : Value
        A column of signed integers, over the rows of the strings.
    entries : pandas.api.extensions.ExtensionArray
        What the codes stand for: sorted distinct strings, and behind them a missing one.
    has_missing : bool
        Whether a code may be the last.
    read : Read
        ``entries`` in the graph.
    """

    codes: Value
    entries: Any
    has_missing: bool
    read: Read

    @property
    def missing(self) -> int:
        """The code of a missing string."""
        return len(self.entries) - 1


_by_array: dict[int, tuple[ref[Any], _Encoded]] = {}
_by_input: WeakKeyDictionary[Read, _Encoded] = WeakKeyDictionary()


def source_of(value: Value) -> Read | None:
    """The input that ``value`` is a selection of rows of, if it is one."""
    while isinstance(value, (Take, View, Gather)):
        value = value.column
    return value if isinstance(value, Read) else None


def follow(value: Value, source: Read, other: Value) -> Value:
    """``other``, a column of ``source``'s rows, through the selections that lead from there to ``value``."""
    links: list[Take | View | Gather] = []
    at = value
    while at is not source:
        assert isinstance(at, (Take, View, Gather))
        links.append(at)
        at = at.column
    for link in reversed(links):
        if isinstance(link, Take):
            other = Take(other, link.rows)
        elif isinstance(link, View):
            other = View(other, link.rows, link.start, link.step)
        else:
            other = Gather(other, link.positions)
    return other


def strings_of(value: Value) -> Any:
    """The array behind an opaque column if it is of pandas' ``str`` dtype, else None."""
    source = source_of(value) if value.dtype == OPAQUE else None
    if source is None:
        return None
    data = data_of(source.token)
    array = data.array if isinstance(data, pandas.Index) and data.nlevels == 1 else data
    return array if is_str(getattr(array, "dtype", None)) else None


def is_str(dtype: Any) -> bool:
    """Whether a dtype is ``str``, whose missing value is NaN."""
    return isinstance(dtype, pandas.StringDtype) and dtype.na_value is not pandas.NA


def codes_of(value: Value, force: bool = False) -> Dictionary | None:
    """A string column as codes.

    Parameters
    ----------
    value : Value
        A column.
    force : bool
        Give codes however many distinct strings there are: for a caller that needs them to compare rows.

    Returns
    -------
    Dictionary or None
        None for a column of anything but strings, and where most strings are distinct: finding that out is
        cheap.
    """
    array = strings_of(value)
    if array is None:
        return None
    source = source_of(value)
    assert source is not None
    found = _encoded(source, array, force)
    if found is None or not (force or _is_short(len(found.entries), len(array))):
        return None
    return Dictionary(follow(value, source, found.codes), found.entries, found.has_missing, found.read)


def known_codes_of(value: Value) -> Dictionary | None:
    """The same, if it costs nothing because the strings were encoded before."""
    array = strings_of(value)
    if array is None or _known(value, array) is None:
        return None
    return codes_of(value)


def _is_short(entries: int, rows: int) -> bool:
    return entries <= max(SMALL_DICTIONARY, rows // 2)


def _known(value: Value, array: Any) -> _Encoded | None:
    source = source_of(value)
    assert source is not None
    found = _by_input.get(source)
    if found is None:
        arrow = arrow_strings(array)
        known = None if arrow is None else _by_array.get(id(arrow))
        if known is not None and known[0]() is arrow:
            found = known[1]
    return found


def _encoded(source: Read, array: Any, force: bool) -> _Encoded | None:
    found = _known(source, array)
    if found is not None:
        return found
    arrow = arrow_strings(array)
    strings = _as_arrow(array) if arrow is None else arrow
    if strings is None or not (force or _is_short(estimate_distinct(strings), len(strings))):
        return None
    numbers, words = encode(strings, settings.current().threads)
    count = len(words)
    some = strings_from_arrow(words, array.dtype)
    entries = some.take(np.append(np.arange(count), -1), allow_fill=True)
    found = _Encoded(bind_array(numbers, "codes"), entries, bool(strings.null_count))
    if arrow is None:
        _by_input[source] = found
    else:
        _remember(arrow, found)
    return found


def _remember(arrow: Any, found: _Encoded) -> None:
    key = id(arrow)
    _by_array[key] = (ref(arrow, lambda _: _by_array.pop(key, None)), found)


def _as_arrow(array: Any) -> Any:
    """Strings that pandas holds as Python objects; None where they are no valid Unicode."""
    import pyarrow

    try:
        strings = pyarrow.array(array, type=pyarrow.large_string(), from_pandas=True)
    except (UnicodeEncodeError, pyarrow.ArrowException):
        return None
    return strings if isinstance(strings, pyarrow.ChunkedArray) else pyarrow.chunked_array([strings])
