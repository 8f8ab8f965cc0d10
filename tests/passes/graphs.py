"""Random well-typed graphs for hypothesis, over bound edge data: every dtype, every kind of node.

Left out is what NumPy itself leaves open, so that equal meanings have equal bits: the sign of a computed NaN
(``sign_bit`` and ``copysign`` read inputs only), and floats converted to integers that are unsigned or
narrower than 32 bits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st

from lazyframe.run.bindings import bind_array, bind_opaque, bind_scalar
from passes.ir.operations import BOOL, FLOAT64, INT64, OPERATIONS
from passes.ir.rows import JOIN_KINDS, Concat, Filter, Group, Join, Product, Range, Rows, Slice, Sort
from passes.ir.type_rules import KERNEL_DTYPES, REDUCTION_KINDS, TYPE_RULES, WINDOW_KINDS, is_rank
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
    Position,
    Read,
    Reduce,
    RowNumber,
    Take,
    Value,
    View,
    Window,
    WithinGroup,
)
from passes.ir.walk import children, topological
from tests.passes.data import edge_array, edge_values

DTYPES = sorted(KERNEL_DTYPES, key=str)
LENGTHS = (0, 1, 2, 7, 40)
MOST_RESULTS = 12
"""What nothing else uses is returned, so that every rewrite shows."""
MOST_ROWS = 20_000
"""Of a row space, should every row of a join find every other: joins of joins grow without end."""
READS_SIGN_OF_NAN = ("sign_bit", "copysign")
SUMMABLE = frozenset(np.dtype(name) for name in ("int64", "uint64", "float32", "float64"))
"""What reductions that can overflow are of: recorders widen the rest."""


@dataclass
class _Pool:
    """What has been made so far, and the choices of one example."""

    draw: Callable
    values: list[Value] = field(default_factory=list)
    scalars: list[Value] = field(default_factory=list)
    spaces: list[Rows] = field(default_factory=list)

    def pick(self, choices: list) -> object:
        """One of ``choices``, the last and newest first in line: graphs grow deep rather than wide."""
        return choices[-1 - self.draw(st.integers(0, len(choices) - 1))]

    def columns(self, rows: Rows | None, kinds: str = "biuf", dtype: np.dtype | None = None) -> list[Value]:
        return [
            v
            for v in self.values
            if (rows is None or v.rows is rows)
            and v.dtype.kind in kinds
            and (dtype is None or v.dtype == dtype)
        ]

    def add(self, value: Value) -> None:
        (self.scalars if value.rows is None else self.values).append(value)


def _most_rows(rows: Rows) -> int:
    """How many rows there may be at most."""
    match rows:
        case Range(extent):
            return extent
        case Product(left, right):
            return _most_rows(left) * _most_rows(right)
        case Join(left, right):
            sizes = _most_rows(left), _most_rows(right)
            return max(sizes[0] * sizes[1], sum(sizes))
        case Concat(parts):
            return sum(_most_rows(part) for part in parts)
    return _most_rows(rows.parent)


def _literal(pool: _Pool, dtype: np.dtype) -> Literal:
    return Literal(pool.pick(list(edge_values(dtype))), dtype)


def _operand(pool: _Pool, first: Value) -> Value:
    """An argument beside ``first``: of its dtype, a column of its rows or a scalar."""
    columns = pool.columns(first.rows, dtype=first.dtype) if first.rows is not None else []
    scalars = [s for s in pool.scalars if s.dtype == first.dtype]
    return pool.pick([_literal(pool, first.dtype), *scalars, *columns])


def _map(pool: _Pool) -> None:
    first = pool.pick([_literal(pool, FLOAT64), *pool.scalars[-2:], *pool.columns(None)])
    names = [n for n, r in TYPE_RULES.items() if r.takes(first.dtype)]
    if not isinstance(first, Read):
        names = [n for n in names if n not in READS_SIGN_OF_NAN]
    name = pool.pick(names)
    arguments = [first, *[_operand(pool, first) for _ in range(OPERATIONS[name].arity - 1)]]
    if len(arguments) == 2 and name != "copysign" and pool.draw(st.booleans()):
        arguments.reverse()
    if name == "copysign" and not isinstance(arguments[1], (Read, Literal)):
        arguments[1] = first
    pool.add(Map(name, tuple(arguments), BOOL if TYPE_RULES[name].gives_bool else first.dtype))


def _simplifiable(pool: _Pool) -> None:
    """Arithmetic with the constants that `simplify` looks for."""
    first = pool.pick(pool.columns(None, "iuf") or [_literal(pool, FLOAT64)])
    floats = (0.0, -0.0, 1.0, 2.0, 0.5, -1.0, 4.0, 3.0)
    number = pool.pick(list(floats) if first.dtype.kind == "f" else [0, 1, 2, 4, 3])
    names = ["add", "subtract", "multiply", "power"]
    names += ["divide"] if first.dtype.kind == "f" else ["floor_divide", "remainder", "left_shift"]
    pool.add(Map(pool.pick(names), (first, Literal(number, first.dtype)), first.dtype))


def _repeat(pool: _Pool) -> None:
    """An operation on itself: twice negated, twice inverted, an inverted comparison."""
    value = pool.pick(pool.columns(None) or [_literal(pool, FLOAT64)])
    names = {"b": ["invert"], "f": ["negative", "absolute", "floor", "ceil"]}
    name = pool.pick(names.get(value.dtype.kind, ["negative", "invert", "absolute"]))
    inner = Map(name, (value,), value.dtype)
    pool.add(inner)
    pool.add(Map(name, (inner,), value.dtype))


def _select(pool: _Pool) -> None:
    first = pool.pick(pool.columns(None) or [_literal(pool, FLOAT64)])
    conditions = [*pool.columns(first.rows, dtype=BOOL), Literal(True), Literal(False)]
    no = _operand(pool, first)
    pool.add(Map("select", (pool.pick(conditions), first, no), first.dtype))


def _cast(pool: _Pool) -> None:
    value = pool.pick(pool.columns(None) or [_literal(pool, FLOAT64)])
    targets = DTYPES
    if value.dtype.kind == "f":
        targets = [np.dtype(n) for n in ("bool", "int32", "int64", "float32", "float64")]
    pool.add(Map("cast", (value,), pool.pick(targets)))


def _reinterpret(pool: _Pool) -> None:
    values = [
        v for v in pool.values if v.dtype.kind in "iumM" or (v.dtype == FLOAT64 and isinstance(v, Read))
    ]
    values = [v for v in values if v.dtype.itemsize == 8]
    if values:
        target = pool.pick([INT64, np.dtype(np.uint64), np.dtype("datetime64[ns]")])
        pool.add(Map("reinterpret", (pool.pick(values),), target))


def _compare(pool: _Pool) -> None:
    first = pool.pick(pool.columns(None) or [_literal(pool, FLOAT64)])
    name = pool.pick(["less", "less_equal", "greater", "equal", "not_equal"])
    compared = Map(name, (first, _operand(pool, first)), BOOL)
    pool.add(compared)
    if pool.draw(st.booleans()):
        pool.add(Map("invert", (compared,), BOOL))


def _constants(pool: _Pool) -> None:
    dtype = pool.pick(DTYPES)
    names = [n for n, r in TYPE_RULES.items() if r.takes(dtype) and n != "power"]
    name = pool.pick(names)
    literals = tuple([_literal(pool, dtype) for _ in range(OPERATIONS[name].arity)])
    constant = Map(name, literals, BOOL if TYPE_RULES[name].gives_bool else dtype)
    columns = pool.columns(None, dtype=constant.dtype)
    if columns:
        combine = "bitwise_xor" if constant.dtype == BOOL else "add"
        pool.add(Map(combine, (pool.pick(columns), constant), constant.dtype))
    pool.add(constant)


def _filter(pool: _Pool) -> None:
    column = pool.pick(pool.columns(None) or [_literal(pool, FLOAT64)])
    if column.rows is None:
        return
    mask = column
    if column.dtype != BOOL:
        name = pool.pick(["equal", "less", "greater_equal"])
        mask = Map(name, (column, _operand(pool, column)), BOOL)
    _derive(pool, Filter(mask.rows, mask))


def _filter_twice(pool: _Pool) -> None:
    _filter(pool)
    _simplifiable(pool)
    _filter(pool)


def _slice(pool: _Pool) -> None:
    bound = st.none() | st.integers(-5, 5)
    parent = pool.pick(pool.spaces)
    step = pool.draw(st.sampled_from([None, 1, 2, -1, -3]))
    _derive(pool, Slice(parent, pool.draw(bound), pool.draw(bound), step))


def _derive(pool: _Pool, rows: Filter | Slice) -> None:
    """Add the row space with up to three of its parent's columns."""
    pool.spaces.append(rows)
    candidates = [v for v in pool.values if v.rows is rows.parent]
    for _ in range(pool.draw(st.integers(1, 3)) if candidates else 0):
        pool.add(Take(pool.pick(candidates), rows))


def _view(pool: _Pool) -> None:
    columns = [v for v in pool.values if isinstance(v.rows, Range)]
    if not columns:
        return
    column = pool.pick(columns)
    length = column.rows.extent
    extent = pool.draw(st.integers(0, length))
    step = pool.draw(st.sampled_from([1, 2, -1, -2])) if extent > 1 else 1
    step = step if (extent - 1) * abs(step) < length else int(np.sign(step))
    span = max(extent - 1, 0) * abs(step)
    low = pool.draw(st.integers(0, max(length - 1 - span, 0)))
    rows = Range(extent)
    if rows not in pool.spaces:
        pool.spaces.append(rows)
    pool.add(View(column, rows, low if step > 0 else low + span, step))


def _product(pool: _Pool) -> None:
    spaces = [s for s in pool.spaces if not isinstance(s, Product)]
    product = Product(pool.pick(spaces), pool.pick(spaces))
    if _most_rows(product) > MOST_ROWS:
        return
    pool.spaces.append(product)
    for axis, side in enumerate((product.left, product.right)):
        columns = [v for v in pool.values if v.rows is side and v.dtype != OPAQUE]
        if columns:
            pool.add(Outer(pool.pick(columns), product, axis))


def _reducible(pool: _Pool, columns: list[Value]) -> tuple[str, Value] | None:
    choices = [
        (name, column)
        for name, kinds in REDUCTION_KINDS.items()
        for column in columns
        if column.dtype.kind in kinds and (name not in ("sum", "product") or column.dtype in SUMMABLE)
    ]
    return pool.pick(choices) if choices else None


def _fold(pool: _Pool) -> None:
    found = _reducible(pool, [v for v in pool.values if isinstance(v.rows, Product)])
    if found is not None:
        pool.add(Fold(*found, pool.draw(st.integers(0, 1)), found[1].dtype))


def _reduce(pool: _Pool) -> None:
    found = _reducible(pool, pool.columns(None))
    if found is not None:
        pool.add(Reduce(*found, found[1].dtype))


def _group(pool: _Pool) -> None:
    keys = pool.columns(None, "biu")
    if not keys:
        return
    first = pool.pick(keys)
    second = pool.pick(pool.columns(first.rows, "biu"))
    chosen = (first, second) if pool.draw(st.booleans()) else (first,)
    group = Group(first.rows, chosen, pool.draw(st.booleans()))
    pool.spaces.append(group)
    pool.add(Key(group, pool.draw(st.integers(0, len(chosen) - 1))))
    if pool.draw(st.booleans()):
        pool.add(GroupNumber(group))
    if pool.draw(st.booleans()):
        pool.add(Aggregate("sum", Literal(1, INT64), group, INT64))
    numbers = [v for v in pool.columns(first.rows) if v.dtype in SUMMABLE]
    if numbers and pool.draw(st.booleans()):
        column = pool.pick(numbers)
        if pool.draw(st.booleans()):
            pool.add(WithinGroup("median", column, group, FLOAT64))
        else:
            pool.add(WithinGroup("cumulative_maximum", column, group, column.dtype))
    found = _reducible(pool, pool.columns(first.rows))
    if found is not None:
        pool.add(Aggregate(*found, group, found[1].dtype))


def _window(pool: _Pool) -> None:
    columns = [v for v in pool.columns(None) if v.dtype in SUMMABLE]
    if columns:
        column = pool.pick(columns)
        names = [name for name, kinds in WINDOW_KINDS.items() if column.dtype.kind in kinds]
        name = pool.pick(names)
        pool.add(Window(name, column, FLOAT64 if is_rank(name) else column.dtype))


def _gather(pool: _Pool) -> None:
    columns = [v for v in pool.values if isinstance(v.rows, Range) and v.rows.extent > 0]
    anywhere = pool.columns(None, dtype=INT64)
    if columns and anywhere:
        column = pool.pick(columns)
        length = Literal(column.rows.extent, INT64)
        pool.add(Gather(column, Map("remainder", (pool.pick(anywhere), length), INT64)))


def _join(pool: _Pool) -> None:
    """A join and columns of both sides, or where rows may be without partner its positions only."""
    keys = pool.columns(None, "biu")
    if not keys:
        return
    left = pool.pick(keys)
    right = pool.pick(pool.columns(None, dtype=left.dtype))
    numbered = [RowNumber(rows) for rows in pool.spaces if not isinstance(rows, Product)]
    if numbered and left.dtype == INT64 and pool.draw(st.booleans()):
        left, right = pool.pick([(left, pool.pick(numbered)), (pool.pick(numbered), left)])
    pairs = [(left, right)]
    if pool.draw(st.booleans()):
        second = pool.pick(pool.columns(left.rows, "biu"))
        others = pool.columns(right.rows, dtype=second.dtype)
        pairs += [(second, pool.pick(others))] if others else []
    ones, others = zip(*pairs, strict=True)
    join = Join(left.rows, right.rows, ones, others, pool.pick(list(JOIN_KINDS[::-1])))
    if _most_rows(join) > MOST_ROWS:
        return
    pool.spaces.append(join)
    for side, rows in enumerate((join.left, join.right)):
        position = Position(join, side)
        if join.how != "inner":
            pool.add(position)
            continue
        columns = [v for v in pool.values if v.rows is rows]
        for _ in range(pool.draw(st.integers(0, 2)) if columns else 0):
            pool.add(Gather(pool.pick(columns), position))


def _concat(pool: _Pool) -> None:
    """A concat of spaces that have columns of one dtype, and some chains of these."""
    columns = pool.columns(None)
    if not columns:
        return
    first = pool.pick(columns)
    others = pool.columns(None, dtype=first.dtype)
    chosen = (first, *[pool.pick(others) for _ in range(pool.draw(st.integers(1, 2)))])
    rows = Concat(tuple([column.rows for column in chosen]))
    if _most_rows(rows) > MOST_ROWS:
        return
    pool.spaces.append(rows)
    pool.add(Chain(chosen, rows))
    seconds = [pool.columns(part, dtype=first.dtype) for part in rows.parts]
    pool.add(Chain(tuple([pool.pick(found) for found in seconds]), rows))


def _lookup(pool: _Pool) -> None:
    keys = pool.columns(None, dtype=INT64)
    if keys:
        key, rows = pool.pick(keys), pool.pick(pool.spaces)
        others = pool.columns(key.rows, dtype=INT64)
        more = ((pool.pick(others),), (RowNumber(rows),)) if pool.draw(st.booleans()) else ((), ())
        pool.add(Lookup((key, *more[0]), rows, (RowNumber(rows), *more[1])))


def _sort(pool: _Pool) -> None:
    """Columns in another order, perhaps of its first rows only."""
    keys = pool.columns(None, "biu")
    if not keys:
        return
    parts = [pool.pick(keys)]
    others = pool.columns(parts[0].rows, "biu")
    parts += [pool.pick(others) for _ in range(pool.draw(st.integers(0, 2)))]
    ways = tuple([pool.draw(st.booleans()) for _ in parts])
    sort = Sort(parts[0].rows, tuple(parts), ways)
    pool.spaces.append(sort)
    for _ in range(pool.draw(st.integers(1, 2))):
        column = pool.pick([v for v in pool.values if v.rows is sort.parent])
        pool.add(Gather(column, Position(sort, 0)))
    if pool.draw(st.booleans()):
        rows = Slice(sort, *pool.pick([(None, 3, None), (-2, None, None), (0, 0, 1), (1, 3, None)]))
        pool.spaces.append(rows)
        pool.add(Take(pool.pick([v for v in pool.values if v.rows is sort]), rows))


def _row_number(pool: _Pool) -> None:
    pool.add(RowNumber(pool.pick(pool.spaces)))


_STEPS = (
    *[_map] * 6, *[_simplifiable] * 3, *[_repeat] * 2, *[_select] * 2, *[_cast] * 3, *[_compare] * 3,
    *[_filter] * 5, *[_view] * 3, *[_constants] * 2, *[_filter_twice] * 2,
    _reinterpret, _slice, _product, _fold, *[_reduce] * 2, _group, _window,
    _gather, _row_number, *[_join] * 2, *[_sort] * 2, _lookup, *[_concat] * 2,
)  # fmt: skip


@st.composite
def graphs(draw: Callable, largest: int = 14) -> list[Value]:
    """The results of a random graph, all its inputs bound to edge data."""
    pool = _Pool(draw)
    for length in draw(st.lists(st.sampled_from(LENGTHS), min_size=1, max_size=2, unique=True)):
        pool.spaces.append(Range(length))
        dtypes = draw(st.lists(st.sampled_from(DTYPES), min_size=1, max_size=4))
        for dtype in [*dtypes, FLOAT64, BOOL]:
            pool.add(bind_array(edge_array(dtype, length, draw(st.integers(0, 9))), dtype.name))
        if draw(st.booleans()):
            pool.add(bind_opaque(edge_array(OPAQUE, length, 0), "names"))
            pool.add(bind_array(edge_array(np.dtype("datetime64[ns]"), length, 1), "when"))
    pool.add(bind_scalar(edge_array(FLOAT64, 1, draw(st.integers(0, 9)))[0], "scale"))
    given = len(pool.values)
    for step in draw(st.lists(st.sampled_from(_STEPS), min_size=min(largest, 6), max_size=largest)):
        step(pool)
    made = [*pool.scalars, *pool.values[given:]]
    used = {child for node in topological(made) for child in children(node)}
    unused = [value for value in made if value not in used]
    return [*unused[-MOST_RESULTS:], *[pool.pick(made) for _ in range(draw(st.integers(0, 3)))]]
