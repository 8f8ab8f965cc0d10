"""Object files as LLVM writes them for kernels, laid out to be run, without LLVM.

Kernels are all of one kind: code that is never written to, constants, and perhaps a few functions of the C
library, in the large code model of an ELF file for x86-64.  That is what is known here, and nothing else: of
whatever is odd, `UnknownObjectError` is raised before anything is run, and LLVM may load it.

References
----------
System V ABI, chapters 4 and 5, and its AMD64 supplement, section 4.4 (relocation), with the types of the
large model.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

PAGE_BYTES = 4096
"""Multiple of which the layout has its parts; the system's pages are no larger on x86-64."""

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_RELOCATION = struct.Struct("<QIIq")
_ADDRESS = struct.Struct("<Q")

_IDENT = b"\x7fELF\x02\x01\x01" + bytes(9)
_RELOCATABLE, _X86_64, _CURRENT = 1, 62, 1
_NULL, _PROGBITS, _SYMTAB, _STRTAB, _RELA = 0, 1, 2, 3, 4
_ALLOC, _EXECUTE, _MERGE, _STRINGS, _LARGE = 2, 4, 0x10, 0x20, 0x1000_0000
_KNOWN_FLAGS = _ALLOC | _EXECUTE | _MERGE | _STRINGS | _LARGE
_PC64, _GOTOFF64, _GOT64, _GOTPC64 = 24, 25, 27, 29
_UNDEFINED = 0
_MOST_ALIGNMENT = 64
_TABLE = "_GLOBAL_OFFSET_TABLE_"


class UnknownObjectError(ValueError):
    """An object file is not as kernels' are."""


class Image(NamedTuple):
    """A kernel laid out in memory, but for the addresses that it needs from outside.

    Attributes
    ----------
    content : bytes
        Of whole pages: code, then what is only read.
    code_bytes : int
        How much of it is code; the rest begins on a page of its own.
    entry : int
        Where the kernel begins.
    slots : mapping
        From symbols that are defined elsewhere to where their addresses, of 8 bytes, have to be written.
    own_slots : mapping
        From where an address within the image has to be written to what it is the address of.
    """

    content: bytes
    code_bytes: int
    entry: int
    slots: Mapping[str, int]
    own_slots: Mapping[int, int]

    def at(self, address: int, resolve: Callable[[str], int]) -> bytes:
        """What has to be in memory at an address, with symbols of elsewhere resolved."""
        made = bytearray(self.content)
        for symbol, slot in self.slots.items():
            _ADDRESS.pack_into(made, slot, resolve(symbol))
        for slot, target in self.own_slots.items():
            _ADDRESS.pack_into(made, slot, address + target)
        return bytes(made)


class _Section(NamedTuple):
    name: int
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int
    entry_size: int


class _Symbol(NamedTuple):
    name: str
    section: int
    value: int


def lay_out(data: bytes, entry: str) -> Image:
    """Read an object file and relocate it.

    Parameters
    ----------
    data : bytes
        The file.
    entry : str
        The function that is called.

    Raises
    ------
    UnknownObjectError
        If there is anything in it that is not known here.
    """
    try:
        return _laid_out(data, entry)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise UnknownObjectError(f"the object file is damaged: {error}") from error


def _laid_out(data: bytes, entry: str) -> Image:
    sections = _sections(data)
    symbols = _symbols(data, sections)
    places, code_bytes, end = _places(sections)
    relocations = list(_relocations(data, sections, places))
    table = _aligned(end, _ADDRESS.size)
    wanted = dict.fromkeys([symbols[r.symbol] for _, r in relocations if r.kind == _GOT64])
    slots = {symbol: table + k * _ADDRESS.size for k, symbol in enumerate(wanted)}
    content = bytearray(_aligned(table + len(slots) * _ADDRESS.size, PAGE_BYTES))
    for number, place in places.items():
        section = sections[number]
        content[place : place + section.size] = data[section.offset : section.offset + section.size]

    def place_of(symbol: _Symbol) -> int:
        if symbol.section not in places or symbol.value >= sections[symbol.section].size:
            raise UnknownObjectError(f"{symbol.name or 'a symbol'} is not defined in what is loaded")
        return places[symbol.section] + symbol.value

    for section_number, relocation in relocations:
        symbol = symbols[relocation.symbol]
        if relocation.offset > sections[section_number].size - _ADDRESS.size:
            raise UnknownObjectError("a relocation is outside of its section")
        where = places[section_number] + relocation.offset
        if relocation.kind == _PC64:
            value = place_of(symbol) - where
        elif relocation.kind == _GOTOFF64:
            value = place_of(symbol) - table
        elif relocation.kind == _GOT64:
            value = slots[symbol] - table
        elif relocation.kind == _GOTPC64 and symbol.name == _TABLE and symbol.section == _UNDEFINED:
            value = table - where
        else:
            raise UnknownObjectError(f"relocation {relocation.kind} of {symbol.name!r}")
        _ADDRESS.pack_into(content, where, (value + relocation.addend) % 2**64)

    kernels = [symbol for symbol in symbols if symbol.name == entry]
    if len(kernels) != 1 or not sections[kernels[0].section].flags & _EXECUTE:
        raise UnknownObjectError(f"it does not define {entry}")
    outside = {symbol.name: slot for symbol, slot in slots.items() if symbol.section == _UNDEFINED}
    inside = {slot: place_of(symbol) for symbol, slot in slots.items() if symbol.section != _UNDEFINED}
    return Image(bytes(content), code_bytes, place_of(kernels[0]), outside, inside)


def _sections(data: bytes) -> list[_Section]:
    header = _HEADER.unpack_from(data)
    ident, kind, machine, version, start = *header[:4], header[6]
    entry_size, count = header[11:13]
    if ident != _IDENT or (kind, machine, version) != (_RELOCATABLE, _X86_64, _CURRENT):
        raise UnknownObjectError("it is no object file for x86-64")
    if entry_size != _SECTION.size:
        raise UnknownObjectError(f"entries of its table of sections have {entry_size} bytes")
    found = [_Section(*_SECTION.unpack_from(data, start + k * _SECTION.size)) for k in range(count)]
    for section in found:
        if section.kind not in (_NULL, _PROGBITS, _SYMTAB, _STRTAB, _RELA):
            raise UnknownObjectError(f"it has a section of kind {section.kind:#x}")
        if section.offset + section.size > len(data):
            raise UnknownObjectError("a section ends behind the file")
    return found


def _symbols(data: bytes, sections: list[_Section]) -> list[_Symbol]:
    tables = [section for section in sections if section.kind == _SYMTAB]
    if len(tables) != 1 or sections[tables[0].link].kind != _STRTAB:
        raise UnknownObjectError("it has no table of symbols, or more than one")
    table, names = tables[0], sections[tables[0].link]
    text = data[names.offset : names.offset + names.size]
    found = []
    for name, _, _, section, value, _ in _entries(_SYMBOL, data, table):
        end = text.find(0, name)
        if end < 0:
            raise UnknownObjectError("a symbol's name does not end")
        found.append(_Symbol(text[name:end].decode("ascii"), section, value))
    return found


class _Relocation(NamedTuple):
    offset: int
    kind: int
    symbol: int
    addend: int


def _relocations(
    data: bytes, sections: list[_Section], places: Mapping[int, int]
) -> Iterator[tuple[int, _Relocation]]:
    """With the number of the section that each is to be made in, of those that are loaded."""
    for section in sections:
        if section.kind == _RELA and section.info in places:
            for entry in _entries(_RELOCATION, data, section):
                yield section.info, _Relocation(*entry)


def _entries(form: struct.Struct, data: bytes, section: _Section) -> Iterator[tuple[int, ...]]:
    if section.entry_size != form.size or section.size % form.size:
        raise UnknownObjectError(f"a table has entries of {section.entry_size} bytes")
    return form.iter_unpack(data[section.offset : section.offset + section.size])


def _places(sections: list[_Section]) -> tuple[dict[int, int], int, int]:
    """Where each section that is loaded begins, where code ends, and where all ends."""
    loaded = {number: section for number, section in enumerate(sections) if section.flags & _ALLOC}
    places: dict[int, int] = {}
    end = code_bytes = 0
    for is_code in (True, False):
        for number, section in loaded.items():
            if bool(section.flags & _EXECUTE) != is_code:
                continue
            if section.kind != _PROGBITS or section.flags & ~_KNOWN_FLAGS or section.address:
                raise UnknownObjectError(f"it has a section with flags {section.flags:#x}")
            alignment = section.alignment or 1
            if alignment > _MOST_ALIGNMENT or alignment & (alignment - 1):
                raise UnknownObjectError(f"it has a section aligned to {alignment}")
            places[number] = _aligned(end, alignment)
            end = places[number] + section.size
        if is_code:
            end = code_bytes = _aligned(end, PAGE_BYTES)
    return places, code_bytes, end


def _aligned(size: int, to: int) -> int:
    return -(-size // to) * to
