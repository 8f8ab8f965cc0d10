"""Bind no more data than the loops read."""

from __future__ import annotations

from dataclasses import replace

from passes.facts.positions import source_of
from passes.ir.loops import Host, Program
from passes.ir.values import OPAQUE, Aggregate, Gather, Map, Parameter, Read, Take, Value, View


def drop_unused_columns(program: Program) -> Program:
    """Inputs that no step and no result reads any more -> not bound.

    Simplifying and dropping materialisations leave columns and scalars that only the recorded graph
    mentioned.  Safe because an input has no effect but being read.
    """
    used: set[Value] = set()
    for result in program.results:
        used.update(_leaves(result))
    for step in program.steps:
        if isinstance(step, Host):
            used.update(leaves_of_host(step))
        else:
            used.update(step.values())
            used.update([bound for builder in step.all_builders for bound in builder.bounds])
    inputs = tuple([value for value in program.inputs if value in used])
    return program if inputs == program.inputs else replace(program, inputs=inputs)


def leaves_of_host(step: Host) -> list[Value]:
    """The inputs that a host step reads itself; of most of what it needs earlier steps have left an array."""
    read: list[Value] = [value for value in step.reads if isinstance(value, (Read, Parameter))]
    target = step.target
    if isinstance(target, Aggregate) or getattr(target, "column", None) in step.reads:
        return read  # what groups came to is in their tables
    return [*read, *_leaves(target)]


def _leaves(value: Value) -> list[Value]:
    if isinstance(value, (Read, Parameter)):
        return [value]
    if value.dtype == OPAQUE:
        while isinstance(value, (Take, View, Gather)):
            value = value.column
        return [value]
    column = getattr(value, "column", None)
    if column is not None:
        return [source_of(column)]
    return list(value.arguments) if isinstance(value, Map) else []
