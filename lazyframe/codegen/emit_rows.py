"""The part of a kernel that computes one row and feeds the builders with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

from lazyframe.codegen.emit_cells import Cells
from lazyframe.codegen.emit_leaves import Leaves
from lazyframe.codegen.emit_lookups import Lookups, TableForm
from lazyframe.codegen.emit_operations import operation_text
from lazyframe.codegen.emit_reductions import to_memory
from lazyframe.codegen.emit_tables import Tables
from lazyframe.codegen.emitted import Strided
from lazyframe.codegen.guards_in_turn import first_guards
from lazyframe.codegen.source_text import SourceText
from passes.ir.loops import Builder, Loop, row_inputs
from passes.ir.node import Node
from passes.ir.rows import Product, Rows
from passes.ir.values import (
    Fold,
    Gather,
    LookupTable,
    Map,
    Outer,
    Probe,
    Read,
    Reduce,
    RowNumber,
    SlotTable,
    Stored,
    Value,
    View,
)
from passes.ir.walk import topological


class RowEmitter:
    """What one row is computed by: the names of its values, and where they go.

    Parameters
    ----------
    loop : Loop
        To emit.
    strided : mapping
        The inputs that do not lie end to end, or of which every so many elements are loaded.
    small : frozenset of Rows
        The groups whose tables have lanes.
    forms : mapping
        How the tables are made that rows are looked up in.
    """

    def __init__(
        self,
        loop: Loop,
        strided: Mapping[Value, Strided],
        small: frozenset[Rows],
        forms: Mapping[LookupTable, TableForm],
    ) -> None:
        self.loop = loop
        self.product = isinstance(loop.domain, Product)
        self.text = SourceText()
        self.put = self.text.put
        self.leaves = Leaves(loop, strided)
        self.cells = Cells(self.text, loop.builders, self.product)
        self.tables = Tables(self.text, loop, small)
        self.lookups = Lookups(self.text, forms)
        self.marks: list[tuple[int, Value]] = []
        self.names: dict[Value, str] = {}
        self.counters: dict[tuple[Value, ...], str] = {}

    def row(self, builders: Sequence[Builder]) -> None:
        branches: dict[tuple[Value, ...], list[int]] = {}
        always: list[Value] = []
        for k, builder in enumerate(builders):
            if builder.guards and not builder.select:
                branches.setdefault(builder.guards, []).append(k)
                always.extend(first_guards(builder.guards)[0])
            else:
                always.extend(builder.roots())
        self.values(always)
        plain = [k for k, builder in enumerate(builders) if not builder.guards or builder.select]
        self.feed_all(plain, lambda builder: self.guard(builder.guards))
        moves = dict.fromkeys([b.guards for k in plain if (b := builders[k]).appends and b.guards])
        for guards, members in branches.items():
            self.branch(*first_guards(guards), members, guards in moves)
        for guards in moves:  # behind the branches, which write to the same row
            self.put(f"{self.counters[guards]} += int64({self.guard(guards)})")

    def branch(
        self, first: tuple[Value, ...], rest: tuple[Value, ...], members: list[int], moved: bool = False
    ) -> None:
        builders = self.loop.builders
        guards = builders[members[0]].guards
        outside = dict(self.names)
        with ExitStack() as blocks:
            if first:
                blocks.enter_context(self.text.block(f"if {self.guard(first)}:"))
            for guard in rest:
                self.values([guard])
                blocks.enter_context(self.text.block(f"if {self.names[guard]}:"))
            inputs = [root for k in members for root in (builders[k].slot, builders[k].expression)]
            self.values([root for root in inputs if root is not None])
            self.feed_all(members, lambda builder: "")
            if guards in self.counters and not moved and any(builders[k].appends for k in members):
                self.put(f"{self.counters[guards]} += 1")
            self.tables.next_places([builders[k] for k in members])
        self.names = outside

    def guard(self, guards: tuple[Value, ...]) -> str:
        if len(guards) <= 1:
            return self.names[guards[0]] if guards else ""
        return "(" + " & ".join([self.names[g] for g in guards]) + ")"

    def values(self, roots: Sequence[Value]) -> None:
        for value in topological(roots, self.inputs):
            assert isinstance(value, Value)
            if value not in self.names and not self.leaves.only_loaded_from(value):
                self.names[value] = self.value(value)
                if isinstance(value, Map):
                    self.marks.append((len(self.text.lines), value))

    def inputs(self, node: Node) -> tuple[Node, ...]:
        """What a value is computed from at a row: keys alone where it is asked whether a row is there."""
        if isinstance(node, Map) and self.lookups.is_tested(node):
            node = node.arguments[0]
        return row_inputs(node)

    def value(self, value: Value) -> str:
        match value:
            case Map(_, (Probe(Stored(LookupTable() as table), keys), *_)) if self.lookups.is_tested(value):
                return self.assign(self.lookups.test(table, [self.names[key] for key in keys]))
            case Map(operation, arguments, dtype):
                names = [self.names[a] for a in arguments]
                last = arguments[-1]
                before = self.text.write_before if last.rows is None else None
                text = operation_text(operation, names, last.dtype, dtype, self.text.write, before)
                return self.assign(f"{text}  # {operation}")
            case RowNumber():
                return self.assign(self.leaves.position())
            case Read() | Stored() | View() | Outer() if value.rows is not None:
                return self.assign(self.leaves.load(value))
            case Gather(column, positions):
                return self.assign(self.leaves.gather(column, self.names[positions]))
            case Probe(Stored(LookupTable() as table), keys):
                return self.assign(self.lookups.probe(table, [self.names[key] for key in keys]))
        return self.leaves.scalar(value)

    def assign(self, text: str) -> str:
        name = f"v{len(self.names)}"
        self.put(f"{name} = {text}")
        return name

    @property
    def first_row(self) -> str:
        """The first row of the morsel among all rows; ``lo`` counts those of a product's outer side."""
        return "lo * m" if self.product else "lo"

    def feed_all(self, members: Sequence[int], guard_of: Callable[[Builder], str]) -> None:
        builders = self.loop.all_builders
        self.tables.send([builders[k] for k in members], self.names, guard_of)
        for k in members:
            self.feed(k, builders[k], guard_of(builders[k]))

    def feed(self, k: int, builder: Builder, guard: str) -> None:
        target = builder.target
        x = self.names[builder.expression]
        if builder.appends:
            index = self.counters[builder.guards] if builder.guards else self.leaves.position()
            self.put(f"o{k}[{index}] = {to_memory(x, target.dtype)}")
        elif isinstance(target, SlotTable):
            self.tables.feed(k, builder, x)
        else:
            assert isinstance(target, (Reduce, Fold))
            self.cells.merge(k, target, x, guard)
