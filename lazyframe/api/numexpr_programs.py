"""What numexpr computes, as operations of the graph.

numexpr has dtypes of its own: it adds small integers as int32, divides by a constant by multiplying with its
reciprocal, and makes products of small powers. What it would do with an expression of columns of some kinds
it says itself, as a list of instructions, each of which is an operation here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np

from lazyframe.record.elementwise import BOOL, FLOAT64, INT64, apply, both, cast, literal, select
from lazyframe.record.origin import stamp
from passes.ir.values import Literal, Map, Value

INT32 = np.dtype(np.int32)
FLOAT32 = np.dtype(np.float32)

_DTYPES: dict[str, np.dtype] = {"b": BOOL, "i": INT32, "l": INT64, "f": FLOAT32, "d": FLOAT64}
"""What numexpr computes with, by the letters of its instructions."""

_TYPES: dict[str, Any] = {"b": bool, "i": np.int32, "l": np.int64, "f": float, "d": np.float64}
"""The same as numexpr is told of them."""

_OPERATIONS: dict[str, str] = {
    "add": "add", "sub": "subtract", "mul": "multiply", "div": "divide", "pow": "power", "neg": "negative",
    "eq": "equal", "ne": "not_equal", "gt": "greater", "ge": "greater_equal", "and": "bitwise_and",
    "or": "bitwise_or", "invert": "invert", "sqrt": "square_root", "absolute": "absolute",
    "log1p": "log1p", "log10": "log10", "expm1": "expm1",
    **{name: name for name in (
        "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh",
        "arctanh", "log", "exp", "ceil", "floor", "arctan2",
    )},
}  # fmt: skip
_DIVISIONS = ("mod", "floordiv")
_OF_FLOATS = ("div", "pow")
"""Instructions that, of integers, are not what NumPy calls so."""

_INSTRUCTION = re.compile(r"([a-z0-9_]+?)_([bilfdn]+)")
_REGISTER = re.compile(r"([rct])(\d+)")
_MOST_COLUMNS = 30
"""Of more numexpr makes no program."""


class Instruction(NamedTuple):
    """One operation of numexpr's: of the values in some registers, at a dtype, into a register."""

    name: str
    computing: str
    gives: str
    into: int
    arguments: tuple[int, ...]


class Program(NamedTuple):
    """What numexpr does: columns are in the registers from 1 on, constants behind them; 0 is the result."""

    constants: tuple[Any, ...]
    instructions: tuple[Instruction, ...]
    takes: str
    """The letter of each column."""


def kind_of(dtype: np.dtype) -> str:
    """The letter of what numexpr makes of columns of a dtype; empty where it takes none."""
    match dtype.kind:
        case "b":
            return "b"
        case "i" | "u":
            return "l" if dtype.itemsize > 4 or (dtype.kind == "u" and dtype.itemsize == 4) else "i"
        case "f":
            return "d" if dtype.itemsize > 4 else "f"
    return ""


def is_reserved(name: str) -> bool:
    """Whether numexpr takes a name for something else than a column's."""
    return name in _own_names() or (name.startswith("__") and name.endswith("__"))


@cache
def _own_names() -> frozenset[str]:
    from numexpr import expressions

    return frozenset(expressions.functions)


@lru_cache(maxsize=512)
def program_of(text: str, kinds: str) -> Program | None:
    """The program of an expression of ``v0``, ``v1``, ..., one of each kind; None where there is none.

    Parameters
    ----------
    text : str
        As numexpr reads it.
    kinds : str
        The letter of each column.
    """
    import numexpr

    if len(kinds) > _MOST_COLUMNS:
        return None
    names = [f"v{k}" for k in range(len(kinds))]
    try:
        made = numexpr.NumExpr(text, [(n, _TYPES[kind]) for n, kind in zip(names, kinds, strict=True)])
        lines = numexpr.disassemble(made)
    except Exception:  # what is wrong pandas will say
        return None
    if made.input_names != tuple(names):
        return None
    instructions = [_instruction(line) for line in lines if line[0] != b"noop"]
    if not instructions or None in instructions:
        return None
    return Program(tuple(made.constants), tuple(filter(None, instructions)), kinds)


def _instruction(line: Sequence[Any]) -> Instruction | None:
    found = _INSTRUCTION.fullmatch(line[0].decode())
    if found is None:
        return None
    name, letters = found.groups()
    operands = list(line[1:])
    if name == "func":
        code = operands[len(letters) - 1]
        function = _functions().get((letters[:-1], code))
        if function is None:
            return None
        name, letters = function, letters[:-1]
    gives, taken = letters[0], letters[1:]
    if len(set(taken)) != 1 or not _is_known(name, taken[0], gives):
        return None
    places = [_REGISTER.match(operand.decode()) for operand in operands[: len(letters)]]
    if None in places:
        return None
    into, *arguments = [int(place[2]) for place in places if place is not None]
    return Instruction(name, taken[0], gives, into, tuple(arguments))


def _is_known(name: str, kind: str, gives: str) -> bool:
    if name in ("cast", "copy", "ones_like"):
        return "n" not in kind + gives
    if name in _DIVISIONS:
        return _divides_as_here(name, kind)
    if name in _OF_FLOATS and kind not in "fd":
        return False
    return name in _OPERATIONS


@cache
def _functions() -> dict[tuple[str, int], str]:
    """The functions that numexpr calls, by the letters of what they give and take and their numbers."""
    from numexpr import interpreter

    found = {}
    for code, number in interpreter.funccodes.items():
        name, letters = code.decode().rsplit("_", 1)
        found[letters, number] = name
    return found


@cache
def _divides_as_here(name: str, kind: str) -> bool:
    """Whether this numexpr has the quotients and remainders that are recorded here: older ones have C's."""
    import numexpr

    some = np.array([7, -7, 0, 5, 6, 1], _DTYPES[kind]), np.array([2, 2, 3, -3, -3, 0], _DTYPES[kind])
    sign = "%" if name == "mod" else "//"
    with np.errstate(all="ignore"):
        if kind in "il":
            expected = (np.remainder if name == "mod" else np.floor_divide)(*some)
        else:
            quotient = np.floor(some[0] / some[1])
            expected = some[0] - some[1] * quotient if name == "mod" else quotient
        found = numexpr.evaluate(f"v0 {sign} v1", {"v0": some[0], "v1": some[1]}, {})
    return bool(found.dtype == expected.dtype and found.tobytes() == expected.tobytes())


def record_program(program: Program, columns: Sequence[Value]) -> Value | None:
    """The value that a program gives of columns, and scalars, of the kinds that it takes; None where a number
    that is not known decides what it does."""
    registers: dict[int, Value] = {}
    for place, (value, kind) in enumerate(zip(columns, program.takes, strict=True), 1):
        registers[place] = cast(value, _DTYPES[kind])
    for place, constant in enumerate(program.constants, 1 + len(columns)):
        registers[place] = literal(constant, np.dtype(type(constant)))
    for instruction in program.instructions:
        arguments = [registers[place] for place in instruction.arguments]
        made = _recorded(instruction, arguments)
        if made is None:
            return None
        if isinstance(made, Map):
            stamp(made, instruction.name)
        registers[instruction.into] = made
    return registers[0]


def _is_power(exponent: Value) -> bool:
    """Whether C's power of this, which numexpr asks for, is NumPy's: that of the number 0.5 is a root."""
    return exponent.rows is not None or (isinstance(exponent, Literal) and exponent.value != 0.5)


def _remainder(dividend: Value, divisor: Value) -> Value:
    """numexpr adds the divisor to C's remainder, and divides again: which may wrap."""
    found = apply("remainder", dividend, divisor)
    if isinstance(divisor, Literal) and abs(int(divisor.value)) <= np.iinfo(divisor.dtype).max // 2:
        return found
    return _remainder_in_c(apply("add", _remainder_in_c(dividend, divisor), divisor), divisor)


def _remainder_in_c(dividend: Value, divisor: Value) -> Value:
    """A remainder of the dividend's sign; 0 by 0."""
    found, nothing = apply("remainder", dividend, divisor), literal(0, dividend.dtype)
    is_negative = [apply("less", one, nothing, dtype=BOOL) for one in (dividend, found)]
    is_some = apply("not_equal", found, nothing, dtype=BOOL)
    differs = both(apply("not_equal", *is_negative, dtype=BOOL), is_some)
    return select(differs, apply("subtract", found, divisor), found)


def _recorded(instruction: Instruction, arguments: list[Value]) -> Value | None:
    dtype = _DTYPES[instruction.gives]
    match instruction.name:
        case "copy":
            return arguments[0]
        case "cast":
            return cast(arguments[0], dtype)
        case "ones_like":
            return literal(1, dtype)
        case "mod" if dtype.kind == "i":
            return _remainder(*arguments)
        case "floordiv" if dtype.kind == "i":
            return apply("floor_divide", *arguments)
        case "mod" | "floordiv" as name:
            quotient = apply("floor", apply("divide", *arguments))
            if name == "floordiv":
                return quotient
            dividend, divisor = arguments
            return apply("subtract", dividend, apply("multiply", divisor, quotient))
        case "pow" if not _is_power(arguments[1]):
            return None
    return Map(_OPERATIONS[instruction.name], tuple(arguments), dtype)
