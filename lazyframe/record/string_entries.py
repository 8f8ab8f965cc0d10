"""pandas' work on strings, done by pandas once for each distinct string and looked up by code in kernels.

Whatever pandas' method gives for the entries of a dictionary is what it gives for each row, in value and in
dtype. Two things can depend on which rows there are: a missing string turns lengths into floats, and ``map``
takes its dtype from the results. Where they do, the rows are looked at.

Where most strings are distinct, or the work is too little to encode them for it, pandas works on the rows
(`string_rows`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import pandas

from lazyframe.record.categories import category_entries
from lazyframe.record.computing import compute
from lazyframe.record.dictionaries import (
    Dictionary,
    codes_of,
    follow,
    is_str,
    is_worth_encoding,
    keep_answer,
    kept_answer,
    may_be_text,
    source_of,
    text_codes_of,
)
from lazyframe.record.elementwise import BOOL, INT64, apply, both, cast, literal, negate
from lazyframe.record.string_rows import (
    Apart,
    Method,
    gives_dtype_for_none,
    map_rows,
    map_rows_apart,
    run_apart,
    run_in_pieces,
    run_method,
)
from lazyframe.record.text_objects import is_numbers, is_objects
from lazyframe.run.bindings import bind_array, bind_opaque, bound_to, data_of
from passes.ir.node import Token
from passes.ir.rows import Group
from passes.ir.values import Gather, Key, Position, Read, Take, Value, View

CHEAP, DEAR = 10, 100
"""Nanoseconds that pandas takes for a row, about."""

_ANSWERS = 256

_ENOUGH = 1 << 12
"""Entries that show which dtype a method gives where no string is missing."""

_SHORT = 1 << 20
"""Rows of an input for which a byte each is soon made, and kept."""

Answer = TypeVar("Answer")

_answers: WeakKeyDictionary[Token, dict[Hashable, Any]] = WeakKeyDictionary()
"""What methods gave for the entries of a dictionary; the tokens are those of all dictionaries there are."""


def bind_dictionary(entries: Any) -> Read:
    """Strings, or what else the host alone can touch, of which rows will be picked, perhaps each by many."""
    read = bind_opaque(entries, "entries")
    _answers[read.token] = {}
    return read


def _is_dictionary(source: Read | None) -> bool:
    return source is not None and source.token in _answers


def picks_from_dictionary(column: Value) -> bool:
    """Whether a column's rows are entries of a dictionary, whatever these are."""
    return _is_dictionary(source_of(column))


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
        None for other columns than of strings, Python's too, and categories, and where encoding the strings
        would cost more than it saves.
    """
    categories = category_entries(column)
    if categories is not None:
        _answers.setdefault(categories.read.token, {})
        return categories.read, categories
    source = source_of(column)
    if source is not None and _is_dictionary(source):
        return source, None
    if source is None or not may_be_text(column) or not is_worth_encoding(column, cost):
        return None
    found = text_codes_of(column)
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
        return map_rows(column, method, key, inferred)
    entries, codes = found
    strings = _strings(entries, codes)
    inferred = inferred or is_objects(strings)  # whatever pandas makes of objects depends on all of them
    answers = None
    if not inferred:  # a merge makes rows without partner of a dictionary that had none missing
        asked = (key, len(strings))
        answers = remembered(entries, asked, lambda: _same_for_any_rows(strings, method, key))
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
        mask = _by_rows(column, codes, answers) if mask is None else mask
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


def _by_rows(column: Value, codes: Dictionary, answers: Read) -> Value | None:
    """A mask of joined rows as a column of the input that their strings are from, if that is not long.

    Into a join a filter can be moved that only takes columns of one side, and looks nothing up by code: a
    code is in range for every row, but that is not known of positions in general.
    """
    source, own = source_of(column), source_of(codes.codes)
    if source is None or own is None or not _is_joined(column):
        return None
    numbers = bound_to(own.token)
    if own.rows is not source.rows or not isinstance(numbers, np.ndarray) or len(numbers) > _SHORT:
        return None
    key = ("by rows", answers.token)
    found = kept_answer(source, key)
    if found is None:
        found = bind_array(data_of(answers.token).take(numbers), "answers")
        keep_answer(source, key, found)
    return follow(column, source, found)


def _is_joined(column: Value) -> bool:
    """Whether a column of an input is seen through a join."""
    while isinstance(column, (Gather, Take, View)):
        if isinstance(column, Gather) and isinstance(column.positions, Position):
            return True
        column = column.column
    return False


def remembered(entries: Read, key: Hashable, make: Callable[[], Answer]) -> Answer:
    """What ``make`` gave for the entries of a dictionary, the first time that ``key`` was asked."""
    known = _answers[entries.token]
    if key not in known:
        if len(known) >= _ANSWERS:
            known.clear()
        known[key] = make()
    found: Answer = known[key]
    return found


def _bound(array: Any) -> Read:
    if is_numbers(array):
        return bind_array(array, "answers")
    text = is_str(array.dtype) or is_objects(array)
    return bind_dictionary(array) if text else bind_opaque(array, "answers")


def _same_for_any_rows(entries: Any, method: Method, key: Hashable) -> Read | None:
    """The answers, if their dtype is the same whichever of the entries are there."""
    result = run_in_pieces(method, entries)
    if result is None:
        return None
    missing = pandas.isna(entries)
    if missing.any():
        of_some = run_method(method, entries[~missing][:_ENOUGH])
        if of_some is None or of_some.dtype != result.dtype:
            return None
    return _bound(result) if gives_dtype_for_none(result.dtype, entries, missing, method, key) else None


def _answers_for_rows(
    column: Value, entries: Read, codes: Dictionary | None, method: Method, key: Hashable
) -> Read | None:
    """The answers for the entries that some row of a column has."""
    present, strings = _of_rows(column, entries, codes)

    def make() -> Read | None:
        result = run_in_pieces(method, strings[present])
        return None if result is None else _bound(_spread(result, present))

    return remembered(entries, (key, present.tobytes()), make)


def _of_rows(column: Value, entries: Read, codes: Dictionary | None) -> tuple[np.ndarray, Any]:
    """Which entries some row of a column has, and the entries, without those behind the last of these."""
    present = _present(column, entries, codes)
    strings = data_of(entries.token)
    if present.any():
        # without the missing one behind the others, if no row has it: no row of the result is missing for it
        behind = int(np.flatnonzero(present)[-1]) + 1
        present, strings = present[:behind], strings[:behind]
    return present, strings


def _spread(result: Any, present: np.ndarray) -> Any:
    """The answers for the entries that are present, at their places; anything at the others'."""
    if len(result) == len(present):
        return result
    if is_objects(result):
        everywhere = np.full(len(present), None, object)
    elif not isinstance(result, np.ndarray):
        positions = np.full(len(present), -1)
        positions[present] = np.arange(len(result))
        return result.take(positions, allow_fill=True)
    else:
        everywhere = np.zeros(len(present), result.dtype)
    everywhere[present] = result
    return everywhere


def map_entries_apart(column: Value, method: Method, key: Hashable) -> Apart | None:
    """What a method that treats each string by itself gives for a column, where that is a frame.

    Parameters
    ----------
    column, method, key
        As for `map_entries`, but that the method gives a frame, of which the number of columns and their
        labels may depend on which strings there are.

    Returns
    -------
    tuple or None
        The labels, and a value a column. None where pandas has to decide, or raise.
    """
    found = as_entries(column, 2 * DEAR)
    if found is None:
        return map_rows_apart(column, method)
    entries, codes = found
    present, strings = _of_rows(column, entries, codes)

    def make() -> tuple[pandas.Index, list[Read]] | None:
        made = run_apart(method, strings[present])
        if made is None:
            return None
        bound = [_bound(_spread(array, present)) for array in made[1]]
        return made[0], bound

    answers = remembered(entries, ("apart", key, present.tobytes()), make)
    if answers is None:
        return None
    return answers[0], [looked_up(column, codes, one) for one in answers[1]]


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


def entry_positions(column: Value, entries: Read, codes: Dictionary | None) -> Value:
    """Where in its dictionary each row's string stands, as int64."""
    if codes is not None:
        return cast(codes.codes, INT64)
    return follow(column, entries, entry_numbers(entries))


def as_objects(column: Value) -> Value | None:
    """A column of ``str`` as one of Python's strings, each of which is made once; None of other columns."""
    found = codes_of(column, force=True)
    if found is None:
        return None
    _answers.setdefault(found.read.token, {})
    objects = remembered(
        found.read,
        "objects",
        lambda: bind_dictionary(pandas.Series(found.entries, copy=False).astype(object).to_numpy()),
    )
    return Gather(objects, cast(found.codes, INT64))
