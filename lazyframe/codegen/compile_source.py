"""The whole compile path in one function, wherever it runs."""

from __future__ import annotations

from lazyframe.codegen.kernel import KernelSource
from lazyframe.codegen.object_code import (
    ObjectCode,
    UnexpectedModuleError,
    object_code,
    optimise,
    target_machine,
)


def compile_source(source: KernelSource) -> ObjectCode:
    """Compile a kernel's Python text to object code for this machine.

    Raises
    ------
    UnexpectedModuleError
        If numba's internals are not what we know; `compile_plainly` still works then.
    Exception
        Whatever numba raises for a source it cannot type.
    """
    from lazyframe.codegen.numba_internals import front_end

    try:
        text, name = front_end(source)
    except (AttributeError, ImportError) as error:
        raise UnexpectedModuleError(f"numba's internals have changed: {error}") from error
    machine = target_machine()
    return object_code(optimise(text, name, machine), machine)
