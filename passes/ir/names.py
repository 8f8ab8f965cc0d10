"""How dtypes and constants are spelled in printed graphs, and read back."""

from __future__ import annotations

import ast

import numpy as np

from passes.ir.values import OPAQUE, Literal

_PLAIN_NAN = np.float64("nan").tobytes()


def dtype_text(dtype: np.dtype) -> str:
    """A dtype as Python's grammar can read it: ``int8``, ``opaque``, ``datetime64[ns]``."""
    if dtype == OPAQUE:
        return "opaque"
    name, bracket, unit = dtype.name.partition("[")
    if bracket and not unit[:-1].isidentifier():
        return f"{name}[{unit[:-1]!r}]"
    return dtype.name


def read_dtype(node: ast.expr) -> np.dtype | None:
    """The dtype that an expression names; None when it names none."""
    match node:
        case ast.Name("opaque"):
            return OPAQUE
        case ast.Name(name):
            return _known(name)
        case ast.Subscript(ast.Name("datetime64" | "timedelta64" as name), ast.Name(unit)):
            return _known(f"{name}[{unit}]")
        case ast.Subscript(ast.Name("datetime64" | "timedelta64" as name), ast.Constant(str(unit))):
            return _known(f"{name}[{unit}]")
    return None


def _known(name: str) -> np.dtype | None:
    if name.partition("[")[0].rstrip("0123456789") not in (
        "bool", "int", "uint", "float", "datetime", "timedelta",
    ):  # fmt: skip
        return None
    try:
        dtype = np.dtype(name)
    except TypeError:
        return None
    return dtype if dtype.kind in "biufmM" and (name != "int" and name != "float") else None


def literal_text(literal: Literal) -> str:
    """A constant such that reading it gives the same bits."""
    dtype, value = literal.dtype, literal.value
    if dtype.kind == "b" or dtype == np.int64:
        return repr(value.item())
    if dtype.kind in "iu":
        return f"{dtype.name}({value.item()})"
    if dtype.kind in "mM":
        return f"{dtype_text(dtype)}({value.view(np.int64).item()})"
    if dtype == np.float64 and (value == value or literal.bits == _PLAIN_NAN):
        return repr(value.item())
    if dtype == np.float32 and (value == value or literal.bits == np.float32("nan").tobytes()):
        shortest = str(value)
        exact = shortest if np.float32(float(shortest)) == value else repr(value.item())
        return f"float32({exact})"
    return f"bits({dtype_text(dtype)}, 0x{int.from_bytes(literal.bits, 'little'):x})"


def read_number(node: ast.expr) -> bool | int | float | None:
    """A Python constant: a number with an optional sign, ``nan``, ``inf``; None for anything else."""
    match node:
        case ast.Constant(bool() | int() | float() as value):
            return value
        case ast.Name("nan"):
            return float("nan")
        case ast.Name("inf"):
            return float("inf")
        case ast.UnaryOp(ast.USub(), ast.Constant(bool())):
            return None
        case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as value)):
            return -value
        case ast.UnaryOp(ast.USub(), ast.Name("inf")):
            return -float("inf")
    return None


def make_literal(number: bool | int | float, dtype: np.dtype | None = None) -> Literal:
    """The constant that ``number`` spells: of ``dtype``, else bool, int64 or float64 by its Python type."""
    if dtype is None:
        dtype = np.dtype({bool: np.bool_, int: np.int64, float: np.float64}[type(number)])
    if dtype.kind in "mM":
        return Literal(np.int64(number).view(dtype))
    return Literal(dtype.type(number), dtype)
