"""Work on two columns of strings, row by row: done for each pair of entries of two short dictionaries, else
for each row.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas

from lazyframe.record.dictionaries import Dictionary, string_dtype_of
from lazyframe.record.elementwise import INT64, apply, cast, literal
from lazyframe.record.row_pairs import OfPairs, ask_of_rows
from lazyframe.record.string_entries import as_entries, bind_dictionary, entry_positions, remembered
from lazyframe.record.string_rows import run_method
from lazyframe.run.bindings import data_of
from passes.ir.values import Gather, Read, Value

_MOST_PAIRS = 1 << 14
"""Pairs of entries so few that pandas is asked of all, whether or not a row has them."""


def map_pairs(left: Value, right: Value, method: OfPairs, key: Hashable) -> Value | None:
    """What a method that treats each pair of strings by itself gives for two columns of ``str``.

    Parameters
    ----------
    left, right : Value
        Of the same rows.
    method : callable
        Takes two series of strings to one of strings.
    key : hashable
        Names the method and its arguments.

    Returns
    -------
    Value or None
        None where pandas has to decide, or raise.
    """
    if string_dtype_of(left) is None or string_dtype_of(left) != string_dtype_of(right):
        return None
    mine, theirs = as_entries(left), as_entries(right)
    if mine is not None and theirs is not None:
        count = len(data_of(mine[0].token)) * len(data_of(theirs[0].token))
        if count <= _MOST_PAIRS:
            return _of_entries(left, mine, right, theirs, method, key)
    return ask_of_rows(left, right, lambda one, other: _of_one_dtype(method, one, other))


def _of_entries(
    left: Value,
    mine: tuple[Read, Dictionary | None],
    right: Value,
    theirs: tuple[Read, Dictionary | None],
    method: OfPairs,
    key: Hashable,
) -> Value | None:
    first, second = data_of(mine[0].token), data_of(theirs[0].token)

    def make() -> Read | None:
        repeated = first.take(np.repeat(np.arange(len(first)), len(second)))
        found = _run(method, repeated, second.take(np.tile(np.arange(len(second)), len(first))))
        return None if found is None else bind_dictionary(found)

    pairs = remembered(mine[0], (key, theirs[0]), make)
    if pairs is None:
        return None
    row = apply("multiply", entry_positions(left, *mine), literal(len(second), INT64))
    return Gather(pairs, apply("add", row, cast(entry_positions(right, *theirs), INT64)))


def _run(method: OfPairs, first: Any, second: Any) -> Any:
    other = pandas.Series(second, copy=False)
    return run_method(lambda strings: _of_one_dtype(method, strings, other), first)


def _of_one_dtype(method: OfPairs, first: Any, second: Any) -> Any:
    found = method(first, second)
    return found if found.dtype == first.dtype else None
