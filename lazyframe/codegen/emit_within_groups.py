"""Kernels for what a row has of the rows of its group before it: one pass, with a place for each group."""

from __future__ import annotations

import functools

import numpy as np

from lazyframe.codegen.emit_operations import memory_type
from lazyframe.codegen.kernel import KernelSource


@functools.cache
def look_back(one: bool) -> KernelSource:
    """The value of the row some rows before in the same group, or behind it.

    Arguments: the groups' numbers; the values; the first row and the way to the next, 1 or -1; how many rows
    are between, which is not read where that is ``one``; for each group the place that is next, likewise;
    the values of the last rows of each group; the result.
    """
    place = "number" if one else "number * distance + seen[number]"
    turn = (
        ""
        if one
        else """\
        after = seen[number] + 1
        seen[number] = select(after < distance, after, int64(0))
"""
    )
    text = f"""\
def kernel(lo, hi, numbers, values, first, step, distance, seen, held, found):
    for i in range(lo, hi):
        row = first + step * i
        number = numbers[row]
        place = {place}
        found[row] = held[place]
        held[place] = values[row]
{turn}    return 0
"""
    kinds = ("int64", "int64", "int64*", "int64*", "int64", "int64", "int64", "int64*", "int64*", "int64*")
    return KernelSource(text, kinds, "look_back")


_ONE_STEP = {
    "product": "state[place] * value",
    "minimum": "select(value < state[place], value, state[place])",
    "maximum": "select(value > state[place], value, state[place])",
    "integer sum": "state[place] + value",
}

_SUM = """\
        place = 2 * numbers[i]
        before = state[place]
        part = value - state[place + 1]
        total = before + part
        state[place + 1] = total - before - part
"""


@functools.cache
def accumulate(operation: str, dtype: np.dtype, skips: bool) -> KernelSource:
    """A running ``sum``, ``product``, ``minimum`` or ``maximum`` of each group, as pandas computes it.

    What rounding loses of a sum is taken from the next value.  What is missing is skipped, and missing in
    the result; or all is missing from there on.

    Arguments: the groups' numbers; the values; for each group what there is so far, of sums of floats and
    what it lost; the result; of times the one that is missing.
    """
    compensated = operation == "sum" and dtype.kind == "f"
    step = _ONE_STEP.get("integer sum" if operation == "sum" else operation, "")
    body = _SUM if compensated else f"        place = numbers[i]\n        total = {step}\n"
    if skips and dtype.kind in "fmM":
        missing = "value != value" if dtype.kind == "f" else "value == nat"
        body = f"        if {missing}:\n            found[i] = value\n            continue\n{body}"
    elif dtype.kind == "f" and operation in ("minimum", "maximum"):
        body += "        total = select(value != value, value, total)\n"
    nat = ", nat" if dtype.kind in "mM" else ""
    text = f"""\
def kernel(lo, hi, numbers, values, state, found{nat}):
    for i in range(lo, hi):
        value = values[i]
{body}        state[place] = total
        found[i] = total
    return 0
"""
    own = f"{memory_type(dtype)}*"
    kinds = ("int64", "int64", "int64*", own, own, own, *(["int64"] if nat else []))
    return KernelSource(text, kinds, f"accumulate {operation}")


@functools.cache
def carry_forward(limited: bool) -> KernelSource:
    """The last position of its group, up to each row, that is not -1, or -1 if that is too many rows ago.

    Arguments: the groups' numbers; the positions; the first row and the way to the next, 1 or -1; how many
    rows it may be ago, which is not read unless ``limited``; for each group the last one, and how many rows
    ago it was if ``limited``; the result.
    """
    place, rest = "number", "        found[row] = position\n"
    if limited:
        place = "2 * number"
        rest = """\
        count = select(there, int64(0), state[place + 1] + 1)
        state[place + 1] = count
        found[row] = select(count <= limit, position, int64(-1))
"""
    text = f"""\
def kernel(lo, hi, numbers, positions, first, step, limit, state, found):
    for i in range(lo, hi):
        row = first + step * i
        number = numbers[row]
        place = {place}
        position = positions[row]
        there = position >= 0
        position = select(there, position, state[place])
        state[place] = position
{rest}    return 0
"""
    kinds = ("int64", "int64", "int64*", "int64*", "int64", "int64", "int64", "int64*", "int64*")
    return KernelSource(text, kinds, "carry_forward")


@functools.cache
def lay_by_group(dtype: str) -> KernelSource:
    """The values of each group side by side, in the order of the rows, NaN left out.

    Arguments: the groups' numbers; the values, of ``dtype``; for each group where its next value goes; the
    result.
    """
    text = """\
def kernel(lo, hi, numbers, values, following, found):
    for i in range(lo, hi):
        value = values[i]
        if value != value:
            continue
        number = numbers[i]
        place = following[number]
        found[place] = value
        following[number] = place + 1
    return 0
"""
    kinds = ("int64", "int64", "int64*", f"{dtype}*", "int64*", f"{dtype}*")
    return KernelSource(text, kinds, "lay_by_group")
