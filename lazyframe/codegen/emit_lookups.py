"""The part of a kernel that finds rows in tables by their keys; `lazyframe.run.lookups` makes the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from lazyframe.codegen.emit_operations import memory_type
from lazyframe.codegen.emit_steps import quotient_text
from lazyframe.codegen.source_text import SourceText
from passes.ir.values import Literal, LookupTable, Map, Probe, Stored, Value

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


class Way(Enum):
    """How the position of a row is found by its keys."""

    BY_CODE = "by their keys' values"
    """In an array with a position for each code, ``sum((key - low) * stride)``."""
    AS_CODE = "by their keys' values, which are positions"
    """Keys that ascend and leave no gap: the code is the position."""
    BY_RANK = "by how many keys there are below theirs"
    """Keys that ascend: bits say which codes there are, and the bits before a row's own are counted."""
    BY_RUN = "by one key's value, and then among the few rows of it"
    """One key ascends: where the rows of each of its values begin, and the other keys as they are."""
    BY_HASH = "by the hash of their keys"


class TableForm(NamedTuple):
    """How a table of lookups is made, which is decided when its rows are known.

    Parameters
    ----------
    way : Way
        How positions are found.
    tested : bool
        Whether the codes that there are can be told without finding positions.
    stepped : bool
        Whether keys are divided by what all of them are multiples of to make codes.
    leading : int
        Which key ascends, where rows are found by runs of it.
    """

    way: Way = Way.BY_CODE
    tested: bool = True
    stepped: bool = False
    leading: int = 0


class LookupInput(NamedTuple):
    """A table that a kernel is given, as pointers and numbers in this order.

    Parameters
    ----------
    table : LookupTable
        What was made when the program ran.
    way : Way
        How positions are found.
    found : bool
        Whether positions are asked for: of a hashed table keys and positions and what hashes are masked with,
        of one by code its positions, of one by rank how many rows there are before each 64 codes, of one by
        run where runs begin, the other keys, and the least of the key that ascends and how many there are.
    tested : bool
        Whether it is asked which codes there are.
    stepped : bool
        Whether keys are divided to make codes: a factor and a shift follow each key's stride.
    leading : int
        Which key ascends.
    """

    table: LookupTable
    way: Way
    found: bool
    tested: bool
    stepped: bool
    leading: int

    @property
    def by_bits(self) -> bool:
        """Whether there are bits, which come first."""
        return self.way is Way.BY_RANK or (self.tested and self.way is not Way.AS_CODE)

    @property
    def coded(self) -> bool:
        """Whether the code of nothing, and low, span and stride of each key follow."""
        return self.tested or self.way not in (Way.BY_HASH, Way.BY_RUN)


class Lookups:
    """The tables ``p`` that a kernel is given.

    Whether a row is there is asked of bits, which lie in a nearer cache than positions; a row that is not
    there costs no more.
    """

    def __init__(self, text: SourceText, forms: Mapping[LookupTable, TableForm]) -> None:
        self.text = text
        self.forms = forms
        self.names: dict[LookupTable, str] = {}
        self.found: set[LookupTable] = set()
        self.tested: set[LookupTable] = set()

    @property
    def tables(self) -> tuple[LookupInput, ...]:
        """In the order of the arguments."""
        return tuple(
            [
                LookupInput(t, form.way, t in self.found, t in self.tested, form.stepped, form.leading)
                for t, form in [(t, self.forms[t]) for t in self.names]
            ]
        )

    def arguments(self) -> list[tuple[str, str]]:
        """The names and types of the kernel's arguments for tables."""
        found: list[tuple[str, str]] = []
        for wanted in self.tables:
            name = self.names[wanted.table]
            if wanted.by_bits:
                found.append((f"{name}_bits", "uint64*"))
            if wanted.found and wanted.way is Way.BY_HASH:
                found += [(name, "int64*"), (f"{name}_mask", "int64")]
            elif wanted.found and wanted.way is Way.BY_RUN:
                found.append((name, "int32*"))
                for k, key in enumerate(wanted.table.keys):
                    if k != wanted.leading:
                        found.append((f"{name}_key{k}", f"{memory_type(key.dtype)}*"))
                found += [(f"{name}_low", "int64"), (f"{name}_span", "int64")]
            elif wanted.found and wanted.way is not Way.AS_CODE:
                found.append((name, "int32*"))
            if wanted.coded:
                found.append((f"{name}_nothing", "int64"))
                for k in range(len(wanted.table.keys)):
                    found += [(f"{name}_{what}{k}", "int64") for what in ("low", "span", "stride")]
                    if wanted.stepped:
                        found += [(f"{name}_{what}{k}", "uint64") for what in ("factor", "shift")]
        return found

    def is_tested(self, value: Value) -> bool:
        """Whether ``value`` asks only if a row is there, of a table that has bits to tell."""
        table = tested_table(value)
        return table is not None and self.forms[table].tested

    def test(self, table: LookupTable, keys: Sequence[str]) -> str:
        """Write statements that ask for a row by the values named ``keys``; the expression of the answer."""
        name = self.names.setdefault(table, f"p{len(self.names)}")
        self.tested.add(table)
        code = self._code(table, name, keys)
        if self.forms[table].way is Way.AS_CODE:
            return f"{code} != {name}_nothing"
        return f"boolean(({name}_bits[{code} >> 6] >> uint64({code} & 63)) & uint64(1))"

    def probe(self, table: LookupTable, keys: Sequence[str]) -> str:
        """Write statements that find a row by the values named ``keys``; the expression of its position."""
        name = self.names.setdefault(table, f"p{len(self.names)}")
        self.found.add(table)
        match self.forms[table].way:
            case Way.BY_HASH:
                return self._search(name, keys)
            case Way.BY_RUN:
                return self._among_run(name, keys, self.forms[table].leading)
            case Way.BY_RANK:
                return self._rank(self._code(table, name, keys), name)
            case Way.AS_CODE:
                code = self._code(table, name, keys)
                return f"select({code} != {name}_nothing, {code}, int64(-1))"
        return f"int64({name}[{self._code(table, name, keys)}])"

    def _rank(self, code: str, table: str) -> str:
        """Write the counting of the rows with codes below that of the keys."""
        write = self.text.write
        word = write(f"{table}_bits[{code} >> 6]")
        bit = write(f"uint64({code} & 63)")
        below = write(f"count_ones({word} & ((uint64(1) << {bit}) - uint64(1)))")
        there = write(f"boolean(({word} >> {bit}) & uint64(1))")
        return f"select({there}, int64({table}[{code} >> 6]) + int64({below}), int64(-1))"

    def _search(self, table: str, keys: Sequence[str]) -> str:
        """Write a search of a hashed table: slot after slot until one holds the keys, or is empty."""
        write = self.text.write
        wide = [write(f"int64({key})") for key in keys]
        bits = write("uint64(0)")
        for line in hash_lines(bits, wide):
            self.text.put(line)
        at = write(f"int64({bits}) & {table}_mask")
        width = len(keys) + 1
        found = write(f"{table}[{width} * {at} + {len(keys)}]")
        others = [f"{table}[{width} * {at} + {k}] != {key}" for k, key in enumerate(wide)]
        different = others[0] if len(others) == 1 else f"({' or '.join(others)})"
        with self.text.block(f"while {found} >= 0 and {different}:"):
            self.text.put(f"{at} = ({at} + 1) & {table}_mask")
            self.text.put(f"{found} = {table}[{width} * {at} + {len(keys)}]")
        return found

    def _among_run(self, table: str, keys: Sequence[str], leading: int) -> str:
        """Write a search among the rows of the key that ascends, of which there are few."""
        write = self.text.write
        offset = write(f"wrap_subtract(int64({keys[leading]}), {table}_low)")
        code = write(f"select(uint64({offset}) < uint64({table}_span), {offset}, {table}_span)")
        others = [(k, write(f"int64({key})")) for k, key in enumerate(keys) if k != leading]
        at, end = write(f"int64({table}[{code}])"), write(f"int64({table}[{code} + 1])")
        differs = " or ".join([f"int64({table}_key{k}[{at}]) != {key}" for k, key in others])
        with self.text.block(f"while {at} < {end} and ({differs}):"):
            self.text.put(f"{at} = {at} + 1")
        return f"select({at} < {end}, {at}, int64(-1))"

    def _code(self, table: LookupTable, name: str, keys: Sequence[str]) -> str:
        """The code of keys that are in range, else that of nothing."""
        write = self.text.write
        terms: list[str] = []
        inside: list[str] = []
        for k, key in enumerate(keys):
            offset = write(f"wrap_subtract(int64({key}), {name}_low{k})")
            if self.forms[table].stepped:
                distance = write(f"uint64({offset})")
                quotient = quotient_text(distance, f"{name}_factor{k}", f"{name}_shift{k}")
                offset = write(f"int64({quotient})")
            inside.append(f"(uint64({offset}) < uint64({name}_span{k}))")
            terms.append(f"{offset} * {name}_stride{k}" if len(keys) > 1 else offset)
        return write(f"select({' & '.join(inside)}, {' + '.join(terms)}, {name}_nothing)")


def tested_table(value: Value) -> LookupTable | None:
    """The table of ``probe(table, ...) >= 0``; None of anything else."""
    match value:
        case Map("greater_equal", (Probe(Stored(LookupTable() as table)), Literal() as least)):
            return table if least.value == 0 else None
    return None
