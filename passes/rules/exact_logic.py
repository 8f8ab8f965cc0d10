"""Identities of comparisons, logic and choices that keep every bit, for `simplify`."""

from __future__ import annotations

from collections.abc import Callable

from passes.ir.rows import Filter
from passes.ir.type_rules import BOOL
from passes.ir.values import Literal, Map, Take, Value

_OPPOSITE = {
    "equal": "not_equal", "not_equal": "equal", "less": "greater_equal", "greater_equal": "less",
    "greater": "less_equal", "less_equal": "greater",
}  # fmt: skip


def known_truth(value: Value) -> bool | None:
    """What a boolean column or scalar is in every row, where that is plain; else None."""
    flipped = False
    while isinstance(value, Map) and value.operation == "invert":
        value, flipped = value.arguments[0], not flipped
    truth = _known(value)
    if truth is None and isinstance(value.rows, Filter):
        truth = _decided_by_filter(value)
    return None if truth is None else truth is not flipped


def _known(value: Value) -> bool | None:
    if isinstance(value, Literal) and value.dtype == BOOL:
        return bool(value.value)
    if not isinstance(value, Map) or value.dtype != BOOL:
        return None
    if value.operation in ("is_nan", "is_infinite", "is_finite") and _is_whole_number(value.arguments[0]):
        return value.operation == "is_finite"
    for argument in value.arguments:
        truth = argument.value if isinstance(argument, Literal) else None
        if value.operation == "bitwise_or" and truth is not None and truth:
            return True
        if value.operation == "bitwise_and" and truth is not None and not truth:
            return False
    return None


def _decided_by_filter(value: Value) -> bool | None:
    """What the last filters that left a row say of it: their conditions hold, and the opposites do not."""
    looked_at = 0
    while isinstance(value.rows, Filter) and looked_at < _MOST_CONDITIONS:
        conditions = _conditions(value.rows.mask)
        looked_at += len(conditions)
        before = _before(value, _MOST_DEPTH)
        if before is None:
            return None
        opposite = before.arguments[0] if isinstance(before, Map) and before.operation == "invert" else None
        for condition in conditions:
            if condition is before:
                return True
            if condition is opposite or (
                isinstance(condition, Map)
                and condition.operation == "invert"
                and condition.arguments[0] is before
            ):
                return False
        value = before
    return None


_MOST_DEPTH = 3
"""Operations of a condition that is looked for: recorded ones have one or two."""

_MOST_CONDITIONS = 16
"""Conditions that are looked at, of one filter and of all, so that a thousand filters in a row, merged or not
yet, take linear time."""


def _before(value: Value, depth: int) -> Value | None:
    """The column that ``value`` is of the rows before they were filtered, where that is plain."""
    if value.rows is None:
        return value
    if isinstance(value, Take):
        return value.column
    if not isinstance(value, Map) or depth == 0:
        return None
    arguments = [_before(argument, depth - 1) for argument in value.arguments]
    if None in arguments:
        return None
    return Map(value.operation, tuple([a for a in arguments if a is not None]), value.dtype)


def _conditions(mask: Value) -> list[Value]:
    """The parts of a conjunction."""
    found: list[Value] = []
    left = [mask]
    while left and len(found) < _MOST_CONDITIONS:
        part = left.pop()
        if isinstance(part, Map) and part.operation == "bitwise_and":
            left.extend(part.arguments)
        else:
            found.append(part)
    return found


def _is_whole_number(value: Value) -> bool:
    """Whether a float is an integer or a bool that was cast: never NaN, never infinite."""
    return isinstance(value, Map) and value.operation == "cast" and value.arguments[0].dtype.kind in "biu"


def _logic(node: Map) -> Value | None:
    left, right = node.arguments
    if left is right and node.operation != "bitwise_xor":
        return left
    for one, other in ((left, right), (right, left)):
        if node.dtype != BOOL:
            found = _bits(node, one, other)
        else:
            found = _truth(node, known_truth(one), other)
        if found is not None:
            return found
    return None


def _bits(node: Map, constant: Value, other: Value) -> Value | None:
    if not isinstance(constant, Literal):
        return None
    neutral = b"\xff" if node.operation == "bitwise_and" else b"\0"
    return other if constant.bits == neutral * node.dtype.itemsize else None


def _truth(node: Map, truth: bool | None, other: Value) -> Value | None:
    if truth is None:
        return None
    if truth is (node.operation == "bitwise_and"):
        return other
    return Map("invert", (other,), BOOL) if node.operation == "bitwise_xor" else None


def _invert(node: Map) -> Value | None:
    inner = node.arguments[0]
    if not isinstance(inner, Map):
        return None
    if inner.operation == "invert":
        return inner.arguments[0]
    # A comparison with NaN is false either way round, so only == and != turn for floats.
    turns = inner.operation in ("equal", "not_equal") or (
        inner.operation in _OPPOSITE and inner.arguments[0].dtype.kind in "biu"
    )
    return Map(_OPPOSITE[inner.operation], inner.arguments, BOOL) if turns else None


def _select(node: Map) -> Value | None:
    condition, yes, no = node.arguments
    if yes is no:
        return yes
    truth = known_truth(condition)
    if truth is not None:
        return yes if truth else no
    if isinstance(condition, Map) and condition.operation == "invert":
        return Map("select", (condition.arguments[0], no, yes), node.dtype)
    if node.dtype == BOOL and isinstance(yes, Literal) and isinstance(no, Literal):
        return condition if yes.value else Map("invert", (condition,), BOOL)
    return None


LOGIC: dict[str, Callable[[Map], Value | None]] = {
    "bitwise_and": _logic,
    "bitwise_or": _logic,
    "bitwise_xor": _logic,
    "invert": _invert,
    "select": _select,
}
"""By operation."""
