"""
Every operation that lazyframe records, as small programs on one frame: for tests and for measuring overhead.

An operation is called with the namespace that it needs, that of pandas or that of NumPy, and a frame of
`make_frame`; it changes neither. `prefix` is a chain of four: with any operation after it, a chain of five.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pandas

from bench.workload import Data


@dataclass(frozen=True)
class Operation:
    """One recorded operation: ``call(module, frame)``, where `library` says whose namespace `module` is."""

    name: str
    library: str
    call: Callable[[Any, Any], Any]

    def __call__(self, pd: ModuleType, np: ModuleType, frame: Any) -> Any:
        return self.call(pd if self.library == "pandas" else np, frame)


def make_columns(rows: int, seed: int) -> Data:
    """
    Columns of most dtypes.

    Returns
    -------
    dict of str to ndarray
        `x` float64 with NaN, `y` float64, `p` float64 within (0.1, 0.9), `f` float32, `i` int64, `j` int32,
        `u` uint8, `b` bool, `k` a small int64 key, `t` datetime64[us]; each of shape (rows,).
    """
    random = np.random.default_rng(seed)
    x = random.normal(0.0, 10.0, rows)
    x[random.random(rows) < 0.1] = np.nan
    days = random.integers(0, 5000, rows)
    return {
        "x": x,
        "y": random.normal(0.0, 10.0, rows),
        "p": random.uniform(0.1, 0.9, rows),
        "f": random.normal(0.0, 1.0, rows).astype(np.float32),
        "i": random.integers(-1000, 1000, rows),
        "j": random.integers(-100, 100, rows).astype(np.int32),
        "u": random.integers(0, 256, rows).astype(np.uint8),
        "b": random.random(rows) < 0.5,
        "k": random.integers(0, 7, rows),
        "t": (np.datetime64("2015-01-01") + days).astype("datetime64[us]"),
    }


def make_frame(pd: ModuleType, columns: Data) -> Any:
    """A frame of these columns, and a category `c` of the key, in the namespace `pd`."""
    frame = pd.DataFrame(dict(columns))
    frame["c"] = pd.Categorical.from_codes(columns["k"], categories=list("abcdefg"))
    return frame


def prefix(frame: Any) -> Any:
    """Four recorded operations in a row, giving a frame with the same columns."""
    frame = frame.assign(x=frame["x"] + 1.0)
    frame = frame[frame["y"] > -15.0]
    frame = frame.assign(y=frame["x"] * frame["p"])
    return frame.fillna({"x": 0.0, "y": 0.5})


def _setitem(frame: Any, column: str, value: Any) -> Any:
    frame = frame.copy()
    frame[column] = value
    return frame


def _set_where(frame: Any, column: str, value: Any) -> Any:
    frame = frame.copy()
    frame.loc[frame["y"] > 0.0, column] = value
    return frame


FLOATS = ["x", "y", "p"]
EARLIER, LATER = pandas.Timestamp("2016-01-01"), pandas.Timestamp("2020-01-01")
HOUR, WEEK = pandas.Timedelta(1, "h"), pandas.Timedelta(7, "D")
"""Made once: what pandas takes to make them is no part of an operation."""

ELEMENTWISE: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda pd, df: df["x"] + df["y"],
    "add_scalar": lambda pd, df: df["x"] + 1.5,
    "radd_scalar": lambda pd, df: 1.5 + df["x"],
    "add_mixed": lambda pd, df: df["i"] + df["f"],
    "subtract": lambda pd, df: df["i"] - df["j"],
    "multiply": lambda pd, df: df["x"] * df["i"],
    "divide": lambda pd, df: df["x"] / df["y"],
    "divide_integers": lambda pd, df: df["i"] / df["j"],
    "floor_divide": lambda pd, df: df["i"] // df["j"],
    "floor_divide_floats": lambda pd, df: df["x"] // df["y"],
    "modulo": lambda pd, df: df["i"] % df["j"],
    "modulo_floats": lambda pd, df: df["x"] % df["y"],
    "power": lambda pd, df: df["x"] ** 2,
    "power_integers": lambda pd, df: df["i"] ** df["k"],
    "power_columns": lambda pd, df: df["p"] ** df["y"],
    "less": lambda pd, df: df["x"] < df["y"],
    "less_equal": lambda pd, df: df["i"] <= 10,
    "greater": lambda pd, df: df["x"] > 0.0,
    "greater_equal": lambda pd, df: df["j"] >= df["u"],
    "equal": lambda pd, df: df["k"] == 3,
    "not_equal": lambda pd, df: df["x"] != df["x"],
    "less_unsigned": lambda pd, df: df["u"].astype("uint64") < df["i"],
    "compare_dates": lambda pd, df: df["t"] >= LATER,
    "times_length": lambda pd, df: df["i"] * HOUR,
    "length_over_integers": lambda pd, df: (df["t"] - LATER) / df["j"],
    "length_over_floats": lambda pd, df: (df["t"] - LATER) / df["p"],
    "rest_of_length": lambda pd, df: (df["t"] - EARLIER) % WEEK,
    "and": lambda pd, df: (df["x"] > 0.0) & df["b"],
    "or": lambda pd, df: (df["x"] > 0.0) | df["b"],
    "xor": lambda pd, df: df["i"] ^ df["k"],
    "or_number": lambda pd, df: df["b"] | df["i"],
    "invert": lambda pd, df: ~df["b"],
    "negative": lambda pd, df: -df["x"],
    "positive": lambda pd, df: +df["i"],
    "abs": lambda pd, df: df["x"].abs(),
    "round": lambda pd, df: df["x"].round(1),
    "clip": lambda pd, df: df["x"].clip(-5.0, 5.0),
    "clip_integers": lambda pd, df: df["i"].clip(-500.5, 500.5),
    "clip_by_column": lambda pd, df: df["x"].clip(lower=df["y"]),
    "clip_dates": lambda pd, df: df["t"].clip(EARLIER, LATER),
    "where": lambda pd, df: df["x"].where(df["y"] > 0.0, 0.0),
    "mask": lambda pd, df: df["x"].mask(df["y"] > 0.0),
    "isna": lambda pd, df: df["x"].isna(),
    "notna": lambda pd, df: df["x"].notna(),
    "fillna": lambda pd, df: df["x"].fillna(0.0),
    "between": lambda pd, df: df["x"].between(-5.0, 5.0),
    "isin": lambda pd, df: df["k"].isin([1, 3, 5]),
    "astype_float": lambda pd, df: df["i"].astype("float64"),
    "astype_integer": lambda pd, df: df["y"].astype("int64"),
    "replace": lambda pd, df: df["k"].replace(3, 30),
    "map": lambda pd, df: df["k"].map({0: 1.0, 1: 2.0, 2: 4.0}),
    "frame_add": lambda pd, df: df[FLOATS] + 1.0,
    "frame_multiply": lambda pd, df: df[FLOATS] * df[FLOATS],
    "frame_greater": lambda pd, df: df[FLOATS] > 0.0,
    "frame_abs": lambda pd, df: df[FLOATS].abs(),
    "frame_clip": lambda pd, df: df[FLOATS].clip(lower=0.0),
    "frame_isna": lambda pd, df: df[FLOATS].isna(),
    "frame_fillna": lambda pd, df: df[FLOATS].fillna(0.0),
    "frame_round": lambda pd, df: df[FLOATS].round(2),
    "frame_astype": lambda pd, df: df[["i", "j"]].astype("float64"),
    "frame_where": lambda pd, df: df[FLOATS].where(df[FLOATS] > 0.0, -1.0),
}

FRAMES: dict[str, Callable[[Any, Any], Any]] = {
    "column": lambda pd, df: df["x"],
    "columns": lambda pd, df: df[["x", "i", "b"]],
    "filter": lambda pd, df: df[df["x"] > 0.0],
    "filter_series": lambda pd, df: df["y"][df["b"]],
    "loc_filter": lambda pd, df: df.loc[df["x"] > 0.0, ["x", "k"]],
    "loc_filter_column": lambda pd, df: df.loc[df["b"], "x"],
    "loc_assign": lambda pd, df: _set_where(df, "x", 0.0),
    "setitem": lambda pd, df: _setitem(df, "z", df["x"] + df["y"]),
    "setitem_scalar": lambda pd, df: _setitem(df, "z", 1.0),
    "assign": lambda pd, df: df.assign(z=df["x"] * 2.0),
    "drop": lambda pd, df: df.drop(columns=["t", "c"]),
    "rename": lambda pd, df: df.rename(columns={"x": "z"}),
    "dropna": lambda pd, df: df.dropna(subset=["x"]),
    "eval": lambda pd, df: df.eval("x + y * 2"),
    "query": lambda pd, df: df.query("x > 0 and k < 5"),
    "head": lambda pd, df: df.head(5),
    "tail": lambda pd, df: df.tail(5),
    "iloc_slice": lambda pd, df: df.iloc[2:8],
    "slice": lambda pd, df: df[1:9:2],
    "copy": lambda pd, df: df.copy(),
    "reset_index": lambda pd, df: df[df["b"]].reset_index(drop=True),
}

REDUCTION_NAMES = ("sum", "prod", "mean", "min", "max", "count", "var", "std", "sem", "nunique")


def _reduce(column: Any, name: str) -> Callable[[Any, Any], Any]:
    return lambda pd, df: getattr(df[column], name)()


REDUCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    **{name: _reduce("y" if name != "prod" else "p", name) for name in REDUCTION_NAMES},
    **{"frame_" + name: _reduce(FLOATS if name != "prod" else ["p"], name) for name in REDUCTION_NAMES},
    "sum_integers": lambda pd, df: df["i"].sum(),
    "sum_bools": lambda pd, df: df["b"].sum(),
    "min_dates": lambda pd, df: df["t"].min(),
    "any": lambda pd, df: df["b"].any(),
    "all": lambda pd, df: df["b"].all(),
    "frame_any": lambda pd, df: df[["b"]].any(),
    "frame_all": lambda pd, df: df[["b"]].all(),
    "idxmin": lambda pd, df: df["y"].idxmin(),
    "idxmax": lambda pd, df: df["y"].idxmax(),
    "frame_idxmax": lambda pd, df: df[["y", "p"]].idxmax(),
    "sum_keeping_nan": lambda pd, df: df["x"].sum(skipna=False),
    "sum_min_count": lambda pd, df: df["x"].sum(min_count=3),
    "var_ddof": lambda pd, df: df["x"].var(ddof=0),
    "sum_across": lambda pd, df: df[FLOATS].sum(axis=1),
    "mean_across": lambda pd, df: df[FLOATS].mean(axis=1),
    "max_across": lambda pd, df: df[FLOATS].max(axis=1),
    "label_across": lambda pd, df: df[["y", "p", "f"]].idxmax(axis=1),
    "distinct_across": lambda pd, df: df[["k", "u", "x"]].nunique(axis=1),
    "agg_name": lambda pd, df: df["x"].agg("mean"),
    "agg_list": lambda pd, df: df["x"].agg(["sum", "min", "max"]),
    "frame_agg_list": lambda pd, df: df[FLOATS].agg(["mean", "std"]),
    "frame_agg_dict": lambda pd, df: df.agg({"x": "mean", "i": "sum"}),
    "describe": lambda pd, df: df[["y", "i"]].describe(),
    "value_counts": lambda pd, df: df["k"].value_counts(),
    "value_counts_bool": lambda pd, df: df["b"].value_counts(),
    "unique": lambda pd, df: df["k"].unique(),
    "unique_bool": lambda pd, df: df["b"].unique(),
}

GROUP_NAMES = ("sum", "mean", "min", "max", "count", "size", "var", "std", "first", "last")


def _group(name: str) -> Callable[[Any, Any], Any]:
    return lambda pd, df: getattr(df.groupby("k")["x"], name)()


GROUPS: dict[str, Callable[[Any, Any], Any]] = {
    **{"groupby_" + name: _group(name) for name in GROUP_NAMES},
    "groupby_agg_dict": lambda pd, df: df.groupby("k").agg({"x": "mean", "y": ["min", "max"]}),
    "groupby_agg_named": lambda pd, df: df.groupby("k").agg(total=("x", "sum"), rows=("y", "size")),
    "groupby_two_keys": lambda pd, df: df.groupby(["k", "b"])["y"].agg("sum"),
    "groupby_bool": lambda pd, df: df.groupby("b")[["x", "y"]].mean(),
    "groupby_category": lambda pd, df: df.groupby("c", observed=False)["y"].sum(),
    "groupby_unsorted": lambda pd, df: df.groupby("k", sort=False)["y"].sum(),
    "groupby_as_column": lambda pd, df: df.groupby("k", as_index=False)["y"].sum(),
    "groupby_keeping_na": lambda pd, df: df.groupby("k", dropna=False)["y"].sum(),
}

ANY_FLOAT = ("exp", "exp2", "expm1", "sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh", "arcsinh", "cbrt")
ROUNDING = ("floor", "ceil", "trunc", "rint", "isnan", "isfinite", "isinf", "sign", "signbit")
SIMPLE = ("absolute", "negative", "square", "reciprocal", "sqrt", "deg2rad", "rad2deg")
WITHIN_ONE = ("log", "log2", "log10", "log1p", "arcsin", "arccos", "arctanh")
TWO_FLOATS = ("add", "subtract", "multiply", "divide", "maximum", "minimum", "fmax", "fmin")
TWO_MORE = ("copysign", "hypot", "arctan2", "less", "greater_equal")
TWO_INTEGERS = ("bitwise_and", "bitwise_or", "bitwise_xor", "equal", "not_equal")
TWO_BOOLS = ("logical_and", "logical_or", "logical_xor")


def _ufunc(name: str, *columns: str) -> Callable[[Any, Any], Any]:
    return lambda np, df: getattr(np, name)(*(df[column] for column in columns))


def _special(name: str) -> Any:
    import scipy.special

    return getattr(scipy.special, name)


def _array(df: Any, column: str) -> Any:
    return df[column].to_numpy()


def _matrix(df: Any) -> Any:
    return df[["y", "p"]].to_numpy()


UFUNCS: dict[str, Callable[[Any, Any], Any]] = {
    **{"np_" + name: _ufunc(name, "p") for name in ANY_FLOAT + ROUNDING + SIMPLE + WITHIN_ONE},
    **{"np_" + name: _ufunc(name, "y", "p") for name in TWO_FLOATS + TWO_MORE},
    **{"np_" + name: _ufunc(name, "i", "k") for name in TWO_INTEGERS},
    "np_floor_divide": lambda np, df: np.floor_divide(df["i"], 7),
    "np_remainder": lambda np, df: np.remainder(df["i"], 7),
    **{"np_" + name: _ufunc(name, "b", "b") for name in TWO_BOOLS},
    "np_logical_not": lambda np, df: np.logical_not(df["b"]),
    "np_arccosh": lambda np, df: np.arccosh(df["p"] + 1.0),
    "np_power": lambda np, df: np.power(df["p"], 3.0),
    "scipy_erf": lambda np, df: _special("erf")(df["y"]),
    "scipy_erfc": lambda np, df: _special("erfc")(df["y"]),
}

ARRAYS: dict[str, Callable[[Any, Any], Any]] = {
    "np_array_add": lambda np, df: _array(df, "x") + _array(df, "y"),
    "np_array_sqrt": lambda np, df: np.sqrt(_array(df, "p")),
    "np_where": lambda np, df: np.where(_array(df, "y") > 0.0, _array(df, "x"), 0.0),
    "np_select": lambda np, df: np.select(
        [_array(df, "y") > 5.0, _array(df, "y") > 0.0], [_array(df, "p"), 1.0], default=-1.0
    ),
    "np_clip": lambda np, df: np.clip(_array(df, "y"), -1.0, 1.0),
    "np_dot": lambda np, df: np.dot(_array(df, "y"), _array(df, "p")),
    "np_dot_matrix": lambda np, df: np.dot(_matrix(df), np.array([2.0, -1.0])),
    "np_sum": lambda np, df: np.sum(_array(df, "y")),
    "np_mean": lambda np, df: np.mean(_array(df, "y")),
    "np_std": lambda np, df: np.std(_array(df, "y")),
    "np_var": lambda np, df: np.var(_array(df, "y")),
    "np_min": lambda np, df: np.min(_array(df, "y")),
    "np_max": lambda np, df: np.max(_array(df, "y")),
    "np_argmin": lambda np, df: np.argmin(_array(df, "y")),
    "np_argmax": lambda np, df: np.argmax(_array(df, "y")),
    "np_any": lambda np, df: np.any(_array(df, "b")),
    "np_all": lambda np, df: np.all(_array(df, "b")),
    "np_cumsum": lambda np, df: np.cumsum(_array(df, "y")),
    "np_diff": lambda np, df: np.diff(_array(df, "y")),
    "np_concatenate": lambda np, df: np.concatenate([_array(df, "y"), _array(df, "p")]),
    "np_stack": lambda np, df: np.stack([_array(df, "y"), _array(df, "p")]),
    "np_column_stack": lambda np, df: np.column_stack([_array(df, "y"), _array(df, "p")]),
    "np_percentile": lambda np, df: np.percentile(_array(df, "y"), 90),
    "np_linspace": lambda np, df: _array(df, "y") * np.linspace(0.0, 1.0, len(df)),
    "np_arange": lambda np, df: _array(df, "y") + np.arange(len(df)),
    "np_zeros": lambda np, df: _array(df, "y") + np.zeros(len(df)),
    "np_ones": lambda np, df: _array(df, "y") + np.ones(len(df)),
    "np_full": lambda np, df: _array(df, "y") + np.full(len(df), 3.0),
    "np_slice": lambda np, df: _array(df, "y")[1:-1],
    "np_mask": lambda np, df: _array(df, "y")[_array(df, "b")],
    "np_matrix_column": lambda np, df: _matrix(df)[:, 1],
    "np_matrix_whiten": lambda np, df: (_matrix(df) - _matrix(df).mean(axis=0)) / _matrix(df).std(axis=0),
    "np_matrix_rows": lambda np, df: _matrix(df).sum(axis=1),
    "np_broadcast": lambda np, df: _array(df, "y")[:, None] * np.array([1.0, 2.0, 3.0]),
    "np_outer": lambda np, df: _array(df, "y")[:20, None] - _array(df, "p")[None, :20],
    "np_assign_column": lambda np, df: _setitem(df, "z", np.sqrt(df["p"].to_numpy())),
}


def _table(library: str, calls: dict[str, Callable[[Any, Any], Any]]) -> tuple[Operation, ...]:
    return tuple(Operation(name, library, call) for name, call in calls.items())


OPERATIONS: tuple[Operation, ...] = (
    *_table("pandas", ELEMENTWISE | FRAMES | REDUCTIONS | GROUPS),
    *_table("numpy", UFUNCS | ARRAYS),
)
