"""Which loops evaluate the guards of a batch one after another, so that rows are looked up side by side."""

from __future__ import annotations

from passes.ir.loops import Loop, row_values
from passes.ir.rows import Product
from passes.ir.values import Probe, SlotTable, Value


def is_staged(loop: Loop) -> bool:
    """Whether rows are looked up behind one filter, which all results share.

    A row that is looked up waits for memory.  While it does others can be, unless a branch between them was
    mispredicted: so batches of rows go through one guard after another, without branches, and those that are
    left are looked up side by side (relaxed operator fusion: Menon and others, PVLDB 11(1), 2017).
    """
    guards = {builder.guards for builder in loop.builders}
    if len(guards) > 1 or () in guards or any(builder.select for builder in loop.builders):
        return False
    return bool(probes_of(loop)) and not isinstance(loop.domain, Product)


def common_guards(loop: Loop) -> tuple[Value, ...]:
    """What is evaluated for every row, if all results are behind that, some behind more, and rows looked up.

    These rows are found first then, for the same reason.
    """
    firsts = {first_guards(builder.guards)[0] for builder in loop.builders}
    if len(firsts) > 1 or () in firsts or isinstance(loop.domain, Product) or not probes_of(loop):
        return ()
    if any(builder.select or isinstance(builder.target, SlotTable) for builder in loop.builders):
        return ()
    (common,) = firsts
    return () if any(isinstance(value, Probe) for value in row_values(common)) else common


def probes_of(loop: Loop) -> list[Probe]:
    """What a loop looks rows up by."""
    return [value for value in loop.values() if isinstance(value, Probe)]


def first_guards(guards: tuple[Value, ...]) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """The guards that are evaluated for every row; and those behind a lookup or themselves one, in turn."""
    for k, guard in enumerate(guards):
        if any(isinstance(value, Probe) for value in row_values([guard])):
            first = max(k, 1)
            return guards[:first], guards[first:]
    return guards, ()
