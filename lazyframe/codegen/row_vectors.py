"""Merging rows into the slots of group tables, as vector instructions.

Imports numba, so only the compiler imports this module.  LLVM's vectorisers do not find these: a row of a
bank is a vector, but batches of rows are computed a column at a time, so columns are transposed into rows in
registers, `GROUP_ROWS` at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
from llvmlite import ir
from numba.core.types import Float
from numba.extending import intrinsic

from lazyframe.codegen.group_tables import BATCH_ROWS, GROUP_ROWS, LANES, MARKED_ROWS

_types: Any = numba.types
_I32 = ir.IntType(32)
_I64 = ir.IntType(64)

Merge = Callable[[Any, Any, Any, Any], Any]
"""Builds the accumulator from itself and a row: takes a builder, numba's element type, and both."""


@intrinsic
def batch(typingctx: Any, like: Any) -> Any:
    """Memory on the stack for `BATCH_ROWS` numbers of the type of ``like``."""
    element: Any = _types.unliteral(like)

    def codegen(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
        with builder.goto_entry_block():
            memory = builder.alloca(context.get_value_type(element), ir.Constant(_I32, BATCH_ROWS))
            memory.align = 64
        return memory

    return _types.CPointer(element)(element), codegen


@intrinsic
def marked(typingctx: Any, flags: Any, at: Any) -> Any:
    """A bit for each of the `MARKED_ROWS` flags of a batch from ``at`` on, the first one's the lowest."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
        memory, offset = arguments
        kind = ir.VectorType(ir.IntType(8), MARKED_ROWS)
        loaded = builder.load(builder.bitcast(builder.gep(memory, [offset]), kind.as_pointer()))
        loaded.align = 1
        return builder.bitcast(builder.icmp_unsigned("!=", loaded, ir.Constant(kind, None)), _I64)

    return _types.uint64(flags, at), codegen


@intrinsic
def lowest(typingctx: Any, bits: Any) -> Any:
    """The place of the lowest bit that is set, of one at least."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return _types.int64(bits), codegen


@intrinsic
def prefetch(typingctx: Any, column: Any, index: Any) -> Any:
    """Tell the cache that an element will be read; there need not be one."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
        byte = ir.IntType(8).as_pointer()
        pointer = builder.bitcast(builder.gep(arguments[0], [arguments[1]]), byte)
        signature = ir.FunctionType(ir.VoidType(), [pointer.type, _I32, _I32, _I32])
        name = "llvm.prefetch.p0"
        function = builder.module.globals.get(name) or ir.Function(builder.module, signature, name)
        to_read, into_every_level, data = ir.Constant(_I32, 0), ir.Constant(_I32, 3), ir.Constant(_I32, 1)
        builder.call(function, [pointer, to_read, into_every_level, data])
        return context.get_dummy_value()

    return _types.none(column, index), codegen


def _picked(builder: Any, a: Any, b: Any, lanes: list[int]) -> Any:
    mask = ir.Constant(ir.VectorType(_I32, len(lanes)), [ir.Constant(_I32, lane) for lane in lanes])
    return builder.shuffle_vector(a, b, mask)


def transposed(builder: Any, columns: list[Any], width: int) -> list[Any]:
    """Vectors of `GROUP_ROWS` rows, one a column -> a vector of ``width`` columns for each row.

    Pairs of columns are interleaved, then pairs of pairs: after each step every vector holds, of some rows,
    twice as many columns as before.
    """
    nothing = ir.Constant(columns[0].type, ir.Undefined)
    level = [{0: column} for column in [*columns, *[nothing] * (width - len(columns))]]
    size = 1
    while size < width:
        level = [
            {
                first + odd * size: _picked(builder, left[first], right[first], _interleaved(size, odd))
                for first in left
                for odd in (0, 1)
            }
            for left, right in zip(level[::2], level[1::2], strict=True)
        ]
        size *= 2
    (found,) = level
    rows = {}
    for first, vector in found.items():
        for unit in range(GROUP_ROWS // width):
            lanes = list(range(unit * width, (unit + 1) * width))
            rows[first + unit * width] = _picked(builder, vector, nothing, lanes)
    return [rows[row] for row in range(GROUP_ROWS)]


def _interleaved(size: int, odd: int) -> list[int]:
    """Every second run of ``size`` elements of one vector, each followed by that of the other."""
    starts = range(odd * size, GROUP_ROWS, 2 * size)
    return [
        lane
        for start in starts
        for side in (0, GROUP_ROWS)
        for lane in range(side + start, side + start + size)
    ]


def _go_together(builder: Any, slots: Any) -> Any:
    """Whether `GROUP_ROWS` rows have one slot; ``slots`` points at the first one's.

    To compare the first with the last is quicker where keys are in no order, and comes before.
    """
    kind = ir.VectorType(_I64, GROUP_ROWS)
    loaded = builder.load(builder.bitcast(slots, kind.as_pointer()))
    loaded.align = 8
    first = _picked(builder, loaded, ir.Constant(kind, ir.Undefined), [0] * GROUP_ROWS)
    bits = ir.IntType(GROUP_ROWS)
    return builder.icmp_unsigned(
        "==", builder.bitcast(builder.icmp_unsigned("==", loaded, first), bits), ir.Constant(bits, -1)
    )


def _put_together(builder: Any, element: Any, merge: Merge, rows: list[Any]) -> Any:
    """One row of several, by pairs and pairs of pairs."""
    while len(rows) > 1:
        rows = [
            merge(builder, element, [one], other)[0] for one, other in zip(rows[::2], rows[1::2], strict=True)
        ]
    return rows[0]


def _merging(name: str, lanes: int, merge: Merge, layers: int = 1, combine: Merge | None = None) -> Any:
    """``name(table, slots, first, stride, columns)``: merge rows ``first`` to ``first + 7`` of a batch.

    ``table`` is of a bank, ``slots`` and each of ``columns`` of a batch, and ``stride`` the elements of one
    slot.  ``merge`` is given and gives ``layers`` accumulators.  With ``combine`` rows that all go to one
    slot, as those of keys in order mostly do, are put together first by it: else each would wait for what the
    one before has stored.
    """

    def typer(typingctx: Any, table: Any, slots: Any, first: Any, stride: Any, columns: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
            memory, numbers, row, size, pointers = arguments
            element = table.dtype
            own = context.get_value_type(element)
            alignment = own.get_abi_size(context.target_data)  # a module is parsed for each answer
            count = len(columns)
            width = 1 << (count - 1).bit_length()
            held_type = ir.VectorType(own, width) if width > 1 else own

            def pointer_to(base: Any, index: Any, kind: Any) -> Any:
                return builder.bitcast(builder.gep(base, [index]), kind.as_pointer())

            def load(pointer: Any) -> Any:
                value = builder.load(pointer)
                value.align = alignment
                return value

            def at(base: Any, offset: int) -> Any:
                return builder.add(base, ir.Constant(base.type, offset)) if offset else base

            batches = [builder.extract_value(pointers, k) for k in range(count)]
            if width == 1:
                rows = [load(builder.gep(batches[0], [at(row, k)])) for k in range(GROUP_ROWS)]
            else:
                vector = ir.VectorType(own, GROUP_ROWS)
                loaded = [load(pointer_to(b, row, vector)) for b in batches]
                rows = transposed(builder, loaded, width)

            def merge_row(k: int, x: Any) -> None:
                slot = builder.load(builder.gep(numbers, [at(row, k)]))
                start = at(builder.mul(slot, size), k % lanes * width)
                places = [pointer_to(memory, at(start, layer * width), held_type) for layer in range(layers)]
                held = [load(place) for place in places]
                for place, value in zip(places, merge(builder, element, held, x), strict=True):
                    builder.store(value, place).align = alignment

            def merge_rows() -> None:
                for k, x in enumerate(rows):
                    merge_row(k, x)

            if combine is None:
                merge_rows()
                return context.get_dummy_value()
            ends = [builder.load(builder.gep(numbers, [at(row, k)])) for k in (0, GROUP_ROWS - 1)]
            alike, together, apart, done = map(
                builder.append_basic_block, ("alike", "together", "apart", "done")
            )
            builder.cbranch(builder.icmp_unsigned("==", *ends), alike, apart)
            builder.position_at_end(alike)
            builder.cbranch(_go_together(builder, builder.gep(numbers, [row])), together, apart)
            builder.position_at_end(together)
            merge_row(0, _put_together(builder, element, combine, rows))
            builder.branch(done)
            builder.position_at_end(apart)
            merge_rows()
            builder.branch(done)
            builder.position_at_end(done)
            return context.get_dummy_value()

        return _types.none(table, slots, first, stride, columns), codegen

    typer.__name__ = name
    return intrinsic(typer)


def _plain(integer: str, floating: str) -> Merge:
    def merge(builder: Any, element: Any, held: Any, x: Any) -> Any:
        return [getattr(builder, floating if isinstance(element, Float) else integer)(held[0], x)]

    return merge


def _extreme(name: str) -> Merge:
    def merge(builder: Any, element: Any, held: Any, x: Any) -> Any:
        if isinstance(element, Float):
            base = f"llvm.{name}imum"
        else:
            base = f"llvm.{'s' if element.signed else 'u'}{name}"
        kind = x.type
        suffix = f"v{kind.count}" if isinstance(kind, ir.VectorType) else ""
        own = kind.element if suffix else kind
        letter = {"float": "f32", "double": "f64"}.get(str(own)) or str(own)
        signature = ir.FunctionType(kind, [kind, kind])
        symbol = f"{base}.{suffix}{letter}"
        function = builder.module.globals.get(symbol) or ir.Function(builder.module, signature, symbol)
        return [builder.call(function, [held[0], x])]

    return merge


def _kahan(builder: Any, element: Any, held: Any, x: Any) -> Any:
    """Kahan's sum, as pandas'; an infinity does not spoil what comes after it."""
    total, lost = held
    fine = builder.fcmp_ordered("==", lost, lost)
    zero = ir.Constant(lost.type, None)
    term = builder.fadd(x, builder.select(fine, lost, zero))
    grown = builder.fadd(total, term)
    return [grown, builder.fsub(term, builder.fsub(grown, total))]


_MERGES: dict[str, Merge] = {
    "sum": _plain("add", "fadd"),
    "product": _plain("mul", "fmul"),
    "any": _plain("or_", "or_"),
    "all": _plain("and_", "and_"),
    "minimum": _extreme("min"),
    "maximum": _extreme("max"),
}

NAMESPACE: dict[str, Any] = {
    "batch": batch,
    "marked": marked,
    "lowest": lowest,
    "prefetch": prefetch,
    "merge_sum_compensated": _merging("merge_sum_compensated", 1, _kahan, 2),
    "merge_sum_compensated_of_runs": _merging("merge_sum_compensated_of_runs", 1, _kahan, 2, _MERGES["sum"]),
    **{f"merge_{name}": _merging(f"merge_{name}", 1, merge) for name, merge in _MERGES.items()},
    **{
        f"merge_{name}_of_runs": _merging(f"merge_{name}_of_runs", 1, merge, combine=merge)
        for name, merge in _MERGES.items()
    },
    **{
        f"merge_{name}_in_lanes": _merging(f"merge_{name}_in_lanes", LANES, merge)
        for name, merge in _MERGES.items()
    },
}
