"""pandas' work on strings of which most are distinct: done for each row, threads side by side.

What a method gives for a whole column is remembered beside the column's codes, as far as there is room, and
rows that a join or a sort picked from it look it up by position. Of rows that a filter or a slice left, only
these are worked on, unless they are most of the column: the answers are put where the rows stand in it, so
that whatever the rows go through afterwards, they find their answers, and nothing of the frame is computed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

import numpy as np
import pandas

from lazyframe import settings
from lazyframe.record.ask_once import ask_frozen
from lazyframe.record.computing import compute
from lazyframe.record.dictionaries import (
    end_to_end,
    follow,
    is_str,
    keep_answer,
    kept_answer,
    of_one_dtype,
    source_of,
    texts_of,
)
from lazyframe.record.text_objects import are_strings, are_truths, is_numbers, is_objects
from lazyframe.run.bindings import bind_array, bind_opaque, data_of
from lazyframe.run.encode import code_dtype
from lazyframe.run.morsels import run
from lazyframe.run.taking import take
from passes.ir.rows import Range, Rows, Slice
from passes.ir.values import Gather, Read, RowNumber, Take, Value, View

Method = Callable[[pandas.Series], Any]
Apart = tuple[pandas.Index, list[Value]]
"""The labels and the columns of a frame."""

_PIECE, _LONGEST_PIECE = 1 << 16, 1 << 18
"""Rows that a thread gives to pandas at once, least and most: threads wait for each other in between."""

_PIECES_A_THREAD = 2

_EXAMPLES = 64


def map_rows(column: Value, method: Method, key: Hashable, inferred: bool) -> Value | None:
    """What a method that treats each string by itself gives for a column, none of which is encoded.

    Parameters
    ----------
    column : Value
        Of strings.
    method, key, inferred
        As for `lazyframe.record.string_entries.map_entries`.

    Returns
    -------
    Value or None
        None where pandas has to decide, or raise.
    """
    source = source_of(column)
    strings = None if source is None else texts_of(source)
    if source is None or strings is None:
        return None
    if column is source:
        return _of_all(source, strings, method, key)
    if not inferred and not is_objects(strings) and has_one_dtype(source, strings, method, key):
        known: Value | None = kept_answer(source, key)
        part = _part(column, source)
        if known is None:
            known = _of_part(part, source, strings, method, key)
        if known is not None or part is column:
            return None if known is None else follow(column, source, known)
    return _of_some(column, source, strings, _rows_of(column, source), method)


def _of_part(part: Value, source: Read, strings: Any, method: Method, key: Hashable) -> Value | None:
    """Answers for the rows of ``part``, and perhaps others, as a column of the source's rows."""
    if part is source:
        return _of_all(source, strings, method, key)
    rows = _rows_of(part, source)
    if 2 * len(rows) >= len(strings):
        found = _of_all(source, strings, method, key)
        if found is not None:
            return found
    return _of_some(source, source, strings, rows, method)


def _of_all(source: Read, strings: Any, method: Method, key: Hashable) -> Read | None:
    known = kept_answer(source, key)
    if known is not None:
        return known
    answers = run_in_pieces(method, strings)
    if answers is None:
        return None
    bound = bind_array(answers, "answers") if is_numbers(answers) else bind_opaque(answers)
    keep_answer(source, key, bound)
    return bound


def _of_some(column: Value, source: Read, strings: Any, rows: np.ndarray, method: Method) -> Value | None:
    """Answers for a column that has no other rows of the source than ``rows``."""
    answers = run_in_pieces(method, take(strings, rows))
    return None if answers is None else _placed(column, source, strings, rows, answers)


def _placed(column: Value, source: Read, strings: Any, rows: np.ndarray, answers: Any) -> Value:
    """The answers for ``rows`` of the source, as a column of rows that are taken from these."""
    if is_numbers(answers):
        spread = np.zeros(len(strings), answers.dtype)
        spread[rows] = answers
        return follow(column, source, bind_array(spread, "answers"))
    if not len(rows):
        # positions are to be in range
        answers = np.array([None]) if is_objects(answers) else answers.take([-1], allow_fill=True)
    numbers = np.zeros(len(strings), code_dtype(len(answers)))
    numbers[rows] = np.arange(len(rows))
    places = follow(column, source, bind_array(numbers.astype(np.int64), "answers"))
    return Gather(bind_opaque(answers, "answers"), places)


def map_rows_apart(column: Value, method: Method) -> Apart | None:
    """What a method gives for a column where that is a frame; None where pandas has to decide, or raise."""
    source = source_of(column)
    strings = None if source is None else texts_of(source)
    if source is None or strings is None:
        return None
    rows = None if column is source else _rows_of(column, source)
    found = run_apart(method, strings if rows is None else take(strings, rows))
    if found is None:
        return None
    if rows is None:
        return found[0], [
            bind_array(one, "answers") if is_numbers(one) else bind_opaque(one) for one in found[1]
        ]
    return found[0], [_placed(column, source, strings, rows, one) for one in found[1]]


def _rows_of(column: Value, source: Read) -> np.ndarray:
    """Which rows of its source a column is taken from, ascending."""
    (positions,) = compute([follow(column, source, RowNumber(source.rows))])
    there = np.zeros(len(data_of(source.token)), np.bool_)
    there[positions] = True
    return np.flatnonzero(there)


def _part(column: Value, source: Read) -> Value:
    """What to work on for a column: its source, or a part of that which costs little to find.

    Joins and sorts are not run to find out which rows they leave, as their rows are mostly all.
    """
    part = link = column
    while link is not source:
        assert isinstance(link, (Take, View, Gather))
        if isinstance(link, View) or isinstance(link.rows, Slice):
            return part
        if isinstance(link, Gather):
            part = link.column
        link = link.column
    if part is source and column.rows is not None and len(data_of(source.token)) > _widest(column.rows):
        return column
    return part


def _widest(rows: Rows) -> int:
    """The most rows that any of the row spaces has which ``rows`` is derived from."""
    widest, waiting = 0, [rows]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Range):
            widest = max(widest, int(one.extent))
        waiting += [
            side for name in ("parent", "left", "right") if (side := getattr(one, name, None)) is not None
        ]
    return widest


# Running pandas' methods ------------------------------------------------------------------------------


def run_quietly(method: Callable[[pandas.Series], Any], given: pandas.Series) -> Any:
    """What a method gives; None if it raises or warns."""
    return call_quietly(lambda: method(given))


def call_quietly(function: Callable[[], Any]) -> Any:
    """What a function gives; None if it raises or warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return function()
        except Exception:
            return None


def run_method(method: Method, strings: Any) -> Any:
    """What a method gives for an array of strings; None if it raises, warns or treats them together."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return _try(method, strings)


def _try(method: Method, strings: Any) -> Any:
    given = pandas.Series(strings, dtype=strings.dtype, copy=False)
    try:
        result = method(given)
    except Exception:
        return None
    if type(result) is not pandas.Series or len(result) != len(given):
        return None
    return _array_of(result)


def _array_of(result: pandas.Series) -> Any:
    """The array of a series, if it holds what a column of answers can."""
    dtype: Any = result.dtype
    if is_str(dtype) or isinstance(dtype, pandas.CategoricalDtype):
        return result.array
    if not isinstance(dtype, np.dtype) or dtype.kind not in "biufmMO" or dtype == np.float16:
        return None
    array = result.to_numpy()
    return None if is_objects(array) and not (are_strings(array) or are_truths(array)) else array


def run_apart(method: Callable[[pandas.Series], Any], strings: Any) -> tuple[pandas.Index, list[Any]] | None:
    """The labels and arrays of the frame that a method gives; None if it gives none, raises or warns."""
    made = run_quietly(method, pandas.Series(strings, dtype=strings.dtype, copy=False))
    if type(made) is not pandas.DataFrame or len(made) != len(strings) or not made.shape[1]:
        return None
    arrays = [_array_of(made.iloc[:, position]) for position in range(made.shape[1])]
    if any(array is None for array in arrays):
        return None
    return made.columns, [np.ascontiguousarray(one) if is_numbers(one) else one for one in arrays]


def run_in_pieces(method: Method, strings: Any) -> Any:
    """What `run_method` gives for a long array, of which each thread takes a piece after the other."""
    threads = settings.current().threads
    length = max(min(-(-len(strings) // (threads * _PIECES_A_THREAD)), _LONGEST_PIECE), _PIECE)
    count = -(-len(strings) // length)
    if threads == 1 or count < 2 or is_objects(strings):
        return run_method(method, strings)
    if is_objects(run_method(method, strings[:_EXAMPLES])):
        return run_method(method, strings)  # Python makes these, for one thread at a time
    parts: list[Any] = [None] * count

    def work_on(piece: int) -> None:
        parts[piece] = _try(method, strings[piece * length : (piece + 1) * length])

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run([range(piece, piece + 1) for piece in range(count)], work_on, threads)
    if any(part is None for part in parts) or len({part.dtype for part in parts}) > 1:
        return run_method(method, strings)  # all of it raises, or has a dtype that pieces do not have
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    return end_to_end(*parts)


def has_one_dtype(source: Read, strings: Any, method: Method, key: Hashable) -> bool:
    """Whether what a method gives is of the same dtype whichever of a source's strings are there."""
    return ask_frozen(of_one_dtype(source), key, lambda: _gives_one_dtype(strings, method, key)) is True


def _gives_one_dtype(strings: Any, method: Method, key: Hashable) -> bool:
    missing = strings.isna()
    present = np.flatnonzero(~missing)[:_EXAMPLES]
    absent = np.flatnonzero(missing)[:1]
    examples = strings.take(np.append(absent, present))
    result = run_method(method, examples)
    if result is None:
        return False
    if len(absent) and len(present):
        found = _dtype_of(method, examples[1:])
        if found is None or found != result.dtype:
            return False
    return gives_dtype_for_none(result.dtype, examples, examples.isna(), method, key)


_dtypes: dict[Hashable, Any] = {}
"""Of methods and the dtypes of strings: the dtype that one gives for no rows, and for a missing string."""


def gives_dtype_for_none(
    dtype: Any, strings: Any, missing: np.ndarray, method: Method, key: Hashable
) -> bool:
    """Whether a method gives ``dtype`` for no rows as well, and for missing strings alone if there are some.

    What these give depends on the method and the dtype of the strings, not on which strings there are.
    """
    parts = [strings[:0], strings[missing][:1]] if missing.any() else [strings[:0]]
    for part in parts:
        known = (key, strings.dtype, len(part))
        found = ask_frozen(_dtypes, known, partial(_dtype_of, method, part))
        if found is None or found != dtype:
            return False
    return True


def _dtype_of(method: Method, strings: Any) -> Any:
    """The dtype of what a method gives; None if it raises, warns or treats strings together."""
    found = run_method(method, strings)
    return None if found is None else found.dtype
