"""What rows are grouped by, and the row labels that groups have."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import ReferenceType, WeakKeyDictionary, ref

import numpy as np
import pandas

from lazyframe.record.dictionaries import codes_of, follow, source_of
from lazyframe.record.elementwise import BOOL, INT64, both, cast, negate, select
from lazyframe.record.row_labels import BoundLabels, RowLabels
from lazyframe.run.bindings import bind_array, data_of
from passes.ir.rows import Filter, Group, Range, Rows, Slice
from passes.ir.values import OPAQUE, Gather, Key, Literal, Map, Read, RowNumber, Take, Value

_codes: WeakKeyDictionary[Value, tuple[ReferenceType[Read], bool]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """One key.

    Parameters
    ----------
    value : Value
        An integer or boolean column: the key itself, or the codes of a categorical or of strings.
    name : Hashable
        Of the index level that it becomes.
    categories : pandas.CategoricalDtype or None
        What the codes of a categorical stand for; that of a missing value is -1.
    may_be_missing : bool
        Whether a key may be missing.
    entries : Read or None
        What the codes of strings stand for: a `Dictionary`'s entries.
    """

    value: Value
    name: Hashable
    categories: pandas.CategoricalDtype | None = None
    may_be_missing: bool = False
    entries: Read | None = None

    @property
    def strings(self) -> Any:
        """The array of ``entries``."""
        return None if self.entries is None else data_of(self.entries.token)

    @property
    def dtype(self) -> Any:
        """Of the keys as pandas shows them."""
        if self.entries is not None:
            return self.strings.dtype
        return self.value.dtype if self.categories is None else self.categories

    @property
    def missing(self) -> int:
        """The code of a missing key."""
        return -1 if self.entries is None else len(self.strings) - 1

    def seen_of(self, codes: Value) -> Value:
        """A column of keys, of a column of what they are grouped by."""
        return codes if self.entries is None else Gather(self.entries, cast(codes, INT64))


def key_column(value: Value, name: Hashable) -> KeyColumn | None:
    """``value`` as a key; None if its dtype is neither integer, bool, category nor str."""
    if value.dtype.kind in "biu":
        return KeyColumn(value, name)
    if value.dtype != OPAQUE:
        return None
    strings = codes_of(value, force=True)
    if strings is not None:
        return KeyColumn(strings.codes, name, None, strings.has_missing, strings.read)
    return _categorical_key(value, name)


def _categorical_key(value: Value, name: Hashable) -> KeyColumn | None:
    source = source_of(value)
    data = None if source is None else data_of(source.token)
    if source is None or not isinstance(data, pandas.Categorical):
        return None
    codes, missing = _codes_of(source, data)
    return KeyColumn(follow(value, source, codes), name, data.dtype, missing)


def _codes_of(source: Read, data: pandas.Categorical) -> tuple[Read, bool]:
    known = _codes.get(source)
    if known is not None:
        bound = known[0]()
        if bound is not None:
            return bound, known[1]
    codes = data.codes
    # the token keeps alive what protects the categorical from being written to
    made = bind_array(codes, owner=source.token)
    missing = bool((codes < 0).any())
    _codes[source] = (ref(made), missing)
    return made, missing


@dataclass(frozen=True, slots=True)
class Grouping:
    """Rows, and how they are grouped.

    Parameters
    ----------
    rows : Rows
        All rows, those without a key included.
    keys : tuple of KeyColumn
        Columns of ``rows``.
    group : Group
        One row per group.
    """

    rows: Rows
    keys: tuple[KeyColumn, ...]
    group: Group
    dropna: bool

    def seen(self, value: Value) -> Value:
        """A column of ``rows`` where only rows that are in a group remain."""
        parent = self.group.parent
        return Take(value, parent) if isinstance(parent, Filter) and parent is not self.rows else value

    def labels(self) -> GroupLabels:
        """The index of a result."""
        return GroupLabels(self, tuple([Key(self.group, k) for k in range(len(self.keys))]))

    def small_frame(self, computed: Sequence[Any]) -> pandas.DataFrame:
        """The computed keys as columns of a frame, named so that pandas cannot take names for positions."""
        columns = {
            f"key {number}": _as_pandas(key, array)
            for number, (key, array) in enumerate(zip(self.keys, computed, strict=True))
        }
        return pandas.DataFrame(columns)

    @property
    def names(self) -> list[Hashable]:
        """Of the index levels."""
        return [key.name for key in self.keys]

    def level_values(self) -> tuple[Value, ...]:
        """The distinct keys of all rows, those in no group included: pandas makes levels of them too."""
        loose = [self.keys[k].value for k in self._loose()]
        return tuple([Key(Group(self.rows, (value,), sort=False), 0) for value in loose])

    def _loose(self) -> list[int]:
        """The keys, but for categoricals, that a row may have which is in no group for want of another."""
        if len(self.keys) == 1 or self.group.parent is self.rows:
            return []
        able = [k for k, key in enumerate(self.keys) if key.may_be_missing]
        return [
            k
            for k, key in enumerate(self.keys)
            if key.categories is None and any(other != k for other in able)
        ]

    def index_of(self, computed: Sequence[Any], levels: Sequence[Any]) -> pandas.Index:
        """The index that pandas makes of these keys: it is asked, given one row a group."""
        if len(self.keys) == 1:
            (key,) = self.keys
            single: pandas.Index = pandas.Index(_as_pandas(key, computed[0]), name=key.name, copy=False)
            return single
        frame = self.small_frame(self._with_rows_in_no_group(computed, levels))
        sizes = frame.groupby(list(frame.columns), sort=self.group.sort, dropna=self.dropna).size()
        index: pandas.Index = sizes.index
        index.names = self.names
        return index

    def _with_rows_in_no_group(self, computed: Sequence[Any], levels: Sequence[Any]) -> Sequence[Any]:
        """In front of one row a group: for each value of a level a row whose other keys are missing."""
        if not levels:
            return computed
        extra = sum([len(values) for values in levels])
        found = dict(zip(self._loose(), levels, strict=True))
        columns = []
        first = 0
        for k, (key, array) in enumerate(zip(self.keys, computed, strict=True)):
            values = found.get(k, array[:0])
            filler = key.missing if key.may_be_missing else values[0] if len(values) else 0
            column = np.full(extra, filler, np.int64 if key.categories is not None else array.dtype)
            if k in found:
                column[first : first + len(values)] = values
                first += len(values)
            columns.append(np.concatenate([column, array]))
        return columns


def group_rows(keys: Sequence[KeyColumn], sort: bool, dropna: bool) -> Grouping:
    """Group the rows of ``keys``; a missing category is left out or, with ``dropna=False``, the last key."""
    rows = keys[0].value.rows
    assert rows is not None
    values = [key.value for key in keys]
    parent: Rows = rows
    if any(key.may_be_missing for key in keys):
        if dropna:
            present = [_is_present(key) for key in keys if key.may_be_missing]
            mask = present[0]
            for other in present[1:]:
                mask = both(mask, other)
            parent = Filter(rows, mask)
            values = [Take(value, parent) for value in values]
        else:
            values = [_missing_last(key) for key in keys]
    return Grouping(rows, tuple(keys), Group(parent, tuple(values), sort), dropna)


def _is_present(key: KeyColumn) -> Value:
    return Map("not_equal", (key.value, Literal(key.missing, key.value.dtype)), BOOL)


def _missing_last(key: KeyColumn) -> Value:
    if not key.may_be_missing or key.categories is None:
        return key.value
    last = Literal(len(key.categories.categories), INT64)
    return select(negate(_is_present(key)), last, cast(key.value, INT64))


def _as_pandas(key: KeyColumn, array: Any) -> Any:
    if key.entries is not None:
        return key.strings.take(array)
    if key.categories is None:
        return array
    codes = np.where(array == len(key.categories.categories), -1, array)
    return pandas.Categorical.from_codes(codes, dtype=key.categories)


class GroupLabels(RowLabels):
    """An Index, MultiIndex or CategoricalIndex of the groups' keys.

    Parameters
    ----------
    grouping : Grouping
        Whose groups are labelled.
    values : tuple of Value
        A column for each key: of the groups, or with one key of rows taken from them.
    positions : Value, optional
        With several keys, and rows taken from the groups: which.
    """

    __slots__ = ("_positions", "_values", "grouping")

    def __init__(self, grouping: Grouping, values: tuple[Value, ...], positions: Value | None = None) -> None:
        self.grouping = grouping
        self._values = values
        self._positions = positions

    @property
    def names(self) -> list[Hashable]:
        """Of the levels."""
        return self.grouping.names

    @property
    def parts(self) -> tuple[Value, ...]:
        positions = () if self._positions is None else (self._positions,)
        return (*self._values, *self.grouping.level_values(), *positions)

    def build(self, computed: Sequence[Any]) -> pandas.Index:
        keys = len(self.grouping.keys)
        if self._positions is None:
            return self.grouping.index_of(computed[:keys], computed[keys:])
        taken: pandas.Index = self.grouping.index_of(computed[:keys], computed[keys:-1]).take(computed[-1])
        return taken

    def known(self) -> None:
        return None

    def take(self, rows: Filter | Slice) -> GroupLabels:
        if len(self._values) == 1:
            return GroupLabels(self.grouping, (Take(self._values[0], rows),))
        positions = RowNumber(self.grouping.group) if self._positions is None else self._positions
        return GroupLabels(self.grouping, self._values, Take(positions, rows))

    def view(self, rows: Range, start: int, step: int) -> RowLabels:
        raise NotImplementedError("how many groups there are is not known")

    def holds_strings(self) -> bool | None:
        if len(self._values) > 1:
            return None
        dtype = self.grouping.keys[0].dtype
        if isinstance(dtype, pandas.CategoricalDtype):
            dtype = dtype.categories.dtype
        kind = getattr(dtype, "kind", "O")
        return False if kind in "biufcmM" else None

    def holds_whole_numbers(self) -> bool:
        return len(self._values) == 1 and getattr(self.grouping.keys[0].dtype, "kind", "O") in "iu"

    def same_as(self, other: RowLabels) -> bool:
        return (
            isinstance(other, GroupLabels)
            and self.parts == other.parts
            and all(map(_stand_for_the_same, self.grouping.keys, other.grouping.keys))
            and self.names == other.names
        )


def _stand_for_the_same(one: KeyColumn, other: KeyColumn) -> bool:
    """Whether equal codes of two keys are equal keys."""
    return one.categories == other.categories and one.entries is other.entries


def names_of(labels: RowLabels) -> list[Hashable]:
    """The names of the index levels, without computing them."""
    if isinstance(labels, GroupLabels):
        return labels.names
    if not isinstance(labels, BoundLabels):
        return [None]
    source = source_of(labels.value)
    assert source is not None
    return list(data_of(source.token).names)
