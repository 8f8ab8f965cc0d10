"""Frames of every dtype with what breaks things: missing values, extremes, both zeros, labels of any kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
NUMBERS = ("float64", "float32", *INTEGERS)
DTYPES = (*NUMBERS, "bool", "datetime64[ns]", "datetime64[us]", "timedelta64[ns]", "str", "category")
LENGTHS = (0, 1, 2, 7, 40)

INDEXES: dict[str, Callable[[int], Any]] = {
    "default": lambda n: pd.RangeIndex(n),
    "range": lambda n: pd.RangeIndex(10, 10 - 3 * n, -3, name="r"),
    "duplicates": lambda n: pd.Index(np.arange(n) // 2),
    "text": lambda n: pd.Index([f"row {i % 5}" for i in range(n)], name="letters", dtype="str"),
    "floats": lambda n: pd.Index(np.arange(n) + 0.5, name=("a", 1)),
    "days": lambda n: pd.date_range("2000", periods=n, name="when"),
    "levels": lambda n: pd.MultiIndex.from_arrays(
        [np.arange(n) % 3, [f"x{i % 2}" for i in range(n)]], names=["x", None]
    ),
}


@dataclass(frozen=True)
class Spec:
    """What a frame is made of; equal specifications make equal frames."""

    dtypes: tuple[str, ...]
    rows: int
    index: str
    seed: int
    missing: bool = True

    def make(self) -> pd.DataFrame:
        """The frame, in pandas: columns ``c0``, ``c1``, ... of the dtypes."""
        random = np.random.default_rng([self.seed, self.rows])
        columns = {f"c{i}": values(d, self.rows, random, self.missing) for i, d in enumerate(self.dtypes)}
        return pd.DataFrame(columns, index=INDEXES[self.index](self.rows))


def values(dtype: str, rows: int, random: np.random.Generator, missing: bool = True) -> Any:
    """Edges of a dtype and plain values, mixed.

    Floats leave out the largest magnitudes: their sums overflow or not by the order of the terms.
    """
    if dtype in ("str", "category"):
        codes = random.integers(-1 if missing else 0, 3, rows)
        letters = pd.Categorical.from_codes(codes, categories=["z", "", "\N{SNOWMAN}"])
        return letters if dtype == "category" else pd.array(np.asarray(letters, object), dtype="str")
    if dtype == "bool":
        return random.random(rows) < 0.5
    if dtype[0] in "dt":
        ticks = random.integers(-(10**6), 10**6, rows) * 86_400 * 10**3
        array = ticks.astype(np.int64).view(dtype.replace("datetime64", "M8").replace("timedelta64", "m8"))
        if missing:
            array[random.random(rows) < 0.2] = "NaT"
        return array
    kind = np.dtype(dtype)
    if kind.kind == "f":
        array = np.round(random.normal(0.0, 10.0, rows), 2).astype(kind)
        edges = [0.0, -0.0, 1.0, -1.0, 0.5, 2.5, -2.5, 3.0, 1e10, 1e-10]
        special = [*edges, np.nan, np.nan, np.nan, np.inf, -np.inf] if missing else edges
    else:
        limits = np.iinfo(kind)
        array = random.integers(max(limits.min, -5), 6, rows).astype(kind)
        special = [0, 1, 2, 3, limits.max, limits.min, limits.max - 1]
    chosen = random.random(rows) < 0.4
    array[chosen] = random.choice(np.array(special, kind), int(chosen.sum()))
    return array


def specs(lengths: tuple[int, ...] = LENGTHS) -> st.SearchStrategy[Spec]:
    """Frames of one to five columns, numbers more often than the rest."""
    dtypes = st.one_of(st.sampled_from(NUMBERS), st.sampled_from(DTYPES), st.just("float64"))
    return st.builds(
        Spec,
        dtypes=st.lists(dtypes, min_size=1, max_size=5).map(tuple),
        rows=st.sampled_from(lengths),
        index=st.sampled_from(sorted(INDEXES)),
        seed=st.integers(0, 1000),
        missing=st.booleans(),
    )
