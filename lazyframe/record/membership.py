"""A column looked up among the values or labels of another one."""

from __future__ import annotations

import pandas

from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record import strings
from lazyframe.record.capture import dtype_of
from lazyframe.record.computing import compute
from lazyframe.record.dictionaries import SMALL_DICTIONARY, is_text, string_dtype_of
from lazyframe.record.elementwise import BOOL, INT64
from lazyframe.record.merge_keys import key_pair
from lazyframe.record.merge_missing import Positions
from lazyframe.record.merge_text import differ_in_kind, text_key
from lazyframe.record.merge_units import at_finer_unit, differ_in_unit
from lazyframe.record.row_counts import count_of, has_rows
from lazyframe.record.string_entries import CHEAP, as_entries, looked_up
from lazyframe.record.string_rows import run_method
from lazyframe.record.table import Column
from lazyframe.record.zoned_times import zone_dtype_of
from lazyframe.run.bindings import bind_array, bind_opaque, data_of
from lazyframe.run.uniqueness import certainly_unique
from passes.ir.rows import Group, Range
from passes.ir.values import OPAQUE, Key, Literal, Lookup, Map, Value


def is_among(column: Value, values: Value) -> Value | None:
    """Where ``column`` is one of ``values``, a column of any rows; None where pandas has to compare them.

    A missing value is among values of which one is missing.
    """
    keys: tuple[Value, Value] | None = (column, values)
    if dtype_of(column) == dtype_of(values) == OPAQUE:
        return strings.isin(column, compute([values])[0].tolist()) if is_text(column) else None
    if differ_in_kind(column, values):
        return _is_text_among(column, values)
    if SINCE_3_1 and differ_in_unit(column, values):
        keys = at_finer_unit(column, values)
    pair = None if keys is None else key_pair(*keys)
    return None if pair is None else _found(*pair)


def _found(keys: Value, among: Value) -> Value | None:
    if keys.rows is None or among.rows is None:
        return None
    group = Group(among.rows, (among,), sort=True)
    found = Lookup((keys,), group, (Key(group, 0),))
    return Map("greater_equal", (found, Literal(0, INT64)), BOOL)


def _is_text_among(column: Value, values: Value) -> Value | None:
    """`is_among` of text of two kinds; pandas is asked of each entry of a dictionary."""
    found = as_entries(column, 2 * CHEAP)
    if values.rows is None or (found is None and string_dtype_of(column) is None):
        return None
    if found is None and count_of(values.rows) < SMALL_DICTIONARY:
        return None  # pandas takes no longer for so few
    is_category = isinstance(dtype_of(column), pandas.CategoricalDtype)
    other = values if is_category else text_key(values)
    if found is not None and other is not None:
        among = pandas.Series(compute([values])[0], dtype=dtype_of(values), copy=False)
        truth = run_method(lambda entries: entries.isin(among), data_of(found[0].token))
        return None if truth is None else looked_up(column, found[1], bind_array(truth, "answers"))
    if other is None or string_dtype_of(other) is None:
        return None
    pair = key_pair(column, other)
    return None if pair is None else _found(*pair)


def map_by_labels(column: Value, table: Column, skips_missing: bool = False) -> Value | None:
    """``series.map(table)``: the value of ``table`` whose label each row holds; None where pandas decides.

    Parameters
    ----------
    column : Value
        What is looked up.
    table : Column
        Its labels have to be known to be distinct: of others pandas raises.
    skips_missing : bool
        Look up no missing value; None where a label is missing.
    """
    labels = _single_level(table)
    is_zoned = zone_dtype_of(column) is not None
    is_object = column.dtype == OPAQUE and string_dtype_of(column) is None and not is_zoned
    if labels is None or (is_object and not is_text(column)):
        return None
    if (is_object or skips_missing) and _may_hold_missing(table):
        return None  # one missing object is not another
    keys: tuple[Value, Value] | None = (column, labels)
    if differ_in_unit(column, labels):
        keys = at_finer_unit(column, labels)
    elif differ_in_kind(column, labels) and not is_zoned:
        text = text_key(labels)
        keys = None if text is None else (column, text)
    pair = None if keys is None else key_pair(*keys, looked_up_in=1, objects=is_object)
    if pair is not None and isinstance(table.rows, Range) and not certainly_unique([pair[1]]):
        # of what is computed it is found out whether it is distinct
        pair = pair[0], bind_array(compute([pair[1]])[0], "labels")
    if pair is None or not certainly_unique([pair[1]]) or not has_rows(table.rows):
        return None
    found = Positions(Lookup((pair[0],), table.rows, (pair[1],)), None)
    if _depends_on_rows(column, table.value, found):
        return None
    return found.seen(table.value)


def _single_level(table: Column) -> Value | None:
    """The labels of a series, if they have one level; those that are Python's too."""
    levels = table.labels.levels()
    if levels is not None:
        return levels[0].value if len(levels) == 1 else None
    known = table.labels.known()
    is_single = known is not None and known.nlevels == 1 and known.dtype == OPAQUE
    return bind_opaque(known.to_numpy(), "labels") if known is not None and is_single else None


def _may_hold_missing(table: Column) -> bool:
    known = table.labels.known()
    return known is None or known.nlevels > 1 or bool(known.hasnans)


def _depends_on_rows(column: Value, values: Value, found: Positions) -> bool:
    """Whether pandas infers what becomes of them: of none, of Python's objects, of truths that none has."""
    if dtype_of(values) == OPAQUE:
        return True
    if column.dtype != OPAQUE and column.dtype.kind not in "mM":
        return False
    assert column.rows is not None
    return not has_rows(column.rows) or (values.dtype.kind == "b" and not found.any_found())


def mapper_of(table: dict[object, object]) -> pandas.Series:
    """What pandas makes of a dict that a series is mapped by."""
    return pandas.Series(list(table.values()), index=pandas.Index(list(table), tupleize_cols=False))
