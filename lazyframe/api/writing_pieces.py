"""Write a recorded frame to a Parquet file as it is computed, a row group when there are rows for one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas
import pyarrow
from pyarrow import parquet

from lazyframe.pandas_internals import frame_from_manager, manager_from_arrays
from lazyframe.record.computing import compute
from lazyframe.record.pieces import Piece, Pieces, pieces_of
from lazyframe.record.row_labels import BoundLabels, NumberedLabels, RowLabels
from lazyframe.record.table import Table
from lazyframe.run.bindings import data_of
from passes.ir.values import Read, Take

ROW_GROUP_ROWS = 1 << 20
"""Rows of a row group where the caller says nothing, as Arrow's ``parquet/properties.h`` has it."""

_OPTIONS = frozenset({
    "coerce_timestamps", "compression_level", "data_page_size", "data_page_version", "row_group_size",
    "use_byte_stream_split", "use_dictionary", "version", "write_page_checksum", "write_page_index",
    "write_statistics",
})  # fmt: skip
"""What may be asked of Arrow beside pandas' own arguments."""


@dataclass(frozen=True, slots=True)
class _Labels:
    """What is written of row labels: nothing, or one of two.

    Parameters
    ----------
    stored : pandas.Index, optional
        Those of all rows of the source, of which those of rows that are left become a column.
    noted : pandas.Index, optional
        A RangeIndex, those of the rows that are written, of which only start, stop and step are.
    """

    stored: pandas.Index | None = None
    noted: Any = None

    def at(self, positions: np.ndarray) -> pandas.Index:
        """Labels for the rows of a piece, from where these stand in the source."""
        if self.stored is None:
            return pandas.RangeIndex(len(positions), name=None if self.noted is None else self.noted.name)
        found: pandas.Index
        if isinstance(self.stored, pandas.RangeIndex):  # which would take evenly spaced ones as another
            found = pandas.Index(self.stored.start + positions * self.stored.step, name=self.stored.name)
        else:
            found = self.stored.take(positions)
        return found


class _UnlikeError(Exception):
    """Arrow makes another schema of one piece than of another."""


def write_in_pieces(
    table: Table, path: str, compression: Any, index: Any, options: Mapping[str, Any]
) -> bool:
    """Write ``table`` to a local file as pandas would; False, and perhaps a part of it, where pandas has to.

    Parameters
    ----------
    table : Table
        A recorded frame without attrs.
    path : str
        Of the file.
    compression, index, options
        That ``to_parquet`` was given, ``options`` for Arrow.
    """
    size = options.get("row_group_size", ROW_GROUP_ROWS)
    if not _OPTIONS.issuperset(options) or type(size) is not int or size <= 0:
        return False
    if not (index is None or type(index) is bool):
        return False
    labels = table.current_columns().index()
    if labels.nlevels > 1 or not labels.is_unique or not all(type(label) is str for label in labels):
        return False
    pieces = pieces_of(table) if len(labels) else None
    row_labels = None if pieces is None else _labels_of(pieces, table.labels, index)
    if pieces is None or row_labels is None:
        return False
    given = {name: value for name, value in options.items() if name != "row_group_size"}
    try:
        return _write(
            _tables(pieces, table, row_labels, index), path, size, given | {"compression": compression}
        )
    except _UnlikeError:
        return False


def _labels_of(pieces: Pieces, labels: RowLabels, index: bool | None) -> _Labels | None:
    """What to write of the row labels; None where pandas has to find out."""
    if index is False:
        return _Labels()
    if isinstance(labels, NumberedLabels):
        (rows,) = labels.parts
        # how many there are stands at the end of a file, but Arrow wants to know it at the beginning
        return None if index or rows.rows is not None else _Labels(noted=labels.build(compute([rows])))
    value = labels.value if isinstance(labels, BoundLabels) else None
    if value is None or value.rows is not pieces.positions.rows:
        return None
    while isinstance(value, Take):
        value = value.column
    if not isinstance(value, Read) or value.rows is not pieces.base:
        return None
    known: pandas.Index = data_of(value.token)
    if isinstance(known, pandas.RangeIndex) and not index:
        return _spaced(pieces, known) if pieces.filters else _Labels(noted=known)
    plain = isinstance(known.dtype, np.dtype) and known.dtype.kind in "biufmM"
    return _Labels(stored=known) if plain and known.nlevels == 1 else None


def _spaced(pieces: Pieces, labels: pandas.RangeIndex) -> _Labels | None:
    """The labels that a filter leaves: stored, unless they are evenly spaced, which mostly shows at once."""
    first: list[int] = []
    count = last = 0
    for piece in pieces.all:
        found = pieces.arrays(piece, [pieces.positions])
        if found is None:
            continue
        (positions,) = found
        first = (first + positions[:2].tolist())[:2]
        steps = np.diff(positions) if not count else np.diff(positions, prepend=last)
        if len(first) == 2 and (steps != first[1] - first[0]).any():
            return _Labels(stored=labels)
        count, last = count + len(positions), int(positions[-1])
    if count < 2 or pieces.filters > 1:
        return None  # what pandas has then depends on what was left in between
    start, step = labels.start + first[0] * labels.step, (first[1] - first[0]) * labels.step
    return _Labels(noted=pandas.RangeIndex(start, start + count * step, step, name=labels.name))


def _tables(pieces: Pieces, table: Table, labels: _Labels, index: bool | None) -> Iterator[pyarrow.Table]:
    """What Arrow makes of each piece that has rows, all of one schema, that of the whole."""
    schema = None
    values = [*table.values(), pieces.positions]

    def made_of(piece: Piece) -> pyarrow.Table | None:
        found = pieces.arrays(piece, values)
        if found is None:
            return None
        *arrays, positions = found
        manager = manager_from_arrays(arrays, table.columns, labels.at(positions))
        frame = frame_from_manager(pandas.DataFrame, manager)
        return pyarrow.Table.from_pandas(frame, preserve_index=index)

    for piece in pieces.all:
        made = made_of(piece)
        if made is None:
            continue
        if schema is None:
            schema = made.schema if labels.noted is None else _noting(made.schema, labels.noted)
        if made.schema.types != schema.types:
            raise _UnlikeError
        made = [made.replace_schema_metadata(schema.metadata)]
        yield made.pop()  # nothing of a piece is held while the next is computed


def _noting(schema: pyarrow.Schema, labels: pandas.RangeIndex) -> pyarrow.Schema:
    """The schema of a part, with the labels of the whole."""
    found = json.loads(schema.metadata[b"pandas"])
    (noted,) = found["index_columns"]
    noted.update(start=labels.start, stop=labels.stop, step=labels.step)
    return schema.with_metadata(schema.metadata | {b"pandas": json.dumps(found).encode()})


def _row_groups(tables: Iterator[pyarrow.Table], rows: int) -> Iterator[pyarrow.Table]:
    """The same rows in tables of so many."""
    waiting: list[pyarrow.Table] = []
    for table in tables:
        waiting.append(table)
        del table
        while sum(map(len, waiting)) >= rows:
            together = pyarrow.concat_tables(waiting)
            waiting = [together.slice(rows)] if len(together) > rows else []
            yield together.slice(0, rows).combine_chunks()
            del together
    if waiting:
        yield pyarrow.concat_tables(waiting).combine_chunks()


def _write(tables: Iterator[pyarrow.Table], path: str, rows: int, options: Mapping[str, Any]) -> bool:
    """Write row groups, each while the next is computed; False if there are no rows."""
    writer: Any = None
    written: Future[None] | None = None
    with ThreadPoolExecutor(1, thread_name_prefix="lazyframe") as pool:
        try:
            for group in _row_groups(tables, rows):
                if writer is None:
                    writer = parquet.ParquetWriter(path, group.schema, **options)
                if written is not None:
                    written.result()
                written = pool.submit(writer.write_table, group, rows)
                del group
            if written is not None:
                written.result()
        except BaseException:
            if writer is not None:
                pool.shutdown()
                with suppress(Exception):
                    writer.close()
            raise
        if writer is not None:
            writer.close()
    return writer is not None
