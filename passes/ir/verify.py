"""The written specification of legal graphs, and its enforcement.

A graph is legal when all of these hold, for every node that its results reach:

typed operations
    A `Map` has the operation's number of arguments, and dtypes that `passes.ir.type_rules` allows; its
    arguments are scalars or columns of its own row space, and it is a column when one of them is.
typed reductions
    `Reduce`, `Fold` and `Aggregate` apply an operation of `REDUCTIONS` to a column of a kind that it takes,
    and give that column's dtype.  A `Window` applies one of `WINDOW_KINDS` and may widen, a `WithinGroup` one
    of `GROUP_STATISTICS` or `GROUP_WINDOWS` to a column of the grouped rows.
opaque stays on the host
    A column of dtype `OPAQUE` is read, taken, viewed and gathered, and nothing else is done with it.
inputs
    A `Read` is over a `Range`, a `Parameter` has no row space, and a token is one of them, at one dtype and
    one row space.  Dtypes are those of kernels, `OPAQUE`, datetime64 and timedelta64, in native byte order.
row spaces
    A filter's mask is a boolean column of its parent; a group's keys (at least one) are integer or boolean
    columns of its parent; a join's keys (at least one of each side, and as many) are integer or boolean
    columns of their sides, equal in dtype, and its kind is one of `JOIN_KINDS`; a sort's keys (at least one)
    are integer or boolean columns of its parent, each ascending or not; an extent is a length or a name; a
    slice's step is not zero.
columns of derived rows
    A `Take` is of a column of its `Filter`'s or `Slice`'s parent; a `View` is of a column of a dense row
    space and seen from a `Range`, within bounds where both lengths are known; an `Outer` is of a column of
    the product's side that it names; a `Fold` is of a product's column; an `Aggregate` is of a column of the
    grouped rows or of a constant that each of them contributes, and a `GroupNumber` is a column of them; a
    `Key` is one of its group's; a `Gather` is of a column, at an int64 column of positions; a `Position` is
    one of a join's two, or a sort's one; a `Lookup` has keys, integer or boolean columns of one row space,
    and as many of equal dtypes of the rows that it looks among.
one program
    A `Stored` belongs to loop programs, never to a graph.  Results are values.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from passes.ir.node import Node, Token
from passes.ir.operations import FLOAT64, INT64
from passes.ir.printer import Printout
from passes.ir.rows import JOIN_KINDS, Concat, Filter, Group, Join, Product, Range, Rows, Slice, Sort
from passes.ir.type_rules import (
    BOOL,
    GROUP_STATISTICS,
    GROUP_WINDOWS,
    KERNEL_DTYPES,
    REDUCTION_KINDS,
    WINDOW_KINDS,
    gives_float64,
    type_fault,
    window_kinds,
    within_group_kinds,
)
from passes.ir.values import (
    OPAQUE,
    Aggregate,
    Chain,
    Fold,
    Gather,
    GroupNumber,
    Key,
    Literal,
    Lookup,
    Map,
    Outer,
    Parameter,
    Position,
    Read,
    Reduce,
    RowNumber,
    Stored,
    Take,
    Value,
    View,
    Window,
    WithinGroup,
)
from passes.ir.walk import topological


class InvalidGraph(ValueError):  # noqa: N818  # named for what is wrong, as the specification calls it
    """A graph that breaks a rule of `passes.ir.verify`; says the node and the rule."""


def verify(results: Sequence[Value]) -> None:
    """Check a graph against the specification of this module.

    Parameters
    ----------
    results : sequence of Value
        What the program returns.

    Raises
    ------
    InvalidGraph
        Naming the first node, in topological order, that breaks a rule, and the rule.
    """
    for result in results:
        if not isinstance(result, Value):
            raise InvalidGraph(f"a result is a value, not {type(result).__name__}")
    uses: dict[Token, tuple[type[Node], np.dtype, Rows | None]] = {}
    for node in topological(results):
        fault = node_fault(node) or _token_fault(node, uses)
        if fault is not None:
            raise InvalidGraph(f"{Printout(results).definition(node)}: {fault}")


def node_fault(node: Node) -> str | None:
    """The rule that ``node`` breaks, looking no further than at its arguments."""
    if isinstance(node, Rows):
        return _rows_fault(node)
    assert isinstance(node, Value)
    match node:
        case Map():
            return _map_fault(node)
        case Stored():
            return "stored values belong to loop programs"
        case Literal():
            return _literal_fault(node)
        case Read() | Parameter():
            return _input_fault(node)
        case RowNumber():
            return None if isinstance(node.rows, Rows) else "row numbers are of a row space"
        case GroupNumber(group):
            fits = isinstance(group, Group) and node.rows is group.parent
            return None if fits else "group numbers are a column of the rows that are grouped"
        case Take() | View() | Outer() | Gather() | Key() | Position() | Chain():
            return _moved_fault(node)
        case Lookup(keys, of, of_keys):
            fits = _are_key_pairs(keys, node.rows, of_keys, of)
            return (
                None if fits else "a lookup's keys are integer or bool columns, equal in dtype pair by pair"
            )
        case WithinGroup():
            return _within_fault(node)
        case Reduce() | Window() | Fold() | Aggregate():
            return _reduced_fault(node)
    return f"{type(node).__name__} is no node of this language"


def _token_fault(node: Node, uses: dict[Token, tuple[type[Node], np.dtype, Rows | None]]) -> str | None:
    if not isinstance(node, (Read, Parameter)):
        return None
    use = (type(node), node.dtype, node.rows)
    if uses.setdefault(node.token, use) != use:
        return "its token is another input as well"
    return None


def _storable(dtype: np.dtype) -> bool:
    return dtype in KERNEL_DTYPES or dtype == OPAQUE or (dtype.kind in "mM" and dtype.isnative)


def _map_fault(node: Map) -> str | None:
    fault = type_fault(node.operation, tuple([a.dtype for a in node.arguments]), node.dtype)
    if fault is not None:
        return fault
    spaces = {a.rows for a in node.arguments} - {None}
    if spaces != {node.rows} - {None}:
        return "its arguments are scalars or columns of its own row space"
    return None


def _literal_fault(node: Literal) -> str | None:
    if node.dtype not in KERNEL_DTYPES and node.dtype.kind not in "mM":
        return f"a constant cannot be of dtype {node.dtype}"
    return None if node.rows is None and len(node.bits) == node.dtype.itemsize else "a constant is a scalar"


def _input_fault(node: Read | Parameter) -> str | None:
    if not _storable(node.dtype):
        return f"no input is of dtype {node.dtype}"
    if isinstance(node, Parameter):
        return None if node.rows is None and node.dtype != OPAQUE else "a parameter is a typed scalar"
    return None if isinstance(node.rows, Range) else "a column is read over a Range"


def _rows_fault(rows: Rows) -> str | None:
    match rows:
        case Range(extent):
            named = isinstance(extent, str) and extent.isidentifier()
            return None if named or (isinstance(extent, int) and extent >= 0) else "no length or name of one"
        case Filter(parent, mask):
            fits = mask.rows is parent and mask.dtype == BOOL
            return None if fits else "a filter's mask is a bool column of its parent"
        case Slice(_, _, _, step):
            return "a slice's step is not zero" if step == 0 else None
        case Group(parent, keys):
            fits = bool(keys) and all(k.rows is parent and k.dtype.kind in "biu" for k in keys)
            return None if fits else "a group's keys are integer or bool columns of its parent"
        case Join():
            return _join_fault(rows)
        case Sort(parent, keys, ascending):
            fits = bool(keys) and all(k.rows is parent and k.dtype.kind in "biu" for k in keys)
            fits = fits and len(keys) == len(ascending)
            return None if fits else "a sort's keys are integer or bool columns of its parent, in ways"
        case Concat(parts):
            fits = len(parts) > 1 and all(isinstance(part, Rows) for part in parts)
            return None if fits else "a concat is of two row spaces or more"
        case Product(left, right):
            fits = isinstance(left, Rows) and isinstance(right, Rows)
            return None if fits else "a product is of row spaces"
    return f"{type(rows).__name__} is no row space of this language"


def _join_fault(rows: Join) -> str | None:
    if rows.how not in JOIN_KINDS:
        return f"no such join as {rows.how!r}; there are: {', '.join(JOIN_KINDS)}"
    fits = _are_key_pairs(rows.left_keys, rows.left, rows.right_keys, rows.right)
    return None if fits else "a join's keys are integer or bool columns of its sides, equal in dtype"


def _are_key_pairs(
    ones: tuple[Value, ...], rows: Rows | None, others: tuple[Value, ...], other_rows: Rows
) -> bool:
    pairs = list(zip(ones, others, strict=False))
    typed = all(one.dtype == other.dtype and one.dtype.kind in "biu" for one, other in pairs)
    placed = all(one.rows is rows and other.rows is other_rows for one, other in pairs)
    return rows is not None and len(ones) == len(others) > 0 and typed and placed


def _moved_fault(node: Take | View | Outer | Gather | Key | Position | Chain) -> str | None:
    rows = node.rows
    match node:
        case Take(column):
            fits = isinstance(rows, (Filter, Slice)) and column.rows is rows.parent
            return None if fits else "a take is of a column of its filter's or slice's parent"
        case View():
            return _view_fault(node)
        case Outer(column, axis):
            sides = (rows.left, rows.right) if isinstance(rows, Product) else ()
            on_side = axis in (0, 1) and len(sides) == 2 and column.rows is sides[axis]
            fits = on_side and column.dtype != OPAQUE
            return None if fits else "an outer is of a typed column of its product's side"
        case Gather(column, positions):
            fits = column.rows is not None and rows is not None and positions.dtype == INT64
            return None if fits else "a gather is of a column, at an int64 column of positions"
        case Chain(columns):
            parts = rows.parts if isinstance(rows, Concat) else ()
            fits = bool(parts) and tuple([column.rows for column in columns]) == parts
            fits = fits and node.dtype != OPAQUE and all(column.dtype == node.dtype for column in columns)
            return None if fits else "a chain is of columns of one dtype, one of each part of its concat"
        case Position(side):
            fits = (isinstance(rows, Join) and side in (0, 1)) or (isinstance(rows, Sort) and side == 0)
            return None if fits else "a position is on one of a join's sides, or a sort's one"
        case Key(position):
            fits = isinstance(rows, Group) and 0 <= position < len(rows.keys)
            return None if fits else "a key is one of its group's"


def _view_fault(node: View) -> str | None:
    if not isinstance(node.rows, Range) or not _is_dense(node.column.rows):
        return "a view is of a column of a dense row space, seen from a Range"
    length, extent = _known_length(node.column.rows), node.rows.extent
    if length is None or not isinstance(extent, int) or extent == 0:
        return None
    ends = (node.start, node.start + (extent - 1) * node.step)
    if min(ends) < 0 or max(ends) >= length:
        return f"rows {ends[0]} to {ends[1]} are not all among the {length} of the column"
    return None


def _is_dense(rows: Rows | None) -> bool:
    stack = [rows]
    while stack:
        at = stack.pop()
        if isinstance(at, Product):
            stack.extend((at.left, at.right))
        elif not isinstance(at, Range):
            return False
    return True


def _known_length(rows: Rows | None) -> int | None:
    """The number of rows of a dense row space whose extents are all numbers."""
    length, stack = 1, [rows]
    while stack:
        at = stack.pop()
        if isinstance(at, Product):
            stack.extend((at.left, at.right))
        elif isinstance(at, Range) and isinstance(at.extent, int):
            length *= at.extent
        else:
            return None
    return length


def _reduced_fault(node: Reduce | Window | Fold | Aggregate) -> str | None:
    known = WINDOW_KINDS if isinstance(node, Window) else REDUCTION_KINDS
    column = node.column
    kinds = window_kinds(node.operation) if isinstance(node, Window) else known.get(node.operation)
    if kinds is None:
        return f"no such operation as {node.operation!r}; there are: {', '.join(known)}"
    if column.dtype not in KERNEL_DTYPES or column.dtype.kind not in kinds:
        return f"{node.operation} takes columns of the kinds {kinds!r}, not {column.dtype}"
    if column.rows is None and not (isinstance(node, Aggregate) and isinstance(column, Literal)):
        return f"{node.operation} is of a column, not of a scalar"
    if isinstance(node, Window):
        fits = node.dtype in KERNEL_DTYPES and np.can_cast(column.dtype, node.dtype, "safe")
        if gives_float64(node.operation):
            fits = node.dtype == FLOAT64
        return None if fits else f"{node.operation} of {column.dtype} cannot give {node.dtype}"
    if node.dtype != column.dtype:
        return f"{node.operation} of {column.dtype} gives {column.dtype}, not {node.dtype}"
    return _place_fault(node)


def _within_fault(node: WithinGroup) -> str | None:
    column, kinds = node.column, within_group_kinds(node.operation)
    if kinds is None:
        known = ", ".join([*GROUP_STATISTICS, *GROUP_WINDOWS])
        return f"no such operation as {node.operation!r}; there are: {known}"
    if column.dtype.kind not in kinds or not _storable(node.dtype):
        return f"{node.operation} takes columns of the kinds {kinds!r}, not {column.dtype}"
    if not isinstance(node.group, Group) or column.rows is not node.group.parent:
        return f"{node.operation} is of a column of the rows that are grouped"
    return None


def _place_fault(node: Reduce | Fold | Aggregate) -> str | None:
    match node:
        case Fold(_, column, axis):
            fits = isinstance(column.rows, Product) and axis in (0, 1)
            return None if fits else "a fold is of a product's column, along axis 0 or 1"
        case Aggregate(_, column, _, group):
            fits = isinstance(group, Group) and column.rows in (group.parent, None)
            return None if fits else "an aggregate is of a column of the rows that are grouped"
    return None
