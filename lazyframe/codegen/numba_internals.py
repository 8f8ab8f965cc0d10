"""The only module that uses private names of numba and llvmlite.

Checked with numba 0.68 and llvmlite 0.50. Whatever a later version moves shows up here as an AttributeError
or a module that is not what we expect, and the caller falls back to `compile_plainly`, which needs no
private name.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from lazyframe.codegen.kernel import KernelSource


def front_end(source: KernelSource) -> tuple[str, str]:
    """Translate a kernel to LLVM text that no optimiser has touched.

    Returns
    -------
    text : str
        The module.
    name : str
        The function in it: ``i32 name(ptr result, ptr exception, arguments...)``.
    """
    from numba.core import registry
    from numba.core.compiler_lock import global_compiler_lock

    compiler: Any = import_module("numba.core.compiler")
    signature = _signature(source)
    function = _python_function(source)
    flags = compiler.Flags()
    flags.error_model = "numpy"
    flags.enable_pyobject = False
    flags.no_cpython_wrapper = True
    flags.no_cfunc_wrapper = True
    flags.no_compile = True
    target = registry.cpu_target
    with global_compiler_lock, _optimiser_off(), _remembering_signatures(target.typing_context):
        target.typing_context.refresh()
        target.target_context.refresh()
        result = compiler.compile_extra(
            target.typing_context,
            target.target_context,
            function,
            signature.args,
            signature.return_type,
            flags,
            locals={},
            pipeline_class=_short_pipeline(),
        )
        return str(result.library._final_module), result.fndesc.llvm_func_name


_FOR_OTHERS = frozenset(
    {
        "WithLifting",
        "InlineClosureLikes",
        "RewriteSemanticConstants",
        "DeadBranchPrune",
        "GenericRewrites",
        "RewriteDynamicRaises",
        "MakeFunctionToJitFunction",
        "InlineInlinables",
        "FindLiterallyCalls",
        "LiteralUnroll",
        "LiteralPropagationSubPipelinePass",
        "InlineOverloads",
        "NopythonRewrites",
        "DumpParforDiagnostics",
    }
)
"""numba's passes over what no kernel has: closures, ``with``, whole arrays, constant branches, literals.

They take a sixth of the front end's time to find nothing, and the module is the same without them.
"""


@functools.cache
def _short_pipeline() -> Any:
    """numba's compiler with the passes that kernels need."""
    compiler: Any = import_module("numba.core.compiler")

    def define_pipelines(self: Any) -> list[Any]:
        whole = compiler.DefaultPassBuilder.define_nopython_pipeline(self.state)
        short = compiler.PassManager("lazyframe")
        short.passes = [entry for entry in whole.passes if entry[0].__name__ not in _FOR_OTHERS]
        short.finalize()
        return [short]

    return type("KernelCompiler", (compiler.CompilerBase,), {"define_pipelines": define_pipelines})


_signatures: dict[tuple[Any, tuple[Any, ...]], Any] = {}
"""What functions of numba's, such as the sum of two numbers or a cast, take and give for given arguments."""

_MOST_SIGNATURES = 4096


@contextmanager
def _remembering_signatures(context: Any) -> Iterator[None]:
    """Ask numba once for each function and types: it tries every template anew, for a fifth of its time."""
    types: Any = import_module("numba.core.types")
    ask = context.resolve_function_type
    remembered = (types.Function, types.NumberClass)

    def resolve(function: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if named or not isinstance(function, remembered):
            return ask(function, arguments, named)
        known = _signatures.get((function, arguments))
        if known is None:
            known = ask(function, arguments, named)
            if known is not None and len(_signatures) < _MOST_SIGNATURES:
                _signatures[function, arguments] = known
        return known

    context.resolve_function_type = resolve
    try:
        yield
    finally:
        del context.resolve_function_type


def compile_plainly(source: KernelSource) -> tuple[int, object]:
    """Compile with numba as it comes: slower, cannot be stored. Returns the address and its owner."""
    import llvmlite.binding as llvm
    import numba

    from lazyframe.codegen.elementary import FUNCTIONS, PREFIX

    libm = ctypes.CDLL(ctypes.util.find_library("m"))
    for name in FUNCTIONS:
        for variant in (name, name + "f"):
            address = ctypes.cast(getattr(libm, variant), ctypes.c_void_p).value
            llvm.add_symbol(PREFIX + variant, address)
    cfunc: Any = numba.cfunc
    callback = cfunc(_signature(source), nopython=True, error_model="numpy")(_python_function(source))
    return callback.address, callback


def _python_function(source: KernelSource) -> Callable[..., int]:
    from lazyframe.codegen.intrinsics import NAMESPACE

    # numba names symbols after the module, and __main__ would be the user's.
    namespace: dict[str, Any] = {**NAMESPACE, "__name__": "lazyframe_kernel"}
    exec(compile(source.source, "<lazyframe kernel>", "exec"), namespace)
    function: Callable[..., int] = namespace["kernel"]
    return function


def _signature(source: KernelSource) -> Any:
    from lazyframe.codegen.bool_pointer import BoolPointer

    types: Any = import_module("numba.core.types")

    def translate(argument: str) -> Any:
        if argument == "bool*":
            return BoolPointer()
        name = argument.removesuffix("*")
        scalar = types.boolean if name == "bool" else getattr(types, name)
        return types.CPointer(scalar) if argument.endswith("*") else scalar

    return types.int64(*map(translate, source.arguments))


@contextmanager
def _optimiser_off() -> Iterator[None]:
    # numba reads this at every compile; in a process of the user's it must be back when we are done.
    config: Any = import_module("numba.core.config")
    before = config.OPT
    config.OPT = type(before)(0)
    try:
        yield
    finally:
        config.OPT = before
