"""What rows are grouped by."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas

from lazyframe.pandas_internals import SINCE_3_1, level_number
from lazyframe.record.capture import dtype_of, is_kernel_dtype
from lazyframe.record.categories import category_codes, each_category
from lazyframe.record.column_index import ColumnIndex
from lazyframe.record.dictionaries import codes_of, follow, is_str, source_of
from lazyframe.record.elementwise import BOOL, INT64, both, cast, is_missing, negate, select
from lazyframe.record.groupby_dates import date_codes
from lazyframe.record.groupby_encoding import decode, encode
from lazyframe.record.missing_inputs import holds_missing
from lazyframe.record.row_counts import count_of
from lazyframe.record.row_labels import (
    BoundLabels,
    NumberedLabels,
    RowLabels,
    depends_on_rows,
    is_spaced,
    level_of,
)
from lazyframe.record.zoned_times import points_of, zone_dtype_of
from lazyframe.run.bindings import bind_array, bind_opaque, data_of
from passes.ir.rows import Filter, Group, Range, Rows
from passes.ir.values import (
    OPAQUE,
    Aggregate,
    Gather,
    Key,
    Literal,
    Map,
    Read,
    RowNumber,
    Take,
    Value,
)


class KeyColumn(NamedTuple):
    """One key.

    Parameters
    ----------
    value : Value
        An integer or boolean column: the key itself, the codes of a categorical or of strings, or what
        encodes floats or times.
    name : Hashable
        Of the index level that it becomes.
    categories : pandas.CategoricalDtype or None
        What the codes of a categorical stand for; that of a missing value is -1.
    may_be_missing : bool
        Whether a key may be missing.
    entries : Read or None
        What the codes of strings stand for: a `Dictionary`'s entries.
    encoded : Value or None
        The floats or times that ``value`` encodes.
    follows : bool
        Whether the rows of a group have one ``value`` by the other keys: it is text, and nobody compares it.
    labels : pandas.DatetimeIndex or None
        What the numbers of bins of times stand for; that of a missing time is -1.
    zoned : Value or None
        The times that know their zone of which ``encoded`` are the points: groups show one of theirs.
    """

    value: Value
    name: Hashable
    categories: pandas.CategoricalDtype | None = None
    may_be_missing: bool = False
    entries: Read | None = None
    encoded: Value | None = None
    follows: bool = False
    labels: pandas.DatetimeIndex | None = None
    zoned: Value | None = None

    @property
    def is_listed(self) -> bool:
        """Whether all that the key may be is listed beforehand: categories, or bins of times."""
        return self.categories is not None or self.labels is not None

    @property
    def strings(self) -> Any:
        """The array of ``entries``."""
        return None if self.entries is None else data_of(self.entries.token)

    @property
    def dtype(self) -> Any:
        """Of the keys as pandas shows them."""
        if self.entries is not None:
            return self.strings.dtype
        if self.categories is not None:
            return self.categories
        if self.labels is not None:
            return self.labels.dtype
        if self.follows:
            return dtype_of(self.value)
        if self.zoned is not None:
            return dtype_of(self.zoned)
        return (self.value if self.encoded is None else self.encoded).dtype

    @property
    def missing(self) -> int:
        """The code of a missing category or string."""
        return -1 if self.entries is None else len(self.strings) - 1

    def present(self) -> Value:
        """Where the key is not missing."""
        if self.encoded is None:
            return Map("not_equal", (self.value, Literal(self.missing, self.value.dtype)), BOOL)
        missing = is_missing(self.encoded)
        assert missing is not None
        return negate(missing)

    def missing_last(self) -> Value:
        """``value`` with what is missing behind all other keys."""
        if not self.may_be_missing or self.entries is not None:
            return self.value
        if self.encoded is not None:
            return encode(self.encoded, missing=True)
        if self.labels is not None:
            last = Literal(len(self.labels), INT64)
        else:
            assert self.categories is not None
            last = Literal(len(self.categories.categories), INT64)
        return select(self.present(), cast(self.value, INT64), last)


def key_column(value: Value, name: Hashable) -> KeyColumn | None:
    """``value`` as a key; None if no integers stand for what it holds."""
    kind = value.dtype.kind
    if kind in "biu":
        return KeyColumn(value, name)
    if kind in "fmM":
        missing = _may_be_missing(value)
        return KeyColumn(encode(value, False), name, may_be_missing=missing, encoded=value)
    if value.dtype != OPAQUE:
        return None
    if zone_dtype_of(value) is not None:
        key = key_column(points_of(value), name)
        return None if key is None else key._replace(zoned=value)
    strings = codes_of(value, force=True)
    if strings is not None:
        return KeyColumn(strings.codes, name, None, strings.has_missing, strings.read)
    dates = date_codes(value)
    if dates is not None:
        return KeyColumn(dates[0], name, entries=dates[1])
    return _categorical_key(value, name)


def bound_key(keys: np.ndarray | pandas.Index, rows: Rows) -> Value | None:
    """An array or Index that was given, as a column of rows of its length; None where pandas has to look.

    Of an Index that knows that it is evenly spaced pandas may make another one.
    """
    if not isinstance(rows, Range) or keys.ndim != 1 or len(keys) != rows.extent:
        return None
    if isinstance(keys, np.ndarray):
        known = type(keys) is np.ndarray and is_kernel_dtype(keys.dtype)
        return bind_array(keys.copy(), "key") if known else None
    if isinstance(keys, (pandas.RangeIndex, pandas.MultiIndex)) or getattr(keys, "freq", None) is not None:
        return None
    if is_kernel_dtype(keys.dtype):
        return bind_array(keys.to_numpy(), "key", owner=keys)
    return bind_opaque(keys.array, "key") if is_str(keys.dtype) else None


def _may_be_missing(value: Value) -> bool:
    """Whether there may be NaN or NaT: an input is looked through, once."""
    source = source_of(value)
    return source is None or holds_missing(source)


def _categorical_key(value: Value, name: Hashable) -> KeyColumn | None:
    found = category_codes(value)
    if found is None:
        return None
    codes, dtype, missing = found
    return KeyColumn(codes, name, dtype, missing)


class Grouping(NamedTuple):
    """Rows, and how they are grouped.

    Parameters
    ----------
    rows : Rows
        All rows, those without a key included.
    keys : tuple of KeyColumn
        Columns of ``rows``.
    group : Group
        One row per group.
    dropna : bool
        Whether rows without a key are left out.
    observed : bool
        Whether categories without rows are, too.
    """

    rows: Rows
    keys: tuple[KeyColumn, ...]
    group: Group
    dropna: bool
    observed: bool = True

    def seen(self, value: Value) -> Value:
        """A column of ``rows`` where only rows that are in a group remain."""
        parent = self.group.parent
        return Take(value, parent) if isinstance(parent, Filter) and parent is not self.rows else value

    def shown(self, k: int, label: Value) -> Value:
        """``label``, which is the `label` of key ``k``, or rows of it, as the column that the user gave."""
        key = self.keys[k]
        if key.entries is not None:
            return Gather(key.entries, cast(label, INT64))
        if key.labels is not None:
            if key.labels.tz is not None:
                return Gather(bind_opaque(key.labels.array), label)
            return Gather(bind_array(key.labels.to_numpy(), "bins"), label)
        if key.categories is None:
            return label
        return Gather(bind_opaque(each_category(key.categories)), cast(label, INT64))

    def column(self, k: int) -> Value:
        """The ``k``-th key of each group, as the user gave it; the codes of a categorical."""
        key, found = self.keys[k], self.label(k)
        return found if key.entries is None and key.labels is None else self.shown(k, found)

    def as_column(self, k: int) -> Value:
        """The ``k``-th key of each group, as the user gave it."""
        return self.column(k) if self.keys[k].categories is None else self.shown(k, self.label(k))

    def label(self, k: int) -> Value:
        """The ``k``-th key of each group; the codes of a categorical or of strings."""
        key = self.keys[k]
        if key.follows or key.zoned is not None:
            shown = key.value if key.zoned is None else key.zoned
            source = source_of(shown)
            assert source is not None
            # where the text stands: all rows of a group say the same, in whatever order they come
            place = self.seen(follow(shown, source, RowNumber(source.rows)))
            return Gather(source, Aggregate("minimum", place, self.group, INT64))
        found = Key(self.group, len(compared(self.keys[:k])))
        if key.encoded is None:
            return found
        return decode(found, key.encoded, key.may_be_missing and not self.dropna)

    @property
    def names(self) -> list[Hashable]:
        """Of the index levels."""
        return [key.name for key in self.keys]

    @property
    def bins(self) -> pandas.DatetimeIndex | None:
        """The bins of times that are the only key: all are shown, those without rows too."""
        return self.keys[0].labels if len(self.keys) == 1 else None


def compared(keys: Sequence[KeyColumn]) -> list[KeyColumn]:
    """The keys that tell groups apart, without those that follow from them."""
    return [key for key in keys if not key.follows]


def group_rows(keys: Sequence[KeyColumn], sort: bool, dropna: bool) -> Grouping:
    """Group the rows of ``keys``; a missing category is left out or, with ``dropna=False``, the last key."""
    rows = keys[0].value.rows
    assert rows is not None
    if len(keys) == 1 and not keys[0].may_be_missing:
        return Grouping(rows, tuple(keys), Group(rows, (keys[0].value,), sort), dropna)
    values = [key.value for key in compared(keys)]
    parent: Rows = rows
    if any(key.may_be_missing for key in keys):
        if dropna:
            present = [key.present() for key in keys if key.may_be_missing]
            mask = present[0]
            for other in present[1:]:
                mask = both(mask, other)
            parent = Filter(rows, mask)
            values = [Take(value, parent) for value in values]
        else:
            values = [key.missing_last() for key in compared(keys)]
    return Grouping(rows, tuple(keys), Group(parent, tuple(values), sort), dropna)


def level_column(labels: RowLabels, level: Hashable) -> tuple[Value, Hashable] | None:
    """A level of the index, by its name or number, as a column of the rows that it labels.

    None if it has no such level.
    """
    if not isinstance(labels, BoundLabels):
        return _recorded_level(labels, level)
    source = source_of(labels.value)
    if source is None:
        return None
    index = data_of(source.token)
    try:
        number = level_number(index, level)
    except (KeyError, IndexError, ValueError):
        return None
    if labels.value is not source and depends_on_rows(index, number):
        return None
    return follow(labels.value, source, level_of(source, number)), index.names[number]


def is_spaced_level(labels: RowLabels, level: Hashable, rows: Rows) -> bool:
    """Whether a level knows that it is evenly spaced: its groups may, or may not.

    Since pandas 3.1 a range that is the only level is none of these, unless it labels one row or none.
    """
    if isinstance(labels, NumberedLabels):
        return not SINCE_3_1 or count_of(rows) <= 1
    if isinstance(labels, ColumnIndex) and labels.before is not None:
        number = labels.names.index(level) if level in labels.names else level
        return type(number) is int and number % len(labels.names) < len(labels.before.names)
    source = source_of(labels.value) if isinstance(labels, BoundLabels) else None
    index = None if source is None else data_of(source.token)
    if index is None:
        return False
    if isinstance(index, pandas.RangeIndex):
        return not SINCE_3_1 or count_of(rows) <= 1
    if index.nlevels == 1:
        return is_spaced(index)
    try:
        found = index.levels[level_number(index, level)]
    except (KeyError, IndexError, ValueError):
        return False
    return is_spaced(found)


def _recorded_level(labels: RowLabels, level: Hashable) -> tuple[Value, Hashable] | None:
    """The same of labels that are columns of the graph, such as those that ``set_index`` made."""
    levels = labels.levels()
    if levels is None:
        return None
    names = [one.name for one in levels]
    if level in names:
        if names.count(level) > 1:
            return None
        found = levels[names.index(level)]
    elif type(level) is int and -len(levels) <= level < len(levels):
        found = levels[level]
    else:
        return None
    return found.value, found.name
