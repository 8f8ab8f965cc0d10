"""From values to a program that serves any data of the same shape, planned once and kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lazyframe.codegen.emit import emit_loop
from lazyframe.codegen.emit_lookups import TableForm
from lazyframe.codegen.emitted import EmittedLoop, Strided
from lazyframe.run.asked import AskedRows, asked_rows
from passes.facts.keys import UniqueKeys
from passes.facts.positions import sliced
from passes.facts.progressions import Stepped
from passes.facts.sizes import Longer
from passes.ir.loops import Host, Loop, Program, step_reads
from passes.ir.rows import Group, Rows
from passes.ir.values import (
    OPAQUE,
    Gather,
    LookupTable,
    Outer,
    Read,
    Reduce,
    SlotTable,
    Stored,
    Value,
    View,
)
from passes.pipeline import rewritten, to_program
from passes.rewrite.driver import Graph
from passes.rules.drop_unused_columns import leaves_of_host

_KEPT_PLANS = 256
_plans: OrderedDict[tuple[Any, ...], Plan] = OrderedDict()


class Spent(NamedTuple):
    """How often NumPy has run a loop, and how long that has taken in all."""

    times: int
    seconds: float


NEVER = Spent(0, 0.0)


@dataclass(slots=True)
class Plan:
    """An optimised program over anonymous inputs, with the kernels emitted for it so far.

    ``rewritten`` is the graph that it was lowered from; plans that number other groups by hashing share it.
    ``wide`` are the groups that turned out too wide to be addressed by their keys when it last ran, and which
    nobody could foresee.  ``spent`` is, by the numbers of loops, what NumPy has spent on them.
    """

    program: Program
    rewritten: Graph
    wide: frozenset[int] = frozenset()
    spent: dict[int, Spent] = field(default_factory=dict)
    emitted: dict[tuple[Any, ...], EmittedLoop] = field(default_factory=dict)
    _leaves: dict[int, list[Value]] = field(default_factory=dict)
    _tables: dict[int, list[LookupTable]] = field(default_factory=dict)
    _filled: dict[int, tuple[Group, ...]] = field(default_factory=dict)
    _lasting: frozenset[Value] | None = None
    _last_uses: dict[int, list[Value]] | None = None
    _alone: dict[int, frozenset[Read]] | None = None
    _bounding: frozenset[Read] | None = None
    _asked: dict[int, AskedRows] | None = None
    _taken: frozenset[Read] | None = None

    def leaves(self, step: int) -> list[Value]:
        """The arrays that a loop loads from: inputs, and what earlier steps left."""
        found = self._leaves.get(step)
        if found is None:
            loop = self.program.steps[step]
            assert isinstance(loop, Loop)
            found = [value for value in loop.values() if _is_array(value)]
            self._leaves[step] = found
        return found

    def last_uses(self) -> dict[int, list[Value]]:
        """For each step, what no later step and no result reads: its memory can go."""
        if self._last_uses is None:
            last: dict[Value, int] = {}
            for number, step in enumerate(self.program.steps):
                for value in step_reads(step):
                    last[value] = number
            asked = set(self.program.results)
            found: dict[int, list[Value]] = {}
            for value, number in last.items():
                if value not in asked:
                    found.setdefault(number, []).append(value)
            self._last_uses = found
        return self._last_uses

    def asked(self, step: int) -> AskedRows | None:
        """The part of what a loop appends that is looked at, if it is one of its ends."""
        if self._asked is None:
            self._asked = asked_rows(self.program)
        return self._asked.get(step)

    def only_taken(self) -> frozenset[Read]:
        """The inputs that only the host can touch of which rows are taken by position, and no more."""
        if self._taken is None:
            taken: set[Read] = set()
            others: set[Value] = set(self.program.results)
            for step in self.program.steps:
                others.update(step_reads(step))
                if isinstance(step, Host) and step.target.dtype == OPAQUE:
                    (others if sliced(step.target) else taken).add(opaque_input(step.target))
            self._taken = frozenset(taken - others)
        return self._taken

    def read_by_one_loop(self) -> dict[int, frozenset[Read]]:
        """The inputs that one loop alone reads, and only at the row that it is at, by the loop's number.

        Their bounds may be needed as well.
        """
        if self._alone is None:
            self._alone = _read_by_one_loop(self.program, self.only_bounds_groups())
        return self._alone

    def only_bounds_groups(self) -> frozenset[Read]:
        """The inputs of which host steps need no more than bounds that enclose them: keys of groups."""
        if self._bounding is None:
            program = self.program
            bounds = {bound for group in program.groups.values() for bound in (*group.lows, *group.highs)}
            enough = bounds - set(program.results)
            known: dict[Read, bool] = {}
            for step in program.steps:
                if isinstance(step, Host) and isinstance(step.target, Reduce):
                    column = step.target.column
                    if isinstance(column, Read):
                        known[column] = known.get(column, True) and step.target in enough
            self._bounding = frozenset([column for column, only in known.items() if only])
        return self._bounding

    def tables(self, step: int) -> list[LookupTable]:
        """The tables that a loop looks rows up in."""
        found = self._tables.get(step)
        if found is None:
            loop = self.program.steps[step]
            assert isinstance(loop, Loop)
            found = [value for value in step_reads(loop) if isinstance(value, LookupTable)]
            self._tables[step] = found
        return found

    def filled(self, step: int) -> tuple[Group, ...]:
        """The groups whose tables a loop fills."""
        found = self._filled.get(step)
        if found is None:
            loop = self.program.steps[step]
            assert isinstance(loop, Loop)
            found = self._filled[step] = groups_filled(loop)
        return found

    def lasting(self) -> frozenset[Value]:
        """What the user gets, and so has memory of its own."""
        if self._lasting is None:
            self._lasting = frozenset(self.program.results)
        return self._lasting

    def emit(
        self,
        step: int,
        strided: dict[Value, Strided],
        small: frozenset[Rows],
        forms: Mapping[LookupTable, TableForm],
    ) -> EmittedLoop:
        """The kernel source of a loop for inputs of the given layout and tables of the given kind."""
        key = (step, tuple(strided.items()), small, tuple(forms.items()))
        if key not in self.emitted:
            loop = self.program.steps[step]
            assert isinstance(loop, Loop)
            self.emitted[key] = emit_loop(loop, strided, small, forms)
        return self.emitted[key]


def _read_by_one_loop(program: Program, bounding: frozenset[Read]) -> dict[int, frozenset[Read]]:
    readers: dict[Read, set[int]] = {}
    elsewhere: set[Read] = {value for value in program.results if isinstance(value, Read)}
    for number, step in enumerate(program.steps):
        if isinstance(step, Host):
            if not (isinstance(step.target, Reduce) and step.target.column in bounding):
                elsewhere.update([leaf for leaf in leaves_of_host(step) if isinstance(leaf, Read)])
            continue
        for builder in step.all_builders:
            elsewhere.update([bound for bound in builder.bounds if isinstance(bound, Read)])
        for value in step.values():
            if isinstance(value, (Gather, View, Outer)) and isinstance(value.column, Read):
                elsewhere.add(value.column)
            elif isinstance(value, Read):
                readers.setdefault(value, set()).add(number)
                if value.rows is not step.domain:
                    elsewhere.add(value)
    found: dict[int, set[Read]] = {}
    for leaf, numbers in readers.items():
        if len(numbers) == 1 and leaf not in elsewhere:
            found.setdefault(next(iter(numbers)), set()).add(leaf)
    return {number: frozenset(leaves) for number, leaves in found.items()}


def groups_filled(loop: Loop) -> tuple[Group, ...]:
    """The groups whose tables a loop fills, each once."""
    tables = [builder.target for builder in loop.builders if isinstance(builder.target, SlotTable)]
    return tuple(dict.fromkeys([table.rows for table in tables if isinstance(table.rows, Group)]))


def _is_array(value: Value) -> bool:
    if isinstance(value, Stored) and isinstance(value.value, LookupTable):
        return False
    return isinstance(value, (Read, Stored)) and value.rows is not None


def plan_for(
    values: tuple[Value, ...],
    disabled: frozenset[str],
    hashed: frozenset[int],
    unique: UniqueKeys = frozenset(),
    by_runs: frozenset[int] = frozenset(),
    longer: Longer = frozenset(),
    stepped: Stepped = frozenset(),
) -> Plan:
    """The plan for anonymous values: the one made before, or a new one."""
    key = (values, disabled, hashed, unique, by_runs, longer, stepped)
    plan = _plans.get(key)
    if plan is None:
        direct = _plans.get((values, disabled, frozenset(), unique, frozenset(), longer, frozenset()))
        graph = (
            rewritten(values, disabled, unique=unique, longer=longer) if direct is None else direct.rewritten
        )
        plan = _plans[key] = Plan(to_program(graph, disabled, hashed, by_runs, stepped=stepped), graph)
        if len(_plans) > _KEPT_PLANS:
            _plans.popitem(last=False)
    else:
        _plans.move_to_end(key)
    return plan


def opaque_input(target: Value) -> Read:
    """The input that rows are taken of, through however many others."""
    while not isinstance(target, Read):
        target = target.column  # type: ignore[attr-defined]  # only Take, View and Gather are opaque
    return target
