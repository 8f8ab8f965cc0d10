"""Strings as numbers: which distinct ones a column has, in order, and which of them each row is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lazyframe.run import morsels
from lazyframe.run.aside import call_aside
from lazyframe.run.string_order import MOST_ROWS, string_order

_SAMPLE_PIECES = 8
_SAMPLE_ROWS = 1 << 10
"""Rows of each piece of a sample."""

_ROWS_FOR_A_THREAD = 1 << 18


def code_dtype(entries: int) -> np.dtype:
    """The narrowest signed integers that number so many entries."""
    for kind in (np.int8, np.int16, np.int32):
        if entries - 1 <= np.iinfo(kind).max:
            return np.dtype(kind)
    return np.dtype(np.int64)


def is_text(kind: Any) -> bool:
    """Whether an Arrow type is one of strings, each with its length."""
    import pyarrow

    return bool(pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind))


def encode(strings: Any, threads: int) -> tuple[np.ndarray, Any]:
    """Number the strings of a column in the order of their code points.

    Arrow hashes and sorts in long calls, for which Ctrl-C does not wait.

    Parameters
    ----------
    strings : pyarrow.ChunkedArray
        Of strings, perhaps missing, or of dictionaries of strings.
    threads : int
        How many may work on it.

    Returns
    -------
    codes : numpy.ndarray
        Each row's position in ``words``; of a missing one ``len(words)``.
    words : pyarrow.Array
        Distinct and ascending.
    """
    return call_aside(len(strings), _encode, strings, threads)


def _encode(strings: Any, threads: int) -> tuple[np.ndarray, Any]:
    if _may_be_sorted(strings):
        if _ascend(strings):
            return np.arange(len(strings), dtype=code_dtype(len(strings) + 1)), _end_to_end(strings)
        if estimate_distinct(strings) > len(strings) // 2:  # sorting them is quicker than hashing
            return _sorted(strings)
    parts = _encoded_parts(strings, threads)
    kind = getattr(strings.type, "value_type", strings.type)
    words, ranks = merge_dictionaries(kind, [part.dictionary for part in parts], kind == strings.type)
    dtype = code_dtype(len(words) + 1)
    tables = [np.append(rank, len(words)).astype(dtype) for rank in ranks]
    codes = np.empty(len(strings), dtype)
    ends = np.cumsum([len(part) for part in parts]).tolist()

    def number(k: int) -> None:
        indices = parts[k].indices
        if indices.null_count:
            indices = indices.fill_null(len(tables[k]) - 1)
        # every index is in range: clipping is what lets NumPy write to its destination at once
        np.take(tables[k], np.asarray(indices), out=codes[ends[k] - len(indices) : ends[k]], mode="clip")

    morsels.on_threads(number, range(len(parts)), threads if len(strings) >= _ROWS_FOR_A_THREAD else 1)
    return codes, words


_LEAST_TO_SORT = 1 << 12
_FIRST_ROWS = 64
_MOST_BYTES_TO_SORT = 1 << 30


def _may_be_sorted(strings: Any) -> bool:
    """Whether strings are so many, and not too many, that their order is worth a look."""
    if not is_text(strings.type):
        return False
    return _LEAST_TO_SORT <= len(strings) <= MOST_ROWS and bool(strings.nbytes <= _MOST_BYTES_TO_SORT)


def _ascend(strings: Any) -> bool:
    """Whether each string is there, and comes behind the one before it, as names by a number often do.

    Of others a few rows tell.
    """
    import pyarrow.compute

    if strings.null_count:
        return False
    for some in (strings.slice(0, _FIRST_ROWS), strings):
        if not pyarrow.compute.all(pyarrow.compute.less(some.slice(0, len(some) - 1), some.slice(1))).as_py():
            return False
    return True


def _end_to_end(strings: Any) -> Any:
    import pyarrow

    return pyarrow.concat_arrays(strings.chunks)


def _sorted(strings: Any) -> tuple[np.ndarray, Any]:
    """What `encode` gives, by sorting all strings."""
    import pyarrow

    whole = _end_to_end(strings)
    some = whole.drop_null() if whole.null_count else whole
    order, is_new = string_order(some)
    words = some.take(pyarrow.array(order[is_new]))
    dtype = code_dtype(len(words) + 1)
    numbers = np.empty(len(some), dtype)
    numbers[order] = np.cumsum(is_new) - 1
    if not whole.null_count:
        return numbers, words
    codes = np.full(len(whole), len(words), dtype)
    codes[np.asarray(whole.is_valid())] = numbers
    return codes, words


def _encoded_parts(strings: Any, threads: int) -> list[Any]:
    pieces = list(_pieces(strings, threads))
    found = morsels.on_threads(lambda piece: piece.dictionary_encode(), pieces, threads)
    return [part for chunked in found for part in chunked.chunks if len(part)]


def _pieces(strings: Any, threads: int) -> Iterator[Any]:
    """Slices of a column, one a thread."""
    count = max(1, min(threads, len(strings) // _ROWS_FOR_A_THREAD))
    length = -(-len(strings) // count) or 1
    for first in range(0, len(strings), length):
        yield strings.slice(first, length)


def merge_dictionaries(kind: Any, dictionaries: list[Any], distinct: bool) -> tuple[Any, list[np.ndarray]]:
    """One sorted dictionary, and where in it the words of each of several, perhaps ``distinct``, stand."""
    import pyarrow
    import pyarrow.compute

    different = {_identity(dictionary): dictionary for dictionary in dictionaries}
    words = pyarrow.chunked_array(list(different.values()), type=kind).combine_chunks()
    numbers: Any = slice(None)
    if not distinct or len(different) > 1:
        encoded = words.dictionary_encode()
        words, numbers = encoded.dictionary, np.asarray(encoded.indices)
    order = np.asarray(pyarrow.compute.array_sort_indices(words))
    rank = np.empty(len(words), np.int64)
    rank[order] = np.arange(len(words))
    ranks = rank[numbers]
    ends = np.cumsum([len(dictionary) for dictionary in different.values()], dtype=np.int64)
    parts = np.split(ranks, ends[:-1]) if different else []
    by_identity = dict(zip(different, parts, strict=True))
    return words.take(pyarrow.array(order)), [by_identity[_identity(one)] for one in dictionaries]


def _identity(dictionary: Any) -> tuple[int, ...]:
    """The same for arrays that are one in memory: Arrow gives one dictionary to all chunks of a column."""
    places = [0 if buffer is None else buffer.address for buffer in dictionary.buffers()]
    return (*places, dictionary.offset, len(dictionary))


def estimate_distinct(strings: Any) -> int:
    """About how many distinct strings a column has, from a sample: how often two of them are the same."""
    import pyarrow
    import pyarrow.compute

    rows = len(strings)
    if rows > 2 * _SAMPLE_PIECES * _SAMPLE_ROWS:
        stride = rows // _SAMPLE_PIECES
        pieces = [strings.slice(k * stride, _SAMPLE_ROWS) for k in range(_SAMPLE_PIECES)]
        strings = pyarrow.chunked_array([c for p in pieces for c in p.chunks], type=strings.type)
    seen = len(strings)
    distinct = len(pyarrow.compute.unique(strings))  # in half the time that its function that counts takes
    if distinct <= seen // 2:
        return distinct
    return min(rows, seen * seen // (2 * (seen - distinct) or 1))
