"""Emit a loop as the readable Python source of one kernel.

Every name in the source is made here and every literal is an argument, so that nothing of the user's enters
it and programs that differ only in names and constants share a kernel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lazyframe.codegen.emit_operations import kernel_type, memory_type, operation_text
from lazyframe.codegen.emit_reductions import (
    BLOCK_ROWS,
    LANES,
    LOST,
    TOTAL,
    accumulator_dtype,
    combine_text,
    compensated,
    is_float_sum,
    neutral_text,
    output_type,
    reduction_of,
    slot_width,
    to_memory,
)
from lazyframe.codegen.emitted import ArrayInput, EmittedLoop, Strided
from lazyframe.codegen.kernel import KernelSource
from passes.ir.loops import Builder, Loop, row_values
from passes.ir.rows import Product, Rows
from passes.ir.values import (
    Fold,
    Gather,
    Map,
    Outer,
    Read,
    Reduce,
    RowNumber,
    SlotTable,
    Stored,
    Value,
    View,
)


def emit_loop(loop: Loop, strided: Mapping[Value, Strided], small: frozenset[Rows]) -> EmittedLoop:
    """The kernel for ``loop``.

    Parameters
    ----------
    loop : Loop
        Of a valid program.
    strided : mapping of Value to Strided
        The `Read` and `Stored` leaves whose arrays are not contiguous.
    small : frozenset of Rows
        Groups whose table has at most `SMALL_TABLE` slots.

    Returns
    -------
    EmittedLoop
        Equal for equal loops, whatever the user's names, constants and data.
    """
    return _Emitter(loop, strided, small).emit()


class _Emitter:
    def __init__(self, loop: Loop, strided: Mapping[Value, Strided], small: frozenset[Rows]) -> None:
        self.loop = loop
        self.strided = strided
        self.small = small
        self.tables = {rows: f"slots{k}" for k, rows in enumerate(_small_tables(loop, small))}
        in_matrices = [(lay.matrix, leaf) for leaf, lay in strided.items() if lay.offset == 0]
        self.matrices = {number: leaf for number, leaf in in_matrices if number is not None}
        self.lines: list[str] = []
        self.marks: list[tuple[int, Value]] = []
        self.depth = 1
        self.names: dict[Value, str] = {}
        self.temporaries = 0
        self.arrays: dict[ArrayInput, str] = {}
        self.scalars: dict[Value, str] = {}
        self.counters: dict[tuple[Value, ...], str] = {}
        self.product = isinstance(loop.domain, Product)
        self.axis = loop.folded_axis

    # -- text

    def put(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def write(self, expression: str) -> str:
        name = f"t{self.temporaries}"
        self.temporaries += 1
        self.put(f"{name} = {expression}")
        return name

    # -- the kernel

    def emit(self) -> EmittedLoop:
        builders = self.loop.builders
        for builder in builders:
            if builder.appends and builder.guards:
                self.counters.setdefault(builder.guards, f"n{len(self.counters)}")
        for k, builder in enumerate(builders):
            if isinstance(builder.target, Reduce):
                self.start_cell(k, builder)
        for name in self.counters.values():
            self.put(f"{name} = {self.first_row}")
        blocked = any(is_float_sum(b.target) or self.has_lanes(b.target) for b in builders)
        if blocked and not self.product:
            self.blocks("lo", "hi", "i", builders)
        else:
            self.put("for i in range(lo, hi):")
            self.depth += 1
            if self.product:
                self.product_body(builders)
            else:
                self.row(builders)
            self.depth -= 1
        for k, builder in enumerate(builders):
            if isinstance(builder.target, Reduce):
                self.finish_cell(k, builder)
        for k, name in enumerate(self.counters.values()):
            self.put(f"c{k}[0] = {name} - {self.first_row}")
        self.put("return 0")
        return self.result()

    def blocks(self, low: str, high: str, index: str, builders: Sequence[Builder]) -> None:
        """Rows in blocks, each summed on its own."""
        sums = [k for k, b in enumerate(builders) if reduction_of(b) is not None and is_float_sum(b.target)]
        self.put(f"begin = {low}")
        self.put(f"while begin < {high}:")
        self.depth += 1
        self.put(f"end = begin + {BLOCK_ROWS}")
        self.put(f"if end > {high}:")
        self.put(f"    end = {high}")
        for k in sums:
            self.put(f"s{k} = -0.0")
        self.put(f"for {index} in range(begin, end):")
        self.depth += 1
        self.row(builders)
        self.depth -= 1
        for k in sums:
            self.add_compensated(k)
        for k, builder in enumerate(builders):
            if self.has_lanes(builder.target):
                self.flush_lanes(k, builder.target)
        self.put("begin = end")
        self.depth -= 1

    def add_compensated(self, k: int) -> None:
        """Neumaier's sum: what rounding loses is kept beside the total."""
        self.put(f"sum{k} = total{k} + s{k}")
        self.put(f"if abs(total{k}) >= abs(s{k}):")
        self.put(f"    lost{k} += (total{k} - sum{k}) + s{k}")
        self.put("else:")
        self.put(f"    lost{k} += (s{k} - sum{k}) + total{k}")
        self.put(f"total{k} = sum{k}")

    def has_lanes(self, target: Value) -> bool:
        """Whether a table's float sums have lanes to be added to its totals after each block."""
        return (
            isinstance(target, SlotTable)
            and target.rows in self.small
            and compensated(target.aggregate.operation, target.dtype)
        )

    def flush_lanes(self, k: int, target: Value) -> None:
        """Add each slot's lanes to its total by Neumaier's sum, and empty them."""
        assert target.rows is not None
        width = slot_width("sum", target.dtype, True)
        self.put(f"for g in range({self.tables[target.rows]}):")
        self.depth += 1
        self.put(f"at = g * {width}")
        self.put(f"part = (o{k}[at] + o{k}[at + 1]) + (o{k}[at + 2] + o{k}[at + 3])")
        for lane in range(LANES):
            self.put(f"o{k}[at + {lane}] = -0.0")
        self.put(f"held = o{k}[at + {TOTAL}]")
        self.put("grown = held + part")
        self.put("larger = absolute(held) >= absolute(part)")
        self.put("rest = select(larger, (held - grown) + part, (part - grown) + held)")
        self.put(f"o{k}[at + {LOST}] += rest")
        self.put(f"o{k}[at + {TOTAL}] = grown")
        self.depth -= 1

    def start_cell(self, k: int, builder: Builder) -> None:
        target = builder.target
        assert isinstance(target, (Reduce, Fold))
        dtype = accumulator_dtype(target.operation, target.dtype)
        if is_float_sum(target):
            self.put(f"total{k} = -0.0")
            self.put(f"lost{k} = 0.0")
            if self.product and isinstance(target, Reduce):
                self.put(f"s{k} = -0.0")
        else:
            self.put(f"e{k} = {neutral_text(target.operation, dtype)}")
            self.put(f"s{k} = e{k}")

    def finish_cell(self, k: int, builder: Builder) -> None:
        target = builder.target
        assert isinstance(target, Reduce)
        if is_float_sum(target):
            self.put(f"o{k}[0] = total{k}")
            self.put(f"o{k}[1] = lost{k}")
        else:
            self.put(f"o{k}[0] = {to_memory(f's{k}', target.dtype)}")

    # -- a product's two loops

    def product_body(self, builders: Sequence[Builder]) -> None:
        """The inner loop over the other axis, one block at a time when something is summed."""
        for k, builder in enumerate(builders):
            if isinstance(builder.target, Fold):
                self.start_cell(k, builder)
        if any(reduction_of(b) is not None and is_float_sum(b.target) for b in builders):
            self.blocks("0", "m", "j", builders)
        else:
            self.put("for j in range(m):")
            self.depth += 1
            self.row(builders)
            self.depth -= 1
        for k, builder in enumerate(builders):
            if not isinstance(builder.target, Fold):
                continue
            value = f"s{k}"
            if is_float_sum(builder.target):
                value = f"total{k} + lost{k} if lost{k} == lost{k} else total{k}"
                value = f"{kernel_type(builder.target.dtype)}({value})"
            self.put(f"o{k}[i] = {to_memory(value, builder.target.dtype)}")

    # -- one row

    def row(self, builders: Sequence[Builder]) -> None:
        branches: dict[tuple[Value, ...], list[int]] = {}
        always: list[Value] = []
        for k, builder in enumerate(builders):
            if builder.guards and not builder.select:
                branches.setdefault(builder.guards, []).append(k)
                always.extend(builder.guards)
            else:
                always.extend(builder.roots())
        self.values(always)
        moves: dict[tuple[Value, ...], None] = {}
        for k, builder in enumerate(builders):
            if not builder.guards or builder.select:
                self.feed(k, builder, self.guard(builder.guards))
                if builder.appends and builder.guards:
                    moves[builder.guards] = None
        for guards in moves:
            self.put(f"{self.counters[guards]} += int64({self.guard(guards)})")
        for guards, members in branches.items():
            self.branch(guards, members, builders, guards in moves)

    def branch(
        self, guards: tuple[Value, ...], members: list[int], builders: Sequence[Builder], moved: bool
    ) -> None:
        self.put(f"if {self.guard(guards)}:")
        self.depth += 1
        outside = dict(self.names)
        self.values([root for k in members for root in builders[k].roots()])
        for k in members:
            self.feed(k, builders[k], "")
        if guards in self.counters and not moved and any(builders[k].appends for k in members):
            self.put(f"{self.counters[guards]} += 1")
        self.names = outside
        self.depth -= 1

    def guard(self, guards: tuple[Value, ...]) -> str:
        if len(guards) <= 1:
            return self.names[guards[0]] if guards else ""
        return "(" + " & ".join([self.names[g] for g in guards]) + ")"

    def values(self, roots: Sequence[Value]) -> None:
        for value in row_values(roots):
            if value not in self.names and not self.only_loaded_from(value):
                self.names[value] = self.value(value)
                if isinstance(value, Map):
                    self.marks.append((len(self.lines), value))

    def only_loaded_from(self, value: Value) -> bool:
        """Whether ``value`` is an array that a `View`, `Outer` or `Gather` loads from at another row."""
        return (
            isinstance(value, (Read, Stored))
            and value.rows is not None
            and value.rows is not self.loop.domain
        )

    def value(self, value: Value) -> str:
        match value:
            case Map(operation, arguments, dtype):
                names = [self.names[a] for a in arguments]
                last = arguments[-1]
                text = operation_text(
                    operation, names, last.dtype, dtype, self.write, by_scalar=last.rows is None
                )
                return self.assign(f"{text}  # {operation}")
            case RowNumber():
                return self.assign(self.position())
            case Read() | Stored() | View() | Outer() if value.rows is not None:
                return self.assign(self.load(value))
            case Gather(column, positions):
                array = self.array(ArrayInput(column, 0, 1, column in self.strided))
                return self.assign(self.element(array, column, self.names[positions]))
        return self.scalar(value)

    def assign(self, text: str) -> str:
        name = f"v{len(self.names)}"
        expression, mark, comment = text.partition("  # ")
        self.put(f"{name} = {expression}{mark}{comment}")
        return name

    @property
    def first_row(self) -> str:
        """The first row of the morsel among all rows; ``lo`` counts those of a product's outer side."""
        return "lo * m" if self.product else "lo"

    def position(self) -> str:
        if not self.product:
            return "i"
        return "i * m + j" if self.axis == 1 else "j * extent + i"

    def scalar(self, value: Value) -> str:
        if value not in self.scalars:
            self.scalars[value] = f"x{len(self.scalars)}"
        return self.scalars[value]

    def load(self, value: Value) -> str:
        index = self.position() if value.rows is self.loop.domain else "i"
        start, step = 0, 1
        leaf: Value = value
        if isinstance(leaf, Outer):
            outer_axis = 1 - (self.axis or 0)
            index = "i" if leaf.axis == outer_axis else "j"
            leaf = leaf.column
        while isinstance(leaf, View):
            start, step = leaf.start + leaf.step * start, leaf.step * step
            leaf = leaf.column
        if isinstance(leaf, RowNumber):
            return f"int64({start}) + int64({step}) * {index}"
        found = self.strided.get(leaf)
        if found is not None and found.matrix is not None and step == 1 and start == 0:
            first = self.matrices[found.matrix]
            array = self.array(ArrayInput(first, 0, 1, False))
            return self.element(array, leaf, f"({index}) * {found.width} + {found.offset}")
        array = self.array(ArrayInput(leaf, start, step, step != 1 or found is not None))
        return self.element(array, leaf, index)

    def array(self, wanted: ArrayInput) -> ArrayInput:
        self.arrays.setdefault(wanted, f"a{len(self.arrays)}")
        return wanted

    def element(self, array: ArrayInput, leaf: Value, index: str) -> str:
        name = self.arrays[array]
        text = f"{name}[({index}) * {name}s]" if array.strided else f"{name}[{index}]"
        return f"{text} != 0" if leaf.dtype.kind == "b" else text

    # -- builders

    def feed(self, k: int, builder: Builder, guard: str) -> None:
        target = builder.target
        x = self.names[builder.expression]
        if builder.appends:
            index = self.counters[builder.guards] if builder.guards else self.position()
            self.put(f"o{k}[{index}] = {to_memory(x, target.dtype)}")
        elif isinstance(target, SlotTable):
            assert builder.slot is not None
            self.merge_slot(k, target, self.names[builder.slot], x)
        else:
            assert isinstance(target, (Reduce, Fold))
            self.merge(k, target, x, guard)

    def merge(self, k: int, target: Reduce | Fold, x: str, guard: str) -> None:
        dtype = accumulator_dtype(target.operation, target.dtype)
        x = f"{kernel_type(dtype)}({x})" if dtype != target.dtype else x
        if guard:
            empty = "float64(-0.0)" if is_float_sum(target) else f"e{k}"
            x = self.write(f"select({guard}, {x}, {empty})")
        self.put(f"s{k} = {combine_text(target.operation, dtype, f's{k}', x, reassociate=True)}")

    def merge_slot(self, k: int, target: SlotTable, slot: str, x: str) -> None:
        operation, dtype = target.aggregate.operation, target.dtype
        small = target.rows in self.small
        at = slot
        if small:
            at = self.write(f"{slot} * {slot_width(operation, dtype, True)} + (i & {LANES - 1})")
        if compensated(operation, dtype):
            if small:
                self.put(f"o{k}[{at}] += float64({x})")
            else:
                self.merge_slot_compensated(k, slot, x)
            return
        held = f"o{k}[{at}]" + (" != 0" if dtype.kind == "b" else "")
        merged = combine_text(operation, dtype, f"({held})", x, reassociate=False)
        self.put(f"o{k}[{at}] = {to_memory(merged, dtype)}")

    def merge_slot_compensated(self, k: int, slot: str, x: str) -> None:
        """Kahan's sum, as pandas'; an infinity does not spoil what comes after it."""
        at = self.write(f"2 * {slot}")
        lost = self.write(f"o{k}[{at} + 1]")
        held = self.write(f"o{k}[{at}]")
        term = self.write(f"float64({x}) + select({lost} == {lost}, {lost}, 0.0)")
        total = self.write(f"{held} + {term}")
        self.put(f"o{k}[{at} + 1] = {term} - ({total} - {held})")
        self.put(f"o{k}[{at}] = {total}")

    # -- the signature

    def result(self) -> EmittedLoop:
        names, types = ["lo", "hi"], ["int64", "int64"]
        if self.product:
            names, types = [*names, "m", "extent"], [*types, "int64", "int64"]
        names += list(self.tables.values())
        types += ["int64"] * len(self.tables)
        for array, name in self.arrays.items():
            names.append(name)
            types.append(memory_type(array.leaf.dtype) + "*")
            if array.strided:
                names.append(f"{name}s")
                types.append("int64")
        for value, name in self.scalars.items():
            names.append(name)
            types.append("bool" if value.dtype.kind == "b" else memory_type(value.dtype))
        for k in range(len(self.counters)):
            names.append(f"c{k}")
            types.append("int64*")
        for k, builder in enumerate(self.loop.builders):
            names.append(f"o{k}")
            types.append(output_type(builder) + "*")
        source = "\n".join([f"def kernel({', '.join(names)}):", *self.lines, ""])
        kernel = KernelSource(source, tuple(types), describe(self.loop))
        return EmittedLoop(
            kernel,
            self.product,
            tuple(self.tables),
            tuple(self.arrays),
            tuple(self.scalars),
            tuple(self.counters),
            self.loop.builders,
            tuple(self.marks),
        )


def _small_tables(loop: Loop, small: frozenset[Rows]) -> list[Rows]:
    tables = [b.target.rows for b in loop.builders if isinstance(b.target, SlotTable)]
    return [rows for rows in dict.fromkeys(tables) if rows is not None and rows in small]


def describe(loop: Loop) -> str:
    """One line that says what a kernel does, in the graph's words only."""
    counts: dict[str, int] = {}
    for value in row_values([root for b in loop.builders for root in b.roots()]):
        if isinstance(value, Map):
            counts[value.operation] = counts.get(value.operation, 0) + 1
    for builder in loop.builders:
        counts[_ending(builder)] = counts.get(_ending(builder), 0) + 1
    return " ".join([name if n == 1 else f"{name}*{n}" for name, n in counts.items()])


def _ending(builder: Builder) -> str:
    target = builder.target
    if isinstance(target, SlotTable):
        return f"group-{target.aggregate.operation}"
    if isinstance(target, (Reduce, Fold)):
        return f"->{target.operation}"
    return "->filtered-array" if builder.guards else "->array"
