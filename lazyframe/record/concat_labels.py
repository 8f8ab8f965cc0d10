"""The labels of tables one behind the other."""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas

from lazyframe.record.constants import constant
from lazyframe.record.dictionaries import is_str
from lazyframe.record.elementwise import INT64
from lazyframe.record.row_labels import (
    BoundLabels,
    Level,
    RowLabels,
    bind_labels,
    most_rows,
    numbers_of,
    taken_in_turn,
)
from lazyframe.run.bindings import bind_array, bind_opaque
from passes.ir.rows import Concat, Filter, Range, Rows, Slice
from passes.ir.values import Chain, Gather, Take, Value, View


class OuterKeys(NamedTuple):
    """What ``concat`` labels its parts with, in a level of the index in front of theirs.

    Parameters
    ----------
    keys : tuple
        One a part.
    given : tuple or None
        The names that the user gave.
    names : tuple
        Of all levels of the index.
    """

    keys: tuple[Hashable, ...]
    given: tuple[Hashable, ...] | None
    names: tuple[Hashable, ...]

    def put_before(self, indexes: Sequence[pandas.Index]) -> pandas.Index:
        """The indexes of all parts as one, made by pandas."""
        return _keyed(indexes, self.keys, self.given)


def _keyed(indexes: Sequence[pandas.Index], keys: Any, names: Any) -> pandas.Index:
    frames = [pandas.DataFrame(index=index) for index in indexes]
    made = pandas.concat(frames, keys=list(keys), names=None if names is None else list(names))
    index: pandas.Index = made.index
    return index


def outer_keys(
    parts: Sequence[RowLabels], keys: Sequence[Any], names: Sequence[Any] | None
) -> OuterKeys | None:
    """The keys of parts; None where pandas raises, or what it calls the levels depends on the labels."""
    inner = [tuple(part.names) for part in parts]
    if len(set(inner)) > 1 or len(keys) != len(parts) or not keys:
        return None
    depth = len(keys[0]) if type(keys[0]) is tuple else 0
    if not all((type(key) is tuple and len(key) == depth) if depth else _is_key(key) for key in keys):
        return None
    if depth and not all(_is_key(part) for key in keys for part in key):
        return None
    levels = max(depth, 1)
    if names is not None and not (
        len(names) in (levels, levels + len(inner[0])) and all(map(_is_plain, names))
    ):
        return None
    samples = [pandas.Index([number], name=inner[0][0]) for number in range(len(parts))]
    if len(inner[0]) > 1:
        samples = [
            pandas.MultiIndex.from_arrays([[number]] * len(inner[0]), names=inner[0])
            for number in range(len(parts))
        ]
    found = [list(_keyed(some, keys, names).names) for some in (samples, [samples[0]] * len(parts))]
    if found[0] != found[1]:
        return None
    return OuterKeys(tuple(keys), None if names is None else tuple(names), tuple(found[0]))


_KEYS = (str, int, float, bool, np.str_, np.int64, np.float64, pandas.Timestamp, datetime.date)


def _is_key(key: Any) -> bool:
    """Whether a key is one that pandas only labels with, of a type that nobody can change."""
    return type(key) in _KEYS and key == key


def _is_plain(label: Any) -> bool:
    return label is None or type(label) in (str, int)


def labels_end_to_end(
    rows: Rows, parts: Sequence[RowLabels], outer: OuterKeys | None = None
) -> RowLabels | None:
    """The labels of each part, one part behind the other; None where pandas has its own rules.

    Parameters
    ----------
    rows : Rows
        The rows of all parts.
    parts : sequence of RowLabels
        Of each part.
    outer : OuterKeys, optional
        What comes in a level in front of theirs.
    """
    found = ConcatLabels(rows, tuple(parts), outer=outer)
    if any(isinstance(part, BoundLabels) and part.has_frequency() for part in parts):
        whole = found.known()
        if whole is None or isinstance(rows, Range):
            return None if whole is None else bind_labels(whole)
        return found if getattr(whole, "freq", None) is None else None
    return found


class ConcatLabels(RowLabels):
    """The labels of each part, put together when somebody asks.

    Parameters
    ----------
    rows : Rows
        The rows of all parts.
    labels : tuple of RowLabels
        Of each part.
    positions : Value, optional
        Which of ``rows`` are labelled; by default each.
    outer : OuterKeys, optional
        What comes in a level in front of theirs.
    """

    __slots__ = ("_known", "_labels", "_outer", "_positions", "_rows")

    def __init__(
        self,
        rows: Rows,
        labels: tuple[RowLabels, ...],
        positions: Value | None = None,
        outer: OuterKeys | None = None,
    ) -> None:
        self._rows = rows
        self._labels = labels
        self._positions = positions
        self._outer = outer
        self._known: pandas.Index | None = None

    @property
    def parts(self) -> tuple[Value, ...]:
        own = () if self._positions is None else (self._positions,)
        return (*[value for labels in self._labels for value in labels.parts], *own)

    def build(self, computed: Sequence[Any]) -> pandas.Index:
        indexes: list[pandas.Index] = []
        first = 0
        for labels in self._labels:
            behind = first + len(labels.parts)
            indexes.append(labels.build(computed[first:behind]))
            first = behind
        whole = self._whole(indexes)
        if self._positions is None:
            return whole
        return taken_in_turn(whole.take(computed[-1]), self._positions)

    def known(self) -> pandas.Index | None:
        indexes = [labels.known() for labels in self._labels] if self._known is None else []
        if indexes and self._positions is None and all(index is not None for index in indexes):
            self._known = self._whole(indexes)  # type: ignore[arg-type]  # no None
        return self._known

    def _whole(self, indexes: Sequence[pandas.Index]) -> pandas.Index:
        if self._outer is not None:
            return self._outer.put_before(indexes)
        first, *others = indexes
        return first.append(others)

    def _of(self, positions: Value) -> ConcatLabels:
        return ConcatLabels(self._rows, self._labels, positions, self._outer)

    def take(self, rows: Filter | Slice) -> ConcatLabels:
        return self._of(Take(self._value(), rows))

    def view(self, rows: Range, start: int, step: int) -> ConcatLabels:
        return self._of(View(self._value(), rows, start, step))

    def gather(self, positions: Value) -> ConcatLabels:
        return self._of(Gather(self._value(), positions))

    def _value(self) -> Value:
        return numbers_of(self._rows) if self._positions is None else self._positions

    def holds_strings(self) -> bool | None:
        if self._outer is not None:
            return None
        found = [labels.holds_strings() for labels in self._labels]
        return False if all(one is False for one in found) else None

    def holds_whole_numbers(self) -> bool:
        return self._outer is None and all(labels.holds_whole_numbers() for labels in self._labels)

    def same_as(self, other: RowLabels) -> bool:
        return (
            isinstance(other, ConcatLabels)
            and self._value() is other._value()
            and self._rows is other._rows
            and self._outer == other._outer
            and all(one.same_as(another) for one, another in zip(self._labels, other._labels, strict=True))
        )

    @property
    def names(self) -> list[Hashable]:
        if self._outer is not None:
            return list(self._outer.names)
        names = [labels.names for labels in self._labels]
        return list(names[0]) if all(one == names[0] for one in names) else [None] * len(names[0])

    def levels(self) -> list[Level] | None:
        inner = self._inner_level()
        if inner is None:
            return None
        values = [inner]
        if self._outer is not None:
            key = self._outer_level(self._outer.keys)
            if key is None:
                return None
            values = [key, inner]
        if self._positions is not None:
            values = [Gather(value, self._positions) for value in values]
        return [Level(value, name) for value, name in zip(values, self.names, strict=True)]

    def _inner_level(self) -> Value | None:
        """The parts' labels as a column, if these are integers."""
        found = [labels.levels() or [] for labels in self._labels]
        if any(len(levels) != 1 for levels in found):
            return None
        values = tuple([levels[0].value for levels in found])
        if any(value.dtype != INT64 for value in values) or not most_rows(self._rows):
            return None  # without rows it stays a RangeIndex, or not
        if isinstance(self._rows, Concat):
            return Chain(values, self._rows)
        known = [labels.known() for labels in self._labels]
        if any(index is None for index in known):
            return None
        return bind_array(np.concatenate([index.to_numpy() for index in known]), "index")  # type: ignore[union-attr]

    def _outer_level(self, keys: Sequence[Hashable]) -> Value | None:
        """The key of the part that each row is of, if all are strings, or integers."""
        index = pandas.Index(list(keys))
        if index.nlevels > 1:
            return None
        if not (is_str(index.dtype) or index.dtype == INT64):
            return None
        number = self._part_numbers()
        held = (
            bind_array(index.to_numpy(), "keys") if index.dtype == INT64 else bind_opaque(index.array, "keys")
        )
        return None if number is None else Gather(held, number)

    def _part_numbers(self) -> Value | None:
        if isinstance(self._rows, Concat):
            numbers = [constant(k, part) for k, part in enumerate(self._rows.parts)]
            return None if None in numbers else Chain(tuple(numbers), self._rows)  # type: ignore[arg-type]
        known = [labels.known() for labels in self._labels]
        if any(index is None for index in known):
            return None
        lengths = [len(index) for index in known]  # type: ignore[arg-type]  # no None
        return bind_array(np.repeat(np.arange(len(lengths)), lengths), "part")
