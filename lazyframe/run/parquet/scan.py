"""The columns of one or more Parquet files of one schema, as columns whose data is fetched late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow

from lazyframe.pandas_internals import column_arrays, frame_of_arrow
from lazyframe.run.late import Bounds, Fetching, LateColumn, LateSource, ReadPiece, fetch_together
from lazyframe.run.parquet.codes import read_codes
from lazyframe.run.parquet.decode import read_dictionaries, rows_of, start_decoding
from lazyframe.run.parquet.files import ParquetSource
from lazyframe.run.parquet.footer import FooterError
from lazyframe.run.parquet.in_paths import column_in_paths
from lazyframe.run.parquet.readers import Readers
from lazyframe.run.parquet.statistics import bounds_in
from lazyframe.run.parquet.text import read_text


@dataclass(frozen=True, slots=True)
class RowGroup:
    """One row group of a scan.

    Parameters
    ----------
    source : ParquetSource
        Its file.
    number : int
        In the file.
    first, rows : int
        Which rows of the scan it has.
    """

    source: ParquetSource
    number: int
    first: int
    rows: int

    @property
    def place(self) -> str:
        """As messages have it."""
        return f"row group {self.number} of {self.source.name}"


class ScanColumn(LateColumn):
    """One column of a scan.

    Parameters
    ----------
    scan : Scan
        Whose.
    field : pyarrow.Field
        In the scan's schema.
    dtype, shown
        As for `LateColumn`.
    """

    __slots__ = ("field", "has_plain_text")

    def __init__(self, scan: Scan, field: Any, dtype: np.dtype, shown: Any) -> None:
        super().__init__(scan, field.name, dtype, shown, scan.rows)
        self.field = field
        self.has_plain_text = False
        """Whether it has been found that a writer gave up the dictionary of a text column."""

    def missing_count(self) -> int | None:
        """How many values are missing, by the files' statistics, which count no NaN."""
        scan = self.source
        assert isinstance(scan, Scan)
        if pyarrow.types.is_floating(self.field.type):
            return None
        return scan.null_count(self.field.name) if self.field.name in scan.stored and scan.is_whole else None

    def as_codes(self) -> tuple[np.ndarray, Any] | None:
        """Codes and sorted words, of files that have indices for all of a text column."""
        scan = self.source
        assert isinstance(scan, Scan)
        if self.field.name not in scan.stored:
            return None
        with Readers() as readers:
            return read_codes(scan, self, readers)

    def as_dictionary(self) -> Any:
        """The dictionaries and indices that are in the files, if all of a text column is so."""
        scan = self.source
        assert isinstance(scan, Scan)
        if self.has_plain_text or self.field.name not in scan.stored:
            return None
        return read_dictionaries(scan, self.field.name)

    def rows_at(self, positions: np.ndarray) -> Any:
        """Rows by their positions; where few rows of text are wanted no others are made."""
        scan = self.source
        assert isinstance(scan, Scan)
        if self.held() is None and self.field.name in scan.stored and not self.is_read_often:
            with Readers() as readers:
                found = read_text(scan, self, positions, readers)
            if found is not None:
                self.times_read += 1
                return found
        return super().rows_at(positions)


class Scan(LateSource):
    """Files of one schema, one after another.

    Parameters
    ----------
    sources : sequence of ParquetSource
        In the order of their rows.
    schema : pyarrow.Schema
        Of the whole, with the metadata that pandas left.
    dataset : pyarrow.parquet.ParquetDataset, optional
        Which knows the columns that are in the files' paths.

    Raises
    ------
    ValueError
        If a file's row groups do not have the rows that the file has.
    """

    def __init__(self, sources: Sequence[ParquetSource], schema: Any, dataset: Any = None) -> None:
        self.sources = tuple(sources)
        self.schema = schema
        self._dataset = dataset
        groups: list[RowGroup] = []
        first = 0
        for source in sources:
            before = first
            for number in range(source.metadata.num_row_groups):
                rows = source.metadata.row_group(number).num_rows
                groups.append(RowGroup(source, number, first, rows))
                first += rows
            if first - before != source.metadata.num_rows:
                raise ValueError(f"{source.name} has {source.metadata.num_rows} rows, or {first - before}")
        self.row_groups = tuple(groups)
        self.rows = first
        self.is_whole = True
        """Whether what the files say of all rows is true of these."""
        self._bounds: dict[tuple[str, int], Bounds | None] = {}

    def part(self, start: int, stop: int) -> Scan:
        """The row groups from ``start`` to before ``stop``, in a scan of their own."""
        made = copy(self)
        groups = self.row_groups[start:stop]
        before = groups[0].first
        made.row_groups = tuple([replace(group, first=group.first - before) for group in groups])
        made.rows = sum([group.rows for group in groups])
        made.is_whole = False
        made._bounds = {}
        for name in ("pieces", "stored_bytes"):
            made.__dict__.pop(name, None)
        return made

    @property
    def name(self) -> str:
        """As messages have it."""
        more = f" and {len(self.sources) - 1} more" if len(self.sources) > 1 else ""
        return f"{self.sources[0].name}{more}"

    @cached_property
    def stored_bytes(self) -> int:
        """What all columns take in the files' encodings, uncompressed."""
        return sum(
            [group.source.metadata.row_group(group.number).total_byte_size for group in self.row_groups]
        )

    @cached_property
    def stored(self) -> frozenset[str]:
        """The columns that are in the files; others are in their paths."""
        return frozenset(self.sources[0].schema.names)

    def null_count(self, name: str) -> int | None:
        """How many values of a column are missing, by the files' statistics; None if they do not tell."""
        found = 0
        for source in self.sources:
            footer = source.footer
            leaf = footer.leaves.get(name)
            if leaf is None:
                return None  # a list or a struct
            for number in range(source.metadata.num_row_groups):
                try:
                    statistics = footer.chunk(number, leaf).statistics
                except FooterError:
                    return None  # it may be wrong about whether any can be missing, too
                if footer.column(leaf).max_definition_level == 0:
                    continue
                if statistics is None or not statistics.has_null_count:
                    return None
                found += statistics.null_count
        return found

    def fetch(self, columns: Sequence[LateColumn]) -> list[Any]:
        """Decode some columns."""
        (found,) = fetch_together([self.start(columns)])
        return found

    def start(self, columns: Sequence[LateColumn]) -> Fetching:
        """What there is to decode of some columns; those in the files' paths are made at the end."""
        inside = [c for c in columns if isinstance(c, ScanColumn) and c.field.name in self.stored]
        decoding = start_decoding(self, inside) if inside else Fetching((), list)

        def finish() -> list[Any]:
            arrays: dict[LateColumn, Any] = dict(zip(inside, decoding.finish(), strict=True))
            return [arrays[c] if c in arrays else self._in_paths(c) for c in columns]

        return Fetching(decoding.tasks, finish)

    def _in_paths(self, column: LateColumn) -> Any:
        assert isinstance(column, ScanColumn)
        rows = [source.metadata.num_rows for source in self.sources]
        return self.converted(column.field, column_in_paths(self._dataset, rows, column.field))

    @cached_property
    def pieces(self) -> Sequence[tuple[int, int]]:
        """First row and number of rows of the row groups."""
        return [(group.first, group.rows) for group in self.row_groups]

    def bounds(self, column: LateColumn, piece: int) -> Bounds | None:
        """The least and greatest value of a column in a row group, by its statistics."""
        assert isinstance(column, ScanColumn)
        if column.name not in self.stored:
            return None
        key = column.name, piece
        if key not in self._bounds:
            self._bounds[key] = bounds_in(column, self.row_groups[piece])
        return self._bounds[key]

    def first_rows(self, columns: Sequence[LateColumn], count: int) -> list[np.ndarray] | None:
        """The first rows of columns that are in the files, of the first row group that has any."""
        names = [column.name for column in columns]
        group = next((group for group in self.row_groups if group.rows), None)
        if group is None or not self.stored.issuperset(names):
            return None
        arrays = [np.empty(min(count, group.rows), column.dtype) for column in columns]
        with Readers() as readers:
            if all(
                isinstance(column, ScanColumn) and readers.read_into(group, column, array)
                for column, array in zip(columns, arrays, strict=True)
            ):
                return arrays
            batch = readers.first_rows(group, names, count)
        found = [batch.column(batch.schema.names.index(name)) for name in names]
        if any(data.null_count for data in found):
            return None
        return [
            data.to_numpy(zero_copy_only=False).astype(column.dtype, copy=False)
            for data, column in zip(found, columns, strict=True)
        ]

    @contextmanager
    def reading(self, columns: Sequence[LateColumn]) -> Iterator[ReadPiece]:
        """A context with a function that begins to decode some columns of a row group."""
        chosen = [column for column in columns if isinstance(column, ScanColumn)]
        with Readers() as readers:
            yield lambda piece: rows_of(readers, self.row_groups[piece], piece, chosen)
        for column in chosen:
            column.times_read += 1

    def converted(self, field: Any, data: Any) -> Any:
        """A column as pandas has it, of the ``pyarrow.ChunkedArray`` that was read."""
        schema = pyarrow.schema([field], metadata=self.schema.metadata)
        (array,) = column_arrays(frame_of_arrow(pyarrow.Table.from_arrays([data], schema=schema)))
        return array
