"""pandas' work on strings, done by pandas once for each distinct string and looked up by code in kernels.

Whatever pandas' method gives for the entries of a dictionary is what it gives for each row, in value and in
dtype. Two things can depend on which rows there are: a missing string turns lengths into floats, and ``map``
takes its dtype from the results. Where they do, the rows are looked at.

Where most strings are distinct, or the work is too little to encode them for it, pandas works on the whole
column, threads side by side, and rows that were taken from it by position are looked up in the same way.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas

from lazyframe import settings
from lazyframe.record.categories import category_entries
from lazyframe.record.computing import compute
from lazyframe.record.dictionaries import (
    Dictionary,
    codes_of,
    end_to_end,
    follow,
    is_str,
    is_worth_encoding,
    source_of,
    string_dtype_of,
    strings_of,
)
from lazyframe.record.elementwise import BOOL, INT64, apply, both, cast, literal, negate
from lazyframe.run.bindings import bind_array, bind_opaque, data_of
from lazyframe.run.morsels import run
from passes.ir.node import Token
from passes.ir.rows import Group, Range, Rows
from passes.ir.values import Gather, Key, Read, Take, Value, View

Method = Callable[[pandas.Series], Any]

CHEAP, DEAR = 10, 100
"""Nanoseconds that pandas takes for a row, about."""

_ANSWERS = 256

_answers: WeakKeyDictionary[Token, dict[Hashable, Read | None]] = WeakKeyDictionary()
"""What methods gave for the entries of a dictionary; the tokens are those of all dictionaries there are."""


def bind_dictionary(entries: Any) -> Read:
    """Strings of which rows will be picked, perhaps each by many."""
    read = bind_opaque(entries, "entries")
    _answers[read.token] = {}
    return read


def _is_dictionary(source: Read | None) -> bool:
    return source is not None and source.token in _answers


def as_entries(column: Value, cost: int = DEAR) -> tuple[Read, Dictionary | None] | None:
    """The dictionary that a string column picks from, with its codes if these are in its order.

    Parameters
    ----------
    column : Value
        Of any dtype.
    cost : int
        What pandas takes for what is to be done, in nanoseconds a row.

    Returns
    -------
    tuple or None
        None for other columns than of strings and categories, and where encoding the strings would cost more
        than it saves.
    """
    categories = category_entries(column)
    if categories is not None:
        _answers.setdefault(categories.read.token, {})
        return categories.read, categories
    source = source_of(column)
    if source is None or string_dtype_of(column) is None:
        return None
    if _is_dictionary(source):
        return source, None
    if not is_worth_encoding(column, cost):
        return None
    found = codes_of(column)
    if found is None:
        return None
    _answers.setdefault(found.read.token, {})
    return found.read, found


def map_entries(
    column: Value, method: Method, key: Hashable, cost: int = DEAR, inferred: bool = False
) -> Value | None:
    """What a method that treats each string by itself gives for a column.

    Parameters
    ----------
    column : Value
        Of strings.
    method : callable
        Takes a series of strings to one of the same length.
    key : hashable
        Names the method and its arguments: equal only if they are.
    cost : int
        See `as_entries`.
    inferred : bool
        Whether the dtype depends on which strings there are, and not only on whether any is missing.

    Returns
    -------
    Value or None
        None where pandas has to decide, or raise.
    """
    found = as_entries(column, cost)
    if found is None:
        return _map_rows(column, method, inferred)
    entries, codes = found
    strings = _strings(entries, codes)
    answers = None if inferred else remembered(entries, key, lambda: _same_for_any_rows(strings, method))
    if answers is None:
        answers = _answers_for_rows(column, entries, codes, method, key)
    return None if answers is None else looked_up(column, codes, answers)


def _strings(entries: Read, codes: Dictionary | None) -> Any:
    """The entries that rows may have."""
    strings = data_of(entries.token)
    return strings if codes is None or codes.has_missing else strings[:-1]


def looked_up(column: Value, codes: Dictionary | None, answers: Read) -> Value:
    if codes is None:
        source = source_of(column)
        assert source is not None
        return follow(column, source, answers)
    if answers.dtype == BOOL:
        mask = _by_order(codes, data_of(answers.token))
        if mask is not None:
            return mask
    return Gather(answers, cast(codes.codes, INT64))


def _by_order(found: Dictionary, truth: np.ndarray) -> Value | None:
    """A mask as a comparison of codes, where those that are true, or those that are not, are neighbours."""
    truth = truth[: found.missing + found.has_missing]
    changes = np.flatnonzero(truth[1:] != truth[:-1]) + 1
    if len(changes) > 2 or not len(truth):
        return None
    codes, behind = found.codes, len(truth)
    if len(changes) == 2 or truth[-1] or not len(changes):
        # 0 .. low-1 are of one kind, low .. high-1 of the other, and the rest of the first again
        low = int(changes[0]) if len(changes) else 0
        high = int(changes[1]) if len(changes) == 2 else behind
        inside = bool(truth[low])
    else:
        low, high, inside = 0, int(changes[0]), True
    if high - low == 1:
        name = "equal" if inside else "not_equal"
        return apply(name, codes, literal(low, codes.dtype), dtype=BOOL)
    above = apply("greater_equal", codes, literal(low, codes.dtype), dtype=BOOL)
    below = apply("less", codes, literal(high, codes.dtype), dtype=BOOL) if high < behind else None
    within = above if below is None else below if not low else both(above, below)
    return within if inside else negate(within)


def remembered(entries: Read, key: Hashable, make: Callable[[], Read | None]) -> Read | None:
    known = _answers[entries.token]
    if key not in known:
        if len(known) >= _ANSWERS:
            known.clear()
        known[key] = make()
    return known[key]


def _run(method: Method, strings: Any) -> Any:
    """What a method gives for an array of strings; None if it raises, warns or treats them together."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return _try(method, strings)


def _try(method: Method, strings: Any) -> Any:
    given = pandas.Series(strings, copy=False)
    try:
        result = method(given)
    except Exception:
        return None
    if type(result) is not pandas.Series or len(result) != len(given):
        return None
    dtype: Any = result.dtype
    if is_str(dtype) or isinstance(dtype, pandas.CategoricalDtype):
        return result.array
    if isinstance(dtype, np.dtype) and dtype.kind in "biuf" and dtype != np.float16:
        return result.to_numpy()
    return None


def _bound(array: Any) -> Read | None:
    if array is None:
        return None
    if isinstance(array, np.ndarray):
        return bind_array(array, "answers")
    return bind_dictionary(array) if is_str(array.dtype) else bind_opaque(array, "answers")


def _same_for_any_rows(entries: Any, method: Method) -> Read | None:
    """The answers, if their dtype is the same whichever of the entries are there."""
    result = _run(method, entries)
    if result is None:
        return None
    missing = entries.isna()
    for some in (entries[:0], entries[~missing], entries[missing][:1]):
        if len(some) == len(entries):
            continue
        of_some = _run(method, some)
        if of_some is None or of_some.dtype != result.dtype:
            return None
    return _bound(result)


def _answers_for_rows(
    column: Value, entries: Read, codes: Dictionary | None, method: Method, key: Hashable
) -> Read | None:
    """The answers for the entries that some row of a column has."""
    present = _present(column, entries, codes)
    strings = data_of(entries.token)

    def make() -> Read | None:
        result = _run(method, strings[present])
        if result is None or len(result) == len(strings):
            return _bound(result)
        if not isinstance(result, np.ndarray):
            positions = np.full(len(strings), -1)
            positions[present] = np.arange(len(result))
            return _bound(result.take(positions, allow_fill=True))
        spread = np.zeros(len(strings), result.dtype)
        spread[present] = result
        return _bound(spread)

    return remembered(entries, (key, present.tobytes()), make)


def _present(column: Value, entries: Read, codes: Dictionary | None) -> np.ndarray:
    """Which entries some row of a column has."""
    found = np.ones(len(data_of(entries.token)), np.bool_)
    if codes is not None and isinstance(column, Read):
        found[-1] = codes.has_missing
        return found
    source = source_of(column)
    assert source is not None
    numbers = codes.codes if codes is not None else follow(column, source, entry_numbers(source))
    assert numbers.rows is not None
    (distinct,) = compute([Key(Group(numbers.rows, (numbers,), sort=False), 0)])
    found[:] = False
    found[distinct] = True
    return found


def entry_numbers(source: Read) -> Read:
    """The positions of the entries of a dictionary, as a column of them."""
    found = remembered(
        source, "numbers", lambda: bind_array(np.arange(len(data_of(source.token))), "entries")
    )
    assert found is not None
    return found


# Whole columns ----------------------------------------------------------------------------------------

_PIECE = 1 << 16
"""Rows that a thread gives to pandas at once."""


def _map_rows(column: Value, method: Method, inferred: bool) -> Value | None:
    """What a method gives for the strings that a column's rows are taken from, however many are the same.

    None for rows that a filter left, of which pandas has fewer to work on, and where the dtype of the result
    may depend on which rows there are.
    """
    source = source_of(column)
    if source is None or not _has_all_of(column, source) or (inferred and column is not source):
        return None
    strings = strings_of(source)
    answers = None if strings is None else _run_in_pieces(method, strings)
    if answers is None:
        return None
    if column is not source and _same_for_any_rows(_examples(strings), method) is None:
        return None
    bound = bind_array(answers, "answers") if isinstance(answers, np.ndarray) else bind_opaque(answers)
    return follow(column, source, bound)


def _has_all_of(column: Value, source: Read) -> bool:
    """Whether a column has probably no fewer rows than the one that they are taken from."""
    if isinstance(column, View):
        return len(data_of(source.token)) <= 2 * int(column.rows.extent)
    link = column
    while isinstance(link, (Take, View)):
        link = link.column
    if link is source:
        return column is source
    assert column.rows is not None
    return len(data_of(source.token)) <= _widest(column.rows) // 2


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


def _run_in_pieces(method: Method, strings: Any) -> Any:
    """What `_run` gives for a long array, of which each thread takes a piece after the other."""
    threads = settings.current().threads
    count = -(-len(strings) // _PIECE)
    if threads == 1 or count < 2:
        return _run(method, strings)
    parts: list[Any] = [None] * count

    def work_on(piece: int) -> None:
        parts[piece] = _try(method, strings[piece * _PIECE : (piece + 1) * _PIECE])

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run([range(piece, piece + 1) for piece in range(count)], work_on, threads)
    if any(part is None for part in parts) or len({part.dtype for part in parts}) > 1:
        return _run(method, strings)  # all of it raises, or has a dtype that pieces do not have
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    return end_to_end(*parts)


def _examples(strings: Any) -> Any:
    """A few strings, a missing one among them if any is."""
    missing = strings.isna()
    return end_to_end(strings[missing][:1], strings[~missing][:8])
