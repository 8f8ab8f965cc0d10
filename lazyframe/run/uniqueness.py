"""Find out which inputs tell rows apart, where a join's keys depend on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary, ref

import numpy as np
import pandas as pd

from lazyframe.run.anonymous import Anonymous
from lazyframe.run.bindings import bound_to
from lazyframe.run.late import LateColumn, fetch_all
from lazyframe.run.streaming import is_streamed
from passes.facts.keys import UniqueKeys, inputs_behind, tell_rows_apart
from passes.ir.node import Token
from passes.ir.values import Read, Value

_FIRST = 4096
"""Rows that are looked at before all are: most keys that repeat do so early."""

_SLOTS_A_ROW = 16

_known: WeakKeyDictionary[Token, list[tuple[list[ref[Token]], bool]]] = WeakKeyDictionary()
"""By the token of the first key, with the others."""


def unique_keys(named: Anonymous, fetching: bool = True) -> UniqueKeys:
    """The inputs among the keys of joins that no two rows have equal values in.

    Parameters
    ----------
    named : Anonymous
        The computation.
    fetching : bool
        Whether columns of files may be fetched for it; otherwise nothing is known of them.
    """
    if fetching and named.joins:
        _fetch_small(named)
    found: set[tuple[Read, ...]] = set()
    for join in named.joins:
        enough = False
        for keys in (join.right_keys, join.left_keys):
            reads = inputs_behind(keys)
            # one side will do: the other, if it is in a file, may be read piece by piece
            wanted = fetching and not enough
            if reads is not None and reads not in found and _named_are_unique(reads, named, wanted):
                found.add(reads)
            enough = enough or reads in found or (reads is None and tell_rows_apart(keys, frozenset()))
    return frozenset(found)


def _fetch_small(named: Anonymous) -> None:
    """If a key has to be fetched, fetch with it what else is fetched whole in any case: on all threads."""
    late = {token: data for token, data in named.data.items() if isinstance(data, LateColumn)}
    keys = {read for join in named.joins for own in (join.left_keys, join.right_keys) for read in own}
    wanted = [
        column
        for column in late.values()
        if column.dtype != object and column.held() is None and not is_streamed(column)
    ]
    if any(isinstance(key, Read) and late.get(key.token) in wanted for key in keys):
        fetch_all(wanted)


def certainly_unique(keys: Sequence[Value], fetching: bool = False) -> bool:
    """Whether no two rows of columns that are not computed yet have equal values.

    Parameters
    ----------
    keys : sequence of Value
        Integer or boolean columns, or times, of one row space.
    fetching : bool
        Whether columns of files may be fetched for it; otherwise nothing is known of them.
    """
    reads = inputs_behind(keys)
    known: set[tuple[Value, ...]] = set()
    if reads is not None:
        bound = [bound_to(read.token) for read in reads]
        in_memory = not any(isinstance(data, LateColumn) for data in bound)
        if (fetching or in_memory) and _are_unique([read.token for read in reads], bound, fetching):
            known.add(reads)
    return tell_rows_apart(keys, frozenset(known))


def _named_are_unique(reads: tuple[Read, ...], named: Anonymous, fetching: bool) -> bool:
    tokens = [named.tokens[read.token] for read in reads]
    return _are_unique(tokens, [named.data[read.token] for read in reads], fetching)


def _are_unique(tokens: Sequence[Token], bound: Sequence[Any], fetching: bool) -> bool:
    first, others = tokens[0], list(tokens[1:])
    known = _known.setdefault(first, [])
    for held, answer in known:
        if [one() for one in held] == others:
            return answer
    late = [data for data in bound if isinstance(data, LateColumn)]
    answer = not (len(late) == len(bound) and _repeat_by_file(late))
    if answer:
        if late and not fetching:
            return False
        answer = are_distinct([data.whole() if isinstance(data, LateColumn) else data for data in bound])
    known.append(([ref(one) for one in others], answer))
    return answer


def _repeat_by_file(columns: list[LateColumn]) -> bool:
    """Whether columns of a file have equal rows, as their limits, or the first of them, show."""
    if any(column.source is not columns[0].source or column.held() is not None for column in columns):
        return False
    limits = [column.limits() for column in columns if column.dtype.kind in "iu"]
    if len(limits) == len(columns):
        spans = [0 if found is None else int(found.high) - int(found.low) + 1 for found in limits]
        if 0 < math.prod(spans) < columns[0].rows:
            return True
    first = columns[0].source.first_rows(columns, _FIRST)
    return first is not None and not _all_distinct([_as_integers(column) for column in first])


def are_distinct(columns: list[np.ndarray]) -> bool:
    """Whether no two rows have equal bits in all columns, which are of integers, bool or times."""
    columns = [_as_integers(column) for column in columns]
    if len(columns[0]) > _FIRST and not _all_distinct([column[:_FIRST] for column in columns]):
        return False
    return _all_distinct(columns)


def _as_integers(column: np.ndarray) -> np.ndarray:
    return column if column.dtype.kind in "biu" else column.view(np.int64)


def _all_distinct(columns: list[np.ndarray]) -> bool:
    rows = len(columns[0])
    if rows < 2:
        return True
    if len(columns) > 1:
        codes = _as_one(columns)
        if codes is None:
            return not pd.DataFrame(dict(enumerate(columns)), copy=False).duplicated().any()
        columns = [codes]
    (column,) = columns
    if column.dtype.kind == "b":
        return rows == 2 and column[0] != column[1]
    if bool((column[1:] > column[:-1]).all()):
        return True
    low, high = int(column.min()), int(column.max())
    if high - low >= rows * _SLOTS_A_ROW:
        ordered = np.sort(column)
        return bool((ordered[1:] != ordered[:-1]).all())
    seen = np.zeros(high - low + 1, np.bool_)
    offsets = column - column.dtype.type(low) if column.dtype.itemsize == 8 else column.astype(np.int64) - low
    seen[offsets] = True
    return int(np.count_nonzero(seen)) == rows


def _as_one(columns: list[np.ndarray]) -> np.ndarray | None:
    """Integers that are equal where all columns are; None where there are too many for 63 bits."""
    lows = [int(column.min()) for column in columns]
    spans = [int(column.max()) - low + 1 for column, low in zip(columns, lows, strict=True)]
    if math.prod(spans) >= 1 << 63:
        return None
    codes = np.zeros(len(columns[0]), np.int64)
    for column, low, span in zip(columns, lows, spans, strict=True):
        codes *= span
        # differences of 64 bits wrap around to the same number, whatever the signs
        codes += (column.astype(np.int64, copy=False).view(np.uint64) - np.uint64(low % (1 << 64))).view(
            np.int64
        )
    return codes
