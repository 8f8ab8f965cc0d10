"""Every aggregation of every dtype by every kind of key, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from tests.groupby.grouped_frames import ROUNDED, assert_same, check_recorded, make_frame

KEYS = [
    "k", "j", "b", "u", "wide", "c", "o", ["k", "b"], ["o", "k"], ["wide", "u", "k"], ["c", "k"],
    "g", "e", "h", ["g", "k"], ["e", "g", "h"], ["o", "b", "wide"],
]  # fmt: skip
NUMBERS = ["x", "f", "i", "s", "b", "j", "u"]
TIMES = ["t", "d"]
OF_TIMES = ["min", "max", "first", "last", "count"]
OPERATIONS = [
    "sum", "mean", "min", "max", "count", "size", "var", "std", "sem", "first", "last", "prod", "any", "all",
]  # fmt: skip

pytestmark = pytest.mark.usefixtures("interpreted")


def label(value: Any) -> str:
    return "-".join(value) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("alone", NUMBERS)
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("by", KEYS, ids=label)
def test_numbers(frame: pandas.DataFrame, by: Any, operation: str, alone: str) -> None:
    columns = [c for c in NUMBERS if c not in by]
    data = frame if operation != "prod" else frame.assign(i=frame["i"] % 3, f=frame["f"] + np.float32(0.5))
    # whole columns at once, and one alone: pandas decides the dtype of narrow sums for a block
    for selection in (columns, alone) if alone in columns else (columns,):
        check_recorded(
            data,
            lambda df, s=selection: df.groupby(by)[s],  # type: ignore[misc]
            lambda g: getattr(g, operation)(),
            operation in ROUNDED,
        )


@pytest.mark.parametrize(
    "columns", ["kab", "akb", "kaib", "aKb", "aibKc", "akbc", "abkc", "Kaibic", "iak", "Kabic"], ids=str
)
@pytest.mark.parametrize("operation", ["sum", "prod", "cumsum", "cumprod"])
def test_narrow_sums_fit_together_where_pandas_drops_the_keys(columns: str, operation: str) -> None:
    dtypes = {"k": np.int8, "K": np.int64, "i": np.int16}
    data = pandas.DataFrame(
        {
            f"{c}{n}": np.array([100, 100, 1] if n == len(columns) - 1 else [1, 1, 1], dtypes.get(c, np.int8))
            for n, c in enumerate(columns)
        }
    )
    (key,) = [label for label in data if label[0] in "kK"]
    data[key] = np.array([1, 1, 2], data[key].dtype)
    data = pandas.DataFrame({label: data[label].to_numpy() for label in data})
    rest = [label for label in data if label != key]
    for group in (
        lambda f: f.groupby(key),
        lambda f: f.groupby(key)[rest],
        lambda f: f.groupby(f[key].to_numpy()),
    ):
        check_recorded(data, group, lambda g: getattr(g, operation)())
        check_recorded(data, group, lambda g: g.transform(operation))
    if operation in ("sum", "prod"):
        check_recorded(data, lambda f: f.groupby(key), lambda g: g.agg(dict.fromkeys(rest, operation)))


@pytest.mark.parametrize("operation", OF_TIMES)
@pytest.mark.parametrize("by", ["k", "c", ["b", "k"]], ids=label)
def test_times(frame: pandas.DataFrame, by: Any, operation: str) -> None:
    check_recorded(frame, lambda df: df.groupby(by)[TIMES], lambda g: getattr(g, operation)())


def test_sums_of_lengths_of_time(frame: pandas.DataFrame) -> None:
    check_recorded(frame, lambda df: df.groupby("k")["d"], lambda g: g.sum())


@pytest.mark.parametrize("operation", ["sum", "mean", "min", "first", "count", "size"])
@pytest.mark.parametrize("by", ["k", "c", "o", "b", ["k", "b"], ["o", "k"], ["c", "k"]], ids=label)
@pytest.mark.parametrize(
    "options",
    [
        {"sort": False},
        {"as_index": False},
        {"dropna": False},
        {"sort": False, "dropna": False},
        {"sort": False, "as_index": False},
        {"observed": False},
        {"observed": False, "as_index": False},
        {"observed": False, "dropna": False},
        {"group_keys": False},
    ],
    ids=lambda options: "-".join(f"{name}={value}" for name, value in options.items()),
)
def test_options(frame: pandas.DataFrame, by: Any, options: dict[str, bool], operation: str) -> None:
    if "observed" in options and by == ["c", "k"]:
        by = ["o", "b"]
    for selection in (["x", "s"], "s", "x"):
        check_recorded(
            frame,
            lambda df, s=selection: df.groupby(by, **options)[s],  # type: ignore[misc]
            lambda g: getattr(g, operation)(),
            operation in ROUNDED,
        )


@pytest.mark.parametrize("operation", ["sum", "min", "var"])
def test_categories_that_have_no_rows(frame: pandas.DataFrame, operation: str) -> None:
    for by in ("c", ["o", "b"]):
        check_recorded(
            frame,
            lambda df, by=by: df.groupby(by, observed=False)[["x", "s", "i", "b"]],  # type: ignore[misc]
            lambda g: getattr(g, operation)(),
            True,
        )


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("sum", {"min_count": 1}),
        ("sum", {"min_count": 3, "numeric_only": True}),
        ("var", {"ddof": 0}),
        ("std", {"ddof": 3}),
        ("sem", {"ddof": 2}),
        ("min", {"min_count": 1}),
        ("mean", {"numeric_only": True}),
        ("first", {"numeric_only": True}),
    ],
    ids=str,
)
def test_arguments(frame: pandas.DataFrame, operation: str, arguments: dict[str, Any]) -> None:
    data = frame[["k", "x", "f"]]
    check_recorded(data, lambda df: df.groupby("k"), lambda g: getattr(g, operation)(**arguments), True)


def test_numeric_columns_only(frame: pandas.DataFrame) -> None:
    data = frame.assign(text="a", when=frame["t"])
    for operation in ("sum", "mean", "max"):
        check_recorded(
            data,
            lambda df: df.groupby("k"),
            lambda g, o=operation: getattr(g, o)(numeric_only=True),  # type: ignore[misc]
            True,
        )


@pytest.mark.parametrize(
    "spec",
    [
        "sum",
        ["sum", "mean"],
        {"x": "sum", "s": "min"},
        {"s": ["min", "max"], "x": ["sum"]},
        {"x": ["sum", "std"], "i": "count"},
        {"k": "count", "x": "size"},
    ],
    ids=str,
)
@pytest.mark.parametrize("as_index", [True, False])
def test_agg(frame: pandas.DataFrame, spec: Any, as_index: bool) -> None:
    data = frame[["k", "x", "s", "i"]]
    want = data.groupby("j" if "j" in data else "k", as_index=as_index).agg(spec)
    grouped = lazyframe.DataFrame(data).groupby("k", as_index=as_index)
    got = grouped.agg(spec)
    inserted_already = not as_index and "k" in want.columns and "k" in list(spec)
    assert inserted_already or "_grouper" not in grouped.__dict__
    pandas.testing.assert_frame_equal(got.to_pandas(), want, rtol=1e-12)


def test_agg_by_name(frame: pandas.DataFrame) -> None:
    check_recorded(
        frame,
        lambda df: df.groupby(["c", "k"]),
        lambda g: g.agg(total=("x", "sum"), low=("s", "min"), again=("x", "mean"), n=("x", "size")),
        True,
    )
    named = pandas.NamedAgg(column="i", aggfunc="max")
    check_recorded(frame, lambda df: df.groupby("k"), lambda g: g.agg(m=named))


@pytest.mark.parametrize("spec", ["sum", ["sum", "max"], ["count"]], ids=str)
def test_agg_of_a_series(frame: pandas.DataFrame, spec: Any) -> None:
    check_recorded(frame, lambda df: df.groupby("k")["x"], lambda g: g.agg(spec), True)
    check_recorded(frame, lambda df: df["x"].groupby(df["k"]), lambda g: g.agg(spec), True)


def test_agg_of_a_series_by_name(frame: pandas.DataFrame) -> None:
    check_recorded(frame, lambda df: df.groupby("k").x, lambda g: g.agg(total="sum", low="min"), True)


def test_computed_keys(frame: pandas.DataFrame) -> None:
    check_recorded(frame, lambda df: df.groupby(df.k % 2).x, lambda g: g.sum(), True)
    check_recorded(frame, lambda df: df.groupby(df.x > 1000)[["x", "s"]], lambda g: g.mean(), True)
    check_recorded(frame, lambda df: df.groupby([df.k % 2, "b"])[["x", "s"]], lambda g: g.max())
    check_recorded(frame, lambda df: df.x.groupby(df.k * 10**14), lambda g: g.sum(), True)
    check_recorded(
        frame, lambda df: df.groupby((df.k % 2).rename(None), as_index=False).x, lambda g: g.sum(), True
    )
    check_recorded(
        frame, lambda df: df.groupby([(df.k % 2).rename(None), "b"], as_index=False).x, lambda g: g.min()
    )


def test_of_equal_keys_the_first_is_shown() -> None:
    for x in ([1.0, 0.0, -0.0, np.nan], [-0.0, 2.0, 0.0, -1.0], [np.nan, -0.0, np.inf, -np.inf]):
        data = pandas.DataFrame({"x": x, "k": [5, 4, 3, 2], "v": 1})
        for by in ("x", ["k", "x"], ["x", "k"]):
            for dtype in ("float64", "float32"):
                keys = data.astype({"x": dtype})
                got = check_recorded(
                    keys, lambda df, by=by: df.groupby(by, as_index=False), lambda g: g.sum()
                )  # type: ignore[misc]
                want = keys.groupby(by, as_index=False).sum()
                assert np.signbit(got["x"]).tolist() == np.signbit(want["x"]).tolist()


def test_nan_of_any_payload_is_one_key() -> None:
    bits = np.array(
        [0x7FF8000000000000, 0xFFF8000000000001, 0x7FF0000000000001, 0x7FF0000000000000], np.uint64
    )
    data = pandas.DataFrame({"x": bits.view(np.float64), "v": [1, 2, 3, 4]})
    for dropna in (True, False):
        check_recorded(data, lambda df, d=dropna: df.groupby("x", dropna=d), lambda g: g.sum())  # type: ignore[misc]


def test_the_first_and_last_times_are_keys_too() -> None:
    limits = np.array([2**63 - 1, -(2**63), -(2**63) + 1, 0, 2**63 - 1])
    for unit in ("M8[ns]", "m8[ns]", "M8[s]"):
        data = pandas.DataFrame({"t": limits.view(unit), "v": [1, 2, 3, 4, 5]})
        for dropna in (True, False):
            for sort in (True, False):
                check_recorded(
                    data,
                    lambda df, d=dropna, s=sort: df.groupby("t", dropna=d, sort=s).v,  # type: ignore[misc]
                    lambda g: g.sum(),
                )


@pytest.mark.parametrize("level", [0, "k", -1, ["k"], ["g", "b"], ["t", 0], [2]], ids=str)
@pytest.mark.parametrize("sort", [True, False])
def test_levels_of_the_index(frame: pandas.DataFrame, level: Any, sort: bool) -> None:
    data = frame.set_index(["k", "b", "g", "t"])[["x", "s"]]
    check_recorded(data, lambda df: df.groupby(level=level, sort=sort), lambda g: g.max())
    check_recorded(data, lambda df: df[df.s > 0].x.groupby(level=level, sort=sort), lambda g: g.min())
    check_recorded(data[:0], lambda df: df.groupby(level=level, sort=sort), lambda g: g.max())


def test_a_level_by_its_name_beside_columns(frame: pandas.DataFrame) -> None:
    data = frame[["k", "g", "x"]].set_index("g")
    for by in ("g", ["k", "g"], ["g", "k"]):
        check_recorded(data, lambda df, by=by: df.groupby(by), lambda g: g.max())  # type: ignore[misc]
        check_recorded(data, lambda df, by=by: df.groupby(by, dropna=False), lambda g: g.max())  # type: ignore[misc]
    with pytest.raises(KeyError):
        lazyframe.DataFrame(data).groupby("nothing")


def test_a_column_given_as_a_series_is_a_key_and_not_a_value(frame: pandas.DataFrame) -> None:
    data = frame[["k", "x", "s"]]
    check_recorded(data, lambda df: df.groupby(df["k"]), lambda g: g.max())
    check_recorded(data, lambda df: df.groupby(df["k"] + 0), lambda g: g.max())


def test_many_groups_of_a_range_too_wide_to_address() -> None:
    r = np.random.default_rng(1)
    data = pandas.DataFrame(
        {"a": r.integers(-(10**15), 10**15, 3000), "b": r.integers(0, 50, 3000), "x": r.random(3000)}
    )
    data["a"] = data["a"].to_numpy()[r.integers(0, 300, 3000)]
    for sort in (True, False):
        for by in ("a", ["a", "b"]):
            for operation in ("sum", "first", "size", "var"):
                check_recorded(
                    data,
                    lambda df, by=by, s=sort: df.groupby(by, sort=s).x,  # type: ignore[misc]
                    lambda g, o=operation: getattr(g, o)(),  # type: ignore[misc]
                    operation in ROUNDED,
                )


@pytest.mark.parametrize("rows", [0, 1, 2])
@pytest.mark.parametrize("by", ["k", "b", "c", ["k", "c"]], ids=label)
def test_few_rows(by: Any, rows: int) -> None:
    data = make_frame(rows, seed=3)
    for operation in ("sum", "mean", "min", "first", "count", "size", "std"):
        check_recorded(
            data,
            lambda df: df.groupby(by)[["x", "i", "s"]],
            lambda g, o=operation: getattr(g, o)(),  # type: ignore[misc]
        )


def test_filtered_sliced_and_assigned_rows(frame: pandas.DataFrame) -> None:
    data = frame.set_index(pandas.Index(np.arange(400) // 3, name="label"))

    def prepare(df: Any) -> Any:
        df = df[df.x > 990].copy()
        df["y"] = df.x * 2
        return df

    for by in ("k", "c", ["c", "k"]):
        check_recorded(data, lambda df, by=by: prepare(df).groupby(by)[["y", "s"]], lambda g: g.sum(), True)  # type: ignore[misc]
        check_recorded(data, lambda df, by=by: df[50:300:3].groupby(by)[["x", "s"]], lambda g: g.last())  # type: ignore[misc]


def test_values_that_are_hard_to_add() -> None:
    x = [np.inf, 1, np.inf, -np.inf, -0.0, -0.0, np.nan, np.nan, 1e308]
    data = pandas.DataFrame({"k": [1, 1, 2, 2, 3, 3, 4, 4, 5], "x": x})
    for operation in OPERATIONS:
        check_recorded(data, lambda df: df.groupby("k"), lambda g, o=operation: getattr(g, o)())  # type: ignore[misc]


def test_integer_sums_wrap() -> None:
    unsigned = np.array([2**64 - 1, 2, 5], np.uint64)
    data = pandas.DataFrame({"k": [1, 1, 2], "i": [2**63 - 1, 1, 5], "u": unsigned})
    check_recorded(data, lambda df: df.groupby("k"), lambda g: g.sum())


def test_variance_of_equal_values_is_zero() -> None:
    data = pandas.DataFrame({"k": [1] * 7 + [2] * 3, "x": [0.1] * 7 + [1e15 / 3] * 3})
    check_recorded(data, lambda df: df.groupby("k"), lambda g: g.std())


def test_variance_of_a_large_mean_and_a_tiny_spread() -> None:
    r = np.random.default_rng(2)
    k = r.integers(0, 20, 4000)
    x = 1e9 * (k + 1) + r.normal(0, 1e-3, 4000)
    exact = pandas.Series(x.astype(np.longdouble) - 1e9 * (k + 1)).groupby(k)
    want = np.array([np.var(part.to_numpy().astype(np.longdouble), ddof=1) for _, part in exact], float)
    got = lazyframe.DataFrame({"k": k, "x": x}).groupby("k").x.var().to_numpy()
    np.testing.assert_allclose(np.asarray(got), want, rtol=1e-9)


def test_what_is_made_late_is_of_the_data_as_it_was(frame: pandas.DataFrame) -> None:
    def program(data: Any) -> list[Any]:
        grouped = data.groupby("k")
        spread, named = grouped["x"].std(), grouped.agg(low=("x", "min"), rows=("s", "size"))
        listed = data.groupby(["k", "b"]).agg({"x": ["mean", "last"], "i": "sum"})
        flat = data.groupby("j", as_index=False)[["x", "i"]].sum()
        data["x"] = 0.0
        del data["i"]
        centred = data["x"] - spread.mean()
        return [spread, named, listed, flat, spread * 2, named["low"] + 1, flat["x"].dtype, centred]

    ours, theirs = program(lazyframe.DataFrame(frame)), program(frame.copy())
    for got, want in zip(ours, theirs, strict=True):
        if isinstance(want, pandas.Series | pandas.DataFrame):
            assert_same(got, want, rounded=True)
        else:
            assert got == want


@pytest.mark.parametrize("operation", ["any", "std", "sum"])
def test_an_axis_is_refused_as_pandas_refuses_it(frame: pandas.DataFrame, operation: str) -> None:
    with pytest.raises(ValueError, match=f"Operation {operation} does not support axis=1"):
        lazyframe.DataFrame(frame).groupby("k")[["x"]].agg(operation, axis=1)
