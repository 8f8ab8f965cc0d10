"""What columns of strings and of categories record: comparisons, missing values, choices, other dtypes."""

from __future__ import annotations

import operator
import re
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas

from lazyframe.record.capture import is_captured
from lazyframe.record.categories import category_codes, category_entries
from lazyframe.record.computing import compute
from lazyframe.record.constants import constant
from lazyframe.record.datetimes import OPERATIONS
from lazyframe.record.dictionaries import (
    end_to_end,
    follow,
    is_str,
    is_text,
    is_worth_encoding,
    may_be_text,
    ranks_of,
    source_of,
    string_dtype_of,
    texts_of,
)
from lazyframe.record.elementwise import BOOL, INT64, apply, both, cast, literal, negate, select
from lazyframe.record.missing_inputs import is_never_missing
from lazyframe.record.put_together import one_object_more, put_together
from lazyframe.record.row_pairs import ask_of_rows
from lazyframe.record.string_entries import (
    CHEAP,
    DEAR,
    as_entries,
    bind_dictionary,
    entry_positions,
    looked_up,
    map_entries,
    picks_from_dictionary,
    remembered,
)
from lazyframe.record.string_pairs import map_pairs
from lazyframe.record.string_rows import Method, run_method
from lazyframe.record.text_objects import is_objects
from lazyframe.run.bindings import bind_array, bind_opaque, data_of
from passes.ir.values import OPAQUE, Gather, Read, Reduce, RowNumber, Value

NOTHING: Any = pandas.api.extensions.no_default

# Missing strings --------------------------------------------------------------------------------------


def isna(column: Value) -> Value | None:
    """Where a string or a category is missing."""
    if column.rows is not None and may_be_text(column) and is_never_missing(column):
        return constant(False, column.rows)
    found = as_entries(column, 0)
    if found is not None:
        return map_entries(column, pandas.Series.isna, "isna", 0)
    source = source_of(column)
    if source is None or not may_be_text(column):
        return None
    return follow(column, source, bind_array(np.asarray(pandas.isna(texts_of(column))), "missing"))


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
    if string_dtype_of(column) is None and category_codes(column) is None:
        present = notna(column)
        return None if present is None else where(column, present, value)
    if string_dtype_of(column) is not None and is_never_missing(column):
        return column
    return map_entries(column, lambda strings: strings.fillna(value), ("fillna", value))


# Choosing ---------------------------------------------------------------------------------------------


def where(column: Value, condition: Value, other: Any, keep: bool = True) -> Value | None:
    """``column`` where ``condition`` is ``keep``, else a string, a missing one or those of a column."""
    if category_codes(column) is not None:
        return _category_where(column, condition if keep else negate(condition), other)
    if string_dtype_of(column) is None:
        return _objects_where(column, condition, other, keep)
    mine = _positions(column)
    if mine is None:
        return None
    if isinstance(other, Value):
        theirs = None if string_dtype_of(other) is None else _positions(other)
        if theirs is None or other.rows is not column.rows:
            return None
        entries = _beside(mine[0], data_of(theirs[0].token))
        position = theirs[1]
    elif type(other) is str or other is None or (isinstance(other, float) and other != other):
        one = pandas.array([other], dtype=data_of(mine[0].token).dtype)
        found = remembered(mine[0], ("beside", str(other), type(other)), lambda: _beside(mine[0], one))
        assert found is not None
        entries, position = found, literal(0, INT64)
    else:
        return None
    moved = apply("add", position, literal(len(data_of(mine[0].token)), INT64))
    yes, no = (mine[1], moved) if keep else (moved, mine[1])
    return Gather(entries, select(condition, yes, no))


def _objects_where(column: Value, condition: Value, other: Any, keep: bool) -> Value | None:
    """Python's objects, whichever, and in place of some a string, a missing one or those of a column."""
    source = source_of(column) if may_be_text(column) else None
    if source is None:
        return None
    if isinstance(other, Value):
        theirs = source_of(other) if may_be_text(other) and string_dtype_of(other) is None else None
        if theirs is None or other.rows is not column.rows:
            return None
        if column is source and other is theirs:
            return _chosen(source, condition, texts_of(theirs), keep)
        objects, place = put_together([source, theirs]), follow(other, theirs, RowNumber(theirs.rows))
    elif type(other) is str or other is None or (isinstance(other, float) and other != other):
        if column is source:
            return _chosen(source, condition, np.array([other], object), keep)
        objects, place = one_object_more(source, other), literal(0, INT64)
    else:
        return None
    mine = follow(column, source, RowNumber(source.rows))
    behind = apply("add", place, literal(source.rows.extent, INT64))  # type: ignore[attr-defined]  # a Range's
    return Gather(objects, select(condition, *((mine, behind) if keep else (behind, mine))))


def _chosen(source: Read, condition: Value, others: np.ndarray, keep: bool) -> Read:
    """The same of a whole input, chosen now: to look it up among all objects later takes longer."""
    (truth,) = compute([condition])
    objects = texts_of(source)
    return bind_opaque(np.where(truth, *((objects, others) if keep else (others, objects))), "objects")


def _category_where(column: Value, condition: Value, other: Any) -> Value | None:
    """Categories where a condition holds, else another one of them or a missing one."""
    found = category_entries(column)
    assert found is not None
    if other is None or (isinstance(other, float) and other != other):
        position = found.missing
    elif type(other) is str and other in found.entries.categories:
        position = found.entries.categories.get_loc(other)
    else:
        return None
    return Gather(found.read, select(condition, cast(found.codes, INT64), literal(position, INT64)))


def _beside(left: Read, others: Any) -> Read:
    """The entries of a dictionary, and others behind them."""
    entries = data_of(left.token)
    return bind_dictionary(end_to_end(entries, others).astype(entries.dtype))


def _positions(column: Value) -> tuple[Read, Value] | None:
    """The dictionary of a string column, and where in it each row's string stands."""
    found = as_entries(column)
    return None if found is None else (found[0], entry_positions(column, *found))


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
    if _is_plain(right, left):
        key = (name, type(right), right)
        return map_entries(left, lambda entries: getattr(entries, name)(right), key, CHEAP)
    if not isinstance(right, Value) or right.rows is not left.rows:
        return None
    if category_codes(left) is not None:
        found = _compare_categories(name, left, right)
        return compare_rows(name, left, right) if found is None else found
    # pandas compares objects sooner than it is known whether they are strings
    cost = 0 if string_dtype_of(left) is None or string_dtype_of(right) is None else DEAR
    mine = as_entries(left, cost) if may_be_text(left) and may_be_text(right) else None
    theirs = None if mine is None else as_entries(right, cost)
    if mine is None or theirs is None:
        return compare_rows(name, left, right)
    first, second = (_as_str(data_of(entries.token)) for entries, _ in (mine, theirs))
    ranks, missing = ranks_of(end_to_end(first, second))
    sides = []
    for side, (_, codes), table in ((left, mine, ranks[: len(first)]), (right, theirs, ranks[len(first) :])):
        sides.append(looked_up(side, codes, bind_array(table, "ranks")))
    result: Value = apply(OPERATIONS[name], *sides, dtype=BOOL)
    behind = literal(missing, INT64)
    for side in sides:
        if name == "ne":
            result = apply("bitwise_or", result, apply("equal", side, behind, dtype=BOOL), dtype=BOOL)
        else:
            result = both(result, apply("less", side, behind, dtype=BOOL))
    return result


def compare_rows(name: str, left: Value, right: Value) -> Value | None:
    """A comparison of columns that no kernel compares, by pandas, as it gives the same truth for each row."""
    # not the method of that name, which leaves objects to NumPy
    return ask_of_rows(left, right, getattr(operator, name))


def _as_str(entries: Any) -> Any:
    """Strings as ``str``, whatever they are held in."""
    return pandas.array(entries, dtype="str") if is_objects(entries) else entries


def _compare_categories(name: str, left: Value, right: Value) -> Value | None:
    """A comparison of two columns of the same categories in the same order; None of others."""
    mine, theirs = category_entries(left), category_entries(right)
    if mine is None or theirs is None or mine.entries.dtype != theirs.entries.dtype:
        return None
    if not mine.entries.categories.equals(theirs.entries.categories):
        return None
    if name not in ("eq", "ne") and not mine.entries.dtype.ordered:
        return None
    sides = [cast(one.codes, INT64) for one in (mine, theirs)]
    result: Value = apply(OPERATIONS[name], *sides, dtype=BOOL)
    for side in sides:
        missing = apply("equal", side, literal(mine.missing, INT64), dtype=BOOL)
        if name == "ne":
            result = apply("bitwise_or", result, missing, dtype=BOOL)
        else:
            result = both(result, negate(missing))
    return result


def isin(column: Value, values: Any) -> Value | None:
    """Where a string or a category is one of several; None where pandas has to decide."""
    listed = list(values)
    if not all(_is_plain(value, column) or value is None or value is np.nan for value in listed):
        return None
    key = ("isin", frozenset([(type(value), value) for value in listed]))
    return map_entries(column, lambda entries: entries.isin(listed), key, 2 * CHEAP)


def _is_plain(value: Any, column: Value) -> bool:
    """Whether a scalar is a string, or, for a column of categories, a number."""
    if type(value) in (int, float, bool):
        return category_codes(column) is not None and value == value
    return type(value) is str


def concatenate(column: Value, other: Any, swapped: bool) -> Value | None:
    """``column + other`` for one string, or those of another column."""
    if isinstance(other, Value) and other.rows is column.rows:
        pair = (other, column) if swapped else (column, other)
        found = map_pairs(*pair, lambda left, right: left + right, "add")
        if found is None and is_text(column) and is_text(other):
            return ask_of_rows(*pair, lambda left, right: left + right)
        return found
    if type(other) is not str:
        return None
    if swapped:
        return map_entries(column, lambda strings: other + strings, ("radd", other), 3 * CHEAP)
    return map_entries(column, lambda strings: strings + other, ("add", other), 3 * CHEAP)


def repeat(column: Value, times: Any) -> Value | None:
    """``column * times`` for an integer."""
    if type(times) is not int or category_codes(column) is not None:
        return None
    return map_entries(column, lambda strings: strings * times, ("mul", times), 3 * CHEAP)


# Other dtypes -----------------------------------------------------------------------------------------


def map_values(column: Value, table: Mapping[Any, Any]) -> Value | None:
    """``column.map(table)``."""
    # values are told apart by their types too, and may be anything
    key = ("map", *[(type(k), k, type(v), repr(v)) for k, v in table.items()])
    return map_entries(column, lambda strings: strings.map(table), key, inferred=True)


LONGEST_KEY = 1 << 17
"""Rows of Python's strings so few that nobody waits until they are ``str``."""


def text_of_objects(column: Value) -> Value:
    """Python's strings as ``str``, as pandas makes of them where they label groups.

    Any other column is given as it is, one without a single string too, of which pandas makes other labels,
    and a long one of a frame that is not codes already: to group by that, pandas does not take as long as it
    takes to make it ``str``.
    """
    if column.dtype != OPAQUE:
        return column
    source = source_of(column)
    if string_dtype_of(column) is not None or source is None:
        return column
    is_long = is_captured(source.token) and len(data_of(source.token)) > LONGEST_KEY
    if is_long and not is_worth_encoding(column, 0):
        return column
    found = as_inferred(column)
    return column if found is None else found


def as_inferred(column: Value) -> Value | None:
    """Python's objects as pandas infers what they are: strings, some missing; None of any others."""
    present = notna(column) if is_text(column) else None
    if present is None or not compute([Reduce("any", present, BOOL)])[0]:
        return None
    return astype(column, "str")


def replace(column: Value, to_replace: Any, value: Any, regex: Any) -> Value | None:
    """``column.replace(to_replace, value, regex=regex)`` of strings, whole or where they match."""
    arguments = (to_replace, value, regex)
    if category_codes(column) is not None or not all(map(_is_known, arguments)):
        return None
    options = {} if value is NOTHING else {"value": value}
    key = ("replace", *[_frozen(argument) for argument in arguments])

    def replaced(strings: pandas.Series) -> Any:
        return strings.replace(to_replace, **options, regex=regex)

    found = as_entries(column, 2 * DEAR)
    if found is not None:
        entries = data_of(found[0].token)
        if not remembered(found[0], ("changes", key), lambda: _changes(entries, replaced)):
            return column  # which would be put together anew
    return map_entries(column, replaced, key, 2 * DEAR, inferred=True)


def _changes(entries: Any, method: Method) -> bool:
    """Whether a method gives anything but the strings that it is given."""
    if is_objects(entries):
        return True  # None and NaN are equal in pandas' eyes
    result = run_method(method, entries)
    same = result is not None and result.dtype == entries.dtype
    return not (same and pandas.Series(result, copy=False).equals(pandas.Series(entries, copy=False)))


_KNOWN = (str, int, float, bool, type(None), type(pandas.NA), re.Pattern)


def _is_known(argument: Any) -> bool:
    """Whether an argument, or what it lists, is of types that nobody changes."""
    if type(argument) is dict:
        return all(type(one) in _KNOWN for pair in argument.items() for one in pair)
    if type(argument) is list:
        return all(type(one) in _KNOWN for one in argument)
    return argument is NOTHING or type(argument) in _KNOWN


def _frozen(argument: Any) -> Hashable:
    # values that are equal and not the same, 1 and True, are told apart by their types
    if type(argument) is dict:
        return (dict, *[(_frozen(one), _frozen(other)) for one, other in argument.items()])
    if type(argument) is list:
        return (list, *map(_frozen, argument))
    return (type(argument), repr(argument) if type(argument) is float else argument)


def numbers_in(column: Value, errors: Any) -> Value | None:
    """``pandas.to_numeric(column, errors=errors)``."""
    if column.dtype.kind in "biuf":
        return column
    if column.dtype != OPAQUE or not is_text(column):
        return None
    key = ("to_numeric", errors)
    return map_entries(
        column, lambda strings: pandas.to_numeric(strings, errors=errors), key, DEAR, inferred=True
    )


def astype(column: Value, dtype: Any) -> Value | None:
    """Strings as numbers, times or categories; None where pandas has to decide, or to raise."""
    try:
        wanted: Any = pandas.api.types.pandas_dtype(dtype)
    except TypeError:
        return None
    mine = string_dtype_of(column)
    of_numbers = False
    if mine is None and not may_be_text(column) and not picks_from_dictionary(column):
        found = category_codes(column)
        if found is None:
            return None
        of_numbers = not is_str(found[1].categories.dtype)
        if type(dtype) is str and dtype == "category":
            return column
        kinds = "iuf" if of_numbers else "iufO"
        if not (is_str(wanted) or getattr(wanted, "kind", "-") in kinds):
            return None
    elif mine is not None and wanted == mine:  # NumPy takes None for float64
        return column
    categories = wanted == pandas.CategoricalDtype()
    objects = wanted == OPAQUE and (mine is not None or not may_be_text(column))
    kinds = "biufmM" if mine is not None or may_be_text(column) else "biuf"
    if not (categories or objects or is_str(wanted) or getattr(wanted, "kind", "O") in kinds):
        return None
    key = ("astype", str(wanted))
    # integers are written as floats where any is missing
    inferred = categories or (of_numbers and is_str(wanted))
    return map_entries(column, lambda strings: strings.astype(wanted), key, inferred=inferred)
