"""Strings as numbers: which distinct ones a column has, in order, and which of them each row is."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

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


def encode(strings: Any, threads: int) -> tuple[np.ndarray, Any]:
    """Number the strings of a column in the order of their code points.

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
    parts = _encoded_parts(strings, threads)
    kind = getattr(strings.type, "value_type", strings.type)
    words, ranks = _merged(kind, [part.dictionary for part in parts])
    dtype = code_dtype(len(words) + 1)
    codes = np.empty(len(strings), dtype)
    first = 0
    for part, rank in zip(parts, ranks, strict=True):
        indices = part.indices
        if indices.null_count:
            indices = indices.fill_null(len(rank))
        behind = first + len(part)
        table = np.append(rank, len(words)).astype(dtype)
        # every index is in range: clipping is what lets NumPy write to its destination at once
        np.take(table, np.asarray(indices), out=codes[first:behind], mode="clip")
        first = behind
    return codes, words


def _encoded_parts(strings: Any, threads: int) -> list[Any]:
    pieces = list(_pieces(strings, threads))
    if len(pieces) < 2 or threads < 2:
        found = [piece.dictionary_encode() for piece in pieces]
    else:
        with ThreadPoolExecutor(threads) as pool:
            found = list(pool.map(lambda piece: piece.dictionary_encode(), pieces))
    return [part for chunked in found for part in chunked.chunks if len(part)]


def _pieces(strings: Any, threads: int) -> Iterator[Any]:
    """Slices of a column, one a thread."""
    count = max(1, min(threads, len(strings) // _ROWS_FOR_A_THREAD))
    length = -(-len(strings) // count) or 1
    for first in range(0, len(strings), length):
        yield strings.slice(first, length)


def _merged(kind: Any, dictionaries: list[Any]) -> tuple[Any, list[np.ndarray]]:
    """One sorted dictionary, and where in it the words of each of several stand."""
    import pyarrow
    import pyarrow.compute

    together = pyarrow.chunked_array(dictionaries, type=kind).combine_chunks().dictionary_encode()
    distinct = together.dictionary
    order = np.asarray(pyarrow.compute.array_sort_indices(distinct))
    rank = np.empty(len(distinct), np.int64)
    rank[order] = np.arange(len(distinct))
    ranks = rank[np.asarray(together.indices)]
    ends = np.cumsum([len(dictionary) for dictionary in dictionaries], dtype=np.int64)
    return distinct.take(pyarrow.array(order)), np.split(ranks, ends[:-1]) if dictionaries else []


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
    distinct = int(pyarrow.compute.count_distinct(strings, mode="all").as_py())
    if distinct <= seen // 2:
        return distinct
    return min(rows, seen * seen // (2 * (seen - distinct) or 1))
