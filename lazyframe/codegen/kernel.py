"""What the generator hands to the compiler, and what the compiler hands back."""

from __future__ import annotations

import ctypes
import threading
from dataclasses import dataclass, field
from typing import Any

_SCALARS: dict[str, Any] = {
    "bool": ctypes.c_bool,
    "int8": ctypes.c_int8,
    "int16": ctypes.c_int16,
    "int32": ctypes.c_int32,
    "int64": ctypes.c_int64,
    "uint8": ctypes.c_uint8,
    "uint16": ctypes.c_uint16,
    "uint32": ctypes.c_uint32,
    "uint64": ctypes.c_uint64,
    "float32": ctypes.c_float,
    "float64": ctypes.c_double,
}

# Held while this process is inside llvmlite.
loading = threading.RLock()


class CompileError(RuntimeError):
    """A kernel could not be compiled; the message says what failed and where."""


class NoHelperError(CompileError):
    """There is no helper process and there will be none: compile in this process."""


@dataclass(frozen=True)
class KernelSource:
    """A kernel before it is compiled.

    Parameters
    ----------
    source : str
        Python text that defines ``def kernel(lo, hi, ...)`` and returns an int64 status, 0 for success.
        Every name in it was made by the generator. Module-level names it may use: ``math``, the scalar types
        of `arguments` as casts (``int8(x)``, ``boolean(x)``) and the functions of
        `lazyframe.codegen.intrinsics`.
    arguments : tuple of str
        The type of every argument in order: a NumPy dtype name, with ``*`` appended for a pointer to such
        elements. **Pointers do not alias**: memory written through one is not reached through another.
    operations : str
        One line for people, shown by ``python -m lazyframe cache list``.

    Raises
    ------
    ValueError
        If an argument type is none of the types a kernel can take.
    """

    source: str
    arguments: tuple[str, ...]
    operations: str
    _hash: int = field(init=False, repr=False, compare=False)
    """Kernels are looked up by their source before every run."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.source, self.arguments)))
        for argument in self.arguments:
            if argument.removesuffix("*") not in _SCALARS:
                choices = ", ".join(_SCALARS)
                raise ValueError(
                    f"kernel argument type {argument!r}: not one of {choices}, with or without *"
                )

    def __hash__(self) -> int:
        return self._hash


class Kernel:
    """Machine code that can be called; the GIL is released while it runs.

    Parameters
    ----------
    address : int
        Where the function starts.
    arguments : tuple of str
        As in `KernelSource`.
    origin : str
        ``"lazyframe"`` for object code of our own pipeline, ``"numba"`` for numba's own machine code, which
        cannot be stored.
    owner : object
        Whatever must stay alive for the code to stay mapped.
    """

    __slots__ = ("__weakref__", "_call", "_owner", "address", "arguments", "origin")

    def __init__(self, address: int, arguments: tuple[str, ...], origin: str, owner: object) -> None:
        self.address = address
        self.arguments = arguments
        self.origin = origin
        self._owner = owner
        types = [ctypes.c_void_p if a.endswith("*") else _SCALARS[a] for a in arguments]
        self._call = ctypes.CFUNCTYPE(ctypes.c_int64, *types)(address)

    def __call__(self, *args: int | float) -> int:
        """Run the kernel; pointers are given as integer addresses. Returns its status, 0 for success."""
        status: int = self._call(*args)
        return status

    def __repr__(self) -> str:
        return f"Kernel({', '.join(self.arguments)}; {self.origin}, at {self.address:#x})"
