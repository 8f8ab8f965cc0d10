"""Frames and series that hold their values become inputs of the graph, without copying.

A capture lives as long as a graph refers to it: while it does, pandas counts one more reference to the memory
and so copies before it writes. What is captured twice while it lives is one input, so that work on it is
shared.  A long frame that programs come back to, and that nobody has written to meanwhile, keeps its inputs
itself, and with them what was found out of them: whether a column is sorted, its range, if keys are distinct.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any
from weakref import ReferenceType, WeakKeyDictionary, WeakSet, WeakValueDictionary, ref

import numpy as np

from lazyframe.pandas_internals import (
    block_of,
    column_array,
    column_references,
    held_state,
    manager_of,
    memory_owner,
    references_by_blocks,
    snapshot,
    still_holds,
)
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.row_labels import BoundLabels, bind_labels
from lazyframe.run.bindings import bind_array, bind_opaque, data_of, dtype_of_input, note_provenance
from lazyframe.run.late import references_of_late
from passes.ir.node import Token
from passes.ir.rows import Range
from passes.ir.values import OPAQUE, Read, Value

KERNEL_KINDS = frozenset("biufmM")

_origins: WeakKeyDictionary[Token, tuple[Capture, int]] = WeakKeyDictionary()
_tokens: WeakValueDictionary[int, Token] = WeakValueDictionary()
_bound: dict[int, WeakSet[Token]] = {}
"""By the address of the memory's owner, the inputs that lie in it."""


LONG = 1 << 16
"""Rows from which on a frame keeps its inputs: of fewer rows all is found out again in no time."""

_USES_TO_KEEP = 3
"""A frame that is written to between its uses would be copied for each."""


class _Inputs:
    """The columns that were read of a frame that keeps them, and its labels."""

    __slots__ = ("__weakref__", "labels", "reads")

    def __init__(self) -> None:
        self.labels: BoundLabels | None = None
        self.reads: dict[int, Read] = {}


class Capture:
    """One state of a frame or series as inputs of the graph.

    Parameters
    ----------
    source : pandas.DataFrame or pandas.Series
        With its manager filled.
    """

    __slots__ = (
        "__weakref__",
        "_kept",
        "_labels",
        "_manager",
        "_name",
        "_provenance",
        "_reads",
        "_shared",
        "_state",
        "columns",
        "rows",
        "table",
    )

    def __init__(self, source: Any) -> None:
        self._state = held_state(source)
        self._provenance: tuple[Any, ...] = source.__dict__.get("_fallbacks", ())
        self._manager = snapshot(manager_of(source))
        axes = self._manager.axes
        self._labels: ReferenceType[BoundLabels] | None = None
        self._kept: ReferenceType[_Inputs] | None = None
        self._reads: dict[int, ReferenceType[Read]] = {}
        self._shared: bool | None = None
        self.columns = ColumnLabels(axes[0].view()) if len(axes) == 2 else None
        self.rows = Range(len(axes[-1]))
        self._name = None if len(axes) == 2 else source._name
        self.table: ReferenceType[Any] | None = None
        """The table that was made of a frame, as long as somebody holds it: its columns are bound already."""

    @property
    def looks(self) -> tuple[Any, ...]:
        """By what to tell that a frame is in the state of an earlier capture, as far as that can be told."""
        blocks, arrays, *_ = self._state
        return id(blocks), *arrays

    def keep_in(self, inputs: _Inputs) -> None:
        """Have ``inputs`` keep the columns that are read from now on."""
        self._kept = ref(inputs)

    def holds(self, source: Any) -> bool:
        """Whether ``source`` is still in the state that was captured."""
        return still_holds(source, self._state)

    def labels(self) -> BoundLabels:
        """The row labels."""
        found = None if self._labels is None else self._labels()
        if found is None:
            found = bind_labels(self._manager.axes[-1].view())
            self._labels = ref(found)
        kept = None if self._kept is None else self._kept()
        if kept is not None:
            kept.labels = found
        return found

    def read(self, position: int) -> Read:
        """The column at a position."""
        known = self._reads.get(position)
        found = None if known is None else known()
        if found is None:
            found = self._bind(position)
            if self._provenance:
                note_provenance(found.token, self._provenance)
            if found.token in _origins:
                self._reads[position] = ref(found)
        kept = None if self._kept is None else self._kept()
        if kept is not None and found.token in _origins:
            kept.reads[position] = found
        return found

    def dtype(self, position: int) -> Any:
        """The dtype of the column at a position, as pandas shows it."""
        return block_of(self._manager, position).dtype

    def is_shared(self) -> bool:
        """Whether somebody else may write to the memory of a column, so that all are to be read now."""
        if self._shared is None:
            self._shared = any(map(_is_writeable_elsewhere, self._manager.blocks))
        return self._shared

    def _bind(self, position: int) -> Read:
        shared = _is_writeable_elsewhere(block_of(self._manager, position))
        array = column_array(self._manager, position)
        numbers = getattr(array, "_ndarray", array) if isinstance(array.dtype, np.dtype) else None
        if not (isinstance(numbers, np.ndarray) and is_kernel_dtype(numbers.dtype)):
            bound = bind_opaque(array, self._hint(position))
            _origins[bound.token] = (self, position)
            _tokens[id(array)] = bound.token
            return bound
        if shared:
            return bind_array(numbers.copy(), self._hint(position))
        bound = bind_array(numbers, self._hint(position), owner=self)
        _origins[bound.token] = (self, position)
        _tokens[id(numbers)] = bound.token
        owner = numbers if numbers.base is None else numbers.base
        _bound.setdefault(id(owner), WeakSet()).add(bound.token)
        return bound

    def _hint(self, position: int) -> str:
        label = self._name if self.columns is None else self.columns.label(position)
        return label if type(label) is str else ""

    def references(self, position: int) -> Any:
        """Who shares the memory of the column at a position, for a manager that is to share it too."""
        return column_references(self._manager, position)


def _is_writeable_elsewhere(block: Any) -> bool:
    """Whether somebody beside pandas and us holds the memory of a block, and so may write to it.

    A read-only view that somebody holds counts too: it cannot be told from the memory itself.
    """
    owner = memory_owner(block)
    if owner is None:
        return False
    ours = _bound.get(id(owner))
    known = references_by_blocks(block, owner) + (len(ours) if ours else 0)
    return sys.getrefcount(owner) > known + 2


def is_kernel_dtype(dtype: Any) -> bool:
    """Whether kernels compute on columns of ``dtype``."""
    return isinstance(dtype, np.dtype) and _is_for_kernels(dtype)


@lru_cache(maxsize=1024)
def _is_for_kernels(dtype: np.dtype) -> bool:
    return dtype.kind in KERNEL_KINDS and dtype.itemsize <= 8 and dtype != np.float16 and dtype.isnative


def capture(source: Any) -> Capture:
    """The inputs that ``source``, whose manager is filled, stands for now; the same while it is unchanged."""
    state: dict[str, Any] = source.__dict__
    known = state.get("_capture")
    if known is not None:
        found: Capture | None = known()
        if found is not None and found.holds(source):
            return found
    made = Capture(source)
    state["_capture"] = ref(made)
    if made.rows.extent >= LONG:  # type: ignore[operator]  # a frame's length is a number
        _keep(made, state)
    return made


def forget_captures(state: dict[str, Any]) -> None:
    """Of a frame or series that stands for something else from now on, given its attributes."""
    for name in ("_capture", "_captures", "_inputs"):
        state.pop(name, None)


def _keep(made: Capture, state: dict[str, Any]) -> None:
    """Let a frame keep its inputs, where it was captured before as often as that takes, in the same state."""
    state.pop("_inputs", None)
    looks = made.looks
    before, times = state.get("_captures", (None, 0))
    times = times + 1 if before == looks else 1
    state["_captures"] = looks, times
    if times >= _USES_TO_KEEP:
        inputs = state["_inputs"] = _Inputs()
        made.keep_in(inputs)


def capture_of_array(array: Any) -> Any:
    """The references to an array that is a captured column's or a file's; None for any other array."""
    token = _tokens.get(id(array))
    if token is None or data_of(token) is not array:
        return references_of_late(array)
    owner, position = _origins[token]
    return owner.references(position)


def share_memory(one: Value, other: Value) -> bool:
    """Whether two captured columns are in memory that copy-on-write counts as one.

    It is pandas' own test of whether a series is a column of a frame, though other columns of that dtype
    may be there, too.
    """
    origins = [_origins.get(value.token) if isinstance(value, Read) else None for value in (one, other)]
    if origins[0] is None or origins[1] is None:
        return False
    found = [owner.references(position) for owner, position in origins]  # type: ignore[misc]  # no None
    return found[0] is found[1]


def is_captured(token: Token) -> bool:
    """Whether an input is a column of a frame or series, as users hold it."""
    return token in _origins


def dtype_of(value: Value) -> Any:
    """The dtype that pandas shows of a column."""
    if value.dtype != OPAQUE:
        return value.dtype
    while not isinstance(value, Read):
        value = value.column  # type: ignore[attr-defined]  # a Take, View or Gather
    return dtype_of_input(value.token)
