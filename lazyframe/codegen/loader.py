"""From object code to something callable: by ourselves, and by LLVM what we do not know."""

from __future__ import annotations

import ctypes
import functools
import mmap
from collections.abc import Sequence

from lazyframe.codegen.elementary import vector_library
from lazyframe.codegen.kernel import CompileError, Kernel, loading
from lazyframe.codegen.object_code import ENTRY, ObjectCode, target_machine
from lazyframe.codegen.object_file import PAGE_BYTES, UnknownObjectError, lay_out
from lazyframe.codegen.processor import is_x86_64

_PROT_READ, _PROT_EXEC = 1, 4


def load(code: ObjectCode, arguments: Sequence[str]) -> Kernel:
    """Map object code into this process.

    Parameters
    ----------
    code : ObjectCode
    arguments : sequence of str
        As in `KernelSource`.

    Raises
    ------
    CompileError
        If the code needs a symbol that this process does not have, or does not define a kernel.
    """
    try:
        address, owner = map_object(code)
    except (UnknownObjectError, OSError):
        address, owner = load_by_llvm(code)
    return Kernel(address, tuple(arguments), "lazyframe", owner)


def map_object(code: ObjectCode) -> tuple[int, object]:
    """The address of a kernel, and what keeps it mapped: LLVM, which takes 40 MB, is not loaded.

    Raises
    ------
    CompileError
        If the code needs a symbol that this process does not have.
    UnknownObjectError
        If it is not known here.
    OSError
        If the system does not let memory be run.
    """
    if not is_x86_64() or mmap.PAGESIZE != PAGE_BYTES:
        raise UnknownObjectError("object files are known of Linux on x86-64")
    image = lay_out(code.code, ENTRY)
    addresses = {symbol: _address_of(symbol) for symbol in {*code.symbols, *image.slots}}
    _complain_of([symbol for symbol, address in addresses.items() if not address])
    memory = mmap.mmap(-1, len(image.content), mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    memory[:] = image.at(start, addresses.__getitem__)
    _protect(start, image.code_bytes, _PROT_READ | _PROT_EXEC)
    _protect(start + image.code_bytes, len(image.content) - image.code_bytes, _PROT_READ)
    return start + image.entry, memory


def load_by_llvm(code: ObjectCode) -> tuple[int, object]:
    """The same, of whatever LLVM can load.

    Raises
    ------
    CompileError
        If the code needs a symbol that this process does not have, or does not define a kernel.
    """
    import llvmlite.binding as llvm

    with loading:
        _libraries_of_llvm()
        # The linker ends the process when a symbol is missing, so ask before.
        _complain_of([symbol for symbol in code.symbols if not llvm.address_of_symbol(symbol)])
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target_machine())
        engine.add_object_file(llvm.ObjectFileRef.from_data(code.code))
        engine.finalize_object()
        address = engine.get_function_address(ENTRY)
    if not address:
        raise CompileError(f"object code does not define {ENTRY}")
    return address, engine


def _complain_of(missing: Sequence[str]) -> None:
    if missing:
        raise CompileError(
            f"object code needs {', '.join(sorted(missing))}, which this process does not have"
        )


def _protect(start: int, size: int, protection: int) -> None:
    if size and _process().mprotect(ctypes.c_void_p(start), ctypes.c_size_t(size), protection):
        raise OSError(ctypes.get_errno(), "the memory of a kernel cannot be protected")


@functools.cache
def _process() -> ctypes.CDLL:
    """What this process has loaded for everybody, the C library among it."""
    return ctypes.CDLL(None, use_errno=True)


@functools.cache
def _mathematics() -> ctypes.CDLL | None:
    # Python itself is linked to libm almost everywhere; looking for the library starts processes.
    import ctypes.util

    found = ctypes.util.find_library("m")
    return None if found is None else ctypes.CDLL(found)


def _address_of(symbol: str) -> int:
    """Where a function of the C, mathematics or vector library is; 0 if there is none of the name."""
    for library in (_process, vector_library, _mathematics):
        try:
            function = getattr(library(), symbol)
        except (AttributeError, OSError):
            continue
        return ctypes.cast(function, ctypes.c_void_p).value or 0
    return 0


@functools.cache
def _libraries_of_llvm() -> None:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    if vector_library() is not None:
        llvm.load_library_permanently("libmvec.so.1")
    if not llvm.address_of_symbol("erfcf") and (libm := _mathematics()) is not None:
        llvm.load_library_permanently(libm._name)
