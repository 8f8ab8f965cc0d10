"""Decode row groups on all threads, straight into the arrays that are computed on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas
import pyarrow
import pyarrow.compute

from lazyframe import settings
from lazyframe.run.encode import is_text
from lazyframe.run.late import Fetching, ReadRows, fetch_together
from lazyframe.run.memory import borrow
from lazyframe.run.parquet.footer import FooterError
from lazyframe.run.parquet.numbers import NumberPages, number_pages
from lazyframe.run.parquet.parts import Parts
from lazyframe.run.parquet.readers import Readers

if TYPE_CHECKING:
    from lazyframe.run.parquet.scan import RowGroup, Scan, ScanColumn


def start_decoding(scan: Scan, columns: Sequence[ScanColumn]) -> Fetching:
    """What there is to do for the whole data of some columns, which are the result, in their order.

    Parameters
    ----------
    scan : Scan
        Whose.
    columns : sequence of ScanColumn
        That are in its files.

    Returns
    -------
    Fetching
        Of NumPy arrays, and pandas' arrays for columns that only the host can touch.  It raises
        `ChangedFileError` if a file is no longer what it was, and what the reader complains of, an OSError
        or pyarrow.ArrowException, with the file and the row group.
    """
    loaded = [k for k, column in enumerate(columns) if column.dtype != object]
    numbers = {k: np.empty(scan.rows, columns[k].dtype) for k in loaded}
    pieces = _Pieces(scan, [k for k in range(len(columns)) if k not in numbers])

    def take(k: int, group: int, data: Any) -> None:
        if k in numbers:
            put(numbers[k], scan.row_groups[group], data, columns[k], scan.row_groups[group].first)
        else:
            pieces.take(k, group, data)

    def decode_into(readers: Readers, k: int, number: int) -> bool:
        group = scan.row_groups[number]
        if k in numbers:
            return readers.read_into(group, columns[k], numbers[k][group.first : group.first + group.rows])
        text = readers.read_text(group, columns[k]) if group.rows else None
        if text is None:
            return False
        pieces.take(k, number, text)
        return True

    def divide(readers: Readers, k: int, number: int, count: int, otherwise: Callable[[], None]) -> Parts:
        group, column = scan.row_groups[number], columns[k]
        if k in numbers:
            own = numbers[k][group.first : group.first + group.rows]
            return Parts(
                count, lambda: readers.parts_of_numbers(group, column, own, count), lambda: None, otherwise
            )
        text: list[Any] = [None] * (count + 1)

        def done() -> None:
            chunks = [part for part in text if part is not None]
            text.clear()  # who converts them lets go of each as it goes
            pieces.take(k, number, pyarrow.chunked_array(chunks, column.field.type))

        return Parts(
            len(text), lambda: readers.parts_of_text(group, column, text, len(text)), done, otherwise
        )

    known: set[tuple[int, int]] = set()
    for k, array in numbers.items():
        for piece, part in list(columns[k].pieces.items()):
            group = scan.row_groups[piece]
            array[group.first : group.first + group.rows] = part
            known.add((k, piece))
    reading = _start_reading(
        scan,
        [column.field.name for column in columns],
        take,
        known=known,
        decode_into=decode_into,
        divide=divide,
    )

    def finish() -> list[Any]:
        reading.finish()
        for k in numbers:
            if not any((k, group) in known for group in range(len(scan.row_groups))):
                _check_missing(scan, columns[k], numbers[k])
        joined = {k: pieces.joined(k, columns[k].field.type) for k in range(len(columns)) if k not in numbers}
        much = sum([data.nbytes for data in joined.values()]) >= _SOME_BYTES
        found = [
            numbers[k] if k in numbers else _converted(scan, column, joined.pop(k))
            for k, column in enumerate(columns)
        ]
        if much:
            pyarrow.default_memory_pool().release_unused()
        return found

    return Fetching(reading.tasks, finish)


def rows_of(readers: Readers, group: RowGroup, piece: int, columns: Sequence[ScanColumn]) -> ReadRows:
    """What reads the rows of some numeric columns of a row group, the piece of that number.

    A few pages at a time, but for columns that are kept, as they are read again, or that Arrow has to read.
    """
    whole = {column: array for column in columns if (array := column.pieces.get(piece)) is not None}
    parts: dict[ScanColumn, NumberPages] = {}
    for column in columns:
        if column not in whole and not column.is_read_often:
            pages = number_pages(group, column)
            if pages is not None and not pages.chunk.is_dear:
                parts[column] = pages

    def keep(missing: Sequence[ScanColumn]) -> None:
        for column, (array, dear) in zip(missing, _decode_whole(readers, group, missing), strict=True):
            column.hold_piece(piece, array, dear)
            whole[column] = array

    missing = [column for column in columns if column not in whole and column not in parts]
    if missing:
        keep(missing)

    def read(low: int, high: int) -> list[tuple[np.ndarray, int]]:
        found: dict[ScanColumn, tuple[np.ndarray, int]] = {}
        for column, pages in list(parts.items()):
            part = readers.read_between(group, pages, low - group.first, high - group.first)
            if part is None:
                del parts[column]
                keep([column])
            else:
                found[column] = part[0], part[1] + group.first
        return [found.get(column) or (whole[column], group.first) for column in columns]

    return read


def _decode_whole(
    readers: Readers, group: RowGroup, columns: Sequence[ScanColumn]
) -> list[tuple[np.ndarray, bool]]:
    """Some numeric columns of one row group, and whether each was dear: not all of the work a kernel's.

    Where Arrow's memory is what kernels load, it is not copied.
    """
    found: dict[ScanColumn, tuple[np.ndarray, bool]] = {}
    for column in columns:
        array = borrow(group.rows, column.dtype)
        if readers.read_into(group, column, array):
            pages = number_pages(group, column)
            found[column] = array, pages is None or pages.chunk.is_dear
    others = [column for column in columns if column not in found]
    if others:
        table = readers.read(group, [column.field.name for column in others])
        for column in others:
            found[column] = _as_array(table[column.field.name], group, column), True
    return [found[column] for column in columns]


def _as_array(data: Any, group: RowGroup, column: ScanColumn) -> np.ndarray:
    if data.num_chunks == 1 and not data.null_count and column.dtype.kind != "b" and len(data) == group.rows:
        whole: np.ndarray = data.chunk(0).to_numpy(zero_copy_only=True)
        if whole.dtype == column.dtype:
            return whole
    array = np.empty(group.rows, column.dtype)
    put(array, group, data, column, 0)
    return array


_SAMPLE = 1024
_MOST_ENTRIES = 0.25
"""Entries a row up to which a dictionary is worth having."""


def read_dictionaries(scan: Scan, name: str) -> Any:
    """A text column as a ``pyarrow.ChunkedArray`` of the dictionaries and indices that are in the files.

    None where there are none, or where most of the text is beside them.
    """
    if not scan.rows or not _is_dictionary(scan, name):
        return None
    pieces = _Pieces(scan, [0])

    def take(k: int, group: int, data: Any) -> None:
        for chunk in data.chunks:
            _check_indices(chunk, name, scan.row_groups[group])
        pieces.take(k, group, data)

    _read_all(scan, [name], take, dictionaries=[name])
    return pieces.joined(0, None)


def _check_indices(chunk: Any, name: str, group: RowGroup) -> None:
    indices = chunk.indices
    if len(indices) > indices.null_count:
        bounds = pyarrow.compute.min_max(indices)
        if bounds["min"].as_py() < 0 or bounds["max"].as_py() >= len(chunk.dictionary):
            raise pyarrow.ArrowInvalid(f"column {name!r} of {group.place} has no text for some of its rows")


def _is_dictionary(scan: Scan, name: str) -> bool:
    """Whether the first row group has a dictionary, and indices for all rows: a writer may give up on it."""
    group = next(group for group in scan.row_groups if group.rows)
    try:
        chunk = group.source.footer.chunk(group.number, group.source.footer.leaves[name])
    except (FooterError, KeyError):
        return False
    if not chunk.has_dictionary_page:
        return False
    with Readers([name]) as readers:
        batch = readers.first_rows(group, [name], _SAMPLE)
    sample = batch.column(batch.schema.names.index(name))
    if not pyarrow.types.is_dictionary(sample.type):
        return False
    entries = len(sample.dictionary)
    if entries > max(_SAMPLE, _MOST_ENTRIES * group.rows):
        return False
    indices = group.rows * max(entries.bit_length(), 1) // 8
    levels = group.rows // 4
    most = sample.dictionary.nbytes + indices + levels + (1 << 16)
    return bool(chunk.total_uncompressed_size <= most)


def read_table(scan: Scan, names: Sequence[str]) -> Any:
    """Some columns as the ``pyarrow.Table`` that is in the files; raises as `decode` does."""
    pieces = _Pieces(scan, range(len(names)))
    _read_all(scan, names, pieces.take)
    fields = [scan.schema.field(name) for name in names]
    arrays = [pieces.joined(k, field.type) for k, field in enumerate(fields)]
    return pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields, metadata=scan.schema.metadata))


class _Pieces:
    """Columns that stay as Arrow has them, row group by row group."""

    def __init__(self, scan: Scan, columns: Iterable[int]) -> None:
        self._scan = scan
        self._pieces: dict[int, list[Any]] = {k: [None] * len(scan.row_groups) for k in columns}

    def take(self, k: int, group: int, data: Any) -> None:
        self._pieces[k][group] = data

    def joined(self, k: int, kind: Any) -> Any:
        chunks = [chunk for piece in self._pieces[k] for chunk in piece.chunks]
        whole = pyarrow.chunked_array(chunks, chunks[0].type if chunks else kind)
        if len(whole) != self._scan.rows:
            raise pyarrow.ArrowInvalid(
                f"{self._scan.name} has {len(whole):,} rows, and its footer says {self._scan.rows:,}"
            )
        return whole


_SOME_BYTES = 1 << 20
"""Data from which on what is left of reading and converting it is given back, once it is all there."""

_MUCH_BYTES = 1 << 24
"""Data from which on what reading it took besides is given back: as much again or more, which Arrow keeps."""


_LEAST_PART = 1 << 19
"""Bytes, uncompressed, that are worth a thread of their own."""


def _read_all(
    scan: Scan, names: Sequence[str], take: Callable[[int, int, Any], None], dictionaries: Sequence[str] = ()
) -> None:
    """Read row groups on all threads, and give away what was read as (column, row group, data)."""
    fetch_together([_start_reading(scan, names, take, dictionaries)])


def _start_reading(
    scan: Scan,
    names: Sequence[str],
    take: Callable[[int, int, Any], None],
    dictionaries: Sequence[str] = (),
    known: AbstractSet[tuple[int, int]] = frozenset(),
    decode_into: Callable[[Readers, int, int], bool] | None = None,
    divide: Callable[[Readers, int, int, int, Callable[[], None]], Parts] | None = None,
) -> Fetching:
    """What there is to read of row groups, of which each is given away as (column, row group, data).

    What is ``known`` of it, as (column, row group), is not read, nor what could be decoded without Arrow.
    Where threads would wait for one that decodes a large column, it is divided.
    """
    readers = Readers(dictionaries)

    def work_on(group: int, chosen: list[int]) -> None:
        if decode_into is not None:
            chosen = [k for k in chosen if not decode_into(readers, k, group)]
        if chosen:
            read(group, chosen)

    def read(group: int, chosen: list[int]) -> None:
        table = readers.read(scan.row_groups[group], [names[k] for k in chosen])
        for k in chosen:
            take(k, group, table[names[k]])
        if table.nbytes >= _MUCH_BYTES:
            pyarrow.default_memory_pool().release_unused()

    def finish() -> list[Any]:
        readers.check()
        return []

    threads = settings.current().threads
    wanted = _tasks(scan, names, known)
    share = max(sum([size for size, _, _ in wanted]) // (2 * threads), _LEAST_PART)
    tasks: list[tuple[int, Callable[[], None]]] = []
    for size, group, chosen in wanted:
        count = min(-(-size // share), 2 * threads)
        if divide is None or threads == 1 or count < 2 or len(chosen) > 1 or not scan.row_groups[group].rows:
            tasks.append((size, partial(work_on, group, chosen)))
            continue
        parts = divide(readers, chosen[0], group, count, partial(read, group, chosen))
        tasks += [(size // count, partial(parts.decode, part)) for part in range(parts.count)]
    return Fetching(tasks, finish)


def _tasks(
    scan: Scan, names: Sequence[str], known: AbstractSet[tuple[int, int]]
) -> list[tuple[int, int, list[int]]]:
    """Bytes, a row group, and which columns of it: all at once where row groups are enough for all threads.

    Of fewer, columns are read one by one, so that all threads are done at about one time.
    """
    groups = range(len(scan.row_groups))
    wanted = [(group, [k for k in range(len(names)) if (k, group) not in known]) for group in groups]
    wanted = [(group, chosen) for group, chosen in wanted if chosen]
    alone = [
        (_stored_bytes(scan.row_groups[group], names[k]), group, k)
        for group, chosen in wanted
        for k in chosen
    ]
    if len(wanted) < 4 * settings.current().threads:
        return [(size, group, [k]) for size, group, k in alone]
    average = sum([size for size, _, _ in alone]) // len(wanted)  # so that they are read in their order
    return [(average, group, chosen) for group, chosen in wanted]


def _stored_bytes(group: RowGroup, name: str) -> int:
    footer = group.source.footer
    try:
        return int(footer.chunk(group.number, footer.leaves[name]).total_uncompressed_size)
    except (FooterError, KeyError):
        return 0


def put(array: np.ndarray, group: RowGroup, data: Any, column: ScanColumn, first: int) -> None:
    """Write a row group's values into an array, from its row ``first`` on."""
    if data.null_count and column.dtype.kind in "biu":
        raise pyarrow.ArrowInvalid(f"{_statistics(column, group.place)} say that it has none")
    if len(data) != group.rows:
        raise pyarrow.ArrowInvalid(
            f"{group.place} has {len(data):,} rows, and its footer says {group.rows:,}"
        )
    for chunk in data.chunks:
        array[first : first + len(chunk)] = chunk.to_numpy(zero_copy_only=False)
        first += len(chunk)


_ROWS_LOOKED_AT = 1 << 14


def _check_missing(scan: Scan, column: ScanColumn, found: np.ndarray) -> None:
    """A dtype that holds missing values was promised because the statistics speak of some."""
    if column.dtype.kind != "f" or not pyarrow.types.is_integer(column.field.type) or not scan.is_whole:
        return
    parts = range(0, len(found), _ROWS_LOOKED_AT)
    if parts and not any(np.isnan(found[first : first + _ROWS_LOOKED_AT]).any() for first in parts):
        raise pyarrow.ArrowInvalid(f"{_statistics(column, scan.name, 'no')} say that it has some")


def _statistics(column: ScanColumn, place: str, some: str = "") -> str:
    some = f"{some} " if some else ""
    return f"column {column.field.name!r} has {some}missing values in {place}, whose statistics"


def _converted(scan: Scan, column: ScanColumn, data: Any) -> Any:
    if isinstance(column.shown, pandas.StringDtype) and is_text(data.type):
        return column.shown.__from_arrow__(data)  # type: ignore[attr-defined]  # as a frame is made of it
    array = scan.converted(column.field, data)
    if column.shown is not None and array.dtype != column.shown:
        raise pyarrow.ArrowInvalid(
            f"column {column.field.name!r} of {scan.name} reads as {array.dtype}, "
            f"and its statistics promise {column.shown}"
        )
    return array
