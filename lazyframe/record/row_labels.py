"""A table's row labels, as values of the graph that follow its rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple
from weakref import ReferenceType, WeakKeyDictionary, ref

import numpy as np
import pandas

from lazyframe.record.computing import compute
from lazyframe.record.dictionaries import follow, source_of
from lazyframe.record.elementwise import INT64
from lazyframe.record.empty_ranges import empty_range
from lazyframe.record.reductions import Whole, count_rows
from lazyframe.run.bindings import bind_array, bind_opaque, data_of
from passes.ir.rows import Concat, Filter, Group, Range, Rows, Slice, Sort
from passes.ir.values import OPAQUE, Chain, Gather, Literal, Map, Read, RowNumber, Take, Value, View

_known: WeakKeyDictionary[Value, pandas.Index] = WeakKeyDictionary()
_levels: WeakKeyDictionary[Read, dict[int, ReferenceType[Read]]] = WeakKeyDictionary()
"""Of an Index, its levels as columns by their numbers, and their codes by the complements of these."""

_only_levels: WeakKeyDictionary[Read, Read] = WeakKeyDictionary()
"""Of an Index of one level that level, as long as the Index is bound."""


class Level(NamedTuple):
    """One level of an index, as a column of the rows that it labels."""

    value: Value
    name: Hashable


class RowLabels(ABC):
    """What becomes the index of a result: values of the graph, and how pandas' Index is built of them."""

    __slots__ = ("__weakref__",)

    @property
    @abstractmethod
    def parts(self) -> tuple[Value, ...]:
        """The values that `build` wants computed."""

    @abstractmethod
    def build(self, computed: Sequence[Any]) -> pandas.Index:
        """The Index, of what ``parts`` computed to."""

    @abstractmethod
    def known(self) -> pandas.Index | None:
        """The Index, if nothing has to be computed for it."""

    @abstractmethod
    def take(self, rows: Filter | Slice) -> RowLabels:
        """The labels of the rows of a derived row space."""

    @abstractmethod
    def view(self, rows: Range, start: int, step: int) -> RowLabels:
        """The labels of a slice of dense rows."""

    @abstractmethod
    def gather(self, positions: Value) -> RowLabels | None:
        """The labels of the rows at ``positions``, all in range; None where their order says more."""

    @abstractmethod
    def holds_strings(self) -> bool | None:
        """Whether a label might be text; None where that is not known without computing."""

    @abstractmethod
    def holds_whole_numbers(self) -> bool:
        """Whether every label is an integer: then ``[start:stop]`` counts positions."""

    @abstractmethod
    def same_as(self, other: RowLabels) -> bool:
        """Whether the labels are certainly equal, in the same order: then pandas aligns by position."""

    @property
    @abstractmethod
    def names(self) -> list[Hashable]:
        """Of the index levels, without computing them."""

    @abstractmethod
    def levels(self) -> list[Level] | None:
        """What ``reset_index`` makes columns of; None where that depends on the labels, or pandas knows."""


class BoundLabels(RowLabels):
    """Labels that come from a pandas Index: one opaque value.

    Parameters
    ----------
    value : Value
        A `Read` of an Index, or a `Take` or `View` of one.
    masked : frozenset of Rows
        The filters among them that were masks of a series.
    rows : Filter or Slice, optional
        Of which the labels are those of ``value``.
    """

    __slots__ = ("_names", "_value", "masked")

    def __init__(
        self, value: Value, masked: frozenset[Rows] = frozenset(), rows: Filter | Slice | None = None
    ) -> None:
        self._value: Value | tuple[Value, Filter | Slice] = value if rows is None else (value, rows)
        self.masked = masked
        self._names: tuple[Hashable, ...] | None = None

    @property
    def value(self) -> Value:
        """The labels of the rows: many are never asked for."""
        value = self._value
        if isinstance(value, tuple):
            value = self._value = Take(*value)
        return value

    @property
    def parts(self) -> tuple[Value, ...]:
        return (self.value,)

    def build(self, computed: Sequence[Any]) -> pandas.Index:
        (index,) = computed
        if not isinstance(index, pandas.RangeIndex):
            return taken_in_turn(index, self.value, self.masked)
        return taken_in_turn(index, self.value) if len(index) else empty_range(self.value, self.masked)

    def known(self) -> pandas.Index | None:
        return _index_of(self.value)

    def take(self, rows: Filter | Slice) -> BoundLabels:
        return BoundLabels(self.value, self.masked, rows)

    def mask(self, rows: Filter) -> BoundLabels:
        """The same of a filter that is a mask of a series.

        Only neighbours keep a frequency through it, and where there are no rows it makes a range anew.
        """
        masked = self.masked | {rows} if self.has_frequency() or self.is_range() else self.masked
        return BoundLabels(self.value, masked, rows)

    def view(self, rows: Range, start: int, step: int) -> BoundLabels:
        return BoundLabels(View(self.value, rows, start, step), self.masked)

    def gather(self, positions: Value) -> BoundLabels | None:
        if self.has_frequency():
            return None  # pandas keeps a frequency through some orders
        return BoundLabels(Gather(self.value, positions))

    def holds_strings(self) -> bool | None:
        return False if self._kind() in "biufcmM" else None

    def holds_whole_numbers(self) -> bool:
        return self._kind() in "iu"

    def is_range(self) -> bool:
        """Whether these are of a RangeIndex, or rows taken of one."""
        return isinstance(data_of(self._source().token), pandas.RangeIndex)

    def has_frequency(self) -> bool:
        """Whether these are times that are evenly spaced, or were before rows were taken of them."""
        return getattr(data_of(self._source().token), "freq", None) is not None

    def _source(self) -> Read:
        source = source_of(self.value)
        assert source is not None
        return source

    def _kind(self) -> str:
        index = data_of(self._source().token)
        return getattr(index.dtype, "kind", "O") if index.nlevels == 1 else "O"

    @property
    def names(self) -> list[Hashable]:
        if self._names is None:
            self._names = tuple(data_of(self._source().token).names)
        return list(self._names)

    def levels(self) -> list[Level] | None:
        source = self._source()
        index = data_of(source.token)
        levels = index.levels if index.nlevels > 1 else [index]
        if any(level.dtype == OPAQUE for level in levels):
            return None  # pandas looks what kind of objects they are
        if self.value is not source and any(depends_on_rows(index, k) for k in range(index.nlevels)):
            return None
        column = level_of if self.value is source else _looked_up_level
        return [
            Level(follow(self.value, source, column(source, k)), name) for k, name in enumerate(self.names)
        ]

    def same_as(self, other: RowLabels) -> bool:
        if not isinstance(other, BoundLabels):
            return False
        mine, theirs = self.value, other.value
        while mine is not theirs:
            left, right = _index_of(mine), _index_of(theirs)
            if left is not None and right is not None:
                return bool(left.equals(right))
            if not (isinstance(mine, Take) and isinstance(theirs, Take) and mine.rows is theirs.rows):
                return False
            mine, theirs = mine.column, theirs.column
        return True


def depends_on_rows(index: Any, number: int) -> bool:
    """Whether the dtype of a level's values depends on which rows there are: where an integer is missing."""
    if index.nlevels == 1 or getattr(index.levels[number].dtype, "kind", "O") not in "biu":
        return False
    return bool((index.codes[number] < 0).any())


def level_of(source: Read, number: int) -> Value:
    """A level of a whole Index as a column of its rows, made once."""
    index = data_of(source.token)
    if isinstance(index, pandas.RangeIndex):
        return _arithmetic(index, source.rows)
    known = _levels.setdefault(source, {}).get(number)
    found = None if known is None else known()
    if found is None:
        # a level may be called by the number of another one
        unnamed = index.rename([None] * index.nlevels) if index.nlevels > 1 else index
        level = unnamed.get_level_values(number)
        if isinstance(level.dtype, np.dtype) and level.dtype.kind in "biufmM":
            # the token keeps alive the index, whose memory this may be
            found = bind_array(level.to_numpy(), "index", owner=source.token)
        else:
            found = bind_opaque(level.array, "index")
        _levels[source][number] = ref(found)
        if index.nlevels == 1:  # the index has its memory; with it lives what is found out of it
            _only_levels[source] = found
    return found


def _looked_up_level(source: Read, number: int) -> Value:
    """The same where only some rows are asked for: of several levels, by the codes of these."""
    index = data_of(source.token)
    if index.nlevels == 1 or (np.asarray(index.codes[number]) < 0).any():
        return level_of(source, number)
    values = level_of(bind_opaque(index.levels[number], "level"), 0)
    return Gather(values, Map("cast", (codes_of_level(source, number),), INT64))


def codes_of_level(source: Read, number: int) -> Value:
    """A level of a whole MultiIndex as the positions of its values in the level, -1 for a missing one."""
    known = _levels.setdefault(source, {}).get(~number)
    found = None if known is None else known()
    if found is None:
        codes = np.asarray(data_of(source.token).codes[number])
        found = bind_array(codes, "codes", owner=source.token)
        _levels[source][~number] = ref(found)
    return found


def _arithmetic(index: pandas.RangeIndex, rows: Rows) -> Value:
    numbers: Value = RowNumber(rows)
    if index.step != 1:
        numbers = Map("multiply", (numbers, Literal(index.step, INT64)), INT64)
    return Map("add", (numbers, Literal(index.start, INT64)), INT64) if index.start else numbers


def _index_of(value: Value) -> pandas.Index | None:
    if isinstance(value, Read):
        index: pandas.Index = data_of(value.token)
        return index
    if value in _known:
        return _known[value]
    if not isinstance(value, View):
        return None
    whole = _index_of(value.column)
    if whole is None:
        return None
    assert isinstance(value.rows, Range)
    assert isinstance(value.rows.extent, int)
    stop: int | None = value.start + value.step * value.rows.extent
    if stop is not None and stop < 0:
        stop = None
    _known[value] = whole[value.start : stop : value.step]
    return _known[value]


def _range_index_of(labels: Any) -> pandas.Index:
    """What pandas' RangeIndex gives for those of its labels: one itself where they are evenly spaced."""
    return pandas.RangeIndex(int(labels.max()) + 1 if len(labels) else 0).take(labels)


def taken_in_turn(index: pandas.Index, value: Value, masked: frozenset[Rows] = frozenset()) -> pandas.Index:
    """``index``, taken from the first one at once, as pandas has it after one selection after the other.

    A selection of a RangeIndex that is not evenly spaced makes an Index, which stays one whatever is selected
    of it; likewise times lose their frequency for good, and by a mask of a series whenever it changes.  That
    matters, and the selections in between are looked at, only where the last one is evenly spaced.
    """
    if not is_spaced(index):
        return index
    between: list[Value] = []
    masks = [value] if value.rows in masked else []
    at = value
    while isinstance(at, (Take, View, Gather)):
        at = at.column
        if isinstance(at, (Take, Gather)):
            between.append(at)
            masks += [at] if at.rows in masked else []
    wanted = [*between, *[mask.column for mask in masks]]  # type: ignore[attr-defined]  # a mask is a Take
    found = dict(zip(wanted, compute(wanted) if wanted else (), strict=True)) | {value: index}
    labels = {at: one if isinstance(one, pandas.Index) else _range_index_of(one) for at, one in found.items()}
    if not all(is_spaced(labels[at]) for at in between) or any(
        labels[mask].freq != labels[mask.column].freq  # type: ignore[attr-defined]
        for mask in masks
    ):
        if isinstance(index, pandas.RangeIndex):
            return pandas.Index(index.to_numpy(), name=index.name)
        index = index.view()
        index.freq = None  # type: ignore[attr-defined]  # an index of times has one
    return index


def is_spaced(index: pandas.Index) -> bool:
    """Whether pandas knows of an index that its labels are."""
    return isinstance(index, pandas.RangeIndex) or getattr(index, "freq", None) is not None


class NumberedLabels(RowLabels):
    """The positions of the rows, as a fresh ``RangeIndex``, or those of them that were taken since.

    Parameters
    ----------
    rows : Rows
        The rows that are labelled.
    positions : Value, optional
        Each row's int64 label; by default its position.
    """

    __slots__ = ("_positions", "_rows")

    def __init__(self, rows: Rows, positions: Value | None = None) -> None:
        self._rows = rows
        self._positions = positions

    @property
    def parts(self) -> tuple[Value, ...]:
        return (count_rows(Whole(self._rows)) if self._positions is None else self._positions,)

    def build(self, computed: Sequence[Any]) -> pandas.Index:
        (found,) = computed
        if self._positions is None:
            return pandas.RangeIndex(int(found))
        if not len(found):
            return empty_range(self._positions)
        return taken_in_turn(_range_index_of(found), self._positions)

    def known(self) -> pandas.Index | None:
        length = length_of(self._rows)
        return pandas.RangeIndex(length) if self._positions is None and length is not None else None

    def take(self, rows: Filter | Slice) -> NumberedLabels:
        return NumberedLabels(rows, Take(self._value(), rows))

    def view(self, rows: Range, start: int, step: int) -> NumberedLabels:
        return NumberedLabels(rows, View(self._value(), rows, start, step))

    def gather(self, positions: Value) -> NumberedLabels:
        assert positions.rows is not None
        return NumberedLabels(positions.rows, Gather(self._value(), positions))

    def _value(self) -> Value:
        return numbers_of(self._rows) if self._positions is None else self._positions

    def holds_strings(self) -> bool:
        return False

    def holds_whole_numbers(self) -> bool:
        return True

    def same_as(self, other: RowLabels) -> bool:
        return isinstance(other, NumberedLabels) and self._value() is other._value()

    @property
    def names(self) -> list[Hashable]:
        return [None]

    def levels(self) -> list[Level]:
        return [Level(self._value(), None)]


def numbers_of(rows: Rows) -> Value:
    """The position of each row; of a concat by its parts', so that filters of it can be theirs."""
    if not isinstance(rows, Concat):
        return RowNumber(rows)
    first, *others = rows.parts
    chained, before = [numbers_of(first)], count_rows(Whole(first))
    for part in others:
        chained.append(Map("add", (numbers_of(part), before), INT64))
        before = Map("add", (before, count_rows(Whole(part))), INT64)
    return Chain(tuple(chained), rows)


def default_labels(rows: Rows) -> RowLabels:
    """A ``RangeIndex`` from 0 over ``rows``."""
    if isinstance(rows, Range) and isinstance(rows.extent, int):
        return bind_labels(pandas.RangeIndex(rows.extent))
    return NumberedLabels(rows)


def bind_labels(index: pandas.Index) -> BoundLabels:
    """Labels that are a pandas Index, which nobody else may rename."""
    return BoundLabels(bind_opaque(index, "index"))


def length_of(rows: Rows) -> int | None:
    """How many rows there are, if that is known before anything is computed."""
    match rows:
        case Range(int() as extent):
            return extent
        case Sort(parent):
            return length_of(parent)
        case Concat(parts):
            lengths = [length_of(part) for part in parts]
            return None if None in lengths else sum(lengths)  # type: ignore[arg-type]  # no None
        case Slice(parent, start, stop, step):
            whole = length_of(parent)
            return None if whole is None else len(range(whole)[start:stop:step])
    return None


def most_rows(rows: Rows) -> int | None:
    """A number of rows that there are no more than; None where a join may pair any."""
    match rows:
        case Range(int() as extent):
            return extent
        case Filter(parent) | Slice(parent) | Sort(parent) | Group(parent):
            return most_rows(parent)
        case Concat(parts):
            most = [most_rows(part) for part in parts]
            return None if None in most else sum(most)  # type: ignore[arg-type]  # no None
    return None
