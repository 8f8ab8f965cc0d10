"""Kernels for keys that are multiples of one number: see `lazyframe.run.steps` for the arithmetic."""

from __future__ import annotations

import functools

import numpy as np

from lazyframe.codegen.emit_operations import memory_type
from lazyframe.codegen.kernel import KernelSource


def inverse_and_shift(step: int) -> tuple[int, int]:
    """By what to multiply, modulo 2**64, and how far to rotate right, to divide by ``step`` exactly."""
    shift = (step & -step).bit_length() - 1
    return pow(step >> shift, -1, 1 << 64), shift


def quotient_text(distance: str, inverse: str, shift: str) -> str:
    """The expression of an exact quotient, of a distance that is a multiple; else of something greater.

    All are names of uint64.
    """
    product = f"wrap_multiply({distance}, {inverse})"
    return f"rotate_right({product}, {shift})"


@functools.cache
def find_stray(dtype: np.dtype) -> KernelSource:
    """Whether a distance is no multiple of a step.

    Arguments: the numbers; from where distances are; the step's inverse, its shift and the greatest quotient;
    a number that is passed over; the answer, which is only written where it is yes.
    """
    text = f"""\
def kernel(lo, hi, numbers, low, inverse, shift, most, skipped, found):
    strays = uint64(0)
    for i in range(lo, hi):
        number = int64(numbers[i])
        distance = uint64(wrap_subtract(number, low))
        quotient = {quotient_text("distance", "inverse", "shift")}
        stray = (quotient > most) & (number != skipped)
        strays |= select(stray, uint64(1), uint64(0))
    if strays != uint64(0):
        found[0] = uint8(1)
    return 0
"""
    own = f"{memory_type(dtype)}*"
    kinds = ("int64", "int64", own, "int64", "uint64", "uint64", "uint64", "int64", "uint8*")
    return KernelSource(text, kinds, "find_stray")
