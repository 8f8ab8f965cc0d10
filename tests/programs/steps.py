"""The recorded operations as steps of programs: each makes a frame of a frame, in the namespace it is given.

Only steps with one right answer are here (``+ 0.0`` makes one of two zeros), so that whatever follows one
is compared exactly; what leaves room in the last bits (sums, means, elementary functions) ends a program, in
`tests.programs.endings`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy
import pandas
from hypothesis import strategies as st

SCALARS: tuple[Any, ...] = (
    0, 1, 2, 3, -1, 7, 300, 2.5, 0.5, -0.0, 0.0, numpy.nan, numpy.inf, True, False,
    numpy.float32(1.5), numpy.int8(3), numpy.uint8(200), numpy.int64(5), numpy.float64(-2.5),
    pandas.Timestamp("1970-01-05"), pandas.Timedelta(days=2), "z",
)  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """What a step is told: which columns, and a scalar. Positions wrap around."""

    first: int
    second: int
    scalar: Any

    def one(self, df: Any) -> Any:
        """A column."""
        return df.iloc[:, self.first % df.shape[1]] if df.columns.has_duplicates else df[self.label(df)]

    def two(self, df: Any) -> Any:
        """Another column, or the same."""
        return df[df.columns[self.second % df.shape[1]]]

    def label(self, df: Any) -> Any:
        """The name of the first column."""
        return df.columns[self.first % df.shape[1]]

    def number(self) -> Any:
        """The scalar, when it is a plain number."""
        return self.scalar if isinstance(self.scalar, (int, float, numpy.number)) else 2


CHOICES = st.builds(
    Choice, first=st.integers(0, 4), second=st.integers(0, 4), scalar=st.sampled_from(SCALARS)
)

Step = Callable[[Any, Any, Any, Choice], Any]


def numbers(df: Any) -> list[Any]:
    """The names of integer and float columns."""
    return [name for name, dtype in df.dtypes.items() if dtype.kind in "iuf"]


def floats(df: Any) -> list[Any]:
    """The names of float columns."""
    return [name for name, dtype in df.dtypes.items() if dtype.kind == "f"]


def _put(make: Callable[[Any, Any, Choice], Any]) -> Step:
    """A step that makes a column and puts it in the place of one, or behind all."""

    def step(pd: Any, np: Any, df: Any, c: Choice) -> Any:
        made = make(np, df, c)
        if c.second % 2:
            return df.assign(new=made)
        df = df.copy()
        df[c.label(df)] = made
        return df

    return step


def _loc(df: Any, c: Choice) -> Any:
    df = df.copy()
    df.loc[c.two(df) > 0, c.label(df)] = c.scalar
    return df


def _loc_column(df: Any, c: Choice) -> Any:
    df = df.copy()
    df.loc[c.one(df).notna(), c.label(df)] = c.two(df)
    return df


def _insert(df: Any, c: Choice) -> Any:
    df = df.copy()
    df["scalar"] = c.scalar
    return df


def _of_frame(df: Any, change: Callable[[Any], Any]) -> Any:
    """Change the columns that are numbers, all together, and put them back."""
    names = numbers(df)
    return df.assign(**{str(n): change(df[names])[n] for n in names}) if names else df


COLUMNS: dict[str, Callable[[Any, Any, Choice], Any]] = {
    "add": lambda np, df, c: c.one(df) + c.two(df),
    "add scalar": lambda np, df, c: c.one(df) + c.scalar,
    "radd scalar": lambda np, df, c: c.scalar + c.one(df),
    "subtract": lambda np, df, c: c.one(df) - c.two(df),
    "rsubtract": lambda np, df, c: c.scalar - c.one(df),
    "multiply": lambda np, df, c: c.one(df) * c.two(df),
    "multiply scalar": lambda np, df, c: c.one(df) * c.scalar,
    "divide": lambda np, df, c: c.one(df) / c.two(df),
    "divide scalar": lambda np, df, c: c.one(df) / c.scalar,
    "floor divide": lambda np, df, c: c.one(df) // c.two(df),
    "floor divide scalar": lambda np, df, c: c.one(df) // c.scalar,
    "modulo": lambda np, df, c: c.one(df) % c.two(df),
    "modulo scalar": lambda np, df, c: c.one(df) % c.scalar,
    "square": lambda np, df, c: c.one(df) ** 2,
    "less": lambda np, df, c: c.one(df) < c.two(df),
    "greater scalar": lambda np, df, c: c.one(df) > c.scalar,
    "equal scalar": lambda np, df, c: c.one(df) == c.scalar,
    "not equal": lambda np, df, c: c.one(df) != c.two(df),
    "and": lambda np, df, c: (c.one(df) > 0) & (c.two(df) <= 1),
    "or": lambda np, df, c: c.one(df).isna() | (c.two(df) == 0),
    "xor": lambda np, df, c: c.one(df) ^ c.two(df),
    "invert": lambda np, df, c: ~c.one(df),
    "negative": lambda np, df, c: -c.one(df),
    "abs": lambda np, df, c: c.one(df).abs(),
    "round": lambda np, df, c: c.one(df).round(1),
    "clip": lambda np, df, c: c.one(df).clip(-2, 3),
    "clip lower": lambda np, df, c: c.one(df).clip(lower=c.number()),
    "where": lambda np, df, c: c.one(df).where(c.two(df) > 0, c.scalar),
    "where nan": lambda np, df, c: c.one(df).where(c.two(df).notna()),
    "mask": lambda np, df, c: c.one(df).mask(c.two(df) > 0),
    "mask column": lambda np, df, c: c.one(df).mask(c.one(df) > 1, c.two(df)),
    "isna": lambda np, df, c: c.one(df).isna(),
    "notna": lambda np, df, c: c.one(df).notna(),
    "fillna": lambda np, df, c: c.one(df).fillna(c.scalar),
    "between": lambda np, df, c: c.one(df).between(-1, 2),
    "isin": lambda np, df, c: c.one(df).isin([0, 1, 2.5, c.scalar]),
    "astype float": lambda np, df, c: c.one(df).astype("float64"),
    "astype float32": lambda np, df, c: c.one(df).astype("float32"),
    "astype int64": lambda np, df, c: c.one(df).astype("int64"),
    "astype int8": lambda np, df, c: (c.one(df) > 0).astype("int8"),
    "astype bool": lambda np, df, c: c.one(df).astype(bool),
    "replace": lambda np, df, c: c.one(df).replace(1, 7),
    "replace dict": lambda np, df, c: c.one(df).replace({0: 5, 3: 1}),
    "map": lambda np, df, c: c.one(df).map({0: 1.0, 1: 2.0, 2: 4.0}),
    "map integers": lambda np, df, c: c.one(df).map({0: 1, 1: 2, 7: 3}),
    "np where": lambda np, df, c: np.where(c.one(df) > c.number(), c.two(df), 1),
    "np where arrays": lambda np, df, c: np.where(c.one(df).to_numpy() > 0, c.two(df).to_numpy(), 0.5),
    "np select": lambda np, df, c: np.select([c.one(df) > 2, c.one(df) > 0], [c.two(df), 1], default=-1),
    "np sqrt": lambda np, df, c: np.sqrt(np.abs(c.one(df))),
    "np maximum": lambda np, df, c: np.maximum(c.one(df), c.two(df)) + 0.0,
    "np fmin": lambda np, df, c: np.fmin(c.one(df).to_numpy(), c.two(df).to_numpy()) + 0.0,
    "np floor": lambda np, df, c: np.floor(c.one(df)),
    "np rint": lambda np, df, c: np.rint(c.one(df).to_numpy()),
    "np sign": lambda np, df, c: np.sign(c.one(df)),
    "np isnan": lambda np, df, c: np.isnan(c.one(df).to_numpy()),
    "np clip": lambda np, df, c: np.clip(c.one(df).to_numpy(), -1, 2),
    "np logical and": lambda np, df, c: np.logical_and(c.one(df), c.two(df)),
    "np reversed": lambda np, df, c: c.one(df).to_numpy()[::-1],
    "np arange": lambda np, df, c: c.one(df).to_numpy() + np.arange(len(df)),
    "values": lambda np, df, c: c.one(df).values * 2,
    "eval": lambda np, df, c: df.eval("c0 * 2 - c1"),
    "max of all": lambda np, df, c: df[numbers(df)].max(axis=1) + 0.0,
    "count of all": lambda np, df, c: df.count(axis=1),
    "str upper": lambda np, df, c: c.one(df).str.upper(),
    "str first": lambda np, df, c: c.one(df).str[:1],
    "str length": lambda np, df, c: c.one(df).str.len(),
    "str contains": lambda np, df, c: c.one(df).str.contains("z"),
    "str replace": lambda np, df, c: c.one(df).str.replace("z", "zz"),
    "concatenate": lambda np, df, c: c.one(df) + "z",
    "map strings": lambda np, df, c: c.one(df).map({"z": 1, "": 2.5}),
    "in strings": lambda np, df, c: c.one(df).isin(["z", "ZZ"]),
    "category": lambda np, df, c: c.one(df).astype("category"),
    "codes": lambda np, df, c: c.one(df).cat.codes,
    "shift": lambda np, df, c: c.one(df).shift(c.first - 2),
    "shift filled": lambda np, df, c: c.one(df).shift(1, fill_value=c.scalar),
    "diff": lambda np, df, c: c.one(df).diff(c.first + 1),
    "ffill": lambda np, df, c: c.one(df).ffill(),
    "bfill": lambda np, df, c: c.one(df).bfill(limit=1 + c.first),
    "interpolate": lambda np, df, c: c.one(df).interpolate(),
    "text of numbers": lambda np, df, c: c.one(df).astype(str),
    "str partition": lambda np, df, c: c.one(df).str.partition("z")[2],
    "str split": lambda np, df, c: c.one(df).str.split("z", n=1, expand=True)[0],
    "replace by missing": lambda np, df, c: c.one(df).replace(c.scalar, np.nan),
    "hour as text": lambda np, df, c: c.one(df).dt.strftime("%H:%M"),
    "month": lambda np, df, c: c.one(df).dt.to_period("M").astype(str),
    "cumsum": lambda np, df, c: c.one(df).cumsum(),
    "cummax": lambda np, df, c: c.one(df).cummax(),
    "year": lambda np, df, c: c.one(df).dt.year,
    "day of year": lambda np, df, c: c.one(df).dt.day_of_year,
    "month end": lambda np, df, c: c.one(df).dt.is_month_end,
    "floor hours": lambda np, df, c: c.one(df).dt.floor("h"),
    "days": lambda np, df, c: (c.one(df) - c.two(df)).dt.days,
    "since": lambda np, df, c: c.one(df) - pandas.Timestamp("2000-01-01"),
    "two days on": lambda np, df, c: c.one(df) + pandas.Timedelta(days=2),
    "hours": lambda np, df, c: (c.one(df) - c.two(df)) / pandas.Timedelta(hours=1),
    "less than maximum": lambda np, df, c: c.one(df) < c.two(df).max(),
}

FRAMES: dict[str, Step] = {
    "filter": lambda pd, np, df, c: df[c.one(df) > c.number()],
    "filter missing": lambda pd, np, df, c: df[c.one(df).notna()],
    "filter two": lambda pd, np, df, c: df[(c.one(df) > 0) | (c.two(df) < 1)],
    "filter array": lambda pd, np, df, c: df[c.one(df).to_numpy() != 1],
    "filter by column": lambda pd, np, df, c: df[c.one(df)],
    "loc filter": lambda pd, np, df, c: df.loc[c.one(df) >= 0],
    "loc filter columns": lambda pd, np, df, c: df.loc[c.one(df) >= 0, list(df.columns[:3])],
    "loc assign": lambda pd, np, df, c: _loc(df, c),
    "loc assign column": lambda pd, np, df, c: _loc_column(df, c),
    "put scalar": lambda pd, np, df, c: _insert(df, c),
    "drop": lambda pd, np, df, c: df.drop(columns=[df.columns[-1]]) if df.shape[1] > 1 else df,
    "drop none": lambda pd, np, df, c: df.drop(columns=["no such column"]),
    "rename": lambda pd, np, df, c: df.rename(columns={"c0": "c1x"}),
    "rename twice": lambda pd, np, df, c: df.rename(columns={"c1": "c9"}).rename(columns={"c9": "c1"}),
    "dropna": lambda pd, np, df, c: df.dropna(),
    "dropna subset": lambda pd, np, df, c: df.dropna(subset=[c.label(df)]),
    "query": lambda pd, np, df, c: df.query("c0 > 0 or c0 != c0"),
    "bins": lambda pd, np, df, c: df.assign(bin=pd.cut(c.one(df), [-3, 0, 1, 2.5], labels=False)),
    "named bins": lambda pd, np, df, c: df.assign(bin=pd.cut(c.one(df), [-3, 0, 7], labels=["a", "b"])),
    "dummies": lambda pd, np, df, c: pd.get_dummies(df, columns=[c.label(df)], prefix="is"),
    "melt": lambda pd, np, df, c: df.melt(c.label(df), [df.columns[-1]], value_name="melted"),
    "head": lambda pd, np, df, c: df.head(3),
    "head but": lambda pd, np, df, c: df.head(-1),
    "tail": lambda pd, np, df, c: df.tail(4),
    "iloc": lambda pd, np, df, c: df.iloc[1:-1],
    "iloc reversed": lambda pd, np, df, c: df.iloc[::-1],
    "iloc steps": lambda pd, np, df, c: df.iloc[::2],
    "slice": lambda pd, np, df, c: df[1:5],
    "columns": lambda pd, np, df, c: df[list(df.columns[::-1])],
    "no column": lambda pd, np, df, c: df[["c0", "no such column"]],
    "copy": lambda pd, np, df, c: df.copy(),
    "reset index": lambda pd, np, df, c: df.reset_index(drop=True),
    "frame add": lambda pd, np, df, c: _of_frame(df, lambda d: d + 1),
    "frame multiply": lambda pd, np, df, c: _of_frame(df, lambda d: d * d),
    "frame clip": lambda pd, np, df, c: _of_frame(df, lambda d: d.clip(lower=0)),
    "frame fillna": lambda pd, np, df, c: df.fillna({c.label(df): 1}),
    "frame fillna all": lambda pd, np, df, c: _of_frame(df, lambda d: d.fillna(0)),
    "frame round": lambda pd, np, df, c: df.round(1),
    "frame abs": lambda pd, np, df, c: _of_frame(df, lambda d: d.abs()),
    "frame where": lambda pd, np, df, c: _of_frame(df, lambda d: d.where(d > 0, -1)),
    "frame mask": lambda pd, np, df, c: df.mask(df.isna(), 0),
    "frame isna": lambda pd, np, df, c: df.isna(),
    "frame isin": lambda pd, np, df, c: df.isin([0, 1, c.scalar]),
    "frame astype": lambda pd, np, df, c: df.astype({c.label(df): "float64"}),
    "frame replace": lambda pd, np, df, c: df.replace({c.label(df): {1: 9}}),
}

STEPS: dict[str, Step] = {**{name: _put(make) for name, make in COLUMNS.items()}, **FRAMES}
CHAINS = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), CHOICES), min_size=1, max_size=6)
