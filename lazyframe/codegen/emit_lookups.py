"""The part of a kernel that finds rows in tables by their keys; `lazyframe.run.lookups` makes the tables."""

from __future__ import annotations

from collections.abc import Sequence

from lazyframe.codegen.source_text import SourceText
from passes.ir.values import LookupTable, Value

FIRST_SHIFT = 32
FIRST_FACTOR = 0xD6E8FEB86659FD93
SECOND_SHIFT = 29
SECOND_FACTOR = 0xBF58476D1CE4E5B9
"""How keys are mixed before they are masked to a slot of a hashed table."""

KEY_FACTOR = 0x9E3779B97F4A7C15
"""What the keys before are multiplied by before the next is added to them: 2**64 by the golden ratio."""


def hash_lines(name: str, keys: Sequence[str]) -> list[str]:
    """Statements that give ``name`` the hash of int64 ``keys``: every bit depends on all of theirs."""
    lines = [f"{name} = uint64({keys[0]})"]
    for key in keys[1:]:
        lines.append(f"{name} = wrap_add(wrap_multiply({name}, uint64({KEY_FACTOR})), uint64({key}))")
    for shift, factor in ((FIRST_SHIFT, FIRST_FACTOR), (SECOND_SHIFT, SECOND_FACTOR)):
        lines.append(f"{name} = ({name} ^ ({name} >> uint64({shift}))) * uint64({factor})")
    return [*lines, f"{name} = {name} ^ ({name} >> uint64({FIRST_SHIFT}))"]


class Lookups:
    """The tables ``p`` that a kernel is given, each with a limit and the ranges of its keys."""

    def __init__(self, text: SourceText, hashed: frozenset[Value]) -> None:
        self.text = text
        self.hashed = hashed
        self.names: dict[LookupTable, str] = {}

    @property
    def tables(self) -> tuple[tuple[LookupTable, bool], ...]:
        """In the order of the arguments; and whether each is hashed."""
        return tuple([(table, table in self.hashed) for table in self.names])

    def arguments(self) -> list[tuple[str, str]]:
        """The names and types of the kernel's arguments for tables."""
        found: list[tuple[str, str]] = []
        for table, name in self.names.items():
            hashed = table in self.hashed
            found += [(name, "int64*" if hashed else "int32*"), (f"{name}_limit", "int64")]
            for k in range(0 if hashed else len(table.keys)):
                found += [(f"{name}_{what}{k}", "int64") for what in ("low", "span", "stride")]
        return found

    def probe(self, table: LookupTable, keys: Sequence[str]) -> str:
        """Write statements that find a row by the values named ``keys``; the expression of its position."""
        name = self.names.setdefault(table, f"p{len(self.names)}")
        if table not in self.hashed:
            return f"int64({name}[{self._code(name, keys)}])"
        return self._search(name, keys)

    def _search(self, table: str, keys: Sequence[str]) -> str:
        """Write a search of a hashed table: slot after slot until one holds the keys, or is empty."""
        write = self.text.write
        wide = [write(f"int64({key})") for key in keys]
        bits = write("uint64(0)")
        for line in hash_lines(bits, wide):
            self.text.put(line)
        at = write(f"int64({bits}) & {table}_limit")
        width = len(keys) + 1
        found = write(f"{table}[{width} * {at} + {len(keys)}]")
        others = [f"{table}[{width} * {at} + {k}] != {key}" for k, key in enumerate(wide)]
        different = others[0] if len(others) == 1 else f"({' or '.join(others)})"
        with self.text.block(f"while {found} >= 0 and {different}:"):
            self.text.put(f"{at} = ({at} + 1) & {table}_limit")
            self.text.put(f"{found} = {table}[{width} * {at} + {len(keys)}]")
        return found

    def _code(self, table: str, keys: Sequence[str]) -> str:
        """The code of keys that are in range, else that of nothing."""
        terms: list[str] = []
        inside: list[str] = []
        for k, key in enumerate(keys):
            offset = self.text.write(f"wrap_subtract(int64({key}), {table}_low{k})")
            inside.append(f"(uint64({offset}) < uint64({table}_span{k}))")
            terms.append(f"{offset} * {table}_stride{k}" if len(keys) > 1 else offset)
        return self.text.write(f"select({' & '.join(inside)}, {' + '.join(terms)}, {table}_limit)")
