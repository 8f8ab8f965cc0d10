"""Read golden plans of loop passes: a graph, the program before the pass, and after it or SAME."""

from __future__ import annotations

from dataclasses import dataclass

from passes.ir.loops import Program, step_targets
from passes.ir.print_program import ProgramPrintout
from tests.passes.goldens import DIRECTORY


@dataclass(frozen=True, slots=True)
class LoopCase:
    """A graph, and the program before and after a pass; ``after`` is ``before`` for a SAME case."""

    title: str
    graph: str
    before: str
    after: str

    @property
    def same(self) -> bool:
        """Whether the pass is to decline."""
        return self.before == self.after


def load(name: str) -> list[LoopCase]:
    """The cases of ``goldens/<name>.txt``; those of lowering have no program before."""
    text = (DIRECTORY / f"{name}.txt").read_text()
    cases = []
    for part in text.split("# title:")[1:]:
        title, _, plans = part.partition("\n")
        graph, *programs = [plan.strip() for plan in plans.split("\n---\n")]
        before, after = (programs[0] if len(programs) > 1 else ""), programs[-1]
        cases.append(LoopCase(title.strip(), graph, before, before if after == "SAME" else after))
    return cases


def show(program: Program) -> str:
    """The text of a program, with what no step shows: which values are kept, and which inputs are bound."""
    printout = ProgramPrintout(program)
    built = [target for step in program.steps for target in step_targets(step)]
    kept = printout.names_of([value for value in built if value in program.kept])
    bound = sorted(printout.names_of(program.inputs))
    lines = [printout.text, f"bound: {', '.join(bound)}"]
    if kept:
        lines.append(f"kept: {', '.join(kept)}")
    return "\n".join(lines)
