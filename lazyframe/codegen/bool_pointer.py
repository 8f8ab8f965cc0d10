"""Pointers to NumPy bools: a byte in memory, one bit in a register. Imports numba, as `intrinsics` does.

numba's own `CPointer` hands on the byte it loads as if it were the bit, which LLVM rejects.
"""

from __future__ import annotations

import operator
from importlib import import_module
from typing import Any

from llvmlite import ir
from numba.core import types

extending: Any = import_module("numba.extending")


class BoolPointer(types.CPointer):
    """A pointer to the bytes of a bool column."""

    def __init__(self) -> None:
        base: Any = super()
        base.__init__(types.boolean)


extending.register_model(BoolPointer)(extending.models.PointerModel)


def _load(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
    pointer, index = arguments
    byte = builder.load(builder.gep(pointer, [index]))
    return builder.icmp_unsigned("!=", byte, ir.Constant(byte.type, 0))


def _store(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
    pointer, index, flag = arguments
    byte = ir.IntType(8)
    builder.store(builder.zext(flag, byte), builder.gep(pointer, [index]))
    return context.get_dummy_value()


extending.lower_builtin(operator.getitem, BoolPointer, types.Integer)(_load)
extending.lower_builtin(operator.setitem, BoolPointer, types.Integer, types.Boolean)(_store)
