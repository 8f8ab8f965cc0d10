"""Why steps of a program are not one: what stands between kernels, and what the host runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lazyframe.record.fallbacks import Fallback
from passes.ir.loops import Host, Loop, Program, loaded_from_other_rows, step_reads, step_targets
from passes.ir.print_program import ProgramPrintout
from passes.ir.rows import Slice
from passes.ir.sorts import partly_sorted
from passes.ir.values import (
    OPAQUE,
    Aggregate,
    Key,
    Map,
    SlotTable,
    Value,
)
from passes.rules.split_wide_loops import MOST_ARRAYS, SIZE_LIMIT

_KEPT = {
    "share_or_recompute": "several kernels need it, and computing it again costs more than loading it",
    "cut_kernels_by_cost": "the chain of operations that it ends is as long as a kernel may be",
}


def host_entry(step: Host, printout: ProgramPrintout, lines: tuple[str, ...]) -> tuple[str, Fallback | None]:
    """A host step in words, and as a fallback if it is more than a scalar, a slice or a group's end."""
    target = step.target
    name = printout.expression(target)
    text = printout.steps_of[step].partition(" = host ")[2].partition("  # ")[0]
    where = f"  ({lines[0]})" if lines else ""
    line = f"{name} = {text}: {step.why}{where}"
    is_view = isinstance(target.rows, Slice) and partly_sorted(target) is None
    small = target.rows is None or isinstance(target, (Aggregate, Key)) or is_view
    return line, None if small else Fallback(text, step.why, lines[0] if lines else "")


def materialized_arrays(
    program: Program, small: set[int], kept_by: Mapping[Value, str], disabled: frozenset[str]
) -> Iterator[tuple[Value, str]]:
    """Each array that a step leaves for a later kernel or window of NumPy's, with the reason.

    Not counted are what kernels only leave for the rows of groups, for labels that pandas takes by position,
    and for the user.
    """
    producer: dict[Value, int] = {}
    readers: dict[Value, list[int]] = {}
    for number, step in enumerate(program.steps):
        for value in step_reads(step):
            readers.setdefault(value, []).append(number)
        producer.update(dict.fromkeys(step_targets(step), number))
    for value, made in producer.items():
        if value.rows is None or isinstance(value, SlotTable):
            continue
        counted = [n for n in readers.get(value, ()) if n not in small and not _is_label(program.steps[n])]
        if counted:
            reader = program.steps[counted[0]]
            yield value, _why_stored(value, program.steps[made], reader, kept_by, disabled)


def _is_label(step: Host | Loop) -> bool:
    """Whether a step takes labels by position, or ends a grouping: no kernel waits for it."""
    if isinstance(step, Loop):
        return False
    return step.target.dtype == OPAQUE or isinstance(step.target, (Aggregate, Key))


def _why_stored(
    value: Value,
    made: Host | Loop,
    reader: Host | Loop,
    kept_by: Mapping[Value, str],
    disabled: frozenset[str],
) -> str:
    if isinstance(made, Host):
        return made.why
    if isinstance(reader, Host):
        return reader.why
    if "fuse_producers" in disabled:
        return "fuse_producers is off"
    if value in kept_by:
        return _KEPT[kept_by[value]]
    if value in loaded_from_other_rows(reader.values()):
        return "it is loaded from other rows than the one being computed"
    if any(builder.target is value and not builder.appends for builder in made.builders):
        return "it is reduced over an axis, and complete only when its kernel is"
    return "its reader walks only the rows that pass a filter"


def reasons_apart(
    program: Program, numbers: Mapping[int, int], printout: ProgramPrintout, disabled: frozenset[str]
) -> Iterator[str]:
    """For each kernel but the first, why it is not one with those before.

    Parameters
    ----------
    numbers : mapping
        From the steps that are kernels to their numbers.
    """
    sources: dict[Value, frozenset[int]] = {}
    for number, step in enumerate(program.steps):
        needed = frozenset().union(*[sources.get(read, frozenset()) for read in step_reads(step)])
        if number in numbers:
            assert isinstance(step, Loop)
            if numbers[number]:
                yield _reason(program, number, needed, numbers, printout, disabled)
            needed = needed | {number}
        sources.update(dict.fromkeys(step_targets(step), needed))


def _reason(
    program: Program,
    number: int,
    needed: frozenset[int],
    numbers: Mapping[int, int],
    printout: ProgramPrintout,
    disabled: frozenset[str],
) -> str:
    step = program.steps[number]
    assert isinstance(step, Loop)
    own = f"kernel {numbers[number]}"
    if needed:
        reads = [read for read in step_reads(step) if not isinstance(read, Map) or read.rows is not None]
        direct = [printout.expression(read) for read in (reads or step_reads(step))]
        last = numbers[max(needed)]
        return f"{own} waits for {', '.join(dict.fromkeys(direct))}, which kernel {last} leads to"
    before = [program.steps[n] for n in numbers if n < number]
    same = [loop for loop in before if isinstance(loop, Loop) and loop.domain is step.domain]
    if not same:
        return f"{own} walks {printout.expression(step.domain)}, which no kernel before it does"
    if "fuse_siblings" in disabled:
        return f"{own} could run with another over the same rows, but fuse_siblings is off"
    if all(loop.folded_axis != step.folded_axis for loop in same):
        return f"{own} walks the inner axis of the product the other way round"
    built = [builder for loop in (*same, step) for builder in loop.builders if builder.appends]
    limit = f"{MOST_ARRAYS} arrays" if len(built) > MOST_ARRAYS else f"{SIZE_LIMIT} operations"
    return f"{own} would make a kernel of more than {limit}"
