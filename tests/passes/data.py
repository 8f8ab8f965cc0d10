"""Edge data of every dtype, bound to tokens, and exact comparison of results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lazyframe.run.bindings import bind_array, bind_opaque, bind_scalar
from lazyframe.run.reference import compute
from passes.ir.node import Token
from passes.ir.parser import Parsed, parse_graph
from passes.ir.rows import Range
from passes.ir.values import OPAQUE, Parameter, Read, Value
from passes.ir.walk import topological


def edge_values(dtype: np.dtype) -> np.ndarray:
    """The values of ``dtype`` that break things: both zeros, NaN, infinities, subnormals and limits."""
    if dtype.kind == "b":
        return np.array([True, False, True])
    if dtype.kind == "f":
        limits = np.finfo(dtype)
        values = [0.0, -0.0, np.nan, np.inf, -np.inf, 1, -1, 1, 0.5, -2.5, 3, 100.25, limits.max, limits.min]
        small = [limits.smallest_normal, limits.smallest_subnormal, -limits.smallest_subnormal, limits.eps]
        return np.array([*values, *small], dtype)
    if dtype.kind in "mM":
        return np.array([0, 1, -1, np.iinfo(np.int64).min, 10**9, 10**9]).view(dtype)
    limits = np.iinfo(dtype)
    return np.array([0, 1, 2, 2, 3, 7, limits.max, limits.max - 1, limits.min, limits.min + 1, 5, 100], dtype)


def edge_array(dtype: np.dtype, length: int, seed: int) -> Any:
    """``length`` values of ``dtype``, edges and plain numbers mixed; a pandas Index for `OPAQUE`."""
    random = np.random.default_rng([seed, length])
    if dtype == OPAQUE:
        return pd.Index(random.choice(["", "a", "b", "\N{SNOWMAN}"], length), dtype="str")
    pool = edge_values(dtype)
    array = pool[random.integers(0, len(pool), length)]
    if dtype.kind == "f":
        plain = random.random(length) < 0.5
        array[plain] = random.normal(size=int(plain.sum())).astype(dtype)
    return array


def bind(parsed: Parsed, seed: int = 0) -> dict[str, Token]:
    """Edge data for each input of a parsed graph whose lengths are numbers: tokens by name."""
    names = {token: name for name, token in parsed.tokens.items()}
    tokens: dict[str, Token] = {}
    for number, node in enumerate(topological(parsed.results)):
        match node:
            case Read(token, dtype, Range(extent)):
                array = edge_array(dtype, extent, seed + number)
                bound = bind_opaque(array) if dtype == OPAQUE else bind_array(array)
                tokens[names[token]] = bound.token
            case Parameter(token, dtype):
                tokens[names[token]] = bind_scalar(edge_array(dtype, 1, seed + number)[0]).token
    return tokens


def parse_bound(text: str, lengths: Mapping[str, int], seed: int = 0) -> tuple[Parsed, dict[str, Token]]:
    """A graph of ``text`` over bound edge data, and its tokens by name."""
    tokens = bind(parse_graph(text, lengths=lengths), seed)
    return parse_graph(text, tokens, lengths), tokens


def run(results: Sequence[Value]) -> list[Any]:
    """The meaning of a graph, by the reference."""
    with np.errstate(all="ignore"):
        return compute(results)


def assert_same_bits(actual: Sequence[Any], expected: Sequence[Any]) -> None:
    """Equal dtypes, shapes and bits; one NaN is like another."""
    assert len(actual) == len(expected)
    for number, (a, e) in enumerate(zip(actual, expected, strict=True)):
        if isinstance(e, pd.Index):
            assert a.equals(e), f"result {number}"
            continue
        a, e = np.atleast_1d(np.asarray(a)), np.atleast_1d(np.asarray(e))
        assert a.dtype == e.dtype, f"result {number}: {a.dtype}, not {e.dtype}"
        assert a.shape == e.shape, f"result {number}: {a.shape}, not {e.shape}"
        same = a.view(f"u{a.itemsize}") == e.view(f"u{e.itemsize}")
        if e.dtype.kind == "f":
            same |= np.isnan(a) & np.isnan(e)
        assert same.all(), f"result {number}: {a[~same][:5]}, not {e[~same][:5]}"
