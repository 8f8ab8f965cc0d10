"""Elementary functions as LLVM text: one routine each, scalar and at every vector width.

A kernel calls ``lf_exp`` (``lf_expf`` for float32). This module defines that symbol: by glibc's vector
library where the machine has it, by the scalar C library elsewhere. One and the same vector routine serves
every lane count, the remainder of a vectorised loop and loops that could not be vectorised, so that equal
inputs give equal bits wherever in an array they stand: grouping or comparing the results must not depend on
a row's position.

Measured against 80-bit libm with glibc 2.36, each of the three instruction sets, two million arguments a
function over the whole range and every pair of edge values: special values and signed zeros are right
everywhere, and the largest error is 3.38 ulp for float64 (cos) and, over every float32 of the range where it
occurs, 4.00 ulp for float32 (erff with AVX-512; then logf, 3.96). So none of them needs the scalar library.
"""

from __future__ import annotations

import ctypes
import functools
import sys
from typing import NamedTuple

UNARY = (
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p",
    "sin", "cos", "tan", "asin", "acos", "atan",
    "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
    "cbrt", "erf", "erfc",
)  # fmt: skip
BINARY = ("pow", "atan2", "hypot")
FUNCTIONS = UNARY + BINARY
PREFIX = "lf_"

# What the unused lanes hold: an argument on which the function takes its fast path.
_FILLER = {"acosh": 2.0}


class VectorRoutine(NamedTuple):
    """A function of the vector library: its symbol and how many elements it takes at once."""

    symbol: str
    lanes: int


@functools.cache
def vector_library() -> ctypes.CDLL | None:
    """This machine's libmvec; None without one (musl, macOS, glibc before 2.22)."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        return ctypes.CDLL("libmvec.so.1")
    except OSError:
        return None


@functools.cache
def has_vector_routine(symbol: str) -> bool:
    """Whether libmvec exports `symbol`: read from the library, as every glibc has some more."""
    return symbol.startswith("_ZGV") and hasattr(vector_library(), symbol)


def routine(name: str, width: int, isa: str | None) -> VectorRoutine | None:
    """The vector routine for function `name` on floats of `width` bits, or None where scalar libm is used.

    Parameters
    ----------
    name : str
        One of `FUNCTIONS`.
    width : int
        32 or 64.
    isa : str or None
        ``"e"`` (AVX-512), ``"d"`` (AVX2), ``"b"`` (SSE) or None.
    """
    if isa is None:
        return None
    suffix = "f" if width == 32 else ""
    lanes = {"b": 128, "d": 256, "e": 512}[isa] // width
    symbol = f"_ZGV{isa}N{lanes}{'v' * _arity(name)}_{name}{suffix}"
    return VectorRoutine(symbol, lanes) if has_vector_routine(symbol) else None


def definitions(names: list[str], isa: str | None) -> str:
    """LLVM text that defines the given ``lf_`` symbols.

    Parameters
    ----------
    names : list of str
        Such as ``["lf_exp", "lf_powf"]``.
    isa : str or None
        As in `routine`.
    """
    text, kept = [], []
    for symbol in names:
        name, width = _parse(symbol)
        vector = routine(name, width, isa)
        if vector is None:
            text.append(_scalar_definition(symbol, name, width))
            continue
        lines, variants = _vector_definition(symbol, name, width, vector)
        text.append(lines)
        kept.extend(variants)
    if kept:
        # The loop vectoriser looks variants up by name; nothing else refers to them before it runs.
        used = ", ".join(f"ptr @{variant}" for variant in kept)
        text.append(
            f'@llvm.compiler.used = appending global [{len(kept)} x ptr] [{used}], section "llvm.metadata"'
        )
    return "\n".join(text)


def libm_name(symbol: str) -> str:
    """The C library's name of an ``lf_`` symbol."""
    return symbol.removeprefix(PREFIX)


def _arity(name: str) -> int:
    return 2 if name in BINARY else 1


def _parse(symbol: str) -> tuple[str, int]:
    name = libm_name(symbol)
    if name in FUNCTIONS:
        return name, 64
    if name.endswith("f") and name[:-1] in FUNCTIONS:
        return name[:-1], 32
    raise ValueError(f"{symbol!r} is no elementary function")


# Without side effects: errno and the floating-point exception flags are nobody's here.
_PURE = "nounwind willreturn nofree nosync memory(none)"


def _scalar_definition(symbol: str, name: str, width: int) -> str:
    element = "float" if width == 32 else "double"
    types = ", ".join([element] * _arity(name))
    parameters = ", ".join(f"{element} %x{i}" for i in range(_arity(name)))
    # nobuiltin: LLVM must not rewrite pow or exp2 into something that rounds differently.
    return (
        f"declare {element} @{libm_name(symbol)}({types}) {_PURE}\n"
        f"define {element} @{symbol}({parameters}) alwaysinline {_PURE} {{\n"
        f"  %r = call {element} @{libm_name(symbol)}({parameters}) nobuiltin {_PURE}\n"
        f"  ret {element} %r\n}}"
    )


def _vector_definition(symbol: str, name: str, width: int, vector: VectorRoutine) -> tuple[str, list[str]]:
    element = "float" if width == 32 else "double"
    arity, lanes = _arity(name), vector.lanes
    whole = f"<{lanes} x {element}>"
    filler = f"<{', '.join([f'{element} {_FILLER.get(name, 0.5)}'] * lanes)}>"
    letters = "v" * arity
    text = [f"declare {whole} @{vector.symbol}({', '.join([whole] * arity)}) {_PURE}"]
    variants = [vector.symbol]
    mappings = [f"_ZGV_LLVM_N{lanes}{letters}_{symbol}({vector.symbol})"]
    for count in (2, 4, 8, 16, 32):
        if count == lanes:
            continue
        variant = f"{symbol}_{count}"
        body = _narrow if count < lanes else _wide
        text.append(body(variant, count, element, arity, vector, filler))
        variants.append(variant)
        mappings.append(f"_ZGV_LLVM_N{count}{letters}_{symbol}({variant})")
    parameters = ", ".join(f"{element} %x{i}" for i in range(arity))
    text.append(
        f"define {element} @{symbol}({parameters}) noinline {_PURE} "
        f'"vector-function-abi-variant"="{",".join(mappings)}" {{'
    )
    for i in range(arity):
        text.append(f"  %v{i} = insertelement {whole} {filler}, {element} %x{i}, i64 0")
    arguments = ", ".join(f"{whole} %v{i}" for i in range(arity))
    text.append(f"  %r = call {whole} @{vector.symbol}({arguments})")
    text.append(f"  %s = extractelement {whole} %r, i64 0\n  ret {element} %s\n}}")
    return "\n".join(text), variants


def _narrow(variant: str, count: int, element: str, arity: int, vector: VectorRoutine, filler: str) -> str:
    whole, part = f"<{vector.lanes} x {element}>", f"<{count} x {element}>"
    lanes = vector.lanes
    parameters = ", ".join(f"{part} %x{i}" for i in range(arity))
    text = [f"define internal {part} @{variant}({parameters}) {_PURE} {{"]
    grow = _mask([*range(count), *[-1] * (lanes - count)])
    blend = _mask([*range(count), *range(lanes + count, 2 * lanes)])
    for i in range(arity):
        text.append(f"  %w{i} = shufflevector {part} %x{i}, {part} poison, {grow}")
        text.append(f"  %v{i} = shufflevector {whole} %w{i}, {whole} {filler}, {blend}")
    arguments = ", ".join(f"{whole} %v{i}" for i in range(arity))
    text.append(f"  %r = call {whole} @{vector.symbol}({arguments})")
    text.append(f"  %s = shufflevector {whole} %r, {whole} poison, {_mask(list(range(count)))}")
    text.append(f"  ret {part} %s\n}}")
    return "\n".join(text)


def _wide(variant: str, count: int, element: str, arity: int, vector: VectorRoutine, filler: str) -> str:
    lanes = vector.lanes
    whole, wide = f"<{lanes} x {element}>", f"<{count} x {element}>"
    parameters = ", ".join(f"{wide} %x{i}" for i in range(arity))
    text = [f"define internal {wide} @{variant}({parameters}) {_PURE} {{"]
    results = []
    for start in range(0, count, lanes):
        mask = _mask(list(range(start, start + lanes)))
        for i in range(arity):
            text.append(f"  %v{i}_{start} = shufflevector {wide} %x{i}, {wide} poison, {mask}")
        arguments = ", ".join(f"{whole} %v{i}_{start}" for i in range(arity))
        text.append(f"  %r{start} = call {whole} @{vector.symbol}({arguments})")
        results.append(f"%r{start}")
    size = lanes
    while len(results) > 1:
        joined = []
        for left, right in zip(results[::2], results[1::2], strict=True):
            name = f"{left}_{size}"
            half, mask = f"<{size} x {element}>", _mask(list(range(2 * size)))
            text.append(f"  {name} = shufflevector {half} {left}, {half} {right}, {mask}")
            joined.append(name)
        results, size = joined, 2 * size
    text.append(f"  ret {wide} {results[0]}\n}}")
    return "\n".join(text)


def _mask(lanes: list[int]) -> str:
    elements = ", ".join("i32 poison" if lane < 0 else f"i32 {lane}" for lane in lanes)
    return f"<{len(lanes)} x i32> <{elements}>"
