"""What the LLVM pipeline makes of kernels: vectorised, exact, self-contained."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from kernel_sources import doubles, doubling

from lazyframe.codegen import in_process, numba_internals, object_code, store
from lazyframe.codegen.compile_source import compile_source
from lazyframe.codegen.elementary import has_vector_routine
from lazyframe.codegen.identity import key
from lazyframe.codegen.kernel import KernelSource
from lazyframe.codegen.loader import load

AVX = object_code.instruction_set() in ("d", "e")
needs_avx = pytest.mark.skipif(not AVX, reason="the machine has no AVX2 or no libmvec")


def elementwise(expression: str, inputs: int, dtype: str = "float64") -> KernelSource:
    names = ", ".join(f"p{i}" for i in range(inputs))
    lines = [
        f"def kernel(lo, hi, {names}, out):",
        "    for i in range(lo, hi):",
        f"        out[i] = {expression}",
        "    return 0",
        "",
    ]
    return KernelSource("\n".join(lines), ("int64", "int64", *[f"{dtype}*"] * (inputs + 1)), "test")


def optimised(source: KernelSource) -> tuple[str, str]:
    """The kernel's LLVM text and its assembly."""
    machine = object_code.target_machine()
    module = object_code.optimise(*numba_internals.front_end(source), machine)
    return str(module), machine.emit_assembly(module)


@needs_avx
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_elementary_functions_call_the_vector_library(dtype):
    _, assembly = optimised(elementwise("math_exp(p0[i]) + math_log(p0[i])", 1, dtype))
    assert re.search(r"_ZGV[de]N\d+v_exp", assembly)
    assert re.search(r"_ZGV[de]N\d+v_log", assembly)
    assert re.search(r"%[yz]mm", assembly)


@needs_avx
def test_twelve_arrays_vectorise_without_overlap_checks():
    text, assembly = optimised(elementwise(" + ".join(f"p{i}[i]" for i in range(12)), 12))
    assert "memcheck" not in text
    assert re.search(r"fadd <\d+ x double>", text)
    assert re.search(r"vaddpd.*%[yz]mm", assembly)


@needs_avx
@pytest.mark.parametrize(
    ("expression", "instruction"),
    [
        ("floor(p0[i])", "vrndscalepd|vroundpd"),
        ("absolute(p0[i])", "vand"),
        ("square_root(p0[i])", "vsqrtpd"),
    ],
)
def test_exact_functions_are_vector_instructions(expression, instruction):
    _, assembly = optimised(elementwise(expression, 1))
    assert re.search(rf"({instruction}).*%[yz]mm", assembly)


def reduction(step: str, start: str) -> KernelSource:
    lines = [
        "def kernel(lo, hi, p0, out):",
        f"    s = {start}",
        "    for i in range(lo, hi):",
        f"        s = {step}",
        "    out[0] = s",
        "    return 0",
        "",
    ]
    return KernelSource("\n".join(lines), ("int64", "int64", "float64*", "float64*"), "test")


@needs_avx
@pytest.mark.parametrize(
    ("step", "start", "operation"),
    [
        ("add_reassociated(s, p0[i])", "0.0", "fadd reassoc <"),
        ("multiply_reassociated(s, p0[i])", "1.0", "fmul reassoc <"),
        ("minimum(s, p0[i])", "math.inf", "@llvm.minimum.v"),
        ("maximum(s, p0[i])", "-math.inf", "@llvm.maximum.v"),
    ],
)
def test_licensed_reductions_vectorise(step, start, operation):
    text, _ = optimised(reduction(step, start))
    assert operation in text


@needs_avx
def test_a_guarded_minimum_vectorises_with_an_opaque_neutral_element():
    lines = [
        "def kernel(lo, hi, p0, p1, out):",
        "    neutral = opaque(math.inf)",
        "    s = neutral",
        "    for i in range(lo, hi):",
        "        x = p0[i]",
        "        s = minimum(s, select((x == x) & p1[i], x, neutral))",
        "    out[0] = s",
        "    return 0",
        "",
    ]
    types = ("int64", "int64", "float64*", "bool*", "float64*")
    source = KernelSource("\n".join(lines), types, "test")
    text, _ = optimised(source)
    assert "@llvm.minimum.v" in text
    x, lowest = np.random.default_rng(2).normal(size=1003), np.zeros(1)
    x[::7] = np.nan
    guard = x < 0.5
    load(compile_source(source), types)(0, len(x), x.ctypes.data, guard.ctypes.data, lowest.ctypes.data)
    assert lowest[0] == np.nanmin(x[guard])


def test_a_plain_sum_is_added_in_order():
    source = reduction("s + p0[i]", "0.0")
    text, _ = optimised(source)
    assert "reassoc" not in text
    random, total = np.random.default_rng(1), np.zeros(1)
    data = random.normal(size=1001) * 10.0 ** random.uniform(-8, 8, 1001)
    load(compile_source(source), source.arguments)(0, len(data), data.ctypes.data, total.ctypes.data)
    assert total[0] == np.cumsum(data)[-1]


def test_object_code_needs_nothing_of_numba_or_python():
    code = compile_source(elementwise("math_pow(p0[i], p1[i])", 2))
    assert all(has_vector_routine(symbol) or symbol == "pow" for symbol in code.symbols)
    for word in (b"numba", b"NRT_", b"PyErr", b"Py_"):
        assert word not in code.code


def test_without_a_vector_library_the_scalar_one_serves(monkeypatch):
    monkeypatch.setattr(object_code, "instruction_set", lambda: None)
    source = elementwise("math_exp(p0[i]) + math_atan2(p0[i], p1[i])", 2)
    code = compile_source(source)
    assert code.symbols == ("atan2", "exp")
    x, y, out = np.linspace(-3, 3, 100), np.linspace(5, -5, 100), np.zeros(100)
    load(code, source.arguments)(0, 100, x.ctypes.data, y.ctypes.data, out.ctypes.data)
    np.testing.assert_allclose(out, np.exp(x) + np.arctan2(x, y), rtol=1e-15)


@pytest.mark.parametrize("isa", ["b", "d", "e"])
def test_every_instruction_set_of_the_library_that_this_cpu_has(monkeypatch, isa):
    if "bde".find(isa) > "bde".find(object_code.instruction_set() or ""):
        pytest.skip("not on this CPU")
    monkeypatch.setattr(object_code, "instruction_set", lambda: isa)
    source = elementwise("math_exp(p0[i]) * math_cbrt(p0[i])", 1)
    x, out = np.linspace(-30, 3, 1001), np.zeros(1001)
    load(compile_source(source), source.arguments)(0, 1001, x.ctypes.data, out.ctypes.data)
    np.testing.assert_allclose(out, np.exp(x) * np.cbrt(x), rtol=4e-15)


def renamed(source: KernelSource) -> tuple[str, str]:
    text, name = numba_internals.front_end(source)
    return text, name + "x"


def moved(source: KernelSource) -> tuple[str, str]:
    raise AttributeError("module 'numba.core' has no attribute 'compiler'")


def foreign(source: KernelSource) -> tuple[str, str]:
    text, name = numba_internals.front_end(source)
    call = "  call void @NRT_incref(ptr null)\n"
    start = text.index("entry:\n", text.index(f"@{name}(")) + len("entry:\n")
    return text[:start] + call + text[start:] + "\ndeclare void @NRT_incref(ptr)\n", name


@pytest.mark.parametrize("change", [renamed, moved, foreign])
def test_a_changed_numba_falls_back_to_its_own_compiler(monkeypatch, folder, change):
    genuine = numba_internals.front_end
    replacement: Any = lambda source: _with(genuine, change, source)  # noqa: E731
    monkeypatch.setattr(numba_internals, "front_end", replacement)
    kernel, _ = in_process.compile_in_process(doubling(7.25))
    assert kernel.origin == "numba"
    assert doubles(kernel, 7.25)
    assert not store.contains(key(doubling(7.25)))


def _with(genuine: Any, change: Any, source: KernelSource) -> tuple[str, str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numba_internals, "front_end", genuine)
        result: tuple[str, str] = change(source)
        return result


def test_numbas_own_compiler_knows_the_elementary_functions():
    source = elementwise("math_expm1(p0[i])", 1)
    address, owner = numba_internals.compile_plainly(source)
    assert address
    assert owner is not None


def test_in_process_and_helper_make_the_same_code(compiler, folder):
    source = elementwise("math_exp(p0[i]) * p1[i]", 2)
    compiler.obtain(source)
    by_helper = store.load(key(source))
    assert by_helper == compile_source(source)


def test_the_users_numba_keeps_its_optimiser(folder):
    from numba.core import config

    before = config.OPT
    in_process.compile_in_process(doubling(8.5))
    assert config.OPT is before


BRANCHING = KernelSource(
    "def kernel(lo, hi, keys, values, sums, scale):\n"
    "    total = float64(0.0)\n"
    "    for i in range(lo, hi):\n"
    "        key = int64(keys[i])\n"
    "        if key < 0 or values[i] != values[i]:\n"
    "            continue\n"
    "        total = total + values[i] * scale\n"
    "        sums[key] = sums[key] + math_exp(values[i]) // float64(3.0)\n"
    "        while key > 0:\n"
    "            key = key >> 1\n"
    "            sums[key] = -sums[key] % scale\n"
    "    return int64(total > float64(0.0))\n",
    ("int64", "int64", "int32*", "float64*", "float64*", "float64"),
    "test",
)


@pytest.mark.parametrize("source", [BRANCHING, elementwise("p0[i] * p1[i] - p0[i]", 2, "float32")])
def test_passes_that_are_left_out_would_find_nothing(source, monkeypatch):
    def text() -> str:
        # numba numbers what it compiles
        found, _ = numba_internals.front_end(source)
        return re.sub(r"B\d*v\d+|v\d+B|_\d+\b", "", found)

    short = text()
    compiler = import_module("numba.core.compiler")
    monkeypatch.setattr(numba_internals, "_short_pipeline", lambda: compiler.Compiler)
    monkeypatch.setattr(numba_internals, "_signatures", {})
    assert text() == short


def test_passes_that_are_left_out_are_passes_of_numba():
    compiler = import_module("numba.core.compiler")
    names = {
        found.__name__
        for module in ("untyped_passes", "typed_passes")
        for found in vars(import_module(f"numba.core.{module}")).values()
        if isinstance(found, type)
    }
    assert names >= numba_internals._FOR_OTHERS
    assert issubclass(numba_internals._short_pipeline(), compiler.CompilerBase)
