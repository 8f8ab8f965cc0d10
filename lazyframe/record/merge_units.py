"""Keys of a merge that are dates of two units: both at the finer one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record.computing import compute
from lazyframe.record.date_parts import ticks_per_second
from lazyframe.record.row_counts import count_of
from lazyframe.record.table import Table
from lazyframe.record.time_rounding import to_unit
from lazyframe.run.bindings import bind_array
from passes.ir.values import Read, Value


def differ_in_unit(left: Value, right: Value) -> bool:
    """Whether two columns are dates of two units."""
    return left.dtype.kind == right.dtype.kind == "M" and left.dtype != right.dtype


def at_finer_unit(left: Value, right: Value) -> tuple[Value, Value] | None:
    """Dates of two units at the finer one, those on the right computed; None where one does not fit it.

    Of what is computed it is found out whether it is distinct, so that the left can be looked up in it.
    """
    finer = max(left.dtype, right.dtype, key=lambda dtype: ticks_per_second(dtype) or 0)
    one, other = to_unit(left, finer), to_unit(right, finer)
    if one is None or other is None:
        return None
    if other is not right and isinstance(right, Read):
        (array,) = compute([other])
        other = bind_array(array, "times")
    return one, other


def show_at_finer_unit(
    left: Table, right: Table, left_on: Sequence[Any], right_on: Sequence[Any] | None, how: str
) -> tuple[Table, Table] | None:
    """The tables with the keys that the left one shows at the finer unit; None where pandas shows others.

    pandas 3.1 shows them so unless its result is one side as it is, has no rows, or none with a partner: the
    latter two are for the caller to find out.
    """
    levels = right.labels.levels() if right_on is None else None
    for k, label in enumerate(left_on):
        if right_on is not None and right_on[k] != label:
            continue  # each side shows its own
        mine = left.column_named(label)
        theirs = right.column_named(label) if right_on is not None else levels[k].value if levels else None
        if mine is None or theirs is None or not differ_in_unit(mine, theirs):
            continue
        pair = at_finer_unit(mine, theirs)
        if not SINCE_3_1 or how not in ("inner", "left") or pair is None:
            return None
        if count_of(left.rows) == count_of(right.rows):
            return None
        shown = left.with_column(label, pair[0])
        matched = right if right_on is None else right.with_column(label, pair[1])
        if shown is None or matched is None:
            return None
        left, right = shown, matched
    return left, right
