"""The verifier of loop programs: what passes make is legal, and what is broken on purpose is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passes import pipeline
from passes.facts.groups import source_of_key
from passes.facts.progressions import KeyForm
from passes.ir.loops import Builder, Host, Loop, Program, Step, step_reads
from passes.ir.parser import parse_graph
from passes.ir.rows import Range
from passes.ir.values import Gather, Literal, Map, Read, Reduce, RowNumber, SlotTable, Stored, Value
from passes.ir.verify_program import InvalidProgram, verify_program
from passes.pipeline import LOOP_PASSES, OPTIONAL, optimise
from passes.rewrite.checks import RewriteBroke
from passes.rules.lower_to_loops import lower_to_loops
from tests.passes.graphs import graphs

TEXT = """\
t  = source(a: float64, b: int64, c: float64)
p0 = parameter(float64)
r0 = filter(t, t.a > p0)
g0 = group(r0, r0.b, sort=True)
v0 = r0.a * r0.c
return v0, sum(v0) + 1.0, g0.sum(r0.c), g0.key(0), t.a + t.c"""

Break = Callable[[Program], Program]


def lowered() -> Program:
    return lower_to_loops(parse_graph(TEXT).results)


def find(program: Program, kind: type[Value], guarded: bool | None = None) -> tuple[int, Builder]:
    """The first loop, and its builder, of a target of this kind."""
    for number, step in enumerate(program.steps):
        if not isinstance(step, Loop) or not isinstance(step.builders[0].target, kind):
            continue
        if guarded is None or bool(step.builders[0].guards) is guarded:
            return number, step.builders[0]
    raise LookupError(kind)


def changed(kind: type[Value], guarded: bool | None = None, **changes: object) -> Break:
    """A program whose first builder of this kind is changed."""

    def broken(program: Program) -> Program:
        number, builder = find(program, kind, guarded)
        step = program.steps[number]
        assert isinstance(step, Loop)
        made = {name: c(builder) if callable(c) else c for name, c in changes.items()}
        steps = list(program.steps)
        steps[number] = Loop(step.domain, (builder._replace(**made),))
        return replace(program, steps=tuple(steps))

    return broken


def without_a_host_read(program: Program) -> Program:
    steps = [s._replace(reads=s.reads[:-1]) if isinstance(s, Host) and s.reads else s for s in program.steps]
    return replace(program, steps=tuple(steps))


def of_other_rows(builder: Builder) -> Value:
    stranger = next(v for v in parse_graph(TEXT).results if v.rows is not None)
    return Map("cast", (Stored(stranger),), builder.target.dtype)


def reading_itself(builder: Builder) -> Value:
    return Stored(builder.target)


FOLDED = """\
t  = source(a: float64)
t1 = source(b: float64)
r0 = product(t, t1)
return t.a + fold_sum(outer(t.a, r0, 0) * outer(t1.b, r0, 1), axis=1)
"""


def behind(change: Callable[[Loop], Loop]) -> Program:
    """A program of one loop, with a builder behind a fold, that is changed."""
    program = optimise(parse_graph(FOLDED).results)
    (loop,) = program.loops
    assert loop.behind
    verify_program(program)
    return replace(program, steps=(change(loop),))


def reading_elsewhere(loop: Loop) -> Loop:
    (builder,) = loop.behind
    ((_, fold),) = [builder.expression.arguments]
    positions = RowNumber(builder.target.rows)
    moved = Map("add", (fold, Gather(fold, positions)), fold.dtype)
    return loop._replace(behind=(builder._replace(expression=moved),))


BEHIND: dict[str, tuple[Callable[[Loop], Loop], str]] = {
    "of no product": (
        lambda loop: Loop(loop.side, loop.behind, loop.behind),
        "built already|no earlier step",
    ),
    "a fold": (lambda loop: loop._replace(behind=(*loop.behind, loop.builders[0])), "built already"),
    "a guard": (
        lambda loop: loop._replace(behind=(loop.behind[0]._replace(guards=(Literal(True),)),)),
        "arrays without guards are behind folds",
    ),
    "of the product's rows": (
        lambda loop: loop._replace(behind=(loop.behind[0]._replace(expression=loop.builders[0].expression),)),
        "other rows than the domain's",
    ),
    "a fold at other rows": (reading_elsewhere, "folds are there at their own row alone"),
}


@pytest.mark.parametrize("name", BEHIND)
def test_what_is_behind_folds(name: str) -> None:
    change, message = BEHIND[name]
    with pytest.raises(InvalidProgram, match=message):
        verify_program(behind(change))


BROKEN: dict[str, tuple[Break, str]] = {
    "steps backwards": (lambda p: replace(p, steps=p.steps[::-1]), "no earlier step leaves"),
    "a step missing": (lambda p: replace(p, steps=p.steps[1:]), "no earlier step leaves"),
    "the last step missing": (lambda p: replace(p, steps=p.steps[:-1]), "no step leaves it"),
    "a step twice": (lambda p: replace(p, steps=(*p.steps, p.steps[-1])), "built already"),
    "a loop of nothing": (
        lambda p: replace(p, steps=(Loop(Range(3), ()), *p.steps)),
        "a loop builds something",
    ),
    "an input not bound": (lambda p: replace(p, inputs=p.inputs[1:]), "not among the inputs"),
    "no inputs": (lambda p: replace(p, inputs=()), "not among the inputs"),
    "no plan of the group": (lambda p: replace(p, groups={}), "no plan|not among the inputs"),
    "a builder that reads itself": (changed(Reduce, expression=reading_itself), "no earlier step leaves"),
    "an expression of other rows": (changed(Reduce, expression=of_other_rows), "no earlier step|other rows"),
    "an expression of another dtype": (changed(Reduce, expression=Literal(1)), "does not go into"),
    "an ill-typed expression": (
        changed(Map, expression=lambda b: Map("bitwise_and", b.expression.arguments, b.target.dtype)),
        "bitwise_and",
    ),
    "an expression that is not lowered": (
        changed(Map, expression=lambda b: Reduce("sum", b.expression, b.target.dtype)),
        "nothing that a row evaluates",
    ),
    "a guard that is no bool": (
        changed(Map, guarded=False, guards=lambda b: (b.expression.arguments[0],)),
        "a guard is a bool column|no earlier step",
    ),
    "a guard that is a scalar": (changed(Map, guards=(Literal(True),)), "a guard is a bool column"),
    "a select without guards": (changed(Reduce, guarded=False, select=True), "only guards"),
    "a cell that is sized": (changed(Reduce, sized=True), "only arrays are sized"),
    "a table without slots": (changed(SlotTable, slot=None), "needs a slot"),
    "a slot that is no integer": (changed(SlotTable, slot=lambda b: b.expression), "a slot is|no earlier"),
    "slots of an array": (changed(Map, slot=lambda b: b.expression), "only the table of a group"),
    "a host step that hides what it needs": (without_a_host_read, "does not name|no earlier"),
    "a table that the host cannot know": (
        lambda p: replace(p, steps=tuple(map(_table_by_host, p.steps))),
        "first rows of groups that it numbers",
    ),
    "an unguarded array of filtered rows": (
        lambda p: changed(type(_take(p)), guarded=True, guards=())(p),
        "the domain's rows",
    ),
}


def _table_by_host(step: Step) -> Step:
    if isinstance(step, Loop) and isinstance(step.builders[0].target, SlotTable):
        return Host(step.builders[0].target, tuple(step_reads(step)), "known of it")
    return step


def _take(program: Program) -> Value:
    return next(
        b.target for loop in program.loops for b in loop.builders if b.guards and b.target.rows is not None
    )


def test_the_program_itself_is_legal() -> None:
    verify_program(lowered())


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_program_is_refused(name: str) -> None:
    breaking, says = BROKEN[name]
    program = breaking(lowered())
    assert program != lowered()
    with pytest.raises(InvalidProgram, match=says):
        verify_program(program)


@pytest.mark.parametrize("number", range(len(lowered().steps)))
def test_no_step_can_be_left_out(number: int) -> None:
    program = lowered()
    with pytest.raises(InvalidProgram):
        verify_program(replace(program, steps=program.steps[:number] + program.steps[number + 1 :]))


@pytest.mark.parametrize("loop_pass", LOOP_PASSES, ids=lambda loop_pass: loop_pass.__name__)
def test_the_pass_that_breaks_a_program_is_named(
    loop_pass: Callable[[Program], Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(program: Program) -> Program:
        return replace(loop_pass(program), steps=())

    broken.__name__ = loop_pass.__name__
    passes = [broken if one is loop_pass else one for one in LOOP_PASSES]
    monkeypatch.setattr(pipeline, "LOOP_PASSES", tuple(passes))
    with pytest.raises(RewriteBroke, match=f"^{loop_pass.__name__}: "):
        optimise(parse_graph(TEXT).results)


def _form_of(key: Value) -> KeyForm:
    return KeyForm(missing=key.dtype == "int64", divided=key.dtype.itemsize < 8)


@given(graphs(), st.sets(st.sampled_from(OPTIONAL)), st.frozensets(st.integers(0, 3)))
def test_every_subset_of_passes_leaves_legal_programs(
    results: list[Value], disabled: set[str], hashed: frozenset[int]
) -> None:
    program = optimise(results, frozenset(disabled), hashed)
    verify_program(program)
    plans = program.groups.values()
    sorted_inputs = frozenset([plan.number for plan in plans if source_of_key(plan.group) is not None])
    verify_program(optimise(results, frozenset(disabled), hashed, by_runs=sorted_inputs))
    of_integers = [plan for plan in plans if all(key.dtype.kind in "biu" for key in plan.group.keys)]
    stepped = frozenset([(plan.number, tuple(map(_form_of, plan.group.keys))) for plan in of_integers])
    verify_program(optimise(results, frozenset(disabled), hashed, stepped=stepped))
    assert not isinstance(program.results[0], Read) or program.results[0] in program.inputs
