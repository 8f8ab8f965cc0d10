"""String columns as integers: the codes of a sorted dictionary, made once for each immutable array.

A code is the position of a row's string in the dictionary, so that codes sort as the strings do; a missing
string has the code behind the last. What is true of a string is then true of its code, and work on strings
is work on the dictionary's few entries, once, and on integers, in kernels.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary, WeakSet, ref

import numpy as np
import pandas

from lazyframe import settings
from lazyframe.pandas_internals import arrow_strings, chunks_end_to_end, strings_from_arrow
from lazyframe.record.text_objects import are_strings, is_objects, missing_among
from lazyframe.run import morsels
from lazyframe.run.bindings import bind_array, bind_opaque, bound_to, data_of, dtype_of_input
from lazyframe.run.encode import encode, estimate_distinct
from lazyframe.run.late import LateColumn, MadeSource, fetch_all, keep_within_budget
from passes.ir.node import Token
from passes.ir.rows import Range
from passes.ir.values import OPAQUE, Gather, Map, Read, Take, Value, View

_dictionaries: WeakSet[Token] = WeakSet()
"""Inputs that are entries of dictionaries."""

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
        if is_str(self.entries.dtype):
            _dictionaries.add(self.read.token)


class Dictionary(NamedTuple):
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


@dataclass(slots=True, weakref_slot=True, eq=False)
class _Seen:
    """What is known of an array of strings.

    Parameters
    ----------
    spent : int
        Nanoseconds a row that pandas was given to work on it.
    is_short : bool or None
        Whether a sample has few distinct strings.
    encoded : _Encoded or None
        Its codes.
    asked_file : bool
        Whether the file that it is in was asked for codes.
    is_text : bool or None
        Whether Python objects are strings and missing values.
    answers : dict
        What methods gave for all of it, as columns, by what tells the methods apart.
    of_one_dtype : dict
        Likewise whether what a method gives has one dtype whichever of the rows are there.
    """

    spent: int = 0
    is_short: bool | None = None
    encoded: _Encoded | None = None
    asked_file: bool = False
    is_text: bool | None = None
    answers: dict[Hashable, _Answer] = field(default_factory=dict)
    of_one_dtype: dict[Hashable, bool | None] = field(default_factory=dict)


@dataclass(slots=True, weakref_slot=True, eq=False)
class _Answer:
    """What a method gave for a whole array, in its ``answers``."""

    read: Read
    key: Hashable
    of: ref[_Seen]

    @property
    def nbytes(self) -> int:
        return int(data_of(self.read.token).nbytes)

    def forget(self) -> None:
        """Be asked again, when it is needed; who has the column keeps it."""
        seen = self.of()
        if seen is not None:
            seen.answers.pop(self.key, None)


_by_array: dict[int, tuple[ref[Any], _Seen]] = {}
_by_input: WeakKeyDictionary[Token, _Seen] = WeakKeyDictionary()


def source_of(value: Value) -> Read | None:
    """The input that ``value`` is a selection of rows of, if it is one."""
    while isinstance(value, (Take, View, Gather)):
        value = value.column
    return value if isinstance(value, Read) else None


def follow(value: Value, source: Value, other: Value) -> Value:
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


def places_in(value: Value, source: Read) -> Value | None:
    """Where in ``source`` the strings of a column stand; None where its rows are not gathered there."""
    at = value
    while isinstance(at, (Take, View, Gather)) and at.column is not source:
        at = at.column
    if not isinstance(at, Gather):
        return None
    places = at.positions
    if isinstance(places, Map) and places.operation == "cast" and places.arguments[0].dtype.kind == "i":
        (places,) = places.arguments
    return follow(value, at, places)


def strings_of(value: Value) -> Any:
    """The array behind an opaque column if it is of pandas' ``str`` dtype, else None."""
    source = source_of(value)
    if source is None or string_dtype_of(value) is None:
        return None
    data = data_of(source.token)
    array = data.array if isinstance(data, pandas.Index) and data.nlevels == 1 else data
    return array if is_str(getattr(array, "dtype", None)) else None


def string_dtype_of(value: Value) -> Any:
    """The dtype of a column if it is pandas' ``str``, else None; nothing is fetched to find out."""
    source = source_of(value) if value.dtype == OPAQUE else None
    dtype = None if source is None else dtype_of_input(source.token)
    return dtype if is_str(dtype) else None


def may_be_text(value: Value) -> bool:
    """Whether a column is of ``str`` or of Python objects, which may be strings."""
    if string_dtype_of(value) is not None:
        return True
    source = source_of(value) if value.dtype == OPAQUE else None
    bound = None if source is None else bound_to(source.token)
    if isinstance(bound, LateColumn):  # objects put together, which are there already
        return isinstance(bound.source, MadeSource) and bound.shown_dtype() == OPAQUE
    return is_objects(bound)


def texts_of(value: Value) -> Any:
    """The array behind a column of ``str`` or of Python objects; None of any other."""
    found = strings_of(value)
    if found is not None or not may_be_text(value):
        return found
    source = source_of(value)
    assert source is not None
    return data_of(source.token)


def is_text(value: Value) -> bool:
    """Whether all that the rows of a column are taken from is strings, and missing ones."""
    array = texts_of(value)
    source = source_of(value)
    if source is None or array is None or not is_objects(array):
        return array is not None
    seen = _seen(source)
    if seen.is_text is None:
        seen.is_text = are_strings(array)
    return seen.is_text


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
    return None if string_dtype_of(value) is None else text_codes_of(value, force)


def text_codes_of(value: Value, force: bool = False) -> Dictionary | None:
    """The same, of Python objects too where they are strings and one kind of missing value."""
    source = source_of(value)
    if source is None or not may_be_text(value):
        return None
    if source.token in _dictionaries and (force or _length(source) <= SMALL_DICTIONARY):
        places = places_in(value, source)
        if places is not None:
            return Dictionary(places, data_of(source.token), True, source)
    found = _encoded(_seen(source), source, force)
    if found is None or not (force or _is_short(len(found.entries), _length(source))):
        return None
    return Dictionary(follow(value, source, found.codes), found.entries, found.has_missing, found.read)


def encode_together(values: Sequence[Value]) -> None:
    """Make the codes of string columns of files on all threads, before they are asked for one by one."""
    wanted: dict[Read, LateColumn] = {}
    for value in values:
        source = source_of(value)
        late = None if source is None else bound_to(source.token)
        if source is None or string_dtype_of(value) is None or not isinstance(late, LateColumn):
            continue
        seen = _seen(source)
        if seen.encoded is None and not _encode_from_file(seen, source):
            wanted[source] = late
    if len(wanted) < 2:
        return
    sources = list(wanted)
    held = fetch_all(list(wanted.values()))  # for as long as it takes, however little may be kept

    def encode_one(k: int) -> None:
        _encoded(_seen(sources[k]), sources[k], force=True)

    morsels.run([range(k, k + 1) for k in range(len(held))], encode_one, settings.current().threads)


def known_codes_of(value: Value) -> Dictionary | None:
    """The same, if it costs nothing because the strings were encoded before."""
    return codes_of(value) if is_worth_encoding(value, 0) else None


ENCODING, ENCODING_OBJECTS = 25, 120
"""Nanoseconds that encoding takes for a row, about; that of Python objects with looking at each."""

_ENCODED_AT_ONCE = 1 << 17
"""Rows so few that nobody waits for their codes."""


def is_worth_encoding(value: Value, cost: int) -> bool:
    """Whether work on a string column shall wait for its codes.

    Encoding costs as much as a few comparisons do in pandas, so it waits until as much was spent on these.
    Of a column that is seen through a filter or a join it does not wait: pandas would have to be given the
    strings of those rows first, which costs more than the work, and ends what could be one pipeline. Python
    objects are not worth that.

    Parameters
    ----------
    value : Value
        A column.
    cost : int
        What pandas takes for the work at hand, in nanoseconds a row.
    """
    source = source_of(value)
    if source is None or not may_be_text(value):
        return False
    seen = _seen(source)
    if seen.encoded is not None or _encode_from_file(seen, source):
        return True
    seen.spent += cost
    objects = string_dtype_of(value) is None
    enough = seen.spent >= (ENCODING_OBJECTS if objects else ENCODING)
    soon = enough or (value is not source and not objects) or _length(source) <= _ENCODED_AT_ONCE
    return cost > 0 and soon


def of_one_dtype(source: Read) -> dict[Hashable, bool | None]:
    """Whether methods give an array of strings one dtype whichever rows are there, as far as it was asked."""
    return _seen(source).of_one_dtype


def kept_answer(source: Read, key: Hashable) -> Read | None:
    """What a method gave for a whole array of strings before, if that is still known."""
    found = _seen(source).answers.get(key)
    if found is None:
        return None
    keep_within_budget(found)
    return found.read


def keep_answer(source: Read, key: Hashable, answer: Read) -> None:
    """Remember what a method gave for a whole array of strings, as long as it lives and there is room."""
    strings = arrow_strings(data_of(answer.token))
    if strings is not None and strings is arrow_strings(texts_of(source)):
        return  # it would keep itself alive
    seen = _seen(source)
    found = seen.answers[key] = _Answer(answer, key, ref(seen))
    keep_within_budget(found)


def end_to_end(*arrays: Any) -> Any:
    """Arrays of pandas' one behind the other, in one; where the dtypes differ as pandas concatenates them."""
    first = arrays[0]
    if all(arrow_strings(array) is not None and array.dtype == first.dtype for array in arrays):
        return strings_from_arrow(chunks_end_to_end(arrays), first.dtype)  # as pandas does, in fewer steps
    parts = [pandas.Series(array, dtype=array.dtype, copy=False) for array in arrays]
    return pandas.concat(parts, ignore_index=True).array


def ranks_of(array: Any) -> tuple[np.ndarray, int]:
    """Of an array of strings where each stands among the distinct ones, sorted, and how many these are.

    The missing ones stand behind the others.
    """
    codes, words = encode(_arrow_of(array), 1)
    return codes.astype(np.int64), len(words)


def positions_among(some: Any, others: Any) -> np.ndarray:
    """Where each of some strings stands among others, which are distinct; -1 for one that is not there."""
    import pyarrow.compute

    arrays = [_arrow_of(strings) for strings in (some, others)]
    if None in arrays:
        found: np.ndarray = pandas.Index(others).get_indexer(pandas.Index(some))
        return found
    text = [array.cast(pyarrow.large_string()) for array in arrays]
    places = pyarrow.compute.index_in(text[0], text[1].combine_chunks())
    return np.asarray(places.fill_null(-1).to_numpy())


def _length(source: Read) -> int:
    assert isinstance(source.rows, Range)
    assert isinstance(source.rows.extent, int)
    return source.rows.extent


def _is_short(entries: int, rows: int) -> bool:
    return entries <= max(SMALL_DICTIONARY, rows // 2)


def _seen(source: Read) -> _Seen:
    if isinstance(bound_to(source.token), LateColumn):
        return _by_input.setdefault(source.token, _Seen())
    arrow = arrow_strings(texts_of(source))
    if arrow is None:
        return _by_input.setdefault(source.token, _Seen())
    key = id(arrow)
    known = _by_array.get(key)
    if known is None or known[0]() is not arrow:
        # given the table, since arrays that are left when Python ends go after the names of modules
        known = _by_array[key] = (ref(arrow, partial(_forget, _by_array, key)), _Seen())
    return known[1]


def _forget(known: dict[int, tuple[ref[Any], _Seen]], key: int, _: object) -> None:
    known.pop(key, None)


def _encoded(seen: _Seen, source: Read, force: bool) -> _Encoded | None:
    if seen.encoded is not None or _encode_from_file(seen, source):
        return seen.encoded
    if seen.is_short is False and not force:
        return None
    array = texts_of(source)
    strings = _arrow_of(array)
    if strings is None:
        seen.is_short = False
        return None
    if not force:
        seen.is_short = _is_short(estimate_distinct(strings), len(strings))
        if not seen.is_short:
            return None
    seen.encoded = _numbered(strings, array.dtype, _missing_of(array) if strings.null_count else None)
    return seen.encoded


def _encode_from_file(seen: _Seen, source: Read) -> bool:
    """Take the codes of strings that a file has as codes, which costs less than to read the strings."""
    late = bound_to(source.token)
    if seen.asked_file or not isinstance(late, LateColumn):
        return False
    seen.asked_file = True
    found = late.as_codes()
    if found is not None:
        seen.encoded = _with_entries(*found, late.shown_dtype())
        return True
    strings = late.as_dictionary()
    if strings is None:
        return False
    seen.encoded = _numbered(strings, late.shown_dtype())
    return True


def _numbered(strings: Any, dtype: Any, missing: Any = None) -> _Encoded:
    return _with_entries(*encode(strings, settings.current().threads), dtype, missing)


def _with_entries(numbers: np.ndarray, words: Any, dtype: Any, missing: Any = None) -> _Encoded:
    has_missing = bool((numbers == len(words)).any())
    if is_str(dtype):
        some = strings_from_arrow(words, dtype)
        entries = some.take(np.append(np.arange(len(words)), -1), allow_fill=True)
    else:
        entries = np.array([*words.to_pylist(), missing], object)
    return _Encoded(bind_array(numbers, "codes"), entries, has_missing)


def _missing_of(array: Any) -> Any:
    """The missing value among Python objects."""
    found = missing_among(array) if is_objects(array) else None
    return found[0] if found else None


def _arrow_of(array: Any) -> Any:
    """Strings as a ``pyarrow.ChunkedArray``; None where Python's are no valid Unicode, or no strings."""
    import pyarrow

    if is_objects(array):
        missing = missing_among(array)
        if missing is None or len(missing) > 1:
            return None
    arrow = arrow_strings(array)
    if arrow is not None:
        return arrow
    try:
        strings = pyarrow.array(array, type=pyarrow.large_string(), from_pandas=True)
    except (UnicodeEncodeError, pyarrow.ArrowException):
        return None
    return strings if isinstance(strings, pyarrow.ChunkedArray) else pyarrow.chunked_array([strings])
