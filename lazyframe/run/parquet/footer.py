"""What a file's footer says of its row groups, once it is known to be safe to ask.

pyarrow opens a file whose footer contradicts itself, and ends the process when it is asked for the
contradiction: its accessors let C++'s exceptions through.  So the footer's Thrift (the compact protocol,
apache/thrift doc/specs/thrift-compact-protocol.md) is walked once before the first question, and checked for
just what they check.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 11, 12
_PHYSICAL = ("BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY")
_WIDTHS = {"BOOLEAN": 1, "INT32": 4, "INT64": 8, "INT96": 12, "FLOAT": 4, "DOUBLE": 8}

# field numbers of apache/parquet-format's parquet.thrift
_ROW_GROUPS, _COLUMNS, _META_DATA, _CRYPTO, _TYPE, _CODEC, _STATISTICS, _SIZES = 4, 1, 3, 8, 1, 4, 12, 16
_TEXT_BYTES, _REPETITIONS, _DEFINITIONS = 1, 2, 3
_BOUNDS = frozenset({1, 2, 5, 6})
_TWICE = ((1, 5), (2, 6))  # as old readers look for them, and as new ones do
_CODECS = range(8)


class FooterError(ValueError):
    """A footer contradicts itself."""


class Footer:
    """The row groups and columns of one file.

    Parameters
    ----------
    raw : bytes
        The Thrift.
    metadata : pyarrow.parquet.FileMetaData
        What pyarrow made of it.
    """

    def __init__(self, raw: bytes, metadata: Any) -> None:
        self._raw = raw
        self.metadata = metadata
        self._chunks: dict[tuple[int, int], Any] = {}
        self.chunks_known: dict[tuple[Any, ...], Any] = {}
        """Where columns are, as whoever decodes them has found out."""

    @cached_property
    def leaves(self) -> dict[str, int]:
        """The positions of the stored columns that are whole columns, by their names.

        Those within lists and structs are not: their paths may be the names of others.
        """
        columns = [self.column(leaf) for leaf in range(len(self.metadata.schema))]
        return {column.path: leaf for leaf, column in enumerate(columns) if column.path == column.name}

    def column(self, leaf: int) -> Any:
        """The ``pyarrow.parquet.ColumnSchema`` of a stored column."""
        return self.metadata.schema.column(leaf)

    def chunk(self, group: int, leaf: int) -> Any:
        """The ``pyarrow.parquet.ColumnChunkMetaData`` of a stored column in a row group.

        Raises
        ------
        FooterError
            If asking for any would end the process.
        """
        assert self._doubtful is not None
        found = self._chunks.get((group, leaf))
        if found is None:
            found = self._chunks[group, leaf] = self.metadata.row_group(group).column(leaf)
        return found

    def has_doubtful_bounds(self, group: int, leaf: int) -> bool:
        """Whether the bounds of a column in a row group are there twice, and not the same."""
        return (group, leaf) in self._doubtful

    @cached_property
    def _doubtful(self) -> set[tuple[int, int]]:
        walker = _Walker(self._raw, [self.column(leaf) for leaf in range(len(self.metadata.schema))])
        try:
            walker.file()
        except IndexError:
            raise FooterError("the footer ends in the middle of a field") from None
        return walker.doubtful


class _Walker:
    """Goes through a footer's Thrift and stops where pyarrow's accessors would."""

    def __init__(self, raw: bytes, columns: list[Any]) -> None:
        self.raw = raw
        self.at = 0
        self.doubtful: set[tuple[int, int]] = set()
        self.kinds = [column.physical_type for column in columns]
        self.widths = [
            column.length if kind == "FIXED_LEN_BYTE_ARRAY" else _WIDTHS.get(kind)
            for column, kind in zip(columns, self.kinds, strict=True)
        ]
        self.levels = [
            {_REPETITIONS: column.max_repetition_level, _DEFINITIONS: column.max_definition_level}
            for column in columns
        ]

    def file(self) -> None:
        for field, kind in self.fields():
            if field == _ROW_GROUPS and kind == _LIST:
                for group in range(self.length()):
                    self.row_group(group)
            else:
                self.skip(kind)

    def row_group(self, group: int) -> None:
        for field, kind in self.fields():
            if field != _COLUMNS or kind != _LIST:
                self.skip(kind)
                continue
            count = self.length()
            if count != len(self.kinds):
                raise FooterError(f"a row group has {count} columns, and the schema {len(self.kinds)}")
            for leaf in range(count):
                self.chunk(group, leaf)

    def chunk(self, group: int, leaf: int) -> None:
        described = False
        for field, kind in self.fields():
            if field == _CRYPTO:
                raise FooterError("a column is encrypted")
            if field == _META_DATA and kind == _STRUCT:
                described = True
                self.described(group, leaf)
            else:
                self.skip(kind)
        if not described:
            raise FooterError("a column is not described")

    def described(self, group: int, leaf: int) -> None:
        for field, kind in self.fields():
            if field == _CODEC and kind == 5:
                if self.signed() not in _CODECS:
                    raise FooterError("a column is compressed in a way that there is not")
            elif field == _TYPE and kind == 5:
                number = self.signed()
                if not 0 <= number < len(_PHYSICAL) or _PHYSICAL[number] != self.kinds[leaf]:
                    raise FooterError("a column's type is not the schema's")
            elif field == _STATISTICS and kind == _STRUCT:
                self.statistics(group, leaf)
            elif field == _SIZES and kind == _STRUCT:
                self.sizes(leaf)
            else:
                self.skip(kind)

    def statistics(self, group: int, leaf: int) -> None:
        width = self.widths[leaf]
        bounds: dict[int, bytes] = {}
        for field, kind in self.fields():
            if field in _BOUNDS and kind == _BINARY:
                length = self.number()
                if width is not None and length != width:
                    raise FooterError(f"a bound has {length} bytes, and its type {width}")
                bounds[field] = self.raw[self.at : self.at + length]
                self.at += length
            else:
                self.skip(kind)
        if any(bounds.get(new, bounds.get(old)) != bounds.get(old, bounds.get(new)) for old, new in _TWICE):
            self.doubtful.add((group, leaf))

    def sizes(self, leaf: int) -> None:
        for field, kind in self.fields():
            if field == _TEXT_BYTES and self.kinds[leaf] != "BYTE_ARRAY":
                raise FooterError("a column that is no text has a size of its text")
            if field in self.levels[leaf] and kind == _LIST:
                count = self.length(6)
                if count not in (0, self.levels[leaf][field] + 1):
                    raise FooterError(f"a histogram has {count} levels")
                for _ in range(count):
                    self.number()
            else:
                self.skip(kind)

    def fields(self) -> Any:
        """The numbers and types of a struct's fields; the caller goes past each value."""
        field = 0
        while True:
            header = self.raw[self.at]
            self.at += 1
            if header == 0:
                return
            delta = header >> 4
            if delta:
                field += delta
            else:
                field = self.signed()
            yield field, header & 15

    def number(self) -> int:
        raw, at = self.raw, self.at
        byte = raw[at]
        at += 1
        if byte < 128:
            self.at = at
            return byte
        value, shift = byte & 127, 7
        while byte >= 128:
            byte = raw[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
        self.at = at
        return value

    def signed(self) -> int:
        found = self.number()
        return (found >> 1) ^ -(found & 1)

    def length(self, kind: int = _STRUCT) -> int:
        """The length of a list of a kind of items."""
        header = self.raw[self.at]
        self.at += 1
        if header & 15 != kind:
            raise FooterError("a list holds something else than it should")
        return self.number() if header >> 4 == 15 else header >> 4

    def skip(self, kind: int) -> None:
        if kind in (_TRUE, _FALSE):
            return
        if kind == _BYTE:
            self.at += 1
        elif kind < _DOUBLE:
            self.number()
        elif kind == _DOUBLE:
            self.at += 8
        elif kind == _BINARY:
            length = self.number()
            self.at += length
        elif kind in (_LIST, _SET):
            header = self.raw[self.at]
            self.at += 1
            count = self.number() if header >> 4 == 15 else header >> 4
            for _ in range(count):
                self._skip_item(header & 15)
        elif kind == _STRUCT:
            for _, inner in self.fields():
                self.skip(inner)
        elif kind == _MAP:
            count = self.number()
            kinds = self.raw[self.at] if count else 0
            self.at += bool(count)
            for _ in range(count):
                self._skip_item(kinds >> 4)
                self._skip_item(kinds & 15)
        else:
            raise FooterError(f"no type of a field is {kind}")

    def _skip_item(self, kind: int) -> None:
        if kind in (_TRUE, _FALSE):
            self.at += 1  # which is in the header of a field, but not of a list
        else:
            self.skip(kind)
