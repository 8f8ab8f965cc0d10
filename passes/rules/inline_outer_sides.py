"""Compute what a product needs once for each of its outer rows where the outer loop is at that row."""

from __future__ import annotations

from dataclasses import replace

from passes.ir.loops import Builder, Loop, Program, Step
from passes.ir.node import Node, carry_origin
from passes.ir.operations import OPERATIONS
from passes.ir.rows import Product
from passes.ir.values import Map, Outer, Read, RowNumber, Stored, Value
from passes.ir.walk import rebuild, topological

MOST_CYCLES = 12
"""Of an expression: beyond, it might be called for each inner row, as what is called is not moved out."""


def inline_outer_sides(program: Program) -> Program:
    """Loop that stores an array + loop over a product that loads it at its outer row -> computed there.

    The outer row stands still while the inner loop runs, so the compiler moves the work out of it: as much
    work as before, without an array and a kernel for it.  Safe because expressions have no effects.

    Declines for what is loaded at the inner row, where each would be computed again for every outer one, for
    what is asked for or kept, and for what is dear or loads from other rows.
    """
    if not any(isinstance(loop.domain, Product) for loop in program.loops):
        return program
    asked = program.kept.union(program.results)
    found: dict[Value, Value] = {}
    steps: list[Step] = []
    for step in program.steps:
        if not isinstance(step, Loop):
            steps.append(step)
        elif isinstance(step.domain, Product):
            steps.append(_inlined(step, step.domain, found) if found else step)
        else:
            steps.append(step)
            simple = [builder for builder in step.builders if _is_simple(builder, step)]
            found.update([(b.target, b.expression) for b in simple if b.target not in asked])
    return replace(program, steps=tuple(steps))


def _is_simple(builder: Builder, loop: Loop) -> bool:
    return builder.appends and builder.target.rows is loop.domain and not (builder.guards or builder.bounds)


def _is_cheap(expression: Value) -> bool:
    cycles = 0
    for node in topological([expression], _arguments):
        assert isinstance(node, Value)
        if isinstance(node, Map):
            cycles += OPERATIONS[node.operation].cost
        elif node.rows is not None and not isinstance(node, (Read, RowNumber, Stored)):
            return False
    return cycles <= MOST_CYCLES


def _arguments(node: Node) -> tuple[Node, ...]:
    return node.arguments if isinstance(node, Map) else ()


def _inlined(loop: Loop, product: Product, found: dict[Value, Value]) -> Loop:
    axis = loop.folded_axis
    assert axis is not None
    became: dict[Node, Node] = {}
    builders = []
    for builder in loop.builders:
        for node in topological([builder.expression], _arguments):
            if node not in became:
                became[node] = _at_outer_row(node, product, 1 - axis, found, became)
        builders.append(builder._replace(expression=became[builder.expression]))  # type: ignore[arg-type]
    return Loop(product, tuple(builders))


def _at_outer_row(
    node: Node, product: Product, axis: int, found: dict[Value, Value], became: dict[Node, Node]
) -> Node:
    match node:
        case Outer(Stored(stored), side) if side == axis and stored in found:
            if _is_cheap(found[stored]):
                return _spread(found[stored], product, axis)
            del found[stored]  # once is enough: the expression may be long
        case Map():
            fresh = rebuild(node, became.__getitem__)
            carry_origin(node, fresh)
            return fresh
    return node


def _spread(expression: Value, product: Product, axis: int) -> Value:
    """An expression of one side's columns, of what these are seen from the product."""
    became: dict[Node, Node] = {}
    for node in topological([expression], _arguments):
        assert isinstance(node, Value)
        if isinstance(node, Map):
            became[node] = rebuild(node, became.__getitem__)
            carry_origin(node, became[node])
        else:
            became[node] = node if node.rows is None else Outer(node, product, axis)
    return became[expression]  # type: ignore[return-value]  # a value stays a value
