"""What programs end in: reductions, groups, elementary functions, labels of extremes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.programs.steps import CHOICES, Choice, floats, numbers

Ending = Callable[[Any, Any, Choice], Any]


def keys(df: Any) -> list[Any]:
    """The names of columns that are grouped by: bools, integers and categories."""
    return [name for name, dtype in df.dtypes.items() if dtype.kind in "biu" or str(dtype) == "category"]


def _group(df: Any, c: Choice, **options: Any) -> Any:
    names = keys(df)
    return df.groupby(names[c.first % len(names)] if names else "no such column", **options)


def _two_keys(df: Any) -> Any:
    return df.groupby(keys(df)[:2], observed=True)


EXACT: dict[str, Ending] = {
    "column": lambda np, df, c: c.one(df),
    "count": lambda np, df, c: c.one(df).count(),
    "any": lambda np, df, c: c.one(df).any(),
    "all": lambda np, df, c: c.one(df).all(),
    "nunique": lambda np, df, c: c.one(df).nunique(),
    "idxmin": lambda np, df, c: c.one(df).idxmin(),
    "idxmax": lambda np, df, c: c.one(df).idxmax(),
    "frame count": lambda np, df, c: df.count(),
    "frame any": lambda np, df, c: df[numbers(df)].any(),
    "frame nunique": lambda np, df, c: df.nunique(),
    "value counts": lambda np, df, c: (c.one(df) > 0).value_counts(),
    "value counts of all": lambda np, df, c: c.one(df).value_counts(),
    "unique": lambda np, df, c: c.one(df).unique(),
    "group size": lambda np, df, c: _group(df, c, observed=False).size(),
    "group count": lambda np, df, c: _group(df, c, observed=True).count(),
    "group first": lambda np, df, c: _group(df, c, observed=True).first(),
    "group last": lambda np, df, c: _group(df, c, observed=True, sort=False).last(),
    "argmax": lambda np, df, c: np.argmax(c.one(df).to_numpy()),
    "np diff": lambda np, df, c: np.diff(c.one(df).to_numpy()),
    "np matrix": lambda np, df, c: df[numbers(df)].to_numpy()[1:, :2],
    "np column": lambda np, df, c: df[numbers(df)].to_numpy()[:, -1],
    "np stack": lambda np, df, c: np.column_stack([c.one(df).to_numpy(), c.two(df).to_numpy()]),
    "np outer": lambda np, df, c: c.one(df).to_numpy()[:, None] > c.two(df).to_numpy()[None, :],
    "np count": lambda np, df, c: np.count_nonzero(c.one(df).to_numpy()),
}

EXTREMES: dict[str, Ending] = {
    "min": lambda np, df, c: c.one(df).min(),
    "max": lambda np, df, c: c.one(df).max(),
    "min keeping nan": lambda np, df, c: c.one(df).min(skipna=False),
    "frame min": lambda np, df, c: df[numbers(df)].min(),
    "frame max across": lambda np, df, c: df[numbers(df)].max(axis=1),
    "frame agg": lambda np, df, c: df[numbers(df)].agg(["min", "max"]),
    "group min": lambda np, df, c: _group(df, c, observed=True)[numbers(df)].min(),
    "group max as columns": lambda np, df, c: _group(df, c, observed=True, as_index=False)[numbers(df)].max(),
    "groups of two": lambda np, df, c: _two_keys(df)[numbers(df)].max(),
    "np max": lambda np, df, c: np.max(c.one(df).to_numpy()),
}
"""NumPy itself leaves open which of two zeros is the greater."""

SUMS: dict[str, Ending] = {
    "sum": lambda np, df, c: c.one(df).sum(),
    "sum keeping nan": lambda np, df, c: c.one(df).sum(skipna=False),
    "sum min_count": lambda np, df, c: c.one(df).sum(min_count=2),
    "mean": lambda np, df, c: c.one(df).mean(),
    "frame sum": lambda np, df, c: df[numbers(df)].sum(),
    "frame mean": lambda np, df, c: df[numbers(df)].mean(),
    "frame mean keeping nan": lambda np, df, c: df[numbers(df)].mean(skipna=False),
    "frame agg": lambda np, df, c: df[numbers(df)].agg(dict.fromkeys(numbers(df), "sum")),
    "sum across": lambda np, df, c: df[numbers(df)].sum(axis=1),
    "mean across": lambda np, df, c: df[floats(df)].mean(axis=1),
    "group sum": lambda np, df, c: _group(df, c, observed=False)[numbers(df)].sum(),
    "group mean": lambda np, df, c: _group(df, c, observed=True, dropna=False)[numbers(df)].mean(),
    "np sum": lambda np, df, c: np.sum(c.one(df).to_numpy()),
    "np mean": lambda np, df, c: np.mean(c.one(df).to_numpy()),
    "np cumsum": lambda np, df, c: np.cumsum(c.one(df).to_numpy()),
}

SPREADS: dict[str, Ending] = {
    "var": lambda np, df, c: c.one(df).var(),
    "std": lambda np, df, c: c.one(df).std(ddof=0),
    "sem": lambda np, df, c: c.one(df).sem(),
    "frame var": lambda np, df, c: df[numbers(df)].var(ddof=0),
    "describe": lambda np, df, c: df[numbers(df)].describe(),
    "group var": lambda np, df, c: _group(df, c, observed=True)[numbers(df)].var(),
    "np std": lambda np, df, c: np.std(c.one(df).to_numpy()),
}

ELEMENTARY: dict[str, Ending] = {
    "exp": lambda np, df, c: np.exp(c.one(df)),
    "log1p": lambda np, df, c: np.log1p(c.one(df).abs()),
    "sin": lambda np, df, c: np.sin(c.one(df).to_numpy()),
    "tanh": lambda np, df, c: np.tanh(c.one(df)),
    "arctan2": lambda np, df, c: np.arctan2(c.one(df), c.two(df)),
    "hypot": lambda np, df, c: np.hypot(c.one(df).to_numpy(), c.two(df).to_numpy()),
    "power": lambda np, df, c: c.one(df).abs() ** 1.5,
}

ENDINGS: dict[str, tuple[str, Ending]] = {
    **{f"sum: {name}": ("sum", ending) for name, ending in SUMS.items()},
    **{f"spread: {name}": ("spread", ending) for name, ending in SPREADS.items()},
    **{f"elementary: {name}": ("elementary", ending) for name, ending in ELEMENTARY.items()},
    **{f"extreme: {name}": ("extreme", ending) for name, ending in EXTREMES.items()},
    **{f"exact: {name}": ("exact", ending) for name, ending in EXACT.items()},
}
"""Each with the policy by which its floats are compared."""

FINALES = st.lists(st.tuples(st.sampled_from(sorted(ENDINGS)), CHOICES), min_size=0, max_size=3)
