"""The written specification of legal loop programs, and its enforcement.

A program is legal when all of these hold, for every step in turn:

in order
    A step reads only what earlier steps have left, and leaves of the graph.  A builder never reads what
    another builder of its own loop leaves, but behind folds.
once
    No value is built twice, and no leaf is built at all.
expressions
    What a builder evaluates at a row is `Map` work, typed as `passes.ir.verify` says, on scalars and on
    columns of the loop's domain: leaves, a `Probe` of a stored `LookupTable`, or a `View`, an `Outer` or a
    `Gather` that loads from a leaf of other rows.  An expression has its target's dtype.
guards
    Guards are boolean columns of the domain.  Only a builder with guards chooses by select; one with
    a slot sends rows that fail its guards to spare slots, and its own slot is valid only where they hold.
targets
    A `Reduce` is a cell, a `Fold` is of a product's rows.  An array without guards is of the domain's rows,
    and one with guards of rows that filters leave of the domain.  Only an array is sized.  The builders of a
    loop over a product walk one inner axis.
slots
    A builder has a slot when, and only when, it fills a `SlotTable`: an int64 column of the domain.  The
    table's group has a plan, and so has every group whose keys, sizes or aggregates a host step finds.
strides
    A loop that computes with a group's strides waits for the bounds of its keys, from which they follow,
    unless these are known before the program runs.
behind
    What a loop over a product feeds behind its folds are arrays of the side that stays, without guards.
    Their rows read its folds at their own row, besides what earlier steps have left.
host steps
    A host step names what it needs among its reads.
results and inputs
    Every result is a leaf or left by a step.  Every input and parameter that a loop, a host step or a result
    reads is among the program's inputs, but for the parameters of groups, which are bound when it runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from passes.ir.loops import (
    Builder,
    GroupPlan,
    Host,
    Loop,
    Program,
    inner_axis,
    is_leaf,
    loaded_from_other_rows,
    row_values,
    same_row_inputs,
    step_reads,
    step_targets,
)
from passes.ir.node import Node
from passes.ir.operations import BOOL, INT64
from passes.ir.rows import Filter, Group, Join, Product, Rows, Sort
from passes.ir.sorts import partly_sorted
from passes.ir.values import (
    OPAQUE,
    Aggregate,
    Chain,
    Fold,
    Gather,
    GroupNumber,
    HashedSlot,
    IsFirst,
    Key,
    LookupTable,
    Map,
    Outer,
    Parameter,
    Position,
    Probe,
    Read,
    Reduce,
    RowNumber,
    SlotNumber,
    SlotTable,
    SortedRun,
    Stored,
    Take,
    Value,
    View,
    Window,
    WithinGroup,
)
from passes.ir.verify import node_fault
from passes.ir.walk import topological


class InvalidProgram(ValueError):  # noqa: N818  # named for what is wrong, as the specification calls it
    """A program that breaks a rule of `passes.ir.verify_program`; says the step and the rule."""


class FoundLegal:
    """What programs that follow from one another have in common, and need not be asked again.

    A pass leaves most of a program as it is.  Loops depend on the plans of groups as well as on themselves,
    so that other plans are a beginning from nothing; what a row evaluates depends on the domain alone.
    """

    def __init__(self) -> None:
        self._plans: Mapping[Group, GroupPlan] = {}
        self._loops: dict[Loop, list[Value]] = {}
        self._nodes: dict[Rows, set[Node]] = {}

    def loops(self, program: Program) -> dict[Loop, list[Value]]:
        """The loops that are legal in ``program``, each with the inputs and parameters that its rows read."""
        if program.groups != self._plans:
            self._plans, self._loops = program.groups, {}
        return self._loops

    def nodes(self, domain: Rows) -> set[Node]:
        """What rows of ``domain`` may evaluate."""
        return self._nodes.setdefault(domain, set())


def verify_program(program: Program, legal: FoundLegal | None = None) -> None:
    """Check a loop program against the specification of this module.

    Parameters
    ----------
    program : Program
        Before, between or after loop passes.
    legal : FoundLegal, optional
        What was found of programs before this one, and is of this one afterwards.

    Raises
    ------
    InvalidProgram
        Naming the first step that breaks a rule, and the rule.
    """
    legal = FoundLegal() if legal is None else legal
    loops = legal.loops(program)
    done: set[Value] = set()
    bound = {*program.inputs, *[p for plan in program.groups.values() for p in plan.parameters]}
    for number, step in enumerate(program.steps):
        fault = _order_fault(step, done)
        if isinstance(step, Host):
            fault = fault or _host_fault(step, program) or _input_fault(step.reads, bound)
        elif fault is None:
            if step not in loops:
                values = step.values()
                fault = _loop_fault(step, values, program, legal)
                if fault is None:
                    loops[step] = [value for value in values if isinstance(value, (Read, Parameter))]
            fault = fault or _input_fault(loops[step], bound)
        if fault is not None:
            raise InvalidProgram(f"step {number}, {_title(step)}: {fault}")
        done.update(step_targets(step))
    for number, result in enumerate(program.results):
        fault = None if is_leaf(result) or result in done else "no step leaves it"
        fault = fault or _input_fault([result], bound)
        if fault is not None:
            raise InvalidProgram(f"result {number}, a {type(result).__name__}: {fault}")


def _title(step: Host | Loop) -> str:
    kinds = [type(target).__name__ for target in step_targets(step)]
    return f"{'host' if isinstance(step, Host) else 'loop'} for {', '.join(kinds) or 'nothing'}"


def _order_fault(step: Host | Loop, done: set[Value]) -> str | None:
    for read in step_reads(step):
        if read not in done and (isinstance(step, Loop) or not is_leaf(read)):
            return f"it reads a {type(read).__name__} that no earlier step leaves"
    targets = step_targets(step)
    if len(set(targets)) < len(targets) or any(target in done for target in targets):
        return "it builds a value that is built already"
    return "it builds a leaf" if any(is_leaf(target) for target in targets) else None


def _input_fault(values: Iterable[Value], bound: set[Value]) -> str | None:
    for value in values:
        if isinstance(value, (Read, Parameter)) and value not in bound:
            return f"a {type(value).__name__} of {value.dtype} is not among the inputs"
    return None


def _loop_fault(loop: Loop, values: Sequence[Value], program: Program, legal: FoundLegal) -> str | None:
    if not loop.builders:
        return "a loop builds something"
    if isinstance(loop.domain, Product) and len({inner_axis(builder) for builder in loop.builders}) > 1:
        return "builders of one loop walk one inner axis"
    for builder in loop.builders:
        fault = _builder_fault(builder, loop.domain, program, legal.nodes(loop.domain))
        if fault is not None:
            return fault
    for builder in loop.behind:
        fault = _behind_fault(builder, loop, program, legal)
        if fault is not None:
            return fault
    return _stride_fault(loop, values, program)


def _behind_fault(builder: Builder, loop: Loop, program: Program, legal: FoundLegal) -> str | None:
    if loop.side is None:
        return "only a loop over a product has anything behind its folds"
    if not builder.appends or builder.guards:
        return "arrays without guards are behind folds"
    if not loaded_from_other_rows(row_values(builder.roots())).isdisjoint(loop.folds):
        return "folds are there at their own row alone"
    return _builder_fault(builder, loop.side, program, legal.nodes(loop.side))


def _stride_fault(loop: Loop, values: Sequence[Value], program: Program) -> str | None:
    plans = [plan for plan in program.groups.values() if plan.dense and not plan.stepped]
    if not plans:
        return None
    used = set(values)
    waits = {bound for builder in loop.all_builders for bound in builder.bounds}
    for plan in plans:
        if used.intersection(plan.strides) and not waits.issuperset((*plan.lows, *plan.highs)):
            return "it computes with strides and does not wait for the bounds that they follow from"
    return None


def _builder_fault(builder: Builder, domain: Rows, program: Program, legal: set[Node]) -> str | None:
    for guard in builder.guards:
        if guard.rows is not domain or guard.dtype != BOOL:
            return "a guard is a bool column of the domain"
    if builder.select and not builder.guards:
        return "only guards are turned into selects"
    if builder.sized and not builder.appends:
        return "only arrays are sized"
    fault = _target_fault(builder, domain) or _slot_fault(builder, domain, program)
    if fault is not None:
        return fault
    if builder.expression.dtype != builder.target.dtype:
        return f"{builder.expression.dtype} does not go into {builder.target.dtype}"
    faults = [_expression_fault(root, domain, legal) for root in builder.roots() if root not in legal]
    return next((fault for fault in faults if fault is not None), None)


def _target_fault(builder: Builder, domain: Rows) -> str | None:
    target = builder.target
    if isinstance(target, Reduce):
        return None
    if isinstance(target, Fold):
        return None if isinstance(domain, Product) else "a fold is of a product's rows"
    if isinstance(target, SlotTable):
        return None
    rows = target.rows
    if not builder.guards:
        return None if rows is domain else "an array without guards has the domain's rows"
    while isinstance(rows, Filter) and rows is not domain:
        rows = rows.parent
    left = rows is domain and target.rows is not domain
    return None if left else "an array behind guards has rows that filters leave of the domain"


def _slot_fault(builder: Builder, domain: Rows, program: Program) -> str | None:
    if not isinstance(builder.target, SlotTable):
        return None if builder.slot is None else "only the table of a group has slots"
    if builder.slot is None:
        return "the table of a group needs a slot"
    if builder.slot.rows is not domain or builder.slot.dtype != INT64:
        return "a slot is an int64 column of the domain"
    return _plan_fault(builder.target.rows, program)


def _plan_fault(rows: Rows | None, program: Program) -> str | None:
    return None if isinstance(rows, Group) and rows in program.groups else "its group has no plan"


def _expression_fault(root: Value, domain: Rows, legal: set[Node]) -> str | None:
    new = topological([root], lambda node: () if node in legal else same_row_inputs(node))
    for node in new:
        if node in legal:
            continue
        assert isinstance(node, Value)
        if node.rows is not None and node.rows is not domain:
            return f"a {type(node).__name__} of other rows than the domain's"
        if node.dtype == OPAQUE:
            return "no loop holds opaque columns"
        if isinstance(node, Probe):
            if not (isinstance(node.table, Stored) and isinstance(node.table.value, LookupTable)):
                return "a probe is of a stored table"
            legal.add(node)
            continue
        if isinstance(node, (View, Outer, Gather)):
            if not is_leaf(node.column):
                return f"a {type(node).__name__} loads from a leaf"
        elif not isinstance(node, Map) and not is_leaf(node):
            return f"a {type(node).__name__} is nothing that a row evaluates"
        fault = None if isinstance(node, Stored) else node_fault(node)
        if fault is not None:
            return fault
        legal.add(node)
    return None


def _host_fault(step: Host, program: Program) -> str | None:
    target = step.target
    if target.dtype == OPAQUE:
        return None if isinstance(target, (Take, View, Gather)) else "the host moves opaque columns only"
    needed: tuple[Value, ...] = ()
    match target:
        case Map():
            if target.rows is not None:
                return "row-wise work is for loops"
            needed = target.arguments
        case Take() | Window():
            sort = partly_sorted(target)
            needed = (target.column,) if sort is None else sort.keys
        case Reduce(_, column):
            return None if isinstance(column, Read) else "the host knows the bounds of inputs only"
        case WithinGroup(_, column, group):
            fault = _plan_fault(group, program)
            if fault is not None:
                return fault
            needed = (GroupNumber(group), *(() if is_leaf(column) else (column,)))
        case HashedSlot(group) | IsFirst(group):
            needed = group.keys
        case SortedRun(column):
            needed = (column,)
        case SlotTable():
            fault = _plan_fault(target.rows, program)
            if fault is not None:
                return fault
            plan = program.groups[target.rows]
            if not plan.hashed or target is not plan.first:
                return "the host knows the first rows of groups that it numbers"
            needed = (plan.slot,)
        case Aggregate() | Key() | SlotNumber() | RowNumber(_, Group()):
            fault = _plan_fault(target.rows, program)
            if fault is not None:
                return fault
            plan = program.groups[target.rows]  # type: ignore[index]  # a group: it has a plan
            needed = (*plan.order, SlotTable(target)) if isinstance(target, Aggregate) else plan.order
        case LookupTable(keys):
            needed = keys
        case Chain(columns):
            needed = columns
        case Position(_, _, Join(_, _, left_keys, right_keys)):
            needed = (*left_keys, *right_keys)
        case Position(_, _, Sort(_, keys)):
            needed = keys
        case RowNumber():
            return None
        case _:
            return f"no host computes a {type(target).__name__}"
    return None if set(needed) <= set(step.reads) else "it does not name what it needs among its reads"


__all__ = ["FoundLegal", "InvalidProgram", "verify_program"]
