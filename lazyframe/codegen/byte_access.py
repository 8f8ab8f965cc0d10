"""Numbers at any byte of memory, aligned or not.

Imports numba, so only the compiler imports this module.
"""

from __future__ import annotations

from typing import Any

import numba
from llvmlite import ir
from numba.extending import intrinsic

_types: Any = numba.types


def _at(builder: Any, pointer: Any, offset: Any, kind: Any) -> Any:
    return builder.bitcast(builder.gep(pointer, [offset]), kind.as_pointer())


@intrinsic
def load_bytes(typingctx: Any, memory: Any, offset: Any, like: Any) -> Any:
    """The number of the type of ``like`` that begins at a byte of ``memory``, a pointer to bytes."""
    element: Any = _types.unliteral(like)

    def codegen(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
        kind = context.get_value_type(element)
        return builder.load(_at(builder, arguments[0], arguments[1], kind), align=1)

    return element(memory, _types.int64, element), codegen


@intrinsic
def store_bytes(typingctx: Any, memory: Any, offset: Any, value: Any) -> Any:
    """Write a number so that it begins at a byte of ``memory``, a pointer to bytes."""
    element: Any = _types.unliteral(value)

    def codegen(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
        kind = context.get_value_type(element)
        builder.store(arguments[2], _at(builder, arguments[0], arguments[1], kind), align=1)
        return context.get_dummy_value()

    return _types.none(memory, _types.int64, element), codegen


@intrinsic
def copy_bytes(typingctx: Any, target: Any, to: Any, source: Any, begin: Any) -> Any:
    """Copy sixteen bytes, which are all read before the first is written."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
        kind = ir.VectorType(ir.IntType(8), 16)
        found = builder.load(_at(builder, arguments[2], arguments[3], kind), align=1)
        builder.store(found, _at(builder, arguments[0], arguments[1], kind), align=1)
        return context.get_dummy_value()

    return _types.none(target, _types.int64, source, _types.int64), codegen


NAMESPACE: dict[str, Any] = {
    "load_bytes": load_bytes,
    "store_bytes": store_bytes,
    "copy_bytes": copy_bytes,
}
"""What a kernel may call."""
