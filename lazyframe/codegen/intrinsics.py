"""Functions that a kernel may call beyond Python's own: each is one LLVM instruction or one call.

Imports numba, so only the compiler imports this module. numba widens small integers to 64 bits, gives `min`
and `max` branches, and has its own ideas of elementary functions; these say exactly what is meant.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba
from llvmlite import ir
from numba.core.errors import TypingError
from numba.core.types import Float, Integer
from numba.extending import intrinsic

from lazyframe.codegen import byte_access, row_vectors, whole_division
from lazyframe.codegen.elementary import BINARY, PREFIX, UNARY

# Without the value that numba attaches to the type of a literal.
unliteral: Any = numba.types.unliteral

_Build = Callable[[Any, Any, list[Any]], Any]


def _same_type(name: str, arguments: tuple[Any, ...], kinds: tuple[type, ...]) -> Any:
    types = [unliteral(a) for a in arguments]
    if any(t != types[0] for t in types) or not isinstance(types[0], kinds):
        given = ", ".join(str(t) for t in types)
        wanted = " or ".join(kind.__name__.lower() for kind in kinds)
        raise TypingError(f"{name}({given}): the arguments must be of one {wanted} type; cast them first")
    return types[0]


def _unary(name: str, kinds: tuple[type, ...], build: _Build) -> Any:
    def typer(typingctx: Any, x: Any) -> Any:
        element = _same_type(name, (x,), kinds)

        def codegen(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
            return build(builder, element, arguments)

        return element(element), codegen

    typer.__name__ = name
    return intrinsic(typer)


def _binary(name: str, kinds: tuple[type, ...], build: _Build) -> Any:
    def typer(typingctx: Any, a: Any, b: Any) -> Any:
        element = _same_type(name, (a, b), kinds)

        def codegen(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
            return build(builder, element, arguments)

        return element(element, element), codegen

    typer.__name__ = name
    return intrinsic(typer)


def _llvm(base: str) -> _Build:
    def build(builder: Any, element: Any, arguments: list[Any]) -> Any:
        types = [a.type for a in arguments]
        function = builder.module.declare_intrinsic(base, (types[0],), ir.FunctionType(types[0], types))
        return builder.call(function, arguments)

    return build


def _elementary(name: str) -> _Build:
    def build(builder: Any, element: Any, arguments: list[Any]) -> Any:
        symbol = PREFIX + name + ("f" if element.bitwidth == 32 else "")
        function = builder.module.globals.get(symbol)
        if function is None:
            signature = ir.FunctionType(arguments[0].type, [a.type for a in arguments])
            function = ir.Function(builder.module, signature, symbol)
        return builder.call(function, arguments)

    return build


def _reassociated(integer: str, floating: str) -> _Build:
    def build(builder: Any, element: Any, arguments: list[Any]) -> Any:
        if isinstance(element, Integer):
            return getattr(builder, integer)(*arguments)
        return getattr(builder, floating)(*arguments, flags=["reassoc"])

    return build


def _ordered(signed: str, unsigned: str, floating: str) -> _Build:
    def build(builder: Any, element: Any, arguments: list[Any]) -> Any:
        if isinstance(element, Float):
            return _llvm(floating)(builder, element, arguments)
        return _llvm(signed if element.signed else unsigned)(builder, element, arguments)

    return build


def _absolute(builder: Any, element: Any, arguments: list[Any]) -> Any:
    (x,) = arguments
    if isinstance(element, Float):
        return _llvm("llvm.fabs")(builder, element, arguments)
    if not element.signed:
        return x
    negative = builder.icmp_signed("<", x, ir.Constant(x.type, 0))
    return builder.select(negative, builder.sub(ir.Constant(x.type, 0), x), x)


def _quotient(builder: Any, element: Any, arguments: list[Any]) -> Any:
    return (builder.sdiv if element.signed else builder.udiv)(*arguments)


def _remainder(builder: Any, element: Any, arguments: list[Any]) -> Any:
    if isinstance(element, Float):
        return builder.frem(*arguments)
    return (builder.srem if element.signed else builder.urem)(*arguments)


def _rotate_right(builder: Any, element: Any, arguments: list[Any]) -> Any:
    x, count = arguments
    own = x.type
    funnel = builder.module.declare_intrinsic("llvm.fshr", (own,), ir.FunctionType(own, [own, own, own]))
    return builder.call(funnel, [x, x, count])


def _opaque(builder: Any, element: Any, arguments: list[Any]) -> Any:
    own = arguments[0].type
    return builder.asm(ir.FunctionType(own, [own]), "", "=r,0", arguments, False)


_NUMBER = (Integer, Float)

# A constant that the optimiser takes for a variable, to be called before the loop. The neutral element of a
# guarded float minimum or maximum needs it: LLVM rewrites minimum(s, select(c, x, inf)) to select(c,
# minimum(s, x), s), which its vectoriser does not know as a reduction.
opaque = _unary("opaque", _NUMBER, _opaque)

# Terms may be taken in another order, which lets a reduction vectorise. No other licence.
add_reassociated = _binary("add_reassociated", _NUMBER, _reassociated("add", "fadd"))
multiply_reassociated = _binary("multiply_reassociated", _NUMBER, _reassociated("mul", "fmul"))

# NaN wins and -0.0 is below 0.0 (IEEE 754-2019 minimum and maximum); these vectorise, as reductions too.
minimum = _binary("minimum", _NUMBER, _ordered("llvm.smin", "llvm.umin", "llvm.minimum"))
maximum = _binary("maximum", _NUMBER, _ordered("llvm.smax", "llvm.umax", "llvm.maximum"))

# Two's complement at the arguments' own width.
wrap_add = _binary("wrap_add", (Integer,), lambda builder, element, a: builder.add(*a))
wrap_subtract = _binary("wrap_subtract", (Integer,), lambda builder, element, a: builder.sub(*a))
wrap_multiply = _binary("wrap_multiply", (Integer,), lambda builder, element, a: builder.mul(*a))

# Rounding towards zero, as the machine does it. The caller rules out a zero divisor, and the smallest
# integer by -1: both trap. `remainder_truncated` of floats is C's fmod and takes anything.
divide_truncated = _binary("divide_truncated", (Integer,), _quotient)
remainder_truncated = _binary("remainder_truncated", _NUMBER, _remainder)

# By a number of bits less than there are.
rotate_right = _binary("rotate_right", (Integer,), _rotate_right)

absolute = _unary("absolute", _NUMBER, _absolute)
square_root = _unary("square_root", (Float,), _llvm("llvm.sqrt"))
floor = _unary("floor", (Float,), _llvm("llvm.floor"))
ceil = _unary("ceil", (Float,), _llvm("llvm.ceil"))
trunc = _unary("trunc", (Float,), _llvm("llvm.trunc"))
count_ones = _unary("count_ones", (Integer,), _llvm("llvm.ctpop"))
rint = _unary("rint", (Float,), _llvm("llvm.rint"))
copysign = _binary("copysign", (Float,), _llvm("llvm.copysign"))


@intrinsic
def bits_as(typingctx: Any, x: Any, like: Any) -> Any:
    """The bits of `x` read as the type of `like`, which is as wide."""
    given: Any = unliteral(x)
    wanted: Any = unliteral(like)
    numbers = isinstance(given, _NUMBER) and isinstance(wanted, _NUMBER)
    if not numbers or given.bitwidth != wanted.bitwidth:
        raise TypingError(f"bits_as({given}, {wanted}): the arguments must be numbers of one width")

    def codegen(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(wanted))

    return wanted(given, wanted), codegen


@intrinsic
def select(typingctx: Any, condition: Any, a: Any, b: Any) -> Any:
    """`a` where `condition` holds, else `b`; both are evaluated and nothing branches."""
    if unliteral(condition) != numba.types.boolean:
        raise TypingError(f"select: the condition is {condition}, not boolean")
    left, right = unliteral(a), unliteral(b)
    if left != right:
        raise TypingError(f"select: the values are {left} and {right}; cast them to one type first")

    def codegen(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
        return builder.select(*arguments)

    return left(numba.types.boolean, left, left), codegen


_SIGNED, _UNSIGNED = ("int8", "int16", "int32", "int64"), ("uint8", "uint16", "uint32", "uint64")
_SCALARS = (*_SIGNED, *_UNSIGNED, "float32", "float64", "boolean")

# The module-level names of a kernel.
NAMESPACE: dict[str, Any] = {
    "math": math,
    "add_reassociated": add_reassociated,
    "multiply_reassociated": multiply_reassociated,
    "minimum": minimum,
    "maximum": maximum,
    "wrap_add": wrap_add,
    "wrap_subtract": wrap_subtract,
    "wrap_multiply": wrap_multiply,
    "divide_truncated": divide_truncated,
    "remainder_truncated": remainder_truncated,
    "rotate_right": rotate_right,
    "absolute": absolute,
    "square_root": square_root,
    "floor": floor,
    "ceil": ceil,
    "trunc": trunc,
    "rint": rint,
    "count_ones": count_ones,
    "copysign": copysign,
    "bits_as": bits_as,
    "select": select,
    "opaque": opaque,
    **row_vectors.NAMESPACE,
    **byte_access.NAMESPACE,
    **whole_division.NAMESPACE,
    **{name: getattr(numba.types, name) for name in _SCALARS},
    **{f"math_{name}": _unary(f"math_{name}", (Float,), _elementary(name)) for name in UNARY},
    **{f"math_{name}": _binary(f"math_{name}", (Float,), _elementary(name)) for name in BINARY},
}
