"""Kernels for what a row has of the rows of its group before it: one pass, with a place for each group."""

from __future__ import annotations

import functools

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


@functools.cache
def add_up() -> KernelSource:
    """Running sums of floats, as pandas computes them: what rounding loses is taken from the next value.

    Arguments: the groups' numbers; the values; each group's sum and what it lost; the result.
    """
    text = """\
def kernel(lo, hi, numbers, values, sums, found):
    for i in range(lo, hi):
        value = values[i]
        place = 2 * numbers[i]
        if value != value:
            found[i] = value
            continue
        before = sums[place]
        part = value - sums[place + 1]
        total = before + part
        sums[place + 1] = total - before - part
        sums[place] = total
        found[i] = total
    return 0
"""
    kinds = ("int64", "int64", "int64*", "float64*", "float64*", "float64*")
    return KernelSource(text, kinds, "add_up")
