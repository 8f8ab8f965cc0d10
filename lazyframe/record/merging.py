"""Merge two tables: the rows of both whose keys are equal, side by side."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas

from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record.capture import dtype_of
from lazyframe.record.column_index import ColumnIndex
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.computing import compute
from lazyframe.record.constants import constant
from lazyframe.record.dictionaries import may_be_text, string_dtype_of
from lazyframe.record.elementwise import BOOL, INT64, apply, literal, select
from lazyframe.record.groupby_keys import key_column
from lazyframe.record.groupby_schema import signature_of
from lazyframe.record.merge_keys import merges_quietly
from lazyframe.record.merge_missing import Positions, all_missing, key_of_either
from lazyframe.record.merge_rows import Keys, Pairing, pair_rows, sorted_by, without_partner
from lazyframe.record.merge_schema import Merged, Side, ask_merge
from lazyframe.record.merge_sides import Keyed, Request, keyed_by
from lazyframe.record.merge_text import has_order_of_its_own, match_texts, showing_texts, text_of_either
from lazyframe.record.merge_units import at_finer_unit, differ_in_unit, show_at_finer_unit
from lazyframe.record.origin import stamp_line, user_line
from lazyframe.record.reductions import Whole, count_rows
from lazyframe.record.row_counts import has_rows
from lazyframe.record.row_labels import RowLabels, default_labels
from lazyframe.record.table import Table
from lazyframe.record.zoned_times import points_of
from lazyframe.run.bindings import bind_opaque, data_of
from lazyframe.run.uniqueness import are_distinct, certainly_unique
from passes.ir.rows import Rows
from passes.ir.values import OPAQUE, Gather, Read, Value


def merge_tables(left: Table, right: Table, asked: Request) -> Table | None:
    """The merge of two tables; None where pandas has to decide, or to raise."""
    shown = left, right
    if asked.left_on is not None and (asked.right_on is None or len(asked.left_on) == len(asked.right_on)):
        at_one_unit = show_at_finer_unit(left, right, asked.left_on, asked.right_on, asked.how)
        if at_one_unit is None:
            return None
        shown = at_one_unit
    one, other = keyed_by(shown[0], asked.left_on), keyed_by(shown[1], asked.right_on)
    if one is None or other is None or len(one.values) != len(other.values) or _is_left_to_pandas(asked):
        return None
    if not _match_units(one, other) or _are_misread(one, other, asked):
        return None
    if not all(merges_quietly(*pair) for pair in zip(one.values, other.values, strict=True)):
        return None  # so many equal keys that are none take longer than pandas, and it warns
    if not match_texts(one, other, asked) or has_order_of_its_own(one, other, asked):
        return None
    as_shown = {k: dtype_of(pair.shown[0 if one.positions else 1]) for k, pair in one.texts.items()}
    answer = ask_merge(one.side(as_shown), other.side(as_shown), asked.spelled, asked.indicator)
    if answer is None or not _is_valid(one, other, asked):
        return None
    one, other = showing_texts(one, other)
    if asked.how == "inner" and not SINCE_3_1 and not _keeps_left_order(other):
        return None
    pairing = _paired(one, other, asked)
    labels = None if pairing is None else _labels(one, other, asked, pairing)
    if pairing is None or labels is None:
        return None
    if shown[0] is not left and not has_rows(pairing.rows):
        return None
    if shown[0] is not left and not all(positions.any_found() for positions in pairing.sides):
        return None
    return side_by_side(one, other, pairing, answer, labels, asked)


def side_by_side(
    one: Keyed, other: Keyed, pairing: Pairing, answer: Merged, labels: RowLabels, asked: Request
) -> Table | None:
    """The columns of both sides where their rows are paired; None where pandas has to make one."""
    if asked.how.endswith("_anti"):
        return _anti(one, other, pairing, answer, labels, 1 if asked.how == "left_anti" else 0)
    if asked.how == "inner" and asked.indicator is None:
        return _inner(one, other, pairing, answer, labels)
    values = _columns(one, other, pairing, answer, asked.how)
    if asked.indicator is not None:
        values.append(_indicator(pairing))
    if None in values:
        return None
    return Table(pairing.rows, ColumnLabels(answer.columns), labels, values)


def _match_units(one: Keyed, other: Keyed) -> bool:
    """Have dates of two units compared at the finer one; whether that is all that pandas makes of them."""
    for k, (mine, theirs) in enumerate(zip(one.values, other.values, strict=True)):
        if not differ_in_unit(mine, theirs):
            continue
        converted = at_finer_unit(mine, theirs)
        if converted is None or not one.positions or (other.positions and one.names[k] == other.names[k]):
            return False
        if not other.positions and converted[0] is not mine:
            return False
        one.values[k], other.values[k] = converted
    return True


def _keeps_left_order(other: Keyed) -> bool:
    """Whether pandas 3.0 leaves the rows of an inner merge in the order of the left side, as 3.1 always does.

    It does where it looks them up: among distinct keys, which are numbers, or several.
    """
    looked_up = len(other.values) > 1 or not may_be_text(other.values[0])
    return looked_up and tell_rows_apart(other.values)


def _is_valid(one: Keyed, other: Keyed, asked: Request) -> bool:
    """Whether the keys are distinct where they have to be: pandas says where they are not."""
    sides = zip((one, other), asked.unique, strict=True)
    return all(tell_rows_apart(keyed.values) for keyed, must_be_unique in sides if must_be_unique)


def _paired(one: Keyed, other: Keyed, asked: Request) -> Pairing | None:
    how = asked.how.removesuffix("_anti")
    pairing = pair_rows(one.table.rows, other.table.rows, one.values, other.values, how)
    if pairing is None or not asked.sort or how == "outer":
        return pairing
    side = 1 if how == "right" else 0
    return sorted_by(pairing, [pairing.sides[side].gathered(key) for key in (one, other)[side].values])


def _is_left_to_pandas(asked: Request) -> bool:
    """Whether the labels of the rows, or who comes when, are not those below."""
    if asked.left_on is None and asked.right_on is None:
        return True
    kept = {"left_anti": asked.left_on, "right_anti": asked.right_on}.get(asked.how, ())
    return asked.how.endswith("_anti") and (kept is None or asked.indicator is not None)


def _are_misread(one: Keyed, other: Keyed, asked: Request) -> bool:
    """Whether pandas 3.0 takes keys that are missing in one of several levels of labels for others."""
    side = one if asked.left_on is None else other if asked.right_on is None else None
    if SINCE_3_1 or side is None or len(side.values) == 1:
        return False
    if asked.how == ("left" if side is other else "right"):
        return False
    keys = [key_column(points_of(value), None) for value in side.values]
    return any(key is None or key.may_be_missing for key in keys)


def tell_rows_apart(keys: Keys) -> bool:
    """Whether no two rows have equal keys; False too where pandas has to look at these."""
    found = [key_column(points_of(key), None) for key in keys]
    if None in found:
        return False  # pandas is to see
    values = [key.missing_last() for key in found]  # type: ignore[union-attr]  # no None
    return certainly_unique(values) or are_distinct(compute(values))


def _labels(one: Keyed, other: Keyed, asked: Request, pairing: Pairing) -> RowLabels | None:
    """Of the merged rows: numbers, or those of the side whose index is no key."""
    if asked.left_on is not None and asked.right_on is not None:
        return default_labels(pairing.rows)
    side = 1 if asked.left_on is None else 0
    keyed, other_keyed = (one, other)[side], (one, other)[1 - side]
    labels, positions = keyed.table.labels, pairing.sides[side]
    if positions.value is None:
        return labels
    if not has_rows(keyed.table.rows):
        return None  # pandas takes the labels of the other side
    if not positions.partial:
        return labels.gather(positions.value)
    if len(other_keyed.values) > 1:
        return labels.gather(_last_for_missing(positions.value, keyed.table.rows))
    return _labels_with_gaps(labels, positions)


def _last_for_missing(positions: Value, rows: Rows) -> Value:
    """Positions with the last row's for -1, which is what pandas takes beside an index of several levels."""
    last = apply("subtract", count_rows(Whole(rows)), literal(1, INT64))
    return select(apply("less", positions, literal(0, INT64), dtype=BOOL), last, positions)


def _labels_with_gaps(labels: RowLabels, positions: Positions) -> RowLabels | None:
    """Labels that are missing where a row has no partner, if they have one level."""
    levels = labels.levels()
    if levels is None or len(levels) != 1:
        return None
    found = positions.seen(levels[0].value)
    return None if found is None else ColumnIndex((found,), [levels[0].name if SINCE_3_1 else None])


def _columns(one: Keyed, other: Keyed, pairing: Pairing, answer: Merged, how: str) -> list[Value | None]:
    shared = _shared_keys(one, other, how)
    for side, position in answer.sources:
        if (side, position) not in shared and (one, other)[side].table.value(position).dtype.kind in "biu":
            pairing.sides[side].find_out()  # its dtype depends on it, and what is found serves all columns
    values: list[Value | None] = []
    for source in answer.sources:
        side, position = source
        if source not in shared:
            values.append(pairing.sides[side].seen((one, other)[side].table.value(position)))
        elif answer.sources.count(source) > 1:
            values.append(None)  # pandas puts a key of both beside that of the side
        else:
            values.append(_shared_key(one, other, pairing, shared[source], side))
    return values


def _inner(one: Keyed, other: Keyed, pairing: Pairing, answer: Merged, labels: RowLabels) -> Table:
    """The pairs' columns, of which most are never asked for."""
    tables = one.table, other.table
    line = user_line()

    def column(number: int) -> Value:
        side, position = answer.sources[number]
        found = pairing.sides[side].gathered(tables[side].value(position))
        stamp_line(found, "merge", line)
        return found

    dtypes = [tables[side].dtypes[position] for side, position in answer.sources]
    depth = max(table.depth for table in tables)
    unknown = [None] * len(dtypes)
    columns = ColumnLabels(answer.columns)
    return one.table.unmade(unknown, column, dtypes, depth, columns=columns, rows=pairing.rows, labels=labels)


def _shared_keys(one: Keyed, other: Keyed, how: str) -> dict[tuple[int, int], int]:
    """By its side and position there, the number of each key that shows the other side's where it is missing.

    That is a key that both sides call the same, the left's, one that is looked for among labels, and, where
    a label is no string, the left's whatever the right calls it.
    """
    side, keyed = (0, one) if one.positions else (1, other)
    if how not in ("outer", "right" if side == 0 else "left"):
        return {}
    names = enumerate(zip(one.names, other.names, strict=True))
    on_index = not one.positions or not other.positions
    return {
        (side, keyed.positions[number]): number
        for number, (mine, theirs) in names
        if on_index or mine == theirs or not (isinstance(mine, str) and isinstance(theirs, str))
    }


def _shared_key(one: Keyed, other: Keyed, pairing: Pairing, number: int, side: int) -> Value | None:
    """A key of a side; where it is missing in a row of the merge, the left's key or else the right's."""
    own, behind = [(one, other)[k].values[number] for k in (side, 1 - side)]
    mine, theirs = [pairing.sides[k] for k in (side, 1 - side)]
    text, left, right = one.texts.get(number), one.values[number], other.values[number]
    if not mine.partial:
        return mine.gathered(own if text is None else text.shown[side])
    if text is not None:
        return text_of_either(left, right, pairing.sides, (text.dtypes[side], text.dtypes[1 - side]))
    if own.dtype != OPAQUE:
        return key_of_either(left, right, pairing.sides)
    if not theirs.partial and not _are_objects(behind):
        return theirs.gathered(behind)
    entries = pairing.entries[number] if pairing.entries else None
    if entries is None:
        return text_of_either(left, right, pairing.sides)
    codes = key_of_either(*pairing.codes[number], pairing.sides)
    if codes is None:
        return None
    if string_dtype_of(own) is None:  # a missing category's code is -1, and it is behind the others
        missing = literal(len(data_of(entries.token)) - 1, INT64)
        codes = select(apply("less", codes, literal(0, INT64), dtype=BOOL), missing, codes)
    return Gather(entries, codes)


def _are_objects(column: Value) -> bool:
    """Whether a column is of Python objects, equal ones of which may differ: what is missing is."""
    return bool(dtype_of(column) == OPAQUE)


def _anti(
    one: Keyed, other: Keyed, pairing: Pairing, answer: Merged, labels: RowLabels, gone: int
) -> Table | None:
    """The rows without a partner on the side ``gone``, whose columns are all missing."""
    rows, positions = without_partner(pairing, gone)
    if not has_rows(rows):
        return None  # the dtypes are others
    shared = _shared_keys(one, other, "outer")
    values: list[Value | None] = []
    for side, position in answer.sources:
        column = (one, other)[side].table.value(position)
        if (side, position) in shared and answer.sources.count((side, position)) > 1:
            return None  # pandas puts a key of both beside that of the side
        if side == gone == 0 and (side, position) in shared:
            values.append(positions.seen(other.values[shared[side, position]]))
        else:
            values.append(all_missing(column, rows) if side == gone else positions.seen(column))
    if None in values:
        return None
    return Table(rows, ColumnLabels(answer.columns), labels.take(rows), values)


def _indicator(pairing: Pairing) -> Value:
    left, right = [side.found(pairing.rows) for side in pairing.sides]
    both = select(right, literal(2, INT64), literal(0, INT64))
    return Gather(_sides_of_rows(), select(left, both, literal(1, INT64)))


@cache
def _sides_of_rows() -> Read:
    names = pandas.Index(["left_only", "right_only", "both"])
    return bind_opaque(pandas.Categorical.from_codes([0, 1, 2], categories=names), "sides")


def cross_tables(left: Table, right: Table, spelled: dict[str, Any]) -> Table | None:
    """Every row of one table beside every row of the other: a merge on a key that is always the same."""
    one, other = [
        Side(table.current_columns().index(), table.dtypes, (), signature_of(table))
        for table in (left, right)
    ]
    answer = ask_merge(one, other, spelled)
    keys = [_always_the_same(table.rows) for table in (left, right)]
    pairing = None if answer is None else pair_rows(left.rows, right.rows, [keys[0]], [keys[1]], "inner")
    if answer is None or pairing is None:
        return None

    def column(number: int) -> Value:
        side, position = answer.sources[number]
        return pairing.sides[side].gathered((left, right)[side].value(position))

    return Table(pairing.rows, ColumnLabels(answer.columns), default_labels(pairing.rows), source=column)


def _always_the_same(rows: Rows) -> Value:
    key = constant(True, rows)
    assert key is not None
    return key
