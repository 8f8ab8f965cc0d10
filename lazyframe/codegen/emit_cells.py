"""The part of a kernel that merges rows into cells: of reductions, and of one row of a product."""

from __future__ import annotations

from collections.abc import Sequence

from lazyframe.codegen.emit_operations import kernel_type
from lazyframe.codegen.emit_reductions import (
    accumulator_dtype,
    combine_text,
    is_float_sum,
    neutral_text,
    reduction_of,
    to_memory,
)
from lazyframe.codegen.source_text import SourceText
from passes.ir.loops import Builder
from passes.ir.values import Fold, Reduce, Stored, Value


class Cells:
    """Accumulators ``s``, and ``total`` and ``lost`` of float sums, which have an ``s`` for each block."""

    def __init__(self, text: SourceText, builders: Sequence[Builder], product: bool) -> None:
        self.text = text
        self.product = product
        self.cells = [(k, b.target) for k, b in enumerate(builders) if isinstance(b.target, Reduce)]
        self.folds = [(k, b.target) for k, b in enumerate(builders) if isinstance(b.target, Fold)]
        self.sums = [
            k for k, b in enumerate(builders) if reduction_of(b) is not None and is_float_sum(b.target)
        ]

    @property
    def blocked(self) -> bool:
        """Whether floats are summed in blocks."""
        return bool(self.sums)

    def start_cells(self) -> None:
        """Before the loop."""
        for k, target in self.cells:
            self._start(k, target)

    def start_folds(self) -> None:
        """Before the inner loop of a product."""
        for k, target in self.folds:
            self._start(k, target)

    def _start(self, k: int, target: Reduce | Fold) -> None:
        put = self.text.put
        dtype = accumulator_dtype(target.operation, target.dtype)
        if is_float_sum(target):
            put(f"total{k} = -0.0")
            put(f"lost{k} = 0.0")
            if self.product and isinstance(target, Reduce):
                put(f"s{k} = -0.0")
        else:
            put(f"e{k} = {neutral_text(target.operation, dtype)}")
            put(f"s{k} = e{k}")

    def start_block(self) -> None:
        """Before the rows of a block."""
        for k in self.sums:
            self.text.put(f"s{k} = -0.0")

    def finish_block(self) -> None:
        """Neumaier's sum: what rounding loses is kept beside the total."""
        put = self.text.put
        for k in self.sums:
            put(f"sum{k} = total{k} + s{k}")
            put(f"if abs(total{k}) >= abs(s{k}):")
            put(f"    lost{k} += (total{k} - sum{k}) + s{k}")
            put("else:")
            put(f"    lost{k} += (s{k} - sum{k}) + total{k}")
            put(f"total{k} = sum{k}")

    def merge(self, k: int, target: Reduce | Fold, x: str, guard: str) -> None:
        """Merge ``x`` of one row, where it passes its guard."""
        dtype = accumulator_dtype(target.operation, target.dtype)
        x = f"{kernel_type(dtype)}({x})" if dtype != target.dtype else x
        if guard:
            empty = "float64(-0.0)" if is_float_sum(target) else f"e{k}"
            x = self.text.write(f"select({guard}, {x}, {empty})")
        self.text.put(f"s{k} = {combine_text(target.operation, dtype, f's{k}', x)}")

    def finish_cells(self) -> None:
        """After the loop."""
        for k, target in self.cells:
            if is_float_sum(target):
                self.text.put(f"o{k}[0] = total{k}")
                self.text.put(f"o{k}[1] = lost{k}")
            else:
                self.text.put(f"o{k}[0] = {to_memory(f's{k}', target.dtype)}")

    def finish_folds(self) -> None:
        """After the inner loop of a product."""
        for k, target in self.folds:
            value = f"s{k}"
            if is_float_sum(target):
                value = f"total{k} + lost{k} if lost{k} == lost{k} else total{k}"
            self.text.put(f"f{k} = {kernel_type(target.dtype)}({value})")
            self.text.put(f"o{k}[i] = {to_memory(f'f{k}', target.dtype)}")

    def names_of_folds(self) -> dict[Value, str]:
        """The names that folds have behind the inner loop, where they are complete."""
        return {Stored(target): f"f{k}" for k, target in self.folds}
