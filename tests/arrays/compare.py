"""Run one program over NumPy and over lazy arrays, and compare what comes out."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from lazyframe.api.array import LazyArray
from lazyframe.api.numpy.creation import asarray

Program = Callable[..., Any]


def lazily(array: np.ndarray) -> Any:
    """`array` as a lazy array."""
    return asarray(array)


def outcome(program: Program, *inputs: Any) -> Any:
    """The result of a program, or the exception that it raises, as its type and text."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            result = program(*inputs)
            return [plain(r) for r in result] if isinstance(result, (tuple, list)) else plain(result)
        except Exception as error:
            return type(error), str(error)


def plain(result: Any) -> Any:
    """A result with nothing lazy in it."""
    return np.asarray(result) if type(result) is LazyArray else result


def same(found: Any, wanted: Any, ulps: float = 0) -> None:
    """Equal in shape, dtype and values; floats within so many ulp of the largest value."""
    if isinstance(wanted, list):
        assert isinstance(found, list)
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            same(one, other, ulps)
        return
    if isinstance(wanted, tuple):
        assert found == wanted
        return
    assert not (isinstance(found, tuple) and found and isinstance(found[0], type)), found
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.dtype == wanted.dtype
    assert found.shape == wanted.shape
    if not ulps or wanted.dtype.kind != "f":
        np.testing.assert_array_equal(found, wanted)
        if wanted.dtype.kind == "f":
            number = ~np.isnan(wanted)
            np.testing.assert_array_equal(np.signbit(found[number]), np.signbit(wanted[number]))
        return
    finite = wanted[np.isfinite(wanted)]
    scale = float(np.max(np.abs(finite))) if finite.size else 0.0
    epsilon = np.finfo(wanted.dtype).eps
    np.testing.assert_allclose(found, wanted, rtol=ulps * epsilon, atol=ulps * epsilon * scale)


def agree(program: Program, *arrays: Any, ulps: float = 0) -> Any:
    """A program gives over lazy arrays what it gives over the arrays."""
    wanted = outcome(program, *[a.copy() if isinstance(a, np.ndarray) else a for a in arrays])
    found = outcome(program, *[lazily(a.copy()) if isinstance(a, np.ndarray) else a for a in arrays])
    same(found, wanted, ulps)
    return found
