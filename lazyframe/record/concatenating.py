"""Tables one behind the other: the rows of a ``concat``."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas

from lazyframe.record.ask_once import ask_once
from lazyframe.record.capture import dtype_of, is_kernel_dtype
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.concat_by_pandas import concat_by_pandas
from lazyframe.record.concat_labels import OuterKeys, labels_end_to_end, outer_keys
from lazyframe.record.dictionaries import follow, is_str, source_of
from lazyframe.record.elementwise import INT64, cast, literal
from lazyframe.record.groupby_schema import one_row_frame
from lazyframe.record.merge_missing import all_missing
from lazyframe.record.origin import stamp
from lazyframe.record.put_together import missing_entry, put_together
from lazyframe.record.row_counts import has_rows
from lazyframe.record.row_labels import RowLabels, default_labels, numbers_of
from lazyframe.record.rows_in_memory import PartsInMemory, bind_parts, is_in_memory
from lazyframe.record.table import Table
from lazyframe.record.time_rounding import to_unit
from lazyframe.run.bindings import bind_opaque
from passes.ir.rows import Concat, Range, Rows
from passes.ir.values import OPAQUE, Chain, Gather, Map, Read, RowNumber, Value


@dataclass(frozen=True, slots=True)
class Concatenated:
    """The columns of a result: labels, dtypes, and where each stands in each part, -1 if nowhere."""

    columns: pandas.Index
    dtypes: tuple[Any, ...]
    positions: tuple[tuple[int, ...], ...]


Columns = Sequence[Value | None]
"""One of each part; None in a part that does not have it."""

_answers: dict[Hashable, Concatenated | None] = {}


@dataclass(frozen=True, slots=True)
class Request:
    """How rows are put together.

    Parameters
    ----------
    join : str
        ``"outer"`` or ``"inner"``: which columns there are.
    ignore_index : bool
        Number the rows from 0.
    sort : bool
        Order the columns by their labels where they differ.
    keys, names : sequence or None
        Of parts, and of the levels of the index.
    only_series : bool
        Whether the tables are series, the dtype of whose rows pandas finds in another way.
    """

    join: str
    ignore_index: bool
    sort: bool
    keys: Sequence[Any] | None = None
    names: Sequence[Any] | None = None
    only_series: bool = False


def concat_tables(parts: Sequence[Table], asked: Request) -> Table | None:
    """The rows of each table, one table behind the other; None where pandas has to decide, or to raise.

    Parameters
    ----------
    parts : sequence of Table
        Two at least.
    asked : Request
        How.
    """
    outer: OuterKeys | None = None
    if asked.keys is not None:
        outer = outer_keys([part.labels for part in parts], asked.keys, asked.names)
        if outer is None:
            return None
    if any(_is_nested(part.rows) for part in parts):
        return None
    schemas = [(part.current_columns().index(), part.dtypes) for part in parts]
    key = [
        [[list(columns), list(columns.names), str(columns.dtype), dtypes] for columns, dtypes in schemas],
        asked.join,
        asked.sort,
    ]
    answer = ask_once(_answers, key, lambda: _ask(schemas, asked.join, asked.sort))
    if answer is None:
        return None
    if asked.only_series and answer.dtypes == (OPAQUE,) and not all(has_rows(part.rows) for part in parts):
        return None  # of those that are empty pandas takes no notice
    columns: list[Columns] = []
    for number in range(len(answer.columns)):
        places = [positions[number] for positions in answer.positions]
        columns.append([None if at < 0 else part.value(at) for at, part in zip(places, parts, strict=True)])
    rows, values = _in_memory(parts, columns, answer.dtypes) or _of_any_rows(parts, columns, answer.dtypes)
    labels: RowLabels | None = default_labels(rows)
    if not asked.ignore_index:
        labels = labels_end_to_end(rows, [part.labels for part in parts], outer)
    if labels is None:
        return None
    left_over = [number for number, value in enumerate(values) if value is None]
    if left_over:
        made = concat_by_pandas(parts, [columns[number] for number in left_over], asked.only_series)
        if made is None:
            return None
        for number, read in zip(left_over, made, strict=True):
            values[number] = read if rows is read.rows else Gather(read, numbers_of(rows))
    for value in values:
        stamp(value, "concat")  # type: ignore[arg-type]  # no None
    return Table(rows, ColumnLabels(answer.columns), labels, values)


def _in_memory(
    parts: Sequence[Table], columns: Sequence[Columns], dtypes: Sequence[Any]
) -> tuple[Rows, list[Value | None]] | None:
    """The columns as inputs that loops read piece by piece, where all parts are in memory as they are."""
    lengths = [part.length for part in parts if isinstance(part.rows, Range)]
    if len(lengths) < len(parts) or not all(is_in_memory(one) for column in columns for one in column):
        return None
    known: list[int] = lengths  # type: ignore[assignment]  # a range's is
    sources: dict[tuple[int, ...], PartsInMemory] = {}
    values: list[Value | None] = []
    for column, dtype in zip(columns, dtypes, strict=True):
        present = [one for one in column if one is not None]
        reads: list[Any] = list(column)
        if dtype == OPAQUE or any(one.dtype == OPAQUE for one in present):
            values.append(_objects_in_memory(reads, known, dtype))
        elif is_kernel_dtype(dtype) and all(_widens(one, dtype) for one in column):
            values.append(bind_parts(sources, dtype, reads, known))
        else:
            values.append(None)
    return Range(sum(known)), values


def _objects_in_memory(reads: Sequence[Read | None], lengths: Sequence[int], dtype: Any) -> Value | None:
    """What only the host can touch, end to end when somebody needs it."""
    known = [read for read in reads if read is not None]
    if _become_objects(reads, dtype):
        return put_together(known, dtype)
    if _one_dtype(reads) is None:
        return None
    if len(known) == len(reads):
        return put_together(known)
    missing = missing_entry(dtype)
    if missing is None:
        return None
    return put_together(
        [
            bind_opaque(missing.take(np.zeros(length, np.intp)), "missing") if read is None else read
            for read, length in zip(reads, lengths, strict=True)
        ]
    )


def _become_objects(columns: Columns, dtype: Any) -> bool:
    """Whether columns of several dtypes become Python objects, which pandas makes of each entry."""
    dtypes = [None if column is None else dtype_of(column) for column in columns]
    if dtype != OPAQUE or all(one == dtype for one in dtypes):
        return False
    return all(isinstance(one, np.dtype) or is_str(one) for one in dtypes)


def _widens(column: Value | None, dtype: np.dtype) -> bool:
    """Whether a column, or for None what is missing, can be had at the common dtype."""
    if column is None:
        return dtype.kind in "fmM"
    if column.dtype.kind in "mM":
        return column.dtype.kind == dtype.kind and to_unit(column, dtype) is not None
    return column.dtype == dtype or (column.dtype.kind in "iuf" and dtype.kind in "iuf")


def _of_any_rows(
    parts: Sequence[Table], columns: Sequence[Columns], dtypes: Sequence[Any]
) -> tuple[Rows, list[Value | None]]:
    rows = Concat(tuple([part.rows for part in parts]))
    return rows, [_column(column, rows, dtype) for column, dtype in zip(columns, dtypes, strict=True)]


def _is_nested(rows: Rows) -> bool:
    """Whether there is a concat of concats: what grows one frame at a time is computed in between."""
    return isinstance(rows, Concat) and any(isinstance(part, Concat) for part in rows.parts)


def _ask(schemas: Sequence[tuple[pandas.Index, Sequence[Any]]], join: Any, sort: bool) -> Concatenated | None:
    if any(columns.nlevels > 1 or not columns.is_unique for columns, _ in schemas):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            made = pandas.concat([one_row_frame(*schema) for schema in schemas], join=join, sort=sort)
            positions = [tuple(columns.get_indexer(made.columns).tolist()) for columns, _ in schemas]
        except Exception:
            return None
    return Concatenated(made.columns, tuple(made.dtypes), tuple(positions))


def _column(columns: Columns, rows: Concat, dtype: Any) -> Value | None:
    """A column of all parts at pandas' common dtype; None in a part that does not have it."""
    present = [column for column in columns if column is not None]
    if dtype == OPAQUE or any(column.dtype == OPAQUE for column in present):
        return _opaque(columns, rows, dtype)
    if not is_kernel_dtype(dtype):
        return None
    chained: list[Value] = []
    for column, part in zip(columns, rows.parts, strict=True):
        made = _at_dtype(column, part, dtype)
        if made is None:
            return None
        chained.append(made)
    return Chain(tuple(chained), rows)


def _at_dtype(column: Value | None, part: Rows, dtype: np.dtype) -> Value | None:
    if not _widens(column, dtype):
        return None
    if column is None:
        zero: Value = literal(0, dtype if dtype.kind == "f" else INT64)
        return all_missing(zero if dtype.kind == "f" else Map("reinterpret", (zero,), dtype), part)
    return to_unit(column, dtype) if dtype.kind in "mM" else cast(column, dtype)


def _opaque(columns: Columns, rows: Concat, dtype: Any) -> Value | None:
    """What only the host can touch: the inputs one behind the other, and where each row stands there."""
    if not _become_objects(columns, dtype) and _one_dtype(columns) is None:
        return None
    example = next(column for column in columns if column is not None)
    whole = [
        all_missing(example, part) if column is None else column
        for column, part in zip(columns, rows.parts, strict=True)
    ]
    sources = [source_of(column) for column in whole if column is not None]
    reads = [source for source in sources if source is not None]
    if len(reads) < len(columns):
        return None
    positions: list[Value] = []
    first = 0
    same = all(read is reads[0] for read in reads)
    for column, read in zip(whole, reads, strict=True):
        assert column is not None
        position = follow(column, read, RowNumber(read.rows))
        if first:
            position = Map("add", (position, literal(first, INT64)), INT64)
        positions.append(position)
        first += 0 if same else read.rows.extent  # type: ignore[attr-defined]  # an input is over a Range
    together = reads[0] if same else put_together(reads, dtype if _become_objects(columns, dtype) else None)
    return Gather(together, Chain(tuple(positions), rows))


def _one_dtype(columns: Columns) -> Any:
    """The dtype of columns of which one is opaque, if it is that of all; only text may be missing."""
    dtypes = [dtype_of(column) for column in columns if column is not None]
    if any(_differ(dtype, dtypes[0]) for dtype in dtypes) or (None in columns and not is_str(dtypes[0])):
        return None
    return dtypes[0]


def _differ(one: Any, other: Any) -> bool:
    if isinstance(one, pandas.CategoricalDtype) and isinstance(other, pandas.CategoricalDtype):
        return one != other or not one.categories.equals(other.categories)
    return bool(one != other)
