"""Random programs of lazy arrays, and a few in kernels, against NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import lazyframe
import lazyframe.numpy as lnp
import lazyframe.settings
from lazyframe.api.array import LazyArray
from lazyframe.run import execute, reference
from passes.ir.values import Read
from passes.ir.walk import topological
from tests.arrays.compare import agree, lazily, plain, same
from tests.brief import examples

DTYPES = ["?", "i1", "u1", "i4", "u4", "i8", "u8", "f4", "f8"]
ROWS = st.shared(st.integers(0, 6), key="rows")


def columns(dtype: str) -> st.SearchStrategy[np.ndarray]:
    special = st.sampled_from([0.0, -0.0, np.nan, np.inf, -np.inf, 1.0, -2.5, 3.0])
    elements = special if dtype[0] == "f" else None
    shapes = ROWS.flatmap(lambda n: st.sampled_from([(n,), (n, 3)]))
    return arrays.arrays(np.dtype(dtype), shapes, elements=elements)


ARRAYS = st.lists(st.sampled_from(DTYPES).flatmap(columns), min_size=1, max_size=3)
SCALARS = st.sampled_from(
    [0, 1, 2, -3, 200, 2.5, -0.0, np.nan, True, np.float32(1.5), np.int16(7), np.uint8(3)]
)


def positive_zeros(found: Any) -> Any:
    """Of two zeros NumPy takes one or the other, by where they stand in an array."""
    return found + 0.0 if found.dtype.kind == "f" else found


STEPS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "add": lambda a, b, s: a + b,
    "subtract": lambda a, b, s: a - s,
    "multiply": lambda a, b, s: s * a,
    "divide": lambda a, b, s: a / b,
    "floor_divide": lambda a, b, s: a // s,
    "remainder": lambda a, b, s: a % b,
    "negative": lambda a, b, s: -a,
    "absolute": lambda a, b, s: abs(a),
    "less": lambda a, b, s: a < b,
    "equal": lambda a, b, s: a == s,
    "invert": lambda a, b, s: ~(a > s),
    "and": lambda a, b, s: a & b,
    "maximum": lambda a, b, s: positive_zeros(np.maximum(a, b)),
    "fmin": lambda a, b, s: positive_zeros(np.fmin(a, s)),
    "sqrt": lambda a, b, s: np.sqrt(np.abs(a)),
    "floor": lambda a, b, s: np.floor(a),
    "sign": lambda a, b, s: np.sign(a),
    "where": lambda a, b, s: np.where(a > s, a, b),
    "clip": lambda a, b, s: np.clip(a, -2, 3),
    "isnan": lambda a, b, s: np.isnan(a),
    "logical": lambda a, b, s: np.logical_and(a, b),
    "square": lambda a, b, s: a**2,
    "astype": lambda a, b, s: (a > s).astype("i4"),
    "slice": lambda a, b, s: a[1:],
    "reverse": lambda a, b, s: a[::-1],
    "mask": lambda a, b, s: a[a[:, 0] > s] if a.ndim == 2 else a[a > s],
    "column": lambda a, b, s: a[:, 1],
    "transpose": lambda a, b, s: a.T,
    "down": lambda a, b, s: a[:, None],
    "across": lambda a, b, s: a[None, :],
    "min": lambda a, b, s: a.min(axis=0),
    "max": lambda a, b, s: a.max(),
    "any": lambda a, b, s: a.any(axis=-1),
    "count": lambda a, b, s: np.count_nonzero(a),
    "argmax": lambda a, b, s: a.argmax(axis=0),
    "cumulative": lambda a, b, s: np.maximum.accumulate(a),
    "stack": lambda a, b, s: np.column_stack([a, b]),
}
"""Steps whose results are exact, so that a difference is an error and never an order of summation."""
PROGRAMS = st.lists(
    st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 5), st.integers(0, 5), SCALARS),
    min_size=1,
    max_size=6,
)


def run(program: list[tuple[str, int, int, Any]], inputs: list[Any]) -> list[Any]:
    """Every intermediate value, and the exceptions on the way."""
    values: list[Any] = list(inputs)
    outcomes: list[Any] = []
    with np.errstate(all="ignore"):
        for name, left, right, scalar in program:
            try:
                result = STEPS[name](values[left % len(values)], values[right % len(values)], scalar)
            except Exception as error:
                outcomes.append((type(error), str(error)))
                continue
            values.append(result)
            outcomes.append(result)
    return [o if isinstance(o, tuple) else plain(o) for o in outcomes]


@settings(max_examples=examples(400), deadline=None)
@given(inputs=ARRAYS, program=PROGRAMS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_random_programs(inputs: list[np.ndarray], program: list[tuple[str, int, int, Any]]) -> None:
    wanted = run(program, [a.copy() for a in inputs])
    with lazyframe.settings.config(min_rows=0), pytest.MonkeyPatch.context() as patch:
        patch.setattr(execute, "compute", reference.compute)
        found = run(program, [lazily(a.copy()) for a in inputs])
    same(found, wanted)


def test_in_kernels() -> None:
    random = np.random.default_rng(3)
    x, y, table = random.normal(size=1000), random.normal(size=1000), random.normal(size=(1000, 4))
    x[::50] = np.nan

    def mixed(a: Any, b: Any, t: Any) -> list[Any]:
        a = a * 2
        a[a < -1] = 0.0
        white = (t - t.mean(axis=0)) / t.std(axis=0)
        pairs = a[:40, None] - b[None, :30]
        picked = b[b > 0.5]
        return [
            np.where(np.isnan(a), b, np.exp(a)),
            white @ np.array([1.0, 2.0, 3.0, 4.0]),
            np.nansum(pairs * pairs, axis=1),
            pairs.T.shape,
            (picked - picked.mean()) / picked.std(),
            t[t[:, 0] > 0, 1:3],
            np.nanmax(a),
            b.argmin(),
            np.diff(b)[::3],
            np.arange(500) % 7,
        ]

    found = agree(mixed, x, y, table, ulps=256)
    assert len(found) == 10


def test_in_kernels_a_program_is_one_recording() -> None:
    x = lazily(np.arange(100.0))
    scaled = (x - x.mean()) / x.std()
    assert type(scaled) is LazyArray
    assert scaled._array is None
    np.testing.assert_allclose(scaled, (np.arange(100.0) - 49.5) / np.arange(100.0).std(), rtol=1e-12)


def test_numpy_computes_small_arrays_at_once_and_outer_products_are_recorded() -> None:
    with lazyframe.settings.config(min_rows=100_000):
        x, y = lnp.linspace(0.0, 1.0, 5000), np.arange(5000.0)
        assert type(x) is LazyArray
        for result in (x + y, lnp.sqrt(y), lnp.where(x > 0.5, x, y), lnp.clip(y, 1.0, 2.0), lnp.diff(x), -x):
            assert type(result) is LazyArray
            assert result.pending is None
        assert (x * 2)[1:-1].tolist() == (np.linspace(0.0, 1.0, 5000) * 2)[1:-1].tolist()
        column = x[:, None]
        assert type(column) is LazyArray
        product = column * lnp.asarray(y)[None, :]
        assert type(product) is LazyArray
        assert product.pending is not None
        with pytest.raises(ValueError, match="broadcast"):
            x + np.arange(4999.0)
        out = np.empty(5000)
        assert lnp.add(y, 1.0, out=out) is out
        assert lnp.stack([y, y]).shape == (2, 5000)


def test_a_short_vector_is_one_input_however_often_a_program_has_it() -> None:
    plain = np.random.default_rng(0).normal(size=1100)
    with lazyframe.config(min_rows=200_000):
        x, once = lnp.asarray(plain), lnp.asarray(plain[:1099])
        folded = np.sum(x[:, None] * x[None, :], axis=1)
        results = [folded / x, folded + x, x - folded, folded[:1099] * once, (x + x) * folded]
        inputs = {node for result in results for node in topological(result.pending) if type(node) is Read}
        assert len(inputs) == 3  # of x, of the other one, and of what NumPy adds at once
        x[0] = 5.0
        once[3] = 7.0
        total = np.sum(plain[:, None] * plain[None, :], axis=1)
        expected = [total / plain, total + plain, plain - total, (total * plain)[:1099], 2 * plain * total]
        for found, wanted in zip(results, expected, strict=True):
            np.testing.assert_allclose(np.asarray(found), wanted, rtol=1e-11, atol=1e-9)
        assert x[0] == 5.0
        assert once[3] == 7.0
        np.testing.assert_array_equal(np.asarray(x)[1:], plain[1:])
