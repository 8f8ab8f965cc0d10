"""What a lazy frame or series is: values of one row space, with labels."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import pandas

from lazyframe.pandas_internals import Manager, manager_from_arrays, note_sharing, series_manager
from lazyframe.record.capture import Capture, capture_of_array, dtype_of
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.computing import Given, compute
from lazyframe.record.row_labels import RowLabels, bind_labels, length_of
from passes.ir.rows import Rows
from passes.ir.values import Value

FRAGMENTED = 100
"""Past this many blocks pandas warns of fragmentation when a column is added."""


class Labelled:
    """The part that tables and series share: rows, and an index that is handed out once.

    One of them is made for every operation: each sets all of its attributes itself.
    """

    __slots__ = ("__weakref__", "_given_index", "_labels", "rows")

    rows: Rows
    _labels: RowLabels
    _given_index: pandas.Index | None

    @property
    def labels(self) -> RowLabels:
        """The row labels, under the names that somebody may have given them since."""
        given = self._given_index
        if given is not None:
            known = self._labels.known()
            if known is not given and (known is None or not have_same_names(known, given)):
                self._labels = bind_labels(given.view())
        return self._labels

    @property
    def index(self) -> pandas.Index | None:
        """The row labels as pandas has them, if that takes no computing."""
        if self._given_index is None:
            known = self._labels.known()
            if known is not None:
                self._given_index = known.view()
        return self._given_index

    @property
    def length(self) -> int | None:
        """The number of rows, if that takes no computing."""
        return length_of(self.rows)

    @property
    def index_holds_strings(self) -> bool | None:
        """Whether row labels might be attribute names."""
        return self._labels.holds_strings()

    def _needed(self, values: Sequence[Value]) -> list[Value]:
        return [*values, *(() if self.index is not None else self._labels.parts)]

    def _parted(self, computed: Sequence[Any], count: int, given: Given) -> tuple[list[Any], pandas.Index]:
        """The arrays of ``count`` values, and the index, of what `_needed` computed to."""
        index = self.index
        if index is None:
            index = _index_of(self._labels, computed[count:], given)
        return list(computed[:count]), index


def _index_of(labels: RowLabels, parts: Sequence[Any], given: Given) -> pandas.Index:
    """The index that labels make of their computed parts, which nobody writes to from now on."""
    own = [part.copy() if id(part) in given.as_columns else part for part in parts]
    index = labels.build(own)
    given.as_labels.update(map(id, own))
    for part in own:
        references = capture_of_array(part)
        if references is not None:
            note_sharing(index, references)
    return index


def _owned(arrays: list[Any], values: Sequence[Value], given: Given) -> list[Any]:
    """For each array the references of the frame it was read from.

    An array that no frame holds, so that nothing would copy it before it is written to, is the user's if it
    was computed just now: an input of the graph is copied, and so is what was ``given`` out before, and what
    is locked.
    """
    references: list[Any] = []
    for position, array in enumerate(arrays):
        source = capture_of_array(array)
        references.append(source)
        if source is None:
            arrays[position] = given.own(values[position], array)
    return references


def have_same_names(one: pandas.Index, other: pandas.Index) -> bool:
    """Whether the axes that two indexes label are called the same."""
    if isinstance(one, pandas.MultiIndex) or isinstance(other, pandas.MultiIndex):
        return list(one.names) == list(other.names)
    return one.name is other.name or [one.name] == [other.name]


class ColumnsOf:
    """Where a table's columns come from: those of another one, seen from its rows.

    Parameters
    ----------
    table : Table
        The other one.
    positions : sequence of int, optional
        Which of its columns; by default all.
    seen : callable, optional
        Gives what a column is over these rows, at its dtype, where they are not the same.
    """

    __slots__ = ("_positions", "seen", "table")

    def __init__(
        self,
        table: Table,
        positions: Sequence[int] | None = None,
        seen: Callable[[Value], Value] | None = None,
    ) -> None:
        self.table = table
        self._positions = positions
        self.seen = seen

    def position(self, position: int) -> int:
        """The position in the other table of the column at ``position``."""
        return position if self._positions is None else self._positions[position]


MOST_DEPTH = 30
"""Columns that are made of unmade ones, and these of others: past so many, all of them are made at once."""

Source = Callable[[int], Value] | ColumnsOf | Capture


class Table(Labelled):
    """A frame that is recorded.

    Parameters
    ----------
    rows : Rows
        The row space of every column.
    columns : ColumnLabels
        One label a column.
    labels : RowLabels
        Over the same rows.
    values : sequence of Value or None, optional
        One a column.
    source : callable, ColumnsOf or Capture, optional
        In place of ``values``, or of those that are None: gives the value of the column at a position, asked
        once, when it is needed.
    """

    __slots__ = ("_dtypes", "_given_columns", "_source", "_values", "column_labels", "depth", "signature")

    def __init__(
        self,
        rows: Rows,
        columns: ColumnLabels,
        labels: RowLabels,
        values: Sequence[Value | None] | None = None,
        source: Source | None = None,
    ) -> None:
        self.rows = rows
        self._labels = labels
        self._given_index = None
        self.column_labels = columns
        self._given_columns: pandas.Index | None = None
        self._values: list[Value | None] = [None] * len(columns) if values is None else list(values)
        self._source = source
        self._dtypes: list[Any] | None = None
        self.depth: int = source.table.depth if isinstance(source, ColumnsOf) else 0
        """How many tables one after the other may have to make columns before one is made here."""
        self.signature: tuple[ColumnLabels, Hashable] | None = None
        """What `lazyframe.record.groupby_schema.signature_of` found, of which labels."""

    def __len__(self) -> int:
        return len(self._values)

    def value(self, position: int) -> Value:
        """The column at a position."""
        found = self._values[position]
        return self._find(position) if found is None else found

    def _find(self, position: int) -> Value:
        """`value`, where nobody has asked before; a thousand tables deep without recursion."""
        awaiting: list[tuple[Table, int, ColumnsOf]] = []
        table = self
        while (found := table._values[position]) is None:
            source = table._source
            assert source is not None
            if not isinstance(source, ColumnsOf):
                found = source.read(position) if isinstance(source, Capture) else source(position)
                table._values[position] = found
                break
            awaiting.append((table, position, source))
            table, position = source.table, source.position(position)
        for table, position, source in reversed(awaiting):
            if source.seen is not None:
                found = source.seen(found)
            table._values[position] = found
        return found

    def values(self) -> list[Value]:
        """All columns."""
        return [self.value(position) for position in range(len(self._values))]

    def values_made(self) -> list[Value]:
        """The columns that somebody has asked for, and those that were there at once."""
        return [value for value in self._values if value is not None]

    def column_named(self, label: Any) -> Value | None:
        """The one column called ``label``, or None."""
        position = self.current_columns().position(label)
        return None if position is None else self.value(position)

    def current_columns(self) -> ColumnLabels:
        """The column labels, under the name that somebody may have given the axis since."""
        given = self._given_columns
        if given is not None and not have_same_names(given, self.column_labels.index()):
            self.column_labels = ColumnLabels(given.view())
        return self.column_labels

    def derived(
        self,
        values: Sequence[Value | None] | None = None,
        *,
        columns: ColumnLabels | None = None,
        rows: Rows | None = None,
        labels: RowLabels | None = None,
        source: Source | None = None,
    ) -> Table:
        """A table like this one except for what is given; of this one's columns without values or source."""
        same = values is None and source is None
        made = Table(
            self.rows if rows is None else rows,
            self.current_columns() if columns is None else columns,
            self.labels if labels is None else labels,
            self._values if same else values,
            self._source if same else source,
        )
        if same:
            made._dtypes, made.depth = self._dtypes, self.depth
        return made

    def unmade(
        self,
        values: Sequence[Value | None],
        make: Callable[[int], Value],
        dtypes: list[Any],
        depth: int,
        *,
        columns: ColumnLabels | None = None,
        rows: Rows | None = None,
        labels: RowLabels | None = None,
    ) -> Table:
        """A table like this one but for what is given, whose columns that are None ``make`` gives if needed.

        Parameters
        ----------
        values : sequence of Value or None
            One a column.
        make : callable
            Gives the value of the column at a position.
        dtypes : list
            Of all columns, as pandas shows them.
        depth : int
            That of the deepest table that ``make`` asks.
        columns, rows, labels : optional
            In place of this table's.
        """
        made = self.derived(values, columns=columns, rows=rows, labels=labels, source=make)
        made._dtypes, made.depth = dtypes, depth + 1
        if made.depth > MOST_DEPTH:
            made.values()
            made.depth = 0
        return made

    def with_column(self, label: Any, value: Value) -> Table | None:
        """This table with one column replaced in its place or added behind; None if pandas must decide."""
        columns = self.current_columns()
        position = columns.position(label)
        if position is None and not columns.can_append(label):
            return None
        made = self.derived(columns=columns)
        if position is not None:
            made._values[position] = value
        else:
            made.column_labels = columns.append(label)
            made._values.append(value)
        if made._dtypes is not None:
            made._dtypes = [*made._dtypes, None] if position is None else [*made._dtypes]
            made._dtypes[-1 if position is None else position] = dtype_of(value)
        return made

    # what a lazy frame is asked (lazyframe.api.recorded.Recorded) ----------------------------------------

    @property
    def columns(self) -> pandas.Index:
        """The column labels as pandas has them."""
        if self._given_columns is None:
            self._given_columns = self.column_labels.index().view()
        return self._given_columns

    @property
    def dtypes(self) -> list[Any]:
        """The dtype of each column, which nobody changes; none is bound for it."""
        if self._dtypes is None:
            self._dtypes = [self._dtype(position) for position in range(len(self._values))]
        return self._dtypes

    def _dtype(self, position: int) -> Any:
        table = self
        while (found := table._values[position]) is None:
            source = table._source
            if table._dtypes is not None:
                return table._dtypes[position]
            if isinstance(source, Capture):
                return source.dtype(position)
            if not isinstance(source, ColumnsOf):
                return dtype_of(table.value(position))
            table, position = source.table, source.position(position)
        return dtype_of(found)

    @property
    def name(self) -> Hashable:
        return None

    def needed(self) -> list[Value]:
        """What `manager` computes."""
        return self._needed(self.values())

    def manager(self) -> Manager:
        """Compute everything."""
        return self.manager_of(compute(self.needed(), lent=True), Given())

    def manager_of(self, computed: Sequence[Any], given: Given) -> Manager:
        """The manager of what `needed` computed to, but for the arrays that others were ``given``."""
        arrays, index = self._parted(computed, len(self), given)
        references = _owned(arrays, self.values(), given)
        return manager_from_arrays(
            arrays, self.columns, index, consolidate=len(arrays) > FRAGMENTED, references=references
        )


class Column(Labelled):
    """A series that is recorded: one value, with labels and a name."""

    __slots__ = ("name", "value")

    def __init__(self, value: Value, labels: RowLabels, name: Hashable = None) -> None:
        assert value.rows is not None
        self.rows = value.rows
        self._labels = labels
        self._given_index = None
        self.value = value
        self.name = name

    @property
    def columns(self) -> None:
        return None

    def named(self, name: Hashable) -> Column:
        """The same under another name."""
        renamed = Column(self.value, self._labels, name)
        renamed._given_index = self._given_index
        return renamed

    @property
    def dtypes(self) -> list[Any]:
        """The one dtype."""
        return [dtype_of(self.value)]

    def needed(self) -> list[Value]:
        """What `manager` computes."""
        return self._needed([self.value])

    def manager(self) -> Manager:
        """Compute."""
        return self.manager_of(compute(self.needed(), lent=True), Given())

    def manager_of(self, computed: Sequence[Any], given: Given) -> Manager:
        """The manager of what `needed` computed to, but for the arrays that others were ``given``."""
        arrays, index = self._parted(computed, 1, given)
        (reference,) = _owned(arrays, [self.value], given)
        return series_manager(arrays[0], index, reference)


class UnmadeColumn(Column):
    """A series whose value is made when it is first needed.

    Parameters
    ----------
    rows : Rows
        The value's.
    labels : RowLabels
        Over the same rows.
    name : hashable
        Of the series.
    dtype : dtype
        The value's, as pandas shows it.
    make : callable
        Gives the value; called once.
    """

    __slots__ = ("_dtype", "_made", "_make")

    def __init__(
        self, rows: Rows, labels: RowLabels, name: Hashable, dtype: Any, make: Callable[[], Value]
    ) -> None:
        self.rows = rows
        self._labels = labels
        self._given_index = None
        self.name = name
        self._dtype = dtype
        self._make = make
        self._made: Value | None = None

    @property
    def value(self) -> Value:  # type: ignore[override]  # nobody sets it
        if self._made is None:
            self._made = self._make()
        return self._made

    @property
    def dtypes(self) -> list[Any]:
        """The one dtype."""
        return [self._dtype]
