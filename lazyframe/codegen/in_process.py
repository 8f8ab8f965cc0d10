"""Compiling in the user's own process: without subprocesses, and for what only numba's pipeline can do."""

from __future__ import annotations

import threading
import time

from lazyframe.codegen import identity, store
from lazyframe.codegen.compile_source import compile_source
from lazyframe.codegen.kernel import Kernel, KernelSource
from lazyframe.codegen.loader import load
from lazyframe.codegen.object_code import UnexpectedModuleError

_compiling = threading.Lock()


def compile_in_process(source: KernelSource) -> tuple[Kernel, float]:
    """Compile, store and load a kernel. Returns it and how many seconds compiling took."""
    with _compiling:
        start = time.perf_counter()
        try:
            code = compile_source(source)
        except UnexpectedModuleError:
            return plain_kernel(source), time.perf_counter() - start
        seconds = time.perf_counter() - start
    store.save(identity.key(source), source, code, seconds)
    return load(code, source.arguments), seconds


def plain_kernel(source: KernelSource) -> Kernel:
    """A kernel by numba's own pipeline: right, slower, and not to be stored."""
    from lazyframe.codegen.numba_internals import compile_plainly

    address, owner = compile_plainly(source)
    return Kernel(address, source.arguments, "numba", owner)
