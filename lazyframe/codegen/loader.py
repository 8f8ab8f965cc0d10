"""From object code to something callable, by llvmlite alone: numba is not needed here."""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence

from lazyframe.codegen.elementary import vector_library
from lazyframe.codegen.kernel import CompileError, Kernel
from lazyframe.codegen.object_code import ENTRY, ObjectCode, target_machine

# Held while this process is inside llvmlite.
loading = threading.RLock()


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
    import llvmlite.binding as llvm

    with loading:
        _libraries()
        # The linker ends the process when a symbol is missing, so ask before.
        missing = [symbol for symbol in code.symbols if not llvm.address_of_symbol(symbol)]
        if missing:
            raise CompileError(f"object code needs {', '.join(missing)}, which this process does not have")
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target_machine())
        engine.add_object_file(llvm.ObjectFileRef.from_data(code.code))
        engine.finalize_object()
        address = engine.get_function_address(ENTRY)
    if not address:
        raise CompileError(f"object code does not define {ENTRY}")
    return Kernel(address, tuple(arguments), "lazyframe", engine)


@functools.cache
def _libraries() -> None:
    import ctypes.util

    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    if vector_library() is not None:
        llvm.load_library_permanently("libmvec.so.1")
    # Python itself is linked to libm almost everywhere; looking for the library starts processes.
    if not llvm.address_of_symbol("erfcf") and (libm := ctypes.util.find_library("m")):
        llvm.load_library_permanently(libm)
