"""How kernels load what they read: columns, views and matrices as pointers, scalars by value."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy

from lazyframe.codegen.emit_operations import memory_type
from lazyframe.codegen.emitted import ArrayInput, Strided
from passes.ir.loops import Loop
from passes.ir.rows import Product, Rows
from passes.ir.values import LookupTable, Outer, Read, RowNumber, Stored, Value, View


class Leaves:
    """The arrays and scalars that a kernel is given, named in the order in which they are first used."""

    def __init__(self, loop: Loop, strided: Mapping[Value, Strided]) -> None:
        self.domain: Rows = loop.domain
        self.product = isinstance(loop.domain, Product)
        self.axis = loop.folded_axis
        self.strided = strided
        in_matrices = [(lay.matrix, leaf) for leaf, lay in strided.items() if lay.offset == 0]
        self.matrices = {number: leaf for number, leaf in in_matrices if number is not None}
        self.arrays: dict[ArrayInput, str] = {}
        self.streams: dict[str, None] = {}
        """The arrays that are read from row to row."""
        self.scalars: dict[Value, str] = {}

    def behind(self, side: Rows) -> Leaves:
        """The same arguments, loaded at a row of the side of a product that stays."""
        found = copy(self)
        found.domain, found.product, found.axis = side, False, None
        return found

    def only_loaded_from(self, value: Value) -> bool:
        """Whether ``value`` is loaded from at another row only, by a `View`, `Outer`, `Gather` or `Probe`."""
        if isinstance(value, Stored) and isinstance(value.value, LookupTable):
            return True
        return isinstance(value, (Read, Stored)) and value.rows is not None and value.rows is not self.domain

    def position(self) -> str:
        """The number of the row among all rows of the domain."""
        if not self.product:
            return "i"
        return "i * m + j" if self.axis == 1 else "j * extent + i"

    def scalar(self, value: Value) -> str:
        """The argument that a scalar is."""
        return self.scalars.setdefault(value, f"x{len(self.scalars)}")

    def load(self, value: Value) -> str:
        """The element of a leaf at the present row."""
        index = self.position() if value.rows is self.domain else "i"
        start, step = 0, 1
        leaf: Value = value
        if isinstance(leaf, Outer):
            outer_axis = 1 - (self.axis or 0)
            index = "i" if leaf.axis == outer_axis else "j"
            leaf = leaf.column
        while isinstance(leaf, View):
            start, step = leaf.start + leaf.step * start, leaf.step * step
            leaf = leaf.column
        if isinstance(leaf, RowNumber):
            return f"int64({start}) + int64({step}) * {index}"
        found = self.strided.get(leaf)
        if found is not None and found.matrix is not None and step == 1 and start == 0:
            first = self.matrices[found.matrix]
            whole = ArrayInput(first, 0, 1, False)
            return self._element(whole, leaf, f"({index}) * {found.width} + {found.offset}")
        array = ArrayInput(leaf, start, step, step != 1 or found is not None)
        text = self._element(array, leaf, index)
        if not array.strided and not self.product:
            self.streams[self.arrays[array]] = None
        return text

    def gather(self, column: Value, index: str) -> str:
        """The element of an array at a position."""
        return self._element(ArrayInput(column, 0, 1, column in self.strided), column, index)

    def _element(self, array: ArrayInput, leaf: Value, index: str) -> str:
        name = self.arrays.setdefault(array, f"a{len(self.arrays)}")
        text = f"{name}[({index}) * {name}s]" if array.strided else f"{name}[{index}]"
        return f"{text} != 0" if leaf.dtype.kind == "b" else text

    def arguments(self) -> list[tuple[str, str]]:
        """The names and types of the kernel's arguments for what it loads."""
        found: list[tuple[str, str]] = []
        for array, name in self.arrays.items():
            found.append((name, memory_type(array.leaf.dtype) + "*"))
            if array.strided:
                found.append((f"{name}s", "int64"))
        for value, name in self.scalars.items():
            found.append((name, "bool" if value.dtype.kind == "b" else memory_type(value.dtype)))
        return found
