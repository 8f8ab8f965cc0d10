"""The row labels that groups have."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.record.groupby_keys import Grouping, KeyColumn, group_rows
from lazyframe.record.row_labels import Level, RowLabels
from passes.ir.rows import Filter, Range, Slice
from passes.ir.values import Gather, RowNumber, Take, Value

_MOST_SPAN = 1 << 20
"""Integer keys between bounds no further apart are told apart by a table."""


class GroupLabels(RowLabels):
    """An Index, MultiIndex or CategoricalIndex of the groups' keys.

    Parameters
    ----------
    grouping : Grouping
        Whose groups are labelled.
    values : tuple of Value, optional
        A column for each key: of the groups, as it is by default, or with one key of rows taken from them.
    positions : Value, optional
        With several keys, and rows taken from the groups: which.
    """

    __slots__ = ("_columns", "_positions", "grouping")

    def __init__(
        self, grouping: Grouping, values: tuple[Value, ...] | None = None, positions: Value | None = None
    ) -> None:
        self.grouping = grouping
        self._columns = values
        self._positions = positions

    @property
    def _values(self) -> tuple[Value, ...]:
        if self._columns is None:
            grouping = self.grouping
            self._columns = tuple([grouping.label(k) for k in range(len(grouping.keys))])
        return self._columns

    @property
    def names(self) -> list[Hashable]:
        """Of the levels."""
        return self.grouping.names

    @property
    def parts(self) -> tuple[Value, ...]:
        positions = () if self._positions is None else (self._positions,)
        return (*self._values, *level_values(self.grouping), *positions)

    def build(self, computed: Sequence[Any]) -> pandas.Index:
        keys = len(self.grouping.keys)
        if self._positions is None:
            return index_of(self.grouping, computed[:keys], computed[keys:])
        taken: pandas.Index = index_of(self.grouping, computed[:keys], computed[keys:-1]).take(computed[-1])
        return taken

    def known(self) -> None:
        return None

    def take(self, rows: Filter | Slice) -> GroupLabels:
        if len(self._values) == 1:
            return GroupLabels(self.grouping, (Take(self._values[0], rows),))
        positions = RowNumber(self.grouping.group) if self._positions is None else self._positions
        return GroupLabels(self.grouping, self._values, Take(positions, rows))

    def gather(self, positions: Value) -> GroupLabels:
        if len(self._values) == 1:
            return GroupLabels(self.grouping, (Gather(self._values[0], positions),))
        taken = positions if self._positions is None else Gather(self._positions, positions)
        return GroupLabels(self.grouping, self._values, taken)

    def view(self, rows: Range, start: int, step: int) -> RowLabels:
        raise NotImplementedError("how many groups there are is not known")

    def holds_strings(self) -> bool | None:
        if len(self._values) > 1:
            return None
        dtype = self.grouping.keys[0].dtype
        if isinstance(dtype, pandas.CategoricalDtype):
            dtype = dtype.categories.dtype
        return False if getattr(dtype, "kind", "O") in "biufcmM" else None

    def holds_whole_numbers(self) -> bool:
        return len(self._values) == 1 and getattr(self.grouping.keys[0].dtype, "kind", "O") in "iu"

    def same_as(self, other: RowLabels) -> bool:
        return (
            isinstance(other, GroupLabels)
            and self.parts == other.parts
            and all(map(_stand_for_the_same, self.grouping.keys, other.grouping.keys))
            and self.names == other.names
        )

    def levels(self) -> list[Level] | None:
        labels = self._values
        if self._positions is not None:
            labels = tuple([Gather(label, self._positions) for label in labels])
        return [
            Level(self.grouping.shown(k, label), key.name)
            for k, (label, key) in enumerate(zip(labels, self.grouping.keys, strict=True))
        ]


class WindowLabels(GroupLabels):
    """The groups' keys as pandas labels rows with them: by their place in the levels, which may have more."""

    __slots__ = ("_observed",)

    def __init__(self, grouping: Grouping, observed: bool) -> None:
        super().__init__(grouping)
        self._observed = observed

    def build(self, computed: Sequence[Any]) -> pandas.Index:
        """pandas is asked, given one row a group."""
        index = self._of_one_row_each(computed)
        codes = [code[np.argsort(index.codes[-1])] for code in index.codes[:-1]]
        names = self.grouping.names
        return pandas.MultiIndex(index.levels[:-1], codes, names=names, verify_integrity=False)

    def levels(self) -> list[Level] | None:
        """None of categories in order of appearance, whose places pandas takes for those in another order."""
        grouping = self.grouping
        mixed = not grouping.group.sort and any(key.categories is not None for key in grouping.keys)
        return None if mixed else super().levels()

    def order(self, computed: Sequence[Any]) -> np.ndarray:
        """Which group comes when; raises what pandas raises where it does not show them."""
        return np.asarray(self._of_one_row_each(computed).codes[-1])

    def _of_one_row_each(self, computed: Sequence[Any]) -> Any:
        """The labels of a window of one row a group, the last of which numbers the groups."""
        grouping = self.grouping
        keys = computed[: len(grouping.keys)]
        frame = small_frame(grouping, with_rows_in_no_group(grouping, keys, computed[len(keys) :]))
        by = frame.assign(row=0).groupby(
            list(frame.columns), sort=grouping.group.sort, observed=self._observed
        )
        return by["row"].rolling(1).count().index


def _stand_for_the_same(one: KeyColumn, other: KeyColumn) -> bool:
    """Whether equal codes of two keys are equal keys."""
    if one.labels is not other.labels and not (one.labels is not None and one.labels.equals(other.labels)):
        return False
    return one.categories == other.categories and one.entries is other.entries


def group_labels(grouping: Grouping) -> GroupLabels:
    """The index of a result of one row a group."""
    return GroupLabels(grouping)


def window_labels(grouping: Grouping, observed: bool) -> GroupLabels:
    """The labels of groups that rows are labelled with in the order of these."""
    plain = all(key.categories is None for key in grouping.keys)
    return group_labels(grouping) if plain and grouping.group.sort else WindowLabels(grouping, observed)


def level_values(grouping: Grouping) -> tuple[Value, ...]:
    """The distinct keys of all rows, those in no group included: pandas makes levels of them too.

    Behind them come the distinct combinations of keys that it shows beside each category.
    """
    loose = [grouping.keys[k] for k in _loose(grouping)]
    alone = [group_rows([key], sort=False, dropna=True).label(0) for key in loose]
    shown = _shown_with_each(grouping)
    if not shown:
        return tuple(alone)
    combined = group_rows([grouping.keys[k] for k in shown], sort=False, dropna=True)
    return (*alone, *[combined.label(k) for k in range(len(shown))])


def _shown_with_each(grouping: Grouping) -> list[int]:
    """The keys that pandas shows beside each category, of rows that are in no group for want of one, too."""
    keys = grouping.keys
    if grouping.observed or grouping.group.parent is grouping.rows:
        return []
    others = [k for k, key in enumerate(keys) if key.categories is None]
    missing = any(key.categories is not None and key.may_be_missing for key in keys)
    return others if missing and len(others) > 1 else []


def _loose(grouping: Grouping) -> list[int]:
    """The keys that a row may have which is in no group for want of another."""
    keys = grouping.keys
    if len(keys) == 1 or grouping.group.parent is grouping.rows:
        return []
    shown = _shown_with_each(grouping)
    able = [k for k, key in enumerate(keys) if key.may_be_missing and (not shown or k in shown)]
    return [k for k in shown or range(len(keys)) if any(other != k for other in able)]


def index_of(grouping: Grouping, computed: Sequence[Any], levels: Sequence[Any]) -> pandas.Index:
    """The index that pandas makes of these keys."""
    keys = grouping.keys
    if len(keys) == 1:
        single: pandas.Index = pandas.Index(as_pandas(keys[0], computed[0]), name=keys[0].name, copy=False)
        return single
    if any(key.categories is not None for key in keys):
        return _index_with_categories(grouping, computed, levels)
    sort = grouping.group.sort
    found = dict(zip(_loose(grouping), levels, strict=True))
    made: list[Any] = []
    codes: list[Any] = []
    for k, (key, values) in enumerate(zip(keys, computed, strict=True)):
        if key.labels is not None:
            made.append(key.labels.rename(None))
            codes.append(values)
            continue
        unique, places = _codes_in(values, found[k], sort) if k in found else _distinct(values, sort)
        made.append(pandas.Index(as_pandas(key, unique)))
        codes.append(places)
    return pandas.MultiIndex(
        levels=made,
        codes=codes,
        names=grouping.names,
        verify_integrity=False,
    )


def _codes_in(values: np.ndarray, level: np.ndarray, sort: bool) -> tuple[np.ndarray, np.ndarray]:
    """The distinct values of a level, and where in it each of ``values`` is."""
    unique: Any = level
    if sort:
        unique = np.sort(level) if isinstance(level, np.ndarray) else pandas.Index(level).sort_values()
    return unique, pandas.Index(unique).get_indexer(pandas.Index(values))


def _distinct(values: np.ndarray, sort: bool) -> tuple[np.ndarray, np.ndarray]:
    """The distinct values, ascending or in order of appearance, and where among them each is."""
    if not sort or values.dtype.kind not in "iu" or len(values) == 0:
        codes, unique = pandas.factorize(values, sort=sort, use_na_sentinel=False)
        return unique, codes
    low = int(values.min())
    span = int(values.max()) - low + 1
    if span > max(_MOST_SPAN, len(values)):
        codes, unique = pandas.factorize(values, sort=True)
        return unique, codes
    wide = values if values.dtype.itemsize == 8 else values.astype(np.int64)
    offsets = (wide - wide.dtype.type(low)).astype(np.int64, copy=False)
    present = np.zeros(span, np.bool_)
    present[offsets] = True
    unique = np.flatnonzero(present).astype(wide.dtype) + wide.dtype.type(low)
    return unique.astype(values.dtype), (np.cumsum(present) - 1)[offsets]


def as_pandas(key: KeyColumn, array: Any) -> Any:
    """The computed keys of groups, codes as what they stand for."""
    if key.entries is not None:
        return key.strings.take(array)
    if key.labels is not None:
        return key.labels.take(array)
    if key.categories is None:
        return array
    codes = np.where(array == len(key.categories.categories), -1, array)
    return pandas.Categorical.from_codes(codes, dtype=key.categories)


def small_frame(grouping: Grouping, computed: Sequence[Any]) -> pandas.DataFrame:
    """The computed keys as columns of a frame, named so that pandas cannot take names for positions."""
    columns = {
        f"key {number}": as_pandas(key, array)
        for number, (key, array) in enumerate(zip(grouping.keys, computed, strict=True))
    }
    return pandas.DataFrame(columns)


def _index_with_categories(
    grouping: Grouping, computed: Sequence[Any], levels: Sequence[Any]
) -> pandas.Index:
    """pandas is asked, given one row a group."""
    frame = small_frame(grouping, with_rows_in_no_group(grouping, computed, levels))
    sizes = frame.groupby(list(frame.columns), sort=grouping.group.sort, dropna=grouping.dropna).size()
    index: pandas.Index = sizes.index
    index.names = grouping.names
    return index


def _missing_of(key: KeyColumn, dtype: np.dtype) -> Any:
    """What stands for a missing key in a column of these."""
    if key.categories is not None or key.entries is not None:
        return key.missing
    return np.nan if dtype.kind == "f" else np.array("NaT", dtype)


def with_rows_in_no_group(
    grouping: Grouping, computed: Sequence[Any], levels: Sequence[Any]
) -> Sequence[Any]:
    """In front of one row a group: for each value of a level a row whose other keys are missing.

    And one whose categories are missing for each combination of the keys that are shown with each of these.
    """
    if not levels:
        return computed
    loose, shown = _loose(grouping), _shown_with_each(grouping)
    found = dict(zip(loose, levels, strict=False))
    together = dict(zip(shown, levels[len(loose) :], strict=True))
    alone = sum([len(values) for values in found.values()])
    extra = alone + (len(levels[-1]) if shown else 0)
    columns = []
    first = 0
    for k, (key, array) in enumerate(zip(grouping.keys, computed, strict=True)):
        values = found.get(k, array[:0])
        column = _nothing_known_of(key, extra, array, values)
        if k in found:
            column[first : first + len(values)] = values
            first += len(values)
        if k in together:
            column[alone:] = together[k]
        columns.append(_end_to_end(column, array))
    return columns


def _nothing_known_of(key: KeyColumn, count: int, array: Any, values: Any) -> Any:
    """As many keys that are missing, or, where none is, that are there already."""
    if not isinstance(array.dtype, np.dtype):  # times that know their zone
        return pandas.array([None] * count, dtype=array.dtype)
    filler = _missing_of(key, array.dtype) if key.may_be_missing else values[0] if len(values) else 0
    return np.full(count, filler, np.int64 if key.categories is not None else array.dtype)


def _end_to_end(one: Any, other: Any) -> Any:
    if isinstance(one, np.ndarray):
        return np.concatenate([one, other])
    return pandas.concat([pandas.Series(one), pandas.Series(other)], ignore_index=True).array
