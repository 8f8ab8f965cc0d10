"""Which integers a column can hold, as an arithmetic progression: what is known of inputs, followed to keys.

Hours in nanoseconds are far apart, but all multiples of one number; so are what is rounded, scaled or shifted
by constants.  Nothing is ever claimed of a value that may have wrapped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum
from math import gcd
from typing import Any, NamedTuple

import numpy as np

from passes.facts.masks import conjuncts
from passes.ir.calendar import LARGEST_DAY, year
from passes.ir.node import Node
from passes.ir.rows import Filter, Group
from passes.ir.values import Gather, Literal, Map, Parameter, Read, Take, Value, View
from passes.ir.walk import topological

NAT, LAST = np.iinfo(np.int64).min, np.iinfo(np.int64).max


class Missing(IntEnum):
    """What there may be besides the numbers of a progression."""

    NEVER = 0
    AS_NAT = 1
    AS_LAST = 2
    """The greatest integer, which is one less than NaT."""
    SPOILT = 3
    """Rows whose time is missing hold what arithmetic has made of NaT."""


class Progression(NamedTuple):
    """The numbers ``low, low + step, ..., high``, some of which a column holds; of one the ``step`` is 0."""

    low: int
    high: int
    step: int
    missing: Missing = Missing.NEVER

    @property
    def numbers(self) -> int:
        """How many numbers there are."""
        return (self.high - self.low) // max(self.step, 1) + 1 if self.low <= self.high else 0

    @property
    def slots(self) -> int:
        """The same with a place behind them for what is missing."""
        return self.numbers + bool(self.missing)


_ONLY_NAT, _ONE = Progression(NAT, NAT, 0), Progression(1, 1, 0)

Known = Callable[[Read | Parameter], Progression | None]


def progression_of(value: Value, known: Known) -> Progression | None:
    """What ``value`` can hold, by what is known of inputs and of scalars that are arguments.

    None where nothing is known that would help: by unknown inputs, by operations that are not followed, or
    where a result may not fit its dtype.
    """
    found: dict[Node, Progression | None] = {}
    for node in topological([value], _inputs):
        assert isinstance(node, Value)
        found[node] = _fitting(_of(node, found, known), node.dtype)
    return found[value]


def _inputs(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Map):
        return node.arguments
    return (node.column,) if isinstance(node, (Take, View, Gather)) else ()


def _fitting(found: Progression | None, dtype: np.dtype) -> Progression | None:
    if found is None or dtype.kind not in "biumM":
        return None
    if dtype.kind == "b":
        return found
    limits = np.iinfo(np.int64 if dtype.kind in "mM" else dtype)
    return found if limits.min <= found.low and found.high <= limits.max else None


def _of(node: Value, found: dict[Node, Progression | None], known: Known) -> Progression | None:
    match node:
        case Literal() if node.dtype.kind in "biu":
            return Progression(int(node.value), int(node.value), 0)
        case Read() | Parameter() if node.dtype.kind in "biumM":
            return known(node)
        case Take(column) | View(column) | Gather(column):
            return found[column]
        case Map(operation, arguments):
            if operation == "select":
                return _of_select(node, found)
            parts = [found[argument] for argument in arguments]
            if any(argument.dtype.kind not in "biumM" for argument in arguments):
                return None
            if None in parts:
                return _of_anything(operation, arguments, found) if node.dtype.kind in "iu" else None
            if operation == "reinterpret":
                return parts[0] if node.dtype.itemsize == arguments[0].dtype.itemsize else None
            if node.dtype.kind not in "iu":
                return None
            result = _computed(operation, arguments, found)
            return None if result is None else result._replace(missing=_missing(operation, parts, node.dtype))
    return None


_PARTS_OF_DATES = {
    "month": Progression(1, 12, 1),
    "day_of_month": Progression(1, 31, 1),
    "day_of_year": Progression(1, 366, 1),
}
"""What `passes.ir.calendar` gives of any integer, be it a date that pandas knows or not."""


def _of_anything(
    operation: str, arguments: tuple[Value, ...], found: dict[Node, Progression | None]
) -> Progression | None:
    """What an operation gives whatever is not known of its arguments; there may be missing ones among it."""
    result = _PARTS_OF_DATES.get(operation)
    by = found[arguments[-1]]
    if by is not None and by.step == 0 and not by.missing:
        if operation == "remainder" and by.low > 0:
            result = Progression(0, by.low - 1, 1)
        elif operation == "bitwise_and" and by.low >= 0:
            result = Progression(0, by.low, 1)
    return None if result is None else result._replace(missing=Missing.SPOILT)


def _missing(operation: str, parts: list[Any], dtype: np.dtype) -> Missing:
    """What arithmetic makes of what is missing."""
    if not any(part.missing for part in parts):
        return Missing.NEVER
    if (
        operation == "subtract"
        and dtype == np.int64
        and parts[0].missing is Missing.AS_NAT
        and parts[1] == _ONE
    ):
        return Missing.AS_LAST
    return Missing.SPOILT


def _computed(
    operation: str, arguments: tuple[Value, ...], found: dict[Node, Progression | None]
) -> Progression | None:
    a, b = found[arguments[0]], found[arguments[-1]]
    assert a is not None
    assert b is not None
    match operation:
        case "cast":
            return a
        case "add":
            return Progression(a.low + b.low, a.high + b.high, gcd(a.step, b.step))
        case "subtract":
            unit = _divisor(arguments, found)
            if unit is not None:
                return _floored(a, unit)
            return Progression(a.low - b.high, a.high - b.low, gcd(a.step, b.step))
        case "multiply":
            if a.step == 0:
                a, b = b, a
            if b.step:
                return None
            ends = sorted([a.low * b.low, a.high * b.low])
            return Progression(ends[0], ends[1], a.step * abs(b.low))
        case "floor_divide" if b.step == 0 and b.low > 0:
            unit = b.low
            return Progression(a.low // unit, a.high // unit, a.step // unit if a.step % unit == 0 else 1)
        case "remainder" if b.step == 0 and b.low > 0:
            return _remainder(a, b.low)
        case "right_shift" if b.step == 0 and 0 <= b.low < 64:
            return Progression(a.low >> b.low, a.high >> b.low, 1)
        case "minimum" | "maximum":
            return _either(a, b)
        case "year" if -LARGEST_DAY < a.low <= a.high < LARGEST_DAY:  # of no rows the bounds are swapped
            first, last = year(np.array([a.low, a.high], np.int32)).tolist()
            return Progression(first, last, 1)
    return _of_anything(operation, arguments, found)


def _divisor(arguments: tuple[Value, ...], found: dict[Node, Progression | None]) -> int | None:
    """``c`` of ``x - x % c``, where it is one positive number."""
    x, rest = arguments
    if isinstance(rest, Map) and rest.operation == "remainder" and rest.arguments[0] is x:
        by = found[rest.arguments[1]]
        if by is not None and by.step == 0 and by.low > 0:
            return by.low
    return None


def _floored(a: Progression, unit: int) -> Progression:
    return Progression(a.low // unit * unit, a.high // unit * unit, a.step if a.step % unit == 0 else unit)


def _remainder(a: Progression, unit: int) -> Progression:
    if a.low // unit == a.high // unit:
        return Progression(a.low % unit, a.high % unit, a.step)
    step = gcd(a.step, unit)
    low = a.low % step
    return Progression(low, low + (unit - 1 - low) // step * step, step)


def _either(a: Progression, b: Progression) -> Progression:
    return Progression(min(a.low, b.low), max(a.high, b.high), gcd(a.step, b.step, abs(a.low - b.low)))


def _of_select(node: Map, found: dict[Node, Progression | None]) -> Progression | None:
    condition, yes, no = node.arguments
    a, b = found[yes], found[no]
    if b is not None and a == _ONLY_NAT and _asks_for_nat(condition, found):
        columns = _columns_of(condition)
        if len(columns) == 1 and columns == _columns_of(no):
            return b._replace(missing=Missing.AS_NAT)
    if a is None or b is None or a.missing or b.missing:
        return None
    return _either(a, b)


def _asks_for_nat(condition: Value, found: dict[Node, Progression | None]) -> bool:
    """Whether ``condition`` holds where a time is missing, and tells these from all others."""
    if not isinstance(condition, Map) or condition.operation != "equal":
        return False
    times, nat = [found[argument] for argument in condition.arguments]
    return times is not None and times.missing <= Missing.AS_NAT and nat == _ONLY_NAT


def _columns_of(value: Value) -> frozenset[Node]:
    """What row-wise work is done on."""
    nodes = topological([value], lambda node: node.arguments if isinstance(node, Map) else ())
    return frozenset([node for node in nodes if not isinstance(node, (Map, Literal, Parameter))])


def progressions_of_keys(group: Group, known: Known) -> tuple[Progression, ...] | None:
    """What each key of a group can be; None unless that is known of all.

    Of times that are missing rows are left out, or they have the greatest integer as key.
    """
    found: list[Progression] = []
    for key in group.keys:
        one = progression_of(key, known)
        if one is not None and one.missing is Missing.AS_NAT and _leaves_out_nat(key, known):
            one = one._replace(missing=Missing.NEVER)
        if one is None or one.low > one.high or one.missing not in (Missing.NEVER, Missing.AS_LAST):
            return None
        found.append(one)
    return tuple(found)


class KeyForm(NamedTuple):
    """What a program depends on of a key whose progression is known."""

    missing: bool
    """Whether it may be."""
    divided: bool
    """Whether it is divided by its step."""


Stepped = frozenset[tuple[int, tuple[KeyForm, ...]]]
"""The numbers of groups of whose keys progressions are known, each with the forms of its keys."""


def stepped_of(progressions: Mapping[int, tuple[Progression, ...]]) -> Stepped:
    """The groups of which progressions are known, by their numbers."""
    return frozenset(
        [
            (number, tuple([KeyForm(bool(key.missing), key.step > 1) for key in keys]))
            for number, keys in progressions.items()
        ]
    )


def _leaves_out_nat(key: Value, known: Known) -> bool:
    """Whether a filter has left no row whose key is NaT."""
    while isinstance(key, Take):
        rows, times = key.rows, key.column
        if isinstance(rows, Filter) and any(_is_no_nat(c, times, known) for c in conjuncts(rows.mask)):
            return True
        key = times
    return False


def _is_no_nat(condition: Value, times: Value, known: Known) -> bool:
    """Whether ``condition`` is ``times != NaT``."""
    if not isinstance(condition, Map):
        return False
    wanted = "not_equal"
    if condition.operation == "invert":
        condition, wanted = condition.arguments[0], "equal"
    if not isinstance(condition, Map) or condition.operation != wanted or condition.arguments[0] is not times:
        return False
    return progression_of(condition.arguments[1], known) == _ONLY_NAT
