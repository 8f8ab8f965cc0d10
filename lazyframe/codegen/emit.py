"""Emit a loop as the readable Python source of one kernel.

Every name in the source is made here and every literal is an argument, so that nothing of the user's enters
it and programs that differ only in names and constants share a kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from lazyframe.codegen.emit_cells import Cells
from lazyframe.codegen.emit_leaves import Leaves
from lazyframe.codegen.emit_lookups import Lookups, TableForm
from lazyframe.codegen.emit_marks import (
    MANY_IN_BATCH,
    UNMARKED_BATCHES,
    Marks,
    are_few,
    is_compacted,
    is_dear,
)
from lazyframe.codegen.emit_operations import operation_text
from lazyframe.codegen.emit_reductions import BLOCK_ROWS, output_type, to_memory
from lazyframe.codegen.emit_tables import Tables
from lazyframe.codegen.emitted import EmittedLoop, Strided
from lazyframe.codegen.group_tables import BATCH_ROWS
from lazyframe.codegen.guards_in_turn import common_guards, first_guards, is_staged, probes_of
from lazyframe.codegen.kernel import KernelSource
from lazyframe.codegen.source_text import SourceText
from passes.ir.loops import Builder, Loop, row_inputs, row_values
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


class _Emitter:
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
        self.staged = is_staged(loop)
        self.dear = is_dear(loop)
        self.compacted = not self.dear and is_compacted(loop)
        self.common = () if self.staged or self.dear or self.compacted else common_guards(loop)
        self.marks_of_rows = Marks(self.text)

    # -- the kernel

    def emit(self) -> EmittedLoop:
        builders = self.loop.builders
        for builder in builders:
            if builder.appends and builder.guards:
                self.counters.setdefault(builder.guards, f"n{len(self.counters)}")
        self.cells.start_cells()
        for name in self.counters.values():
            self.put(f"{name} = {self.first_row}")
        self.tables.make_batches()
        if self.staged or self.compacted or self.dear or self.common:
            self.marks_of_rows.make()
        if self.compacted or self.common:
            self.put("skip = 0")
        if self.staged:
            self.make_stages()
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

    def batches(self, low: str, high: str, index: str) -> None:
        if not (self.staged or self.compacted or self.dear or self.common or self.tables):
            with self.text.block(f"for {index} in range({low}, {high}):"):
                self.row(self.loop.builders)
            return
        with self.parts(low, high, "first", "last", BATCH_ROWS):
            self.tables.start_batch()
            rows = self.batch(index)
            self.tables.merge_batch(rows, "last", self.leaves.streams)

    def batch(self, index: str) -> str:
        """Compute a batch; how many rows of it go into the tables."""
        if self.staged:
            self.stages()
            return "last - first"
        if self.dear:
            builders = self.loop.builders
            behind = [k for k, builder in enumerate(builders) if builder.guards]
            self.mark(builders[behind[0]].guards, [k for k in range(len(builders)) if k not in behind])
            self.compact(behind)
            return "rows"
        if self.compacted:
            self.compact_or_select()
            return "rows"
        if self.common:
            few = f"count * {MANY_IN_BATCH[1]} < (last - first) * {MANY_IN_BATCH[0]}"
            self.few_or_all(self.common, few, self.branch_of_few, self.all_rows)
            return "last - first"
        self.all_rows(index)
        return "last - first"

    @contextmanager
    def parts(self, low: str, high: str, begin: str, end: str, rows: int) -> Iterator[None]:
        """What is written in here is done for ``rows`` rows at a time, from ``begin`` to ``end``."""
        self.put(f"{begin} = {low}")
        with self.text.block(f"while {begin} < {high}:"):
            self.put(f"{end} = {begin} + {rows}")
            self.put(f"if {end} > {high}:")
            self.put(f"    {end} = {high}")
            yield
            self.put(f"{begin} = {end}")

    def behind(self) -> None:
        """What is computed of the folds of a row that stays."""
        behind, side = self.loop.behind, self.loop.side
        if side is None or not behind:
            return
        self.leaves = self.leaves.behind(side)
        self.names = self.cells.names_of_folds()
        self.values([builder.expression for builder in behind])
        self.feed_all(range(len(self.loop.builders), len(self.loop.all_builders)), lambda builder: "")

    # -- a batch of rows, one guard at a time

    def make_stages(self) -> None:
        """Reserve memory for where lookups found their rows."""
        for k, _ in enumerate(probes_of(self.loop)):
            self.put(f"w{k} = batch(int64(0))")

    def stages(self) -> None:
        """Leave out the rows that fail one guard after another, then feed the builders with what is left."""
        builders = self.loop.builders
        guards = builders[0].guards
        first, rest = first_guards(guards)
        tests = [first, *[(guard,) for guard in rest]]
        roots = [
            root for builder in builders for root in (builder.slot, builder.expression) if root is not None
        ]
        names: dict[Value, str] = {}
        found: dict[Value, str] = {}
        for number, test in enumerate(tests):
            if number == 0 and not self.finds(test):
                self.mark(test)
                self.leave_out([*[guard for later in tests[1:] for guard in later], *roots])
                self.put("passed = count")
                continue
            self.put("count = 0")
            with self.stage(found, number > 0):
                self.values(test)
                later = row_values([*[guard for tested in tests[number + 1 :] for guard in tested], *roots])
                for value in self.names:
                    if isinstance(value, Probe):
                        names.setdefault(value, f"w{len(names)}")
                found = {value: name for value, name in names.items() if value in later}
                self.put("left[count] = i")
                for value, name in found.items():
                    self.put(f"{name}[count] = {self.names[value]}")
                self.put(f"count += int64({self.guard(test)})")
            self.put("passed = count")
        with self.stage(found, True):
            self.values(roots)
            self.feed_all(range(len(builders)), lambda builder: "")
            if guards in self.counters and any(builder.appends for builder in builders):
                self.put(f"{self.counters[guards]} += 1")
            self.tables.next_places(builders)

    @contextmanager
    def stage(self, found: Mapping[Value, str], selected: bool) -> Iterator[None]:
        """The loop over all rows of a batch, or over those that are left; with what lookups found of them."""
        with self.text.block("for q in range(passed):" if selected else "for i in range(first, last):"):
            self.names = {}
            if selected:
                self.put("i = left[q]")
                for value, name in found.items():
                    self.names[value] = self.assign(f"{name}[q]")
            yield
        self.names = {}

    # -- a batch of rows that are marked

    def finds(self, test: Sequence[Value]) -> bool:
        """Whether positions of rows are found for it."""
        return any(isinstance(value, Probe) for value in topological(test, self.inputs))

    def mark(self, test: Sequence[Value], always: Sequence[int] = ()) -> None:
        """Mark the rows of the batch that pass, and feed the builders that are ``always`` fed."""
        with self.text.block("for i in range(first, last):"):
            self.names = {}
            self.values([*test, *[self.loop.builders[k].expression for k in always]])
            self.marks_of_rows.mark(self.guard(tuple(test)))
            self.feed_all(always, lambda builder: "")
        self.names = {}

    def leave_out(self, later: Sequence[Value]) -> None:
        """Note the rows that are marked, for which ``later`` will be computed."""
        before = set(self.leaves.streams)
        for value in topological(later, self.inputs):
            if not isinstance(value, (Read, Stored)) or value.rows is not self.loop.domain:
                continue
            if not self.leaves.only_loaded_from(value):
                self.leaves.load(value)
        self.marks_of_rows.leave_out([name for name in self.leaves.streams if name not in before])

    def few_or_all(
        self, guards: tuple[Value, ...], few: str, of_few: Callable[[], None], of_all: Callable[[], None]
    ) -> None:
        """Mark the rows of a batch that pass, and compute either these, if they are ``few``, or all.

        Where they are not, they are not counted in the next few batches either.
        """
        self.put("count = last - first")
        with self.text.block("if skip == 0:"):
            self.mark(guards)
            self.marks_of_rows.add_up()
            with self.text.block(f"if not ({few}):"):
                self.put(f"skip = {UNMARKED_BATCHES}")
        with self.text.block(f"if {few}:"):
            of_few()
        with self.text.block("else:"):
            self.put("skip -= 1")
            of_all()

    def all_rows(self, index: str = "i") -> None:
        """Compute all rows of the batch."""
        with self.text.block(f"for {index} in range(first, last):"):
            self.put(f"r = {index} - first")
            self.row(self.loop.builders)

    def compact_or_select(self) -> None:
        """Feed the builders with the rows that pass alone, if they are few, or else with all of them."""

        def of_all() -> None:
            self.all_rows()
            self.put("rows = last - first")

        builders = self.loop.builders
        members = range(len(builders))
        self.few_or_all(builders[0].guards, are_few(self.loop), lambda: self.compact(members), of_all)

    def compact(self, members: Sequence[int]) -> None:
        """Feed builders that share their guards with the rows that are marked alone."""
        builders = [self.loop.builders[k] for k in members]
        roots = [root for b in builders for root in (b.slot, b.expression) if root is not None]
        slots = bool(self.tables)
        self.leave_out(roots if slots else ())  # nothing else waits for what is loaded
        with self.text.block("for r in range(count):"):
            self.put("i = left[r]")
            self.values(roots)
            self.feed_all(members, lambda builder: "boolean(1)" if slots else "")
            if builders[0].guards in self.counters:
                self.put(f"{self.counters[builders[0].guards]} += 1")
        self.put("rows = count")
        self.names = {}

    def branch_of_few(self) -> None:
        """Feed builders of which each has guards of its own behind those that are common to all."""
        builders = self.loop.builders
        branches: dict[tuple[Value, ...], list[int]] = {}
        for k, builder in enumerate(builders):
            branches.setdefault(builder.guards, []).append(k)
        behind = [guard for guards in branches for guard in guards if guard not in self.common]
        self.leave_out([*behind, *[builder.expression for builder in builders]])
        with self.text.block("for q in range(count):"):
            self.put("i = left[q]")
            for guards, members in branches.items():
                self.branch((), guards[len(self.common) :], members)
        self.names = {}

    # -- one row

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

    # -- builders

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

    # -- the signature

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
