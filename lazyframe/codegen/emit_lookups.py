"""The part of a kernel that finds rows in tables by their keys; `lazyframe.run.lookups` makes the tables."""

from __future__ import annotations

from collections.abc import Sequence

from lazyframe.codegen.source_text import SourceText
from passes.ir.values import LookupTable, Value

FIRST_SHIFT = 32
FIRST_FACTOR = 0xD6E8FEB86659FD93
SECOND_SHIFT = 29
SECOND_FACTOR = 0xBF58476D1CE4E5B9
"""How a code is mixed before it is masked to a slot of a hashed table."""


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
            if not (hashed and len(table.keys) == 1):
                for k in range(len(table.keys)):
                    found += [(f"{name}_{what}{k}", "int64") for what in ("low", "span", "stride")]
        return found

    def probe(self, table: LookupTable, keys: Sequence[str]) -> str:
        """Write statements that find a row by the values named ``keys``; the expression of its position."""
        name = self.names.setdefault(table, f"p{len(self.names)}")
        if table not in self.hashed:
            return f"int64({name}[{self._code(name, keys, f'{name}_limit')}])"
        write = self.text.write
        code = write(f"int64({keys[0]})") if len(keys) == 1 else self._code(name, keys, "int64(-1)")
        bits = write(f"uint64({code})")
        bits = write(f"({bits} ^ ({bits} >> uint64({FIRST_SHIFT}))) * uint64({FIRST_FACTOR})")
        bits = write(f"({bits} ^ ({bits} >> uint64({SECOND_SHIFT}))) * uint64({SECOND_FACTOR})")
        at = write(f"int64({bits} ^ ({bits} >> uint64({FIRST_SHIFT}))) & {name}_limit")
        found = write(f"{name}[2 * {at} + 1]")
        with self.text.block(f"while {found} >= 0 and {name}[2 * {at}] != {code}:"):
            self.text.put(f"{at} = ({at} + 1) & {name}_limit")
            self.text.put(f"{found} = {name}[2 * {at} + 1]")
        return found

    def _code(self, table: str, keys: Sequence[str], otherwise: str) -> str:
        """The code of keys that are in range, else ``otherwise``."""
        terms: list[str] = []
        inside: list[str] = []
        for k, key in enumerate(keys):
            offset = self.text.write(f"wrap_subtract(int64({key}), {table}_low{k})")
            inside.append(f"(uint64({offset}) < uint64({table}_span{k}))")
            terms.append(f"{offset} * {table}_stride{k}" if len(keys) > 1 else offset)
        return self.text.write(f"select({' & '.join(inside)}, {' + '.join(terms)}, {otherwise})")
