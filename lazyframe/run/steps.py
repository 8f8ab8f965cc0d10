"""What the differences of a column's values are all multiples of: hours and days are far apart, but evenly.

Most columns show among a few of their rows that there is nothing but 1.  Of others every row is tested by a
multiplication: a distance is a multiple of an odd number where its product with the inverse, modulo 2**64, is
no more than the greatest quotient, and the quotient then; factors of two are rotated out of the product
(Granlund and Montgomery, Division by Invariant Integers using Multiplication, PLDI 1994, section 9).
"""

from __future__ import annotations

import threading
from math import gcd
from weakref import WeakKeyDictionary

import numpy as np

from lazyframe import settings
from lazyframe.codegen import emit_steps
from lazyframe.codegen.emit_steps import inverse_and_shift
from lazyframe.codegen.kernel import Kernel
from lazyframe.run import morsels, tiers
from lazyframe.run.addresses import address
from lazyframe.run.bounds import bounds_of_input
from passes.facts.progressions import NAT, Missing, Progression
from passes.ir.node import Token

_SAMPLED = 256
"""Rows, from all over a column, that are looked at before all are."""

_TASK_ROWS = 1 << 16

_WORD = 1 << 64

_known: WeakKeyDictionary[Token, Progression] = WeakKeyDictionary()
_without_nat: WeakKeyDictionary[Token, tuple[int, int]] = WeakKeyDictionary()


def progression_of_input(token: Token, array: np.ndarray) -> Progression:
    """What an input holds, found out once and remembered as long as it is bound.

    Parameters
    ----------
    token : Token
        The user's.
    array : numpy.ndarray
        What is bound to it: integers, or times, of which those that are missing are told apart.
    """
    found = _known.get(token)
    if found is None:
        low, high, missing = limits_of_input(token, array)
        step = step_of(as_words(array), low, high, missing is Missing.AS_NAT)
        found = _known[token] = Progression(low, high, step, missing)
    return found


def known_progression(token: Token) -> Progression | None:
    """What was found out of an input before."""
    return _known.get(token)


def limits_of_input(token: Token, array: np.ndarray) -> tuple[int, int, Missing]:
    """The least and the greatest value of an input that is not missing, and whether any is."""
    low, high = [int(limit) for limit in bounds_of_input(token, as_words(array))]
    if array.dtype.kind not in "mM" or low != NAT or len(array) == 0:
        return low, high, Missing.NEVER
    if token not in _without_nat:
        _without_nat[token] = _limits_without_nat(as_words(array)), high
    low, high = _without_nat[token]
    return low, high, Missing.AS_NAT


def as_words(array: np.ndarray) -> np.ndarray:
    """An input as integers."""
    return array.view(np.int64) if array.dtype.kind in "mM" else array


def _limits_without_nat(array: np.ndarray) -> int:
    """The least integer but for the least there is; the greatest there is where all are."""
    chunks = -(-len(array) // _TASK_ROWS)
    least = np.empty(chunks, np.int64)

    def one(k: int) -> None:
        # one below the least integer comes the greatest
        least[k] = (array[k * _TASK_ROWS : (k + 1) * _TASK_ROWS] - 1).min()

    morsels.run([range(k, k + 1) for k in range(chunks)], one, settings.current().threads)
    lowest = int(least.min())
    return lowest + 1 if lowest < np.iinfo(np.int64).max else lowest


def step_of(array: np.ndarray, low: int, high: int, has_nat: bool = False) -> int:
    """The greatest common divisor of all distances from ``low``; 0 where there are none.

    Parameters
    ----------
    array : numpy.ndarray
        Integers.
    low, high : int
        Their least and greatest, but for the least there is where that stands for a missing one.
    has_nat : bool
        Whether it does.
    """
    if high <= low:
        return 0
    step = _common(_distances(array[:: max(1, len(array) // _SAMPLED)], low, has_nat), high - low)
    if step == 1 or len(array) <= _SAMPLED:
        return step
    kernel = (
        tiers.scan_for(emit_steps.find_stray(array.dtype), len(array)) if array.flags.c_contiguous else None
    )
    state = [step]
    lock = threading.Lock()

    def one(k: int) -> None:
        part = array[k * _TASK_ROWS : (k + 1) * _TASK_ROWS]
        while (step := state[0]) > 1:
            strays = _strays(kernel, part, low, step, has_nat)
            if len(strays) == 0:
                return
            with lock:
                state[0] = _common(strays, state[0])

    morsels.run(
        [range(k, k + 1) for k in range(-(-len(array) // _TASK_ROWS))], one, settings.current().threads
    )
    return state[0]


def _distances(part: np.ndarray, low: int, has_nat: bool) -> np.ndarray:
    """uint64, how far each value is from the least."""
    if has_nat:
        part = part[part != NAT]
    return part.astype(np.uint64) - np.uint64(low % _WORD)


def _common(distances: np.ndarray, step: int) -> int:
    return gcd(int(np.gcd.reduce(distances)), step) if len(distances) else step


def _strays(kernel: Kernel | None, part: np.ndarray, low: int, step: int, has_nat: bool) -> np.ndarray:
    """Some distances that are no multiples of ``step``, at least one of them if there are any."""
    if kernel is not None:
        inverse, shift = inverse_and_shift(step)
        skipped = NAT if has_nat else low
        stray = np.zeros(1, np.uint8)
        arguments = _signed(low), inverse, shift, (_WORD - 1) // step, _signed(skipped), address(stray)
        kernel(0, len(part), address(part), *arguments)
        if not stray[0]:
            return np.empty(0, np.uint64)
    distances = _distances(part, low, has_nat)
    quotients = distances // np.uint64(step)
    strays: np.ndarray = distances[quotients * np.uint64(step) != distances][:_SAMPLED]
    return strays


def _signed(value: int) -> int:
    """The int64 of the same bits."""
    return (value + (1 << 63)) % _WORD - (1 << 63)
