"""Object files loaded without LLVM: the same kernels or a complaint, never anything that is not known."""

from __future__ import annotations

import ctypes
import errno
import random
import struct

import numpy as np
import pytest
from kernel_sources import doubles, doubling

from lazyframe.codegen import loader, object_file, processor
from lazyframe.codegen.compile_source import compile_source
from lazyframe.codegen.kernel import CompileError, Kernel, KernelSource
from lazyframe.codegen.object_code import ENTRY, ObjectCode, instruction_set
from lazyframe.codegen.object_file import UnknownObjectError, lay_out

pytestmark = pytest.mark.skipif(not processor.is_x86_64(), reason="known on x86-64 only")

LINES = [
    "def kernel(lo, hi, p0, b0, p1, p2):",
    "    for i in range(hi * 8):",
    "        p1[i] = b0[i]",
    "    for i in range(lo, hi):",
    "        x = p0[i]",
    "        p2[i] = math_exp(x) + math_log1p(x) * 2.5 - (1.5 if x < 0.25 else math_pow(x, 0.1))",
    "    return 0",
    "",
]
TYPES = ("int64", "int64", "float64*", "uint8*", "uint8*", "float64*")


@pytest.fixture(scope="module")
def code() -> ObjectCode:
    """Of a kernel with constants, and functions of the C and the vector library."""
    made = compile_source(KernelSource("\n".join(LINES), TYPES, "test"))
    assert {"memcpy", *made.symbols} == set(lay_out(made.code, ENTRY).slots)
    assert made.symbols
    return made


def run(address: int, owner: object) -> np.ndarray:
    kernel = Kernel(address, TYPES, "lazyframe", owner)
    x = np.random.default_rng(5).uniform(0, 1, 1003)
    bits, copied, result = x.copy(), np.zeros(1003), np.zeros(1003)
    assert kernel(0, 1003, *[array.ctypes.data for array in (x, bits, copied, result)]) == 0
    np.testing.assert_array_equal(copied, x)
    return result


def test_a_kernel_is_the_one_that_llvm_loads(code):
    ours = run(*loader.map_object(code))
    np.testing.assert_array_equal(ours, run(*loader.load_by_llvm(code)))
    assert len(np.unique(ours)) > 1000


def test_code_cannot_be_written_and_constants_cannot_be_run(code):
    address, owner = loader.map_object(code)
    image = lay_out(code.code, ENTRY)
    with open("/proc/self/maps") as maps:
        lines = [line.split() for line in maps]
    start = address - image.entry
    by_start = {int(fields[0].partition("-")[0], 16): fields[1] for fields in lines}
    assert by_start[start] == "r-xp"
    assert by_start[start + image.code_bytes] == "r--p"
    del owner


@pytest.mark.parametrize("step", [1, 7])
def test_what_is_cut_off_is_not_known(code, step):
    for length in range(0, len(code.code) - 64, step * 13):
        with pytest.raises(UnknownObjectError):
            lay_out(code.code[:length], ENTRY)


def test_a_flipped_bit_is_laid_out_within_its_memory_or_not_at_all(code):
    dice = random.Random(3)
    known = 0
    for _ in range(3000):
        data = bytearray(code.code)
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        try:
            image = lay_out(bytes(data), ENTRY)
        except UnknownObjectError:
            continue
        known += 1
        assert 0 <= image.entry < image.code_bytes <= len(image.content) < 1 << 20
        assert all(image.code_bytes <= slot <= len(image.content) - 8 for slot in image.slots.values())
        assert all(0 <= target < len(image.content) for target in image.own_slots.values())
    assert known > 300  # most bits are of instructions


def changed(data: bytes, form: str, at: int, value: int) -> bytes:
    made = bytearray(data)
    struct.pack_into(form, made, at, value)
    return bytes(made)


@pytest.mark.parametrize(
    ("form", "at", "value"),
    [("B", 0, 0), ("B", 4, 1), ("B", 5, 2), ("<H", 16, 3), ("<H", 18, 183), ("<H", 58, 40), ("<H", 60, 0)],
    ids=["magic", "32 bits", "big endian", "library", "arm", "sections", "none"],
)
def test_a_file_of_another_kind_is_not_known(code, form, at, value):
    with pytest.raises(UnknownObjectError):
        lay_out(changed(code.code, form, at, value), ENTRY)


def headers(data: bytes) -> list[int]:
    start, count = struct.unpack_from("<Q", data, 40)[0], struct.unpack_from("<H", data, 60)[0]
    return [start + 64 * number for number in range(count)]


def kind_of(data: bytes, header: int) -> tuple[int, int]:
    kind, flags = struct.unpack_from("<IQ", data, header + 4)
    return kind, flags


@pytest.mark.parametrize(
    ("kind", "form", "field", "value"),
    [
        (1, "<I", 4, 8),  # memory that is not in the file
        (1, "<Q", 8, 3),  # written to
        (1, "<Q", 8, 0x402),  # of each thread
        (1, "<Q", 8, 0x802),  # compressed
        (1, "<Q", 48, 4096),
        (1, "<Q", 48, 24),
        (1, "<Q", 32, 1 << 40),
        (4, "<I", 40 + 4, 1 << 20),
        (4, "<Q", 56, 16),
        (2, "<Q", 56, 16),
        (2, "<I", 40, 0),
    ],
)
def test_a_section_of_another_kind_is_not_known(code, kind, form, field, value):
    chosen = [h for h in headers(code.code) if kind_of(code.code, h)[0] == kind]
    loaded = [h for h in chosen if kind != 1 or kind_of(code.code, h)[1] & 2]
    data = changed(code.code, form, loaded[-1] + field, value)
    if (kind, value) == (4, 1 << 20):
        assert not lay_out(data, ENTRY).slots  # relocations of nothing that is loaded
        return
    with pytest.raises(UnknownObjectError):
        lay_out(data, ENTRY)


@pytest.mark.parametrize("number", [1, 2, 4, 9, 42, 255])
def test_another_relocation_is_not_known(code, number):
    (header,) = [h for h in headers(code.code) if kind_of(code.code, h)[0] == 4]
    offset = struct.unpack_from("<Q", code.code, header + 24)[0]
    with pytest.raises(UnknownObjectError, match=f"relocation {number}"):
        lay_out(changed(code.code, "<I", offset + 8, number), ENTRY)


def test_a_relocation_outside_of_its_section_is_not_made(code):
    (header,) = [h for h in headers(code.code) if kind_of(code.code, h)[0] == 4]
    offset = struct.unpack_from("<Q", code.code, header + 24)[0]
    for where in (1 << 20, 1 << 63, 2**64 - 4):
        with pytest.raises(UnknownObjectError, match="outside"):
            lay_out(changed(code.code, "<Q", offset, where), ENTRY)


def test_another_entry_is_not_found(code):
    with pytest.raises(UnknownObjectError, match="no_kernel"):
        lay_out(code.code, "no_kernel")


def test_a_symbol_that_nobody_has_is_named(code):
    other = ObjectCode(code.code.replace(b"memcpy", b"memcpz"), ())
    with pytest.raises(CompileError, match="needs memcpz"):
        loader.load(other, TYPES)
    with pytest.raises(CompileError, match="needs no_such_symbol"):
        loader.load(ObjectCode(code.code, ("no_such_symbol",)), TYPES)


def unknown(data: bytes, entry: str) -> object_file.Image:
    raise UnknownObjectError("not known")


def test_what_is_not_known_is_loaded_by_llvm(monkeypatch):
    monkeypatch.setattr(loader, "lay_out", unknown)
    assert doubles(loader.load(compile_source(doubling(9.5)), doubling(9.5).arguments), 9.5)


def test_where_memory_cannot_be_protected_llvm_is_asked(monkeypatch):
    class Refusing:
        def mprotect(self, *arguments: object) -> int:
            ctypes.set_errno(errno.EACCES)
            return -1

    monkeypatch.setattr(loader, "_process", Refusing)
    code = compile_source(doubling(9.75))
    with pytest.raises(OSError, match="protected"):
        loader.map_object(code)
    assert doubles(loader.load(code, doubling(9.75).arguments), 9.75)


def test_the_processor_is_the_one_that_llvm_knows(monkeypatch):
    known = processor.processor()
    by_llvm = processor._of_llvm()
    for name in ("sse4_1", "avx", "avx2", "fma", "bmi2", "avx512f", "avx512dq", "avx512vl"):
        assert (name in known.features) == (name in by_llvm.features)
    here = instruction_set()
    instruction_set.cache_clear()
    monkeypatch.setattr("lazyframe.codegen.object_code.processor", lambda: by_llvm)
    try:
        assert instruction_set() == here
    finally:
        instruction_set.cache_clear()


@pytest.mark.parametrize("text", ["", "processor\t: 0\nflags\t\t: fpu sse2\n\n", "vendor_id\t: x\n\n"])
def test_where_linux_does_not_tell_llvm_is_asked(monkeypatch, tmp_path, text):
    path = tmp_path / "cpuinfo"
    path.write_text(text)
    monkeypatch.setattr(processor, "_CPUINFO", str(path))
    assert processor._of_linux() is None
    monkeypatch.setattr(processor, "_CPUINFO", str(tmp_path / "none"))
    assert processor._of_linux() is None
