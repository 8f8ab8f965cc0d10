"""A frame's column labels, to which a thousand assignments may each add one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import pandas

from lazyframe.pandas_internals import same_labels_always

_MOST_REMEMBERED = 512
_remembered: dict[Hashable, Any] = {}


def remembered(index: pandas.Index, what: Hashable, make: Callable[[], Any]) -> Any:
    """What ``make()`` says of an index's labels and names, asked once for the index and all its views.

    Parameters
    ----------
    index : pandas.Index
        Whose labels ``make`` looks at.
    what : hashable
        Tells questions about one index apart.
    make : callable
        Gives the answer, which nobody changes.
    """
    identity = same_labels_always(index)
    if identity is None:
        return make()
    key = (identity, *index.names, what)
    found = _remembered.get(key)
    if found is None:
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        found = _remembered[key] = make()
    return found


class ColumnLabels:
    """A pandas Index of column labels, and text labels added behind it that it does not hold yet.

    Parameters
    ----------
    base : pandas.Index
        Any labels: duplicates, None, tuples, several levels.
    added : dict, optional
        New text labels and their positions, after those of ``base``, whose dtype is pandas' ``str``.
    """

    __slots__ = ("_added", "_base", "_index")

    def __init__(self, base: pandas.Index, added: dict[str, int] | None = None) -> None:
        self._base = base
        self._added = added
        self._index = None if added else base

    def __len__(self) -> int:
        return len(self._base) + (len(self._added) if self._added else 0)

    def label(self, position: int) -> Any:
        """The label of the column at a position."""
        index = self.index()
        if not isinstance(index.dtype, pandas.StringDtype):
            return index[position]
        return remembered(index, "labels", index.tolist)[position]

    def take(self, positions: Sequence[int]) -> ColumnLabels:
        """The labels at some positions, in that order."""
        index = self.index()
        chosen = tuple(positions)
        return ColumnLabels(remembered(index, ("take", *chosen), lambda: index.take(list(chosen))))

    def position(self, label: Any) -> int | None:
        """The position of the one column called ``label``; None where pandas has to decide.

        That is where there is no such column or several, and where one label may stand for several columns.
        """
        if self._added and type(label) is str:
            found = self._added.get(label)
            if found is not None:
                return found
        if self._base.nlevels > 1 or not self._holds(label):
            return None
        try:
            position = self._base.get_loc(label)
        except (KeyError, TypeError, ValueError, pandas.errors.InvalidIndexError):
            return None
        # a bool is an int too, and get_loc never gives one
        return position if type(position) is int else None

    def can_append(self, label: Any) -> bool:
        """Whether a new column called ``label`` is the plain case: one level, and it is not there."""
        known = self._added is not None and label in self._added
        return self._base.nlevels == 1 and not known and not self._holds(label)

    def _holds(self, label: Any) -> bool:
        try:
            return label in self._base
        except TypeError:
            return True  # what has no hash is for pandas to complain of

    def append(self, label: Any) -> ColumnLabels:
        """These labels with ``label``, which `can_append`, behind them."""
        if type(label) is str and isinstance(self._base.dtype, pandas.StringDtype):
            added = dict(self._added) if self._added else {}
            added[label] = len(self)
            return ColumnLabels(self._base, added)
        index = self.index()
        return ColumnLabels(index.insert(len(index), label))

    def insert_first(self, label: Any) -> ColumnLabels | None:
        """These labels with ``label`` in front; None if it is there already, or there are several levels."""
        if not self.can_append(label):
            return None
        return ColumnLabels(self.index().insert(0, label))

    def index(self) -> pandas.Index:
        """The labels as pandas has them."""
        if self._index is None:
            assert self._added is not None
            base = self._base
            labels = [*base, *self._added]
            self._index = pandas.Index(labels, dtype=base.dtype, name=base.name)
        return self._index

    def same_as(self, other: ColumnLabels) -> bool:
        """Whether the labels are equal, in the same order."""
        if self is other:
            return True
        if len(self) != len(other):
            return False
        mine, theirs = self.index(), other.index()
        return mine is theirs or bool(mine.equals(theirs))
