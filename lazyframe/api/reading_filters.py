"""``read_parquet(filters=...)``: filters of rows as Arrow writes them, as the mask that pandas would take.

Arrow and pandas differ over values that are missing and over literals of another type than the column's, so
only filters that mean the same to both are recorded.
"""

from __future__ import annotations

import datetime
import functools
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas

if TYPE_CHECKING:
    from lazyframe.run.parquet.scan import Scan

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_EXACT_IN_FLOAT = 1 << 53

Filters = list[list[tuple[str, str, Any]]]
"""Any of these, of which each is that all of it hold."""


def filters_of(given: Any) -> Filters | None:
    """What a user gave, in one form; None where that is no list of tuples, or of lists of them."""
    if type(given) is not list or not given:
        return None
    either = given if all(type(one) is list and one for one in given) else [given]
    plain = all(
        type(term) is tuple and len(term) == 3 and type(term[0]) is str and type(term[1]) is str
        for all_of in either
        for term in all_of
    )
    return either if plain else None


def fits(scan: Scan, filters: Filters, columns: list[str] | None) -> bool:
    """Whether filtering the whole frame gives what Arrow gives that filters before pandas sees anything."""
    from lazyframe.record.arrow_schemas import noted_by_pandas

    described = noted_by_pandas(scan.schema).get("index_columns", [])
    if any(label != _default_index(scan.rows) for label in described):
        return False
    names = scan.schema.names if columns is None else columns
    if not scan.stored.issuperset([*names, *[name for all_of in filters for name, _, _ in all_of]]):
        return False
    if not all(_keeps_its_dtype(scan, name) for name in names):
        return False
    return all(_means_the_same(scan, *term) for all_of in filters for term in all_of)


def filtered(frame: Any, filters: Filters, columns: list[str] | None) -> Any:
    """The rows that pass, labelled anew, in the columns asked for."""
    masks = [functools.reduce(operator.and_, [_mask(frame, *term) for term in all_of]) for all_of in filters]
    rows = frame[functools.reduce(operator.or_, masks)].reset_index(drop=True)
    return rows if columns is None else rows[columns]


def _default_index(rows: int) -> dict[str, Any]:
    return {"kind": "range", "name": None, "start": 0, "stop": rows, "step": 1}


def _keeps_its_dtype(scan: Scan, name: str) -> bool:
    """Whether the dtype that pandas shows for a column is the same for any of its rows."""
    import pyarrow

    kind = scan.schema.field(name).type
    if pyarrow.types.is_integer(kind) or pyarrow.types.is_boolean(kind):
        return scan.null_count(name) == 0
    return bool(
        pyarrow.types.is_float32(kind)
        or pyarrow.types.is_float64(kind)
        or pyarrow.types.is_string(kind)
        or (pyarrow.types.is_timestamp(kind) and kind.tz is None)
    )


def _means_the_same(scan: Scan, name: str, comparison: str, literal: Any) -> bool:
    import pyarrow

    kind = scan.schema.field(name).type
    if comparison not in _COMPARISONS and comparison != "in":
        return False
    if comparison == "!=" and scan.null_count(name) != 0:
        return False  # what is missing differs from everything in pandas, and passes no filter of Arrow's
    literals = [literal]
    if comparison == "in":
        if type(literal) not in (list, set, tuple) or not literal:
            return False
        literals = list(literal)
    if pyarrow.types.is_signed_integer(kind):
        return scan.null_count(name) == 0 and all(type(one) is int and abs(one) < 1 << 63 for one in literals)
    if pyarrow.types.is_float64(kind):
        exact = [one == one and abs(one) < _EXACT_IN_FLOAT for one in literals if type(one) in (int, float)]
        return len(exact) == len(literals) and all(exact)
    if pyarrow.types.is_string(kind):
        return all(type(one) is str for one in literals)
    if pyarrow.types.is_timestamp(kind) and kind.tz is None and kind.unit == "us" and comparison != "in":
        return type(literal) is datetime.datetime and literal.tzinfo is None
    return False


def _mask(frame: Any, name: str, comparison: str, literal: Any) -> Any:
    column = frame[name]
    if comparison == "in":
        return column.isin(list(literal))
    if type(literal) is datetime.datetime:
        literal = pandas.Timestamp(literal)
    return _COMPARISONS[comparison](column, literal)
