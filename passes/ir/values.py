"""Values: columns (one typed value per row of one row space) and scalars (no row space)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from struct import Struct

import numpy as np
from numpy.typing import DTypeLike

from passes.ir.node import Node, Token
from passes.ir.rows import Concat, Filter, Group, Join, Product, Range, Rows, Slice, Sort
from passes.ir.type_rules import GROUP_STATISTICS

OPAQUE = np.dtype(object)
"""The dtype of a column that only the host can touch: strings, categories, any index."""


_FLOAT64 = np.dtype(np.float64)
_INT64 = np.dtype(np.int64)
_LIMIT = 2**63
_pack_float64 = Struct("=d").pack
_pack_int64 = Struct("=q").pack


class Value(Node):
    """Base of columns and scalars; ``rows`` is None for a scalar."""

    __slots__ = ("_stages", "_stored_in", "dtype", "reached", "rows")
    notes = (*Node.notes, "_stages", "_stored_in", "reached")
    dtype: np.dtype
    rows: Rows | None
    reached: bool | None
    """Whether a computation came to it by many steps, once that is known: set by who computes, and like the
    origin no part of what it is."""
    _stages: int | None
    """What `passes.facts.stages.stages` found, once it was asked."""
    _stored_in: tuple[Value, ...] | None
    """What `passes.ir.loops.stored_in` found, once it was asked: it follows from the fields."""


_set_reached = vars(Value)["reached"].__set__


def mark_reached(value: Value) -> None:
    """Note that a computation came to a value by many steps."""
    _set_reached(value, True)


class Literal(Value):
    """A constant.  Interned by its bits: 0.0 is not -0.0, NaN is NaN, 1, 1.0 and True differ."""

    __slots__ = ("bits",)
    __match_args__ = ("bits", "dtype", "rows")
    bits: bytes

    def __new__(cls, value: object, dtype: DTypeLike | None = None) -> Literal:
        if type(value) is float:
            if dtype is _FLOAT64:
                return _used(cls._intern(_pack_float64(value), _FLOAT64, None))
        elif type(value) is int and -_LIMIT <= value < _LIMIT:
            if dtype is _INT64:
                return _used(cls._intern(_pack_int64(value), _INT64, None))
            if dtype is _FLOAT64:
                return _used(cls._intern(_pack_float64(value), _FLOAT64, None))
        elif isinstance(value, np.generic) and value.dtype is dtype:
            return _used(cls._intern(value.tobytes(), dtype, None))
        array = np.asarray(value, dtype)
        return _used(cls._intern(array.tobytes(), array.dtype, None))

    @property
    def value(self) -> np.generic:
        """The constant as a NumPy scalar."""
        scalar: np.generic = np.frombuffer(self.bits, self.dtype)[0]
        return scalar


_recently_used: deque[Literal] = deque(maxlen=256)
"""Programs use few constants, most of them again and again: to find one takes a third of making it."""


def _used(literal: Literal) -> Literal:
    _recently_used.append(literal)
    return literal


class Parameter(Value):
    """A scalar that is bound when the program runs."""

    __slots__ = ("token",)
    __match_args__ = ("token", "dtype", "rows")
    token: Token

    def __new__(cls, token: Token, dtype: np.dtype) -> Parameter:
        return cls._intern(token, dtype, None)


class Read(Value):
    """A column of an input."""

    __slots__ = ("token",)
    __match_args__ = ("token", "dtype", "rows")
    rows: Rows
    token: Token

    def __new__(cls, token: Token, dtype: np.dtype, rows: Rows) -> Read:
        return cls._intern(token, dtype, rows)


class RowNumber(Value):
    """The position of each row, counted from 0, as int64."""

    __slots__ = ()
    __match_args__ = ("dtype", "rows")
    rows: Rows

    def __new__(cls, rows: Rows) -> RowNumber:
        return cls._intern(np.dtype(np.int64), rows)


class Map(Value):
    """One operation on each row; its arguments share a row space or are scalars.

    Parameters
    ----------
    operation : str
        A name of `passes.ir.operations.OPERATIONS`.
    arguments : tuple of Value
        Already cast to the dtype that the operation computes in.
    dtype : numpy.dtype
        Of the result.
    """

    __slots__ = ("arguments", "operation")
    __match_args__ = ("operation", "arguments", "dtype", "rows")
    operation: str
    arguments: tuple[Value, ...]

    def __new__(cls, operation: str, arguments: tuple[Value, ...], dtype: np.dtype) -> Map:
        rows = None
        for argument in arguments:
            found = argument.rows
            if rows is None:
                rows = found
            elif found is not None and found is not rows:
                raise ValueError(f"{operation}: arguments of different row spaces")
        return cls._intern(operation, arguments, dtype, rows)


map_over: Callable[[str, tuple[Value, ...], np.dtype, Rows], Map] = Map._intern
"""A `Map` of arguments of which one at least is known to have these rows, and none others."""


class Take(Value):
    """A column of a parent row space, seen from the `Filter` or `Slice` derived from it."""

    __slots__ = ("column",)
    __match_args__ = ("column", "dtype", "rows")
    rows: Filter | Slice
    column: Value

    def __new__(cls, column: Value, rows: Filter | Slice) -> Take:
        return cls._intern(column, column.dtype, rows)


class View(Value):
    """Row ``i`` is row ``start + i * step`` of a column of another dense row space."""

    __slots__ = ("column", "start", "step")
    __match_args__ = ("column", "start", "step", "dtype", "rows")
    rows: Range
    column: Value
    start: int
    step: int

    def __new__(cls, column: Value, rows: Range, start: int, step: int) -> View:
        return cls._intern(column, start, step, column.dtype, rows)


class Outer(Value):
    """A column of one side of a `Product` (0: left, 1: right), repeated along the other."""

    __slots__ = ("axis", "column")
    __match_args__ = ("column", "axis", "dtype", "rows")
    rows: Product
    column: Value
    axis: int

    def __new__(cls, column: Value, rows: Product, axis: int) -> Outer:
        return cls._intern(column, axis, column.dtype, rows)


class Fold(Value):
    """A `Product`'s column reduced along one axis: a column of the other side's rows."""

    __slots__ = ("axis", "column", "operation")
    __match_args__ = ("operation", "column", "axis", "dtype", "rows")
    rows: Rows
    operation: str
    column: Value
    axis: int

    def __new__(cls, operation: str, column: Value, axis: int, dtype: np.dtype) -> Fold:
        product = column.rows
        assert isinstance(product, Product)
        return cls._intern(operation, column, axis, dtype, product.right if axis == 0 else product.left)


class Reduce(Value):
    """A column reduced to a scalar by an associative operation of `REDUCTIONS`."""

    __slots__ = ("column", "operation")
    __match_args__ = ("operation", "column", "dtype", "rows")
    operation: str
    column: Value

    def __new__(cls, operation: str, column: Value, dtype: np.dtype) -> Reduce:
        return cls._intern(operation, column, dtype, None)


class Key(Value):
    """The ``k``-th key of each group."""

    __slots__ = ("position",)
    __match_args__ = ("position", "dtype", "rows")
    rows: Group
    position: int

    def __new__(cls, group: Group, position: int) -> Key:
        return cls._intern(position, group.keys[position].dtype, group)


class GroupNumber(Value):
    """The number of each row's group, as an int64 column of the grouped rows."""

    __slots__ = ("group",)
    __match_args__ = ("group", "dtype", "rows")
    rows: Rows
    group: Group

    def __new__(cls, group: Group) -> GroupNumber:
        return cls._intern(group, np.dtype(np.int64), group.parent)


class Aggregate(Value):
    """A column (or a scalar, once per row) reduced within each group by an operation of `REDUCTIONS`."""

    __slots__ = ("column", "operation")
    __match_args__ = ("operation", "column", "dtype", "rows")
    rows: Group
    operation: str
    column: Value

    def __new__(cls, operation: str, column: Value, group: Group, dtype: np.dtype) -> Aggregate:
        return cls._intern(operation, column, dtype, group)


class WithinGroup(Value):
    """A column computed from all rows of each group, in their order, by the host.

    Parameters
    ----------
    operation : str
        Of `GROUP_STATISTICS`, which give a column of the groups, or `GROUP_WINDOWS`, of the grouped rows.
    column : Value
        Of the grouped rows.
    group : Group
        The groups.
    argument : float, int or None
        Which quantile, or how many rows back.
    """

    __slots__ = ("argument", "column", "group", "operation")
    __match_args__ = ("operation", "column", "group", "argument", "dtype", "rows")
    operation: str
    column: Value
    group: Group
    argument: float | None

    def __new__(
        cls, operation: str, column: Value, group: Group, dtype: np.dtype, argument: float | None = None
    ) -> WithinGroup:
        rows = group if operation in GROUP_STATISTICS else group.parent
        return cls._intern(operation, column, group, argument, dtype, rows)


class Window(Value):
    """A column computed from the whole of another in row order, by NumPy: ``cumsum`` and its kin."""

    __slots__ = ("column", "operation")
    __match_args__ = ("operation", "column", "dtype", "rows")
    operation: str
    column: Value

    def __new__(cls, operation: str, column: Value, dtype: np.dtype) -> Window:
        return cls._intern(operation, column, dtype, column.rows)


class Gather(Value):
    """The rows of ``column`` whose positions the int64 column ``positions`` names, all in range."""

    __slots__ = ("column", "positions")
    __match_args__ = ("column", "positions", "dtype", "rows")
    column: Value
    positions: Value

    def __new__(cls, column: Value, positions: Value) -> Gather:
        return cls._intern(column, positions, column.dtype, positions.rows)


class Chain(Value):
    """A column of a `Concat`: one of each part, of one dtype that kernels compute with, end to end."""

    __slots__ = ("columns",)
    __match_args__ = ("columns", "dtype", "rows")
    rows: Concat
    columns: tuple[Value, ...]

    def __new__(cls, columns: tuple[Value, ...], rows: Concat) -> Chain:
        return cls._intern(columns, columns[0].dtype, rows)


class Position(Value):
    """Where each row of a `Join` stands on one of its sides (0: left, 1: right); -1 without a partner.

    Of a `Sort`, whose one side is 0, where each row stands in its parent.  A column of that side is seen from
    the join or sort by a `Gather`.
    """

    __slots__ = ("side",)
    __match_args__ = ("side", "dtype", "rows")
    rows: Join | Sort
    side: int

    def __new__(cls, rows: Join | Sort, side: int) -> Position:
        return cls._intern(side, np.dtype(np.int64), rows)


class Lookup(Value):
    """For each row the position among the rows ``of`` of the one with equal keys; -1 where there is none.

    Parameters
    ----------
    keys : tuple of Value
        Integer or boolean columns of one row space, at least one.
    of : Rows
        Where to look.
    of_keys : tuple of Value
        Columns of ``of``, equal in dtype to ``keys`` pair by pair; no two rows have equal ones.
    """

    __slots__ = ("keys", "of", "of_keys")
    __match_args__ = ("keys", "of", "of_keys", "dtype", "rows")
    rows: Rows
    keys: tuple[Value, ...]
    of: Rows
    of_keys: tuple[Value, ...]

    def __new__(cls, keys: tuple[Value, ...], of: Rows, of_keys: tuple[Value, ...]) -> Lookup:
        return cls._intern(keys, of, of_keys, np.dtype(np.int64), keys[0].rows)


class Stored(Value):
    """Loop programs only: the array or cell that an earlier loop or host step left for ``value``."""

    __slots__ = ("value",)
    __match_args__ = ("value", "dtype", "rows")
    value: Value

    def __new__(cls, value: Value) -> Stored:
        return cls._intern(value, value.dtype, value.rows)


class SlotNumber(Value):
    """Loop programs only: for each slot of a group's table the number of its group; 0 for an empty slot."""

    __slots__ = ("group",)
    __match_args__ = ("group", "dtype", "rows")
    group: Group

    def __new__(cls, group: Group) -> SlotNumber:
        return cls._intern(group, np.dtype(np.int64), group)


class HashedSlot(Value):
    """Loop programs only: each row's slot where keys are numbered by hashing, in order of appearance."""

    __slots__ = ("group",)
    __match_args__ = ("group", "dtype", "rows")
    rows: Rows
    group: Group

    def __new__(cls, group: Group) -> HashedSlot:
        return cls._intern(group, np.dtype(np.int64), group.parent)


class IsFirst(Value):
    """Loop programs only: whether each row of a group's parent is the first that has its keys."""

    __slots__ = ("group",)
    __match_args__ = ("group", "dtype", "rows")
    rows: Rows
    group: Group

    def __new__(cls, group: Group) -> IsFirst:
        return cls._intern(group, np.dtype(np.bool_), group.parent)


class SortedRun(Value):
    """Loop programs only: the number of each row's run of equal values in an input that is sorted."""

    __slots__ = ("column",)
    __match_args__ = ("column", "dtype", "rows")
    rows: Rows
    column: Read

    def __new__(cls, column: Read) -> SortedRun:
        return cls._intern(column, np.dtype(np.int32), column.rows)


class SlotTable(Value):
    """Loop programs only: an aggregate before empty slots are dropped, one row per slot of its table."""

    __slots__ = ("aggregate",)
    __match_args__ = ("aggregate", "dtype", "rows")
    rows: Group
    aggregate: Aggregate

    def __new__(cls, aggregate: Aggregate) -> SlotTable:
        return cls._intern(aggregate, aggregate.dtype, aggregate.rows)


class LookupTable(Value):
    """Loop programs only: where the rows ``rows`` are found by their keys, in whatever form is quickest."""

    __slots__ = ("keys",)
    __match_args__ = ("keys", "dtype", "rows")
    rows: Rows
    keys: tuple[Value, ...]

    def __new__(cls, rows: Rows, keys: tuple[Value, ...]) -> LookupTable:
        return cls._intern(keys, np.dtype(np.int64), rows)


class Probe(Value):
    """Loop programs only: a `Lookup` in ``table``, the `Stored` of a `LookupTable`."""

    __slots__ = ("keys", "table")
    __match_args__ = ("table", "keys", "dtype", "rows")
    rows: Rows
    table: Value
    keys: tuple[Value, ...]

    def __new__(cls, table: Value, keys: tuple[Value, ...]) -> Probe:
        return cls._intern(table, keys, np.dtype(np.int64), keys[0].rows)
