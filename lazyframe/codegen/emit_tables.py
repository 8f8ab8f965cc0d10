"""The part of a kernel that merges rows into group tables: see `lazyframe.codegen.group_tables`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from lazyframe.codegen.emit_operations import kernel_type, memory_type
from lazyframe.codegen.emit_reductions import to_memory
from lazyframe.codegen.group_tables import (
    GROUP_ROWS,
    LANES,
    LOST,
    SPARE_SLOTS,
    TOTAL,
    Bank,
    Destination,
    banks_of,
    destination_of,
)
from lazyframe.codegen.source_text import SourceText
from passes.ir.loops import Builder, Loop
from passes.ir.rows import Rows
from passes.ir.values import SlotTable, Value


class Tables:
    """Batches of slots ``d``, of merged values ``b``, how many rows each has ``m``, and the banks ``g``."""

    def __init__(self, text: SourceText, loop: Loop, small: frozenset[Rows]) -> None:
        self.text = text
        self.banks = banks_of(loop, small)
        destinations = list(dict.fromkeys([bank.destination for bank in self.banks]))
        self.batches = {destination: k for k, destination in enumerate(destinations)}
        groups = list(dict.fromkeys([destination.rows for destination in destinations]))
        self.slots = {rows: f"slots{k}" for k, rows in enumerate(groups)}
        self.bank_of = {k: bank for bank in self.banks for k in bank.members}

    def __bool__(self) -> bool:
        return bool(self.banks)

    @property
    def groups(self) -> tuple[Rows, ...]:
        """The groups, in the order of the arguments that say how many slots they have."""
        return tuple(self.slots)

    @property
    def blocked(self) -> bool:
        """Whether lanes of floats are added to their totals after each block."""
        return any(bank.small and bank.compensated for bank in self.banks)

    def make_batches(self) -> None:
        """Reserve the memory, before the loops."""
        for k in self.batches.values():
            self.text.put(f"d{k} = batch(int64(0))")
        for k, bank in sorted(self.bank_of.items()):
            self.text.put(f"b{k} = batch({memory_type(bank.dtype)}(0))")

    def start_batch(self) -> None:
        """Before the rows of a batch."""
        for destination, k in self.batches.items():
            if destination.guards and not destination.select:
                self.text.put(f"m{k} = 0")

    def send(
        self, builders: Sequence[Builder], names: Mapping[Value, str], guard_of: Callable[[Builder], str]
    ) -> None:
        """Note the slots of the row, once for all builders that go to one."""
        for destination, builder in _destinations(builders).items():
            k = self.batches[destination]
            slot = names[destination.slot]
            if destination.select:
                spare = f"{self.slots[destination.rows]} + (r & {SPARE_SLOTS - 1})"
                slot = f"select({guard_of(builder)}, {slot}, {spare})"
            self.text.put(f"d{k}[{self._place(destination)}] = {slot}")

    def feed(self, k: int, builder: Builder, x: str) -> None:
        """Note what the row contributes."""
        bank = self.bank_of[k]
        value = to_memory(x, builder.target.dtype)
        if bank.dtype != builder.target.dtype:
            value = f"{kernel_type(bank.dtype)}({value})"
        self.text.put(f"b{k}[{self._place(bank.destination)}] = {value}")

    def next_places(self, builders: Sequence[Builder]) -> None:
        """Behind a row that passed the guards of ``builders``."""
        for destination in _destinations(builders):
            self.text.put(f"m{self.batches[destination]} += 1")

    def merge_batch(self, rows: str, behind: str, streams: Iterable[str]) -> None:
        """After the rows of a batch, of which there were ``rows``: merge them, and a few spare ones.

        Meanwhile the cache is told of the next batch, the rows of ``streams`` from ``behind`` on: while rows
        are merged nothing else asks for memory.
        """
        put = self.text.put
        for destination, k in self.batches.items():
            if not destination.guards or destination.select:
                put(f"m{k} = {rows}")
            with self.text.block(f"while m{k} & {GROUP_ROWS - 1}:"):
                put(f"d{k}[m{k}] = {self.slots[destination.rows]}")
                put(f"m{k} += 1")
            banks = [
                (number, bank) for number, bank in enumerate(self.banks) if bank.destination == destination
            ]
            fetched = [f"prefetch({name}, {behind} + r)" for name in streams] if k == 0 else []
            if all(bank.small for _, bank in banks):
                self._merge_rows(k, banks, fetched)
                continue
            # keys in order, whose rows wait for each other, are told by the first rows of a batch: to look at
            # all of them takes a sixth of the time of merging keys in no order
            with self.text.block(f"if m{k} > 0 and d{k}[0] == d{k}[{GROUP_ROWS - 1}]:"):
                self._merge_rows(k, banks, fetched, of_runs=True)
            with self.text.block("else:"):
                self._merge_rows(k, banks, fetched)

    def _merge_rows(
        self, k: int, banks: Sequence[tuple[int, Bank]], fetched: Sequence[str], of_runs: bool = False
    ) -> None:
        with self.text.block(f"for r in range(0, m{k}, {GROUP_ROWS}):"):
            for number, bank in banks:
                self.text.put(self._merge(number, bank, f"d{k}", of_runs and not bank.small))
            for line in fetched:
                self.text.put(line)

    def _merge(self, number: int, bank: Bank, slots: str, of_runs: bool) -> str:
        suffix = "_in_lanes" if bank.small else "_compensated" if bank.compensated else ""
        suffix += "_of_runs" if of_runs else ""
        columns = "".join([f"b{k}, " for k in bank.members])
        stride = bank.layers * bank.width
        return f"merge_{bank.operation}{suffix}(g{number}, {slots}, r, {stride}, ({columns}))"

    def finish_block(self) -> None:
        """Add each slot's lanes to its totals by Neumaier's sum, and empty them."""
        put = self.text.put
        for number, bank in enumerate(self.banks):
            if not (bank.small and bank.compensated):
                continue
            table, width = f"g{number}", bank.width
            slots = self.slots[bank.destination.rows]
            with (
                self.text.block(f"for slot in range({slots}):"),
                self.text.block(f"for k in range({width}):"),
            ):
                put(f"at = slot * {bank.layers * width} + k")
                lanes = [f"{table}[at + {lane * width}]" for lane in range(LANES)]
                put(f"part = ({lanes[0]} + {lanes[1]}) + ({lanes[2]} + {lanes[3]})")
                put(f"held = {table}[at + {TOTAL * width}]")
                put("grown = held + part")
                put("larger = absolute(held) >= absolute(part)")
                put("rest = select(larger, (held - grown) + part, (part - grown) + held)")
                put(f"{table}[at + {LOST * width}] += rest")
                put(f"{table}[at + {TOTAL * width}] = grown")
                for lane in lanes:
                    put(f"{lane} = -0.0")

    def sizes(self) -> list[tuple[str, str]]:
        """The names and types of the kernel's arguments for numbers of slots."""
        return [(name, "int64") for name in self.slots.values()]

    def arguments(self) -> list[tuple[str, str]]:
        """The names and types of the kernel's arguments for tables, last of all."""
        return [(f"g{number}", memory_type(bank.dtype) + "*") for number, bank in enumerate(self.banks)]

    def _place(self, destination: Destination) -> str:
        if destination.guards and not destination.select:
            return f"m{self.batches[destination]}"
        return "r"


def _destinations(builders: Sequence[Builder]) -> dict[Destination, Builder]:
    """Where a row goes, each with one of the builders that it goes there for."""
    return {destination_of(b): b for b in builders if isinstance(b.target, SlotTable)}
