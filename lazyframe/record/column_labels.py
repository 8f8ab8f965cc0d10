"""A frame's column labels, to which a thousand assignments may each add one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import islice
from typing import Any

import pandas

from lazyframe.pandas_internals import same_labels_always

_MOST_REMEMBERED = 512
_remembered: dict[Hashable, Any] = {}
_NOT_ASKED: dict[str, int] = {}


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


def _positions_of(labels: pandas.Index) -> dict[str, int]:
    """The positions of text labels that there are once."""
    found: dict[str, int] = {}
    again: set[str] = set()
    for position, label in enumerate(labels.tolist()):
        if label in found:
            again.add(label)
        elif isinstance(label, str):
            found[label] = position
    return {label: position for label, position in found.items() if label not in again} if again else found


class ColumnLabels:
    """A pandas Index of column labels, and text labels added behind it that it does not hold yet.

    Parameters
    ----------
    base : pandas.Index
        Any labels: duplicates, None, tuples, several levels.
    added : dict, optional
        New text labels and their positions, after those of ``base``, whose dtype is pandas' ``str``. Labels
        that were made of one another share it: each knows those before its own end.
    count : int
        How many of ``added`` these labels end with.
    length : int, optional
        How many labels there are, if that is known.
    """

    __slots__ = ("_added", "_base", "_count", "_index", "_length", "_texts")

    def __init__(
        self,
        base: pandas.Index,
        added: dict[str, int] | None = None,
        count: int = 0,
        length: int | None = None,
    ) -> None:
        self._base = base
        self._length = len(base) + count if length is None else length
        self._added = {} if added is None else added
        self._count = count
        self._index = None if count else base
        self._texts: dict[str, int] | None = _NOT_ASKED

    def __len__(self) -> int:
        return self._length

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
        taken: ColumnLabels = remembered(
            index, ("take", *chosen), lambda: ColumnLabels(index.take(list(chosen)))
        )
        return taken

    def without(self, positions: Sequence[int]) -> tuple[ColumnLabels, list[int]]:
        """All labels but those at some positions, and where they stand."""
        index = self.index()

        def delete() -> tuple[ColumnLabels, list[int]]:
            left = [position for position in range(len(index)) if position not in positions]
            return ColumnLabels(index.delete(list(positions))), left

        found: tuple[ColumnLabels, list[int]] = remembered(index, ("without", *positions), delete)
        return found

    def position(self, label: Any) -> int | None:
        """The position of the one column called ``label``; None where pandas has to decide.

        That is where there is no such column or several, and where one label may stand for several columns.
        """
        texts = self._text_positions() if type(label) is str else None
        if texts is None:
            return self._position_in_base(label)
        found = texts.get(label)
        return found if found is not None or not self._count else self._position_added(label)

    def _text_positions(self) -> dict[str, int] | None:
        """Where the labels stand that ``base`` has once; None if they are not all text."""
        if self._texts is _NOT_ASKED:
            base = self._base
            is_text = isinstance(base.dtype, pandas.StringDtype)
            self._texts = remembered(base, "positions", lambda: _positions_of(base)) if is_text else None
        return self._texts

    def are_text(self) -> bool:
        """Whether all labels are text, of one level."""
        return self._text_positions() is not None

    def _position_added(self, label: str) -> int | None:
        found = self._added.get(label)
        return found if found is not None and found < self._length else None

    def _position_in_base(self, label: Any) -> int | None:
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
        texts = self._text_positions() if type(label) is str else None
        if texts is None:
            return self._base.nlevels == 1 and not self._holds(label)
        if label in texts or self._position_added(label) is not None:
            return False
        return len(texts) == self._length - self._count or not self._holds(label)

    def _holds(self, label: Any) -> bool:
        try:
            return label in self._base
        except TypeError:
            return True  # what has no hash is for pandas to complain of

    def append(self, label: Any) -> ColumnLabels:
        """These labels with ``label``, which `can_append`, behind them."""
        if type(label) is str and self._text_positions() is not None:
            # labels that have none added may be those of many frames
            added = self._added if self._count else {}
            if len(added) > self._count:  # others were made of these labels before
                added = dict(islice(added.items(), self._count))
            added[label] = self._length
            made = ColumnLabels(self._base, added, self._count + 1, self._length + 1)
            made._texts = self._texts
            return made
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
            base = self._base
            labels = [*base, *islice(self._added, self._count)]
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
