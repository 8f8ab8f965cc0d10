"""The part of a kernel that computes a batch of rows: each by itself, or those alone that filters leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property

from lazyframe.codegen.emit_marks import (
    MANY_IN_BATCH,
    UNMARKED_BATCHES,
    Marks,
    are_few,
    is_compacted,
    is_dear,
)
from lazyframe.codegen.emit_rows import RowEmitter
from lazyframe.codegen.group_tables import BATCH_ROWS
from lazyframe.codegen.guards_in_turn import common_guards, first_guards, is_staged, probes_of
from passes.ir.loops import row_values
from passes.ir.values import Probe, Read, Stored, Value
from passes.ir.walk import topological


class BatchEmitter(RowEmitter):
    """What the rows of a batch are computed by: all of them, or those that its filters leave."""

    @cached_property
    def staged(self) -> bool:
        """Whether rows are left out by one guard after another."""
        return is_staged(self.loop)

    @cached_property
    def dear(self) -> bool:
        """Whether so much is computed of the rows that one filter leaves that others are left out."""
        return is_dear(self.loop)

    @cached_property
    def compacted(self) -> bool:
        """Whether rows are appended or grouped behind one filter of little cost."""
        return not self.dear and is_compacted(self.loop)

    @cached_property
    def common(self) -> tuple[Value, ...]:
        """The guards that all builders begin with, where rows are left out in none of these ways."""
        return () if self.staged or self.dear or self.compacted else common_guards(self.loop)

    @cached_property
    def marks_of_rows(self) -> Marks:
        """The rows of the batch that pass."""
        return Marks(self.text)

    def reserve(self) -> None:
        """Reserve the memory of a batch, before the loops."""
        if self.staged or self.compacted or self.dear or self.common:
            self.marks_of_rows.make()
        if self.compacted or self.common:
            self.put("skip = 0")
        if self.staged:
            self.make_stages()

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
