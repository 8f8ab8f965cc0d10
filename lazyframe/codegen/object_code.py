"""From untouched LLVM text to object code: our own pass pipeline.

What numba's own pipeline lacks and loops need: pointers that are known not to alias (or LLVM's run-time
overlap checks stop vectorising at about eight arrays), vector routines for elementary functions, and the
host's full vector width. Floating point stays exactly as written: no fast-math flag is added and nothing is
contracted.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from lazyframe.codegen.elementary import FUNCTIONS, PREFIX, definitions, has_vector_routine, vector_library
from lazyframe.codegen.kernel import CompileError
from lazyframe.codegen.processor import processor

ENTRY = "lazyframe_kernel"
# A kernel that ended in a Python exception: it should have none.
RAISED = -(2**63)

_LIBRARY_FUNCTIONS = frozenset(
    [name + suffix for name in (*FUNCTIONS, "fmod") for suffix in ("", "f")]
    + ["memcpy", "memmove", "memset", "memcmp", "bcmp"]
)


class UnexpectedModuleError(CompileError):
    """The front end's module is not what this pipeline knows: use numba's own."""


class ObjectCode(NamedTuple):
    """Relocatable machine code that defines `ENTRY`.

    Attributes
    ----------
    code : bytes
        An object file of the platform.
    symbols : tuple of str
        What it needs from outside, all of it in libm, libmvec or libc.
    """

    code: bytes
    symbols: tuple[str, ...]


@functools.cache
def instruction_set() -> str | None:
    """Which of libmvec's variants this CPU runs: ``"e"`` AVX-512, ``"d"`` AVX2, ``"b"`` SSE4, or None."""
    if vector_library() is None:
        return None
    needs = {"e": {"avx512f", "avx512dq", "avx512vl"}, "d": {"avx2", "fma"}, "b": {"sse4_1"}}
    return next((isa for isa, names in needs.items() if names <= processor().features), None)


def target_machine() -> Any:
    """An LLVM target machine for exactly this CPU."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="pic",
        codemodel="jitdefault",
        jit=True,
    )


def optimise(text: str, name: str, machine: Any) -> Any:
    """Run our pipeline on function `name` of an LLVM module.

    Parameters
    ----------
    text : str
        The front end's module.
    name : str
        The function ``i32 name(ptr result, ptr exception, arguments...)`` in it.
    machine : llvmlite target machine

    Returns
    -------
    llvmlite module
        It defines `ENTRY` and nothing else that is visible.

    Raises
    ------
    UnexpectedModuleError
        If the module lacks the function, or keeps references that only numba could resolve.
    """
    import llvmlite.binding as llvm

    # All in LLVM's global context: one of our own might be collected before the modules in it, which crashes.
    try:
        front = llvm.parse_assembly(text)
        kernel = front.get_function(name)
    except (RuntimeError, NameError) as error:
        raise UnexpectedModuleError(f"the front end's module cannot be used: {error}") from error
    types = [str(argument.type) for argument in kernel.arguments]
    if types[:2] != ["ptr", "ptr"] or "i32 (ptr, ptr" not in str(kernel.global_value_type):
        raise UnexpectedModuleError(f"the front end's function has arguments {types}")

    elementary = sorted(f.name for f in front.functions if f.name.startswith(PREFIX))
    module = llvm.parse_assembly(
        f'target triple = "{front.triple}"\ntarget datalayout = "{front.data_layout}"\n'
        + definitions(elementary, instruction_set())
        + _entry(name, types)
    )
    try:
        module.link_in(front)
        module.verify()
    except RuntimeError as error:
        raise UnexpectedModuleError(f"the front end's module cannot be linked: {error}") from error
    for function in module.functions:
        if not function.is_declaration and function.name != ENTRY and not function.name.startswith(PREFIX):
            function.linkage = "internal"
    for variable in module.global_variables:
        if not variable.is_declaration and not variable.name.startswith("llvm."):
            variable.linkage = "internal"

    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = True
    options.slp_vectorization = True
    builder = llvm.create_pass_builder(machine, options)
    passes = builder.getModulePassManager()
    passes.add_strip_dead_prototype_pass()
    passes.run(module, builder)
    return module


def object_code(module: Any, machine: Any) -> ObjectCode:
    """Emit an optimised module as object code."""
    symbols = tuple(
        sorted(f.name for f in module.functions if f.is_declaration and not f.name.startswith("llvm."))
    )
    foreign = [s for s in symbols if s not in _LIBRARY_FUNCTIONS and not has_vector_routine(s)]
    foreign += [v.name for v in module.global_variables if v.is_declaration]
    if foreign:
        raise UnexpectedModuleError(f"the optimised kernel still needs {', '.join(foreign)}")
    return ObjectCode(machine.emit_object(module), symbols)


def _entry(name: str, types: list[str]) -> str:
    # The loop ends up in this function, so these are the pointers that must be known not to alias.
    # Full width where the vector library has it: LLVM prefers half on some AVX-512 CPUs. Measured on Zen 4,
    # against the AVX2 half: Black-Scholes 7.7 and 9.4 ns a row, haversine 5.1 and 7.5, plain sums the same.
    width = {"e": 512, "d": 256}.get(instruction_set() or "")
    prefer = f' "prefer-vector-width"="{width}"' if width else ""
    parameters = [f"{t}{' noalias' if t == 'ptr' else ''} %a{i}" for i, t in enumerate(types[2:])]
    arguments = ["ptr %result", "ptr %exception", *(f"{t} %a{i}" for i, t in enumerate(types[2:]))]
    return f"""
declare i32 @{name}({", ".join(types)})
define i64 @{ENTRY}({", ".join(parameters)}) nounwind{prefer} {{
  %result = alloca i64
  %exception = alloca ptr
  store i64 0, ptr %result
  %code = call i32 @{name}({", ".join(arguments)}) alwaysinline
  %value = load i64, ptr %result
  %fine = icmp eq i32 %code, 0
  %status = select i1 %fine, i64 %value, i64 {RAISED}
  ret i64 %status
}}
"""
