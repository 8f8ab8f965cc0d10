"""Floored division of integers by a number that is the same in every row, as LLVM instructions.

Machines divide integers one at a time, in tens of cycles.  Before the loop the divisor becomes a reciprocal
of as many bits as the integers have and a shift, so that a row needs a multiplication, of which the upper
half counts (Granlund and Montgomery, Division by Invariant Integers using Multiplication, PLDI 1994).  All
of it exists for vectors, and the quotient is exact.

With p the size of the divisor, 2**(n - 1) < p <= 2**n and W the bits of the integers,

- of a signed dividend, folded onto 0 .. 2**(W - 1), the quotient is ``x * ceil(2**(W - 1 + n) / p)`` without
  its lowest W - 1 + n bits;
- an unsigned one may need a reciprocal of W + 1 bits, whose leading one is added by hand.
"""

from __future__ import annotations

from typing import Any

import numba
from llvmlite import ir
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.core.types import Integer
from numba.extending import intrinsic

_unliteral: Any = numba.types.unliteral
_variable: Any = cgutils.alloca_once_value


def _element(name: str, *arguments: Any) -> Any:
    types = [_unliteral(argument) for argument in arguments]
    if not isinstance(types[0], Integer) or any(one != types[0] for one in types):
        raise TypingError(f"{name}({', '.join(map(str, types))}): the arguments must be integers of one type")
    return types[0]


def _size(builder: Any, element: Any, divisor: Any) -> Any:
    """The divisor without its sign; 2 in place of 0 and 1, by which nothing is multiplied."""
    own = divisor.type
    if element.signed:
        negative = builder.icmp_signed("<", divisor, ir.Constant(own, 0))
        divisor = builder.select(negative, builder.neg(divisor), divisor)
    two = ir.Constant(own, 2)
    return builder.select(builder.icmp_unsigned("<", divisor, two), two, divisor)


def _shift(builder: Any, size: Any) -> Any:
    """n - 1."""
    own = size.type
    kind = ir.FunctionType(own, [own, ir.IntType(1)])
    count = builder.module.declare_intrinsic("llvm.ctlz", (own,), kind)
    zeros = builder.call(count, [builder.sub(size, ir.Constant(own, 1)), ir.Constant(ir.IntType(1), 0)])
    return builder.sub(ir.Constant(own, own.width - 1), zeros)


@intrinsic
def reciprocal_shift(typingctx: Any, divisor: Any) -> Any:
    """By how many bits `floor_quotient` shifts the upper half of a product."""
    element = _element("reciprocal_shift", divisor)

    def codegen(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
        return _shift(builder, _size(builder, element, arguments[0]))

    return element(element), codegen


@intrinsic
def reciprocal(typingctx: Any, divisor: Any) -> Any:
    """What `floor_quotient` multiplies by, bits of an unsigned number: found a bit at a time."""
    element = _element("reciprocal", divisor)

    def codegen(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
        size = _size(builder, element, arguments[0])
        own = size.type
        one, shift = ir.Constant(own, 1), _shift(builder, size)
        half = builder.shl(one, shift)  # 2**(n - 1)
        start = half if element.signed else builder.sub(builder.shl(half, one), size)
        rest, quotient = _variable(builder, start), _variable(builder, ir.Constant(own, 0))
        with cgutils.for_range(builder, ir.Constant(ir.IntType(64), own.width)):
            before = builder.load(rest)
            carried = builder.icmp_signed("<", before, ir.Constant(own, 0))
            twice = builder.shl(before, one)
            fits = builder.or_(carried, builder.icmp_unsigned(">=", twice, size))
            builder.store(builder.select(fits, builder.sub(twice, size), twice), rest)
            digit = builder.zext(fits, own)
            builder.store(builder.or_(builder.shl(builder.load(quotient), one), digit), quotient)
        found = builder.load(quotient)
        if not element.signed:
            return builder.add(found, one)
        left = builder.icmp_unsigned("!=", builder.load(rest), ir.Constant(own, 0))
        return builder.add(found, builder.zext(left, own))

    return element(element), codegen


def _upper_half(builder: Any, x: Any, y: Any) -> Any:
    """The upper half of a product of unsigned numbers; of two of 64 bits by parts, which vectors have."""
    own = x.type
    if own.width < 64:
        wide = ir.IntType(2 * own.width)
        product = builder.mul(builder.zext(x, wide), builder.zext(y, wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, own.width)), own)
    low, bits = ir.Constant(own, 2**32 - 1), ir.Constant(own, 32)
    x_low, x_high = builder.and_(x, low), builder.lshr(x, bits)
    y_low, y_high = builder.and_(y, low), builder.lshr(y, bits)
    lowest = builder.lshr(builder.mul(x_low, y_low), bits)
    upper = builder.add(builder.mul(x_high, y_low), lowest)
    lower = builder.add(builder.mul(x_low, y_high), builder.and_(upper, low))
    whole = builder.add(builder.mul(x_high, y_high), builder.lshr(upper, bits))
    return builder.add(whole, builder.lshr(lower, bits))


@intrinsic
def floor_quotient(typingctx: Any, dividend: Any, divisor: Any, multiplier: Any, shift: Any) -> Any:
    """``dividend // divisor``, rounded down; 0 by 0, and wrapped where it does not fit.

    ``multiplier`` and ``shift`` are the divisor's `reciprocal` and `reciprocal_shift`.
    """
    element = _element("floor_quotient", dividend, divisor, multiplier, shift)

    def codegen(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
        x, by, factor, bits = arguments
        own = x.type
        zero, one = ir.Constant(own, 0), ir.Constant(own, 1)
        if not element.signed:
            upper = _upper_half(builder, x, factor)
            rest = builder.lshr(builder.sub(x, upper), one)
            found = builder.lshr(builder.add(upper, rest), bits)
            found = builder.select(builder.icmp_unsigned("==", by, one), x, found)
            return builder.select(builder.icmp_unsigned("==", by, zero), zero, found)
        # by -p, the negative dividend is divided by p; and ~(~x // p) is x // p where x is negative
        is_negative = builder.icmp_signed("<", by, zero)
        turned = builder.select(is_negative, builder.neg(x), x)
        below = builder.select(
            is_negative, builder.icmp_signed(">", x, zero), builder.icmp_signed("<", x, zero)
        )
        flip = builder.sext(below, own)
        upper = _upper_half(builder, builder.xor(turned, flip), factor)
        found = builder.xor(builder.lshr(upper, bits), flip)
        by_unit = builder.icmp_unsigned("<", builder.add(by, one), ir.Constant(own, 3))  # -1, 0 or 1
        by_unit_found = builder.select(builder.icmp_unsigned("==", by, zero), zero, turned)
        return builder.select(by_unit, by_unit_found, found)

    return element(element, element, element, element), codegen


# The module-level names of a kernel that divides.
NAMESPACE: dict[str, Any] = {
    "reciprocal": reciprocal,
    "reciprocal_shift": reciprocal_shift,
    "floor_quotient": floor_quotient,
}
