"""pandas' work on strings, done by pandas once for each distinct string and looked up by code in kernels.

Whatever pandas' method gives for the entries of a dictionary is what it gives for each row, in value and in
dtype. Two things can depend on which rows there are: a missing string turns lengths into floats, and ``map``
takes its dtype from the results. Where they do, the rows are looked at.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas

from lazyframe.record.computing import compute
from lazyframe.record.datetimes import OPERATIONS
from lazyframe.record.dictionaries import (
    Dictionary,
    codes_of,
    follow,
    is_str,
    is_worth_encoding,
    ranks_of,
    source_of,
    strings_of,
)
from lazyframe.record.elementwise import BOOL, INT64, apply, both, cast, literal, negate, select
from lazyframe.run.bindings import bind_array, bind_opaque, data_of
from passes.ir.node import Token
from passes.ir.rows import Group
from passes.ir.values import Gather, Key, Read, Value

Method = Callable[[pandas.Series], Any]

CHEAP, DEAR = 10, 100
"""Nanoseconds that pandas takes for a row, about."""

_ANSWERS = 256

_answers: WeakKeyDictionary[Token, dict[Hashable, Read | None]] = WeakKeyDictionary()
"""What methods gave for the entries of a dictionary; the tokens are those of all dictionaries there are."""


def _bind_dictionary(entries: Any) -> Read:
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
        None for other columns, and where encoding the strings would cost more than it saves.
    """
    array = strings_of(column)
    if array is None:
        return None
    source = source_of(column)
    assert source is not None
    if _is_dictionary(source):
        return source, None
    if not is_worth_encoding(column, cost):
        return None
    found = codes_of(column)
    if found is None:
        return None
    _answers.setdefault(found.read.token, {})
    return found.read, found


def map_entries(column: Value, method: Method, key: Hashable, cost: int = DEAR) -> Value | None:
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

    Returns
    -------
    Value or None
        None where pandas has to decide, or raise.
    """
    found = as_entries(column, cost)
    if found is None:
        return None
    entries, codes = found
    strings = _strings(entries, codes)
    answers = _remembered(entries, key, lambda: _same_for_any_rows(strings, method))
    if answers is None:
        answers = _answers_for_rows(column, entries, codes, method, key)
    return None if answers is None else _looked_up(column, codes, answers)


def _strings(entries: Read, codes: Dictionary | None) -> Any:
    """The entries that rows may have."""
    strings = data_of(entries.token)
    return strings if codes is None or codes.has_missing else strings[:-1]


def _looked_up(column: Value, codes: Dictionary | None, answers: Read) -> Value:
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


def _remembered(entries: Read, key: Hashable, make: Callable[[], Read | None]) -> Read | None:
    known = _answers[entries.token]
    if key not in known:
        if len(known) >= _ANSWERS:
            known.clear()
        known[key] = make()
    return known[key]


def _run(method: Method, strings: Any) -> Any:
    """What a method gives for an array of strings; None if it raises, warns or treats them together."""
    given = pandas.Series(strings, copy=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
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
    return _bind_dictionary(array) if is_str(array.dtype) else bind_opaque(array, "answers")


def _same_for_any_rows(entries: Any, method: Method) -> Read | None:
    """The answers, if their dtype is the same whichever of the entries are there."""
    result = _run(method, entries)
    if result is None or isinstance(result.dtype, pandas.CategoricalDtype):
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

    return _remembered(entries, (key, present.tobytes()), make)


def _present(column: Value, entries: Read, codes: Dictionary | None) -> np.ndarray:
    """Which entries some row of a column has."""
    found = np.ones(len(data_of(entries.token)), np.bool_)
    if codes is not None and isinstance(column, Read):
        found[-1] = codes.has_missing
        return found
    source = source_of(column)
    assert source is not None
    numbers = codes.codes if codes is not None else follow(column, source, _numbers(source))
    assert numbers.rows is not None
    (distinct,) = compute([Key(Group(numbers.rows, (numbers,), sort=False), 0)])
    found[:] = False
    found[distinct] = True
    return found


def _numbers(source: Read) -> Read:
    """The positions of the entries of a dictionary, as a column of them."""
    found = _remembered(
        source, "numbers", lambda: bind_array(np.arange(len(data_of(source.token))), "entries")
    )
    assert found is not None
    return found


# Missing strings --------------------------------------------------------------------------------------


def isna(column: Value) -> Value | None:
    """Where a string is missing."""
    array = strings_of(column)
    if array is None or column.rows is None:
        return None
    found = as_entries(column, 0)
    if found is not None:
        return map_entries(column, pandas.Series.isna, "isna", 0)
    source = source_of(column)
    assert source is not None
    return follow(column, source, bind_array(np.asarray(array.isna()), "missing"))


def notna(column: Value) -> Value | None:
    """Where a string is not missing."""
    missing = isna(column)
    return None if missing is None else negate(missing)


def fillna(column: Value, value: Any) -> Value | None:
    """``column`` with missing strings replaced by another string or those of another column."""
    if isinstance(value, Value):
        present = notna(column)
        return None if present is None else where(column, present, value)
    if type(value) is not str:
        return None
    return map_entries(column, lambda strings: strings.fillna(value), ("fillna", value))


# Choosing ---------------------------------------------------------------------------------------------


def where(column: Value, condition: Value, other: Any, keep: bool = True) -> Value | None:
    """``column`` where ``condition`` is ``keep``, else a string, a missing one or those of a column."""
    mine = _positions(column)
    if mine is None:
        return None
    if isinstance(other, Value):
        theirs = _positions(other)
        if theirs is None or other.rows is not column.rows:
            return None
        entries = _beside(mine[0], data_of(theirs[0].token))
        position = theirs[1]
    elif type(other) is str or (isinstance(other, float) and other != other):
        one = pandas.array([other], dtype=data_of(mine[0].token).dtype)
        found = _remembered(mine[0], ("beside", str(other), type(other)), lambda: _beside(mine[0], one))
        assert found is not None
        entries, position = found, literal(0, INT64)
    else:
        return None
    moved = apply("add", position, literal(len(data_of(mine[0].token)), INT64))
    yes, no = (mine[1], moved) if keep else (moved, mine[1])
    return Gather(entries, select(condition, yes, no))


def _beside(left: Read, others: Any) -> Read:
    """The entries of a dictionary, and others behind them."""
    arrays = [data_of(left.token), others]
    together = pandas.concat([pandas.Series(array, copy=False) for array in arrays], ignore_index=True)
    return _bind_dictionary(together.array.astype(arrays[0].dtype))


def _positions(column: Value) -> tuple[Read, Value] | None:
    """The dictionary of a string column, and where in it each row's string stands."""
    found = as_entries(column)
    if found is None:
        return None
    entries, codes = found
    if codes is not None:
        return entries, cast(codes.codes, INT64)
    return entries, follow(column, entries, _numbers(entries))


# Comparisons ------------------------------------------------------------------------------------------


def compare(name: str, left: Value, right: Any) -> Value | None:
    """A comparison of strings with a string, or with those of another column; a missing one is unequal.

    Parameters
    ----------
    name : str
        ``"eq"``, ``"lt"``, ...
    left : Value
        Of strings.
    right : Value or object
        A column of the same rows, or a scalar.
    """
    if type(right) is str:
        return map_entries(left, lambda strings: getattr(strings, name)(right), (name, right), CHEAP)
    if not isinstance(right, Value) or right.rows is not left.rows:
        return None
    mine, theirs = as_entries(left), as_entries(right)
    if mine is None or theirs is None:
        return None
    first, second = (data_of(entries.token) for entries, _ in (mine, theirs))
    together = pandas.concat([pandas.Series(array, copy=False) for array in (first, second)])
    ranks, missing = ranks_of(together.array)
    sides = []
    for side, (_, codes), table in ((left, mine, ranks[: len(first)]), (right, theirs, ranks[len(first) :])):
        sides.append(_looked_up(side, codes, bind_array(table, "ranks")))
    result: Value = apply(OPERATIONS[name], *sides, dtype=BOOL)
    behind = literal(missing, INT64)
    for side in sides:
        if name == "ne":
            result = apply("bitwise_or", result, apply("equal", side, behind, dtype=BOOL), dtype=BOOL)
        else:
            result = both(result, apply("less", side, behind, dtype=BOOL))
    return result


def isin(column: Value, values: Any) -> Value | None:
    """Where a string is one of several; None where pandas has to decide."""
    if not all(type(value) is str for value in values):
        return None
    listed = list(values)
    return map_entries(column, lambda strings: strings.isin(listed), ("isin", frozenset(listed)), 2 * CHEAP)


def concatenate(column: Value, other: Any, swapped: bool) -> Value | None:
    """``column + other`` for one string."""
    if type(other) is not str:
        return None
    if swapped:
        return map_entries(column, lambda strings: other + strings, ("radd", other), 3 * CHEAP)
    return map_entries(column, lambda strings: strings + other, ("add", other), 3 * CHEAP)


# Other dtypes -----------------------------------------------------------------------------------------


def map_values(column: Value, table: Mapping[Any, Any]) -> Value | None:
    """``column.map(table)``."""
    return map_entries(column, lambda strings: strings.map(table), _key_of("map", table))


def replace(column: Value, table: Mapping[Any, Any]) -> Value | None:
    """``column.replace(table)`` for whole strings."""
    if not all(type(one) is str for pair in table.items() for one in pair):
        return None
    return map_entries(column, lambda strings: strings.replace(table), _key_of("replace", table))


def _key_of(name: str, table: Mapping[Any, Any]) -> Hashable:
    # values that are equal and not the same, 1 and True, are told apart by their types
    return (name, *[(type(k), k, type(v), repr(v)) for k, v in table.items()])


def astype(column: Value, dtype: Any) -> Value | None:
    """Strings as numbers or as categories; None where pandas has to decide, or to raise."""
    try:
        wanted: Any = pandas.api.types.pandas_dtype(dtype)
    except TypeError:
        return None
    if strings_of(column) is None:
        return None
    if wanted == strings_of(column).dtype:
        return column
    if wanted == pandas.CategoricalDtype() or getattr(wanted, "kind", "O") in "biuf":
        return map_entries(column, lambda strings: strings.astype(wanted), ("astype", str(wanted)))
    return None
