"""Emit a loop as the readable Python source of one kernel.

Every name in the source is made here and every literal is an argument, so that nothing of the user's enters
it and programs that differ only in names and constants share a kernel.
"""

from __future__ import annotations

from collections.abc import Mapping

from lazyframe.codegen.emit_batches import BatchEmitter
from lazyframe.codegen.emit_lookups import TableForm
from lazyframe.codegen.emit_reductions import BLOCK_ROWS, output_type
from lazyframe.codegen.emitted import EmittedLoop, Strided
from lazyframe.codegen.kernel import KernelSource
from passes.ir.loops import Builder, Loop
from passes.ir.rows import Rows
from passes.ir.values import Fold, LookupTable, Map, Reduce, SlotTable, Value


def emit_loop(
    loop: Loop,
    strided: Mapping[Value, Strided],
    small: frozenset[Rows],
    forms: Mapping[LookupTable, TableForm],
) -> EmittedLoop:
    """The kernel for ``loop``.

    Parameters
    ----------
    loop : Loop
        Of a valid program.
    strided : mapping of Value to Strided
        The `Read` and `Stored` leaves whose arrays are not contiguous.
    small : frozenset of Rows
        Groups whose table has at most `SMALL_TABLE` slots.
    forms : mapping of LookupTable to TableForm
        Of all tables that rows are looked up in.

    Returns
    -------
    EmittedLoop
        Equal for equal loops, whatever the user's names, constants and data.
    """
    return _Emitter(loop, strided, small, forms).emit()


class _Emitter(BatchEmitter):
    def emit(self) -> EmittedLoop:
        builders = self.loop.builders
        for builder in builders:
            if builder.appends and builder.guards:
                self.counters.setdefault(builder.guards, f"n{len(self.counters)}")
        self.cells.start_cells()
        for name in self.counters.values():
            self.put(f"{name} = {self.first_row}")
        self.tables.make_batches()
        self.reserve()
        if self.product:
            with self.text.block("for i in range(lo, hi):"):
                self.cells.start_folds()
                self.rows("0", "m", "j")
                self.cells.finish_folds()
                self.behind()
        else:
            self.rows("lo", "hi", "i")
        self.cells.finish_cells()
        for k, name in enumerate(self.counters.values()):
            self.put(f"c{k}[0] = {name} - {self.first_row}")
        self.put("return 0")
        return self.result()

    def rows(self, low: str, high: str, index: str) -> None:
        """The loop over rows: in blocks when floats are summed, in batches when tables are filled."""
        if not self.cells.blocked and not self.tables.blocked:
            self.batches(low, high, index)
            return
        with self.parts(low, high, "begin", "end", BLOCK_ROWS):
            self.cells.start_block()
            self.batches("begin", "end", index)
            self.cells.finish_block()
            self.tables.finish_block()

    def behind(self) -> None:
        """What is computed of the folds of a row that stays."""
        behind, side = self.loop.behind, self.loop.side
        if side is None or not behind:
            return
        self.leaves = self.leaves.behind(side)
        self.names = self.cells.names_of_folds()
        self.values([builder.expression for builder in behind])
        self.feed_all(range(len(self.loop.builders), len(self.loop.all_builders)), lambda builder: "")

    def result(self) -> EmittedLoop:
        arguments = [("lo", "int64"), ("hi", "int64")]
        if self.product:
            arguments += [("m", "int64"), ("extent", "int64")]
        arguments += self.tables.sizes()
        arguments += self.lookups.arguments()
        arguments += self.leaves.arguments()
        arguments += [(f"c{k}", "int64*") for k in range(len(self.counters))]
        for k, builder in enumerate(self.loop.all_builders):
            if not isinstance(builder.target, SlotTable):
                arguments.append((f"o{k}", output_type(builder) + "*"))
        arguments += self.tables.arguments()
        names, types = zip(*arguments, strict=True)
        before = self.text.before()
        source = "\n".join([f"def kernel({', '.join(names)}):", *before, *self.text.lines, ""])
        return EmittedLoop(
            kernel=KernelSource(source, types, describe(self.loop)),
            inner_extent=self.product,
            tables=self.tables.groups,
            lookups=self.lookups.tables,
            arrays=tuple(self.leaves.arrays),
            scalars=tuple(self.leaves.scalars),
            counters=tuple(self.counters),
            builders=self.loop.all_builders,
            banks=self.tables.banks,
            marks=tuple([(at + len(before), value) for at, value in self.marks]),
            staged=self.staged,
            compacted=self.compacted,
            left_out=self.dear or bool(self.common),
        )


def describe(loop: Loop) -> str:
    """One line that says what a kernel does, in the graph's words only."""
    counts: dict[str, int] = {}
    for value in loop.values():
        if isinstance(value, Map):
            counts[value.operation] = counts.get(value.operation, 0) + 1
    for builder in loop.all_builders:
        counts[_ending(builder)] = counts.get(_ending(builder), 0) + 1
    return " ".join([name if n == 1 else f"{name}*{n}" for name, n in counts.items()])


def _ending(builder: Builder) -> str:
    target = builder.target
    if isinstance(target, SlotTable):
        return f"group-{target.aggregate.operation}"
    if isinstance(target, (Reduce, Fold)):
        return f"->{target.operation}"
    return "->filtered-array" if builder.guards else "->array"
