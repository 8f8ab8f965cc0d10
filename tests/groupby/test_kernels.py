"""The same, as kernels: many rows, any number of threads, and random frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lazyframe
from tests.brief import examples
from tests.groupby.grouped_frames import assert_same, check_recorded, make_frame

pytestmark = pytest.mark.without_pandas

ROWS = 200_000


@pytest.fixture(scope="module")
def large() -> pandas.DataFrame:
    return make_frame(ROWS, seed=9).assign(many=np.random.default_rng(0).integers(0, 40_000, ROWS))


def summary(grouped: Any) -> Any:
    return grouped.agg(
        total=("x", "sum"), mean=("x", "mean"), spread=("y", "std"), low=("x", "min"), n=("x", "count"),
        whole=("i", "sum"), first=("x", "first"), last=("i", "last"), size=("i", "size"), high=("t", "max"),
    )  # fmt: skip


@pytest.mark.parametrize("sort", [True, False])
@pytest.mark.parametrize("by", ["k", "many", "wide", "c", ["b", "many"], ["wide", "many"]], ids=str)
def test_many_rows(large: pandas.DataFrame, by: Any, sort: bool) -> None:
    check_recorded(large, lambda df: df.groupby(by, sort=sort), summary, rounded=True)


@pytest.mark.parametrize("by", ["k", "many", ["wide", "many"]], ids=str)
def test_threads_do_not_change_a_bit(large: pandas.DataFrame, by: Any) -> None:
    results = []
    for threads in (1, 3):
        with lazyframe.config(threads=threads):
            results.append(summary(lazyframe.DataFrame(large).groupby(by)).to_pandas())
    pandas.testing.assert_frame_equal(*results, check_exact=True)


@pytest.mark.parametrize("by", ["k", "many"])
@pytest.mark.parametrize("limit", [-9.0, 0.0, 9.0], ids=["no rows", "some rows", "all rows"])
def test_filtered_rows(large: pandas.DataFrame, by: str, limit: float) -> None:
    """Rows that fail go to spare slots, or are branched around: what is left is the same, to the bit."""
    rows = large.assign(cut=np.random.default_rng(3).standard_normal(ROWS))
    want = summary(rows[rows.cut < limit].groupby(by))
    for disable in ([], ["turn_branches_into_selects"]):
        results = []
        for threads in (1, 2, 7):
            with lazyframe.config(threads=threads, disable=disable):
                mine = lazyframe.DataFrame(rows)
                results.append(summary(mine[mine.cut < limit].groupby(by)).to_pandas())
        assert_same(results[0], want, rounded=True)
        for other in results[1:]:
            pandas.testing.assert_frame_equal(results[0], other, check_exact=True)


def test_rows_in_order(large: pandas.DataFrame) -> None:
    ordered = large[["k", "f", "x"]].sort_values("k", kind="stable").fillna(1.5)
    check_recorded(ordered, lambda df: df.groupby("k"), lambda g: g.mean(), rounded=True)
    check_recorded(large, lambda df: df.groupby("k").f, lambda g: g.mean(), rounded=True)


def test_counting(large: pandas.DataFrame) -> None:
    mine = lazyframe.DataFrame(large)
    for column in ("k", "many", "b", "u", "wide"):
        assert_same(mine[column].value_counts(), large[column].value_counts())
        assert mine[column].unique().tolist() == large[column].unique().tolist()
    numbers = ["k", "x", "s", "u"]
    assert_same(mine[numbers].describe(), large[numbers].describe(), rounded=True)


KEYS = st.lists(
    st.sampled_from(["i", "j", "b", "c", "w", "x", "f", "t", "label"]), min_size=1, max_size=3, unique=True
)

TIMES = st.sampled_from(["M8[ns]", "M8[s]"])


@st.composite
def frames(draw: Any) -> pandas.DataFrame:
    rows = draw(st.integers(0, 12))
    r = np.random.default_rng(draw(st.integers(0, 2**32)))
    x = r.choice([np.nan, 0.0, -0.0, 1.5, -2.25, 1e300, np.inf, 7.0], rows)
    data = pandas.DataFrame(
        {
            "i": r.integers(-2, 3, rows),
            "j": r.integers(0, 2, rows).astype(draw(st.sampled_from(["int8", "uint16", "int32", "uint64"]))),
            "b": r.random(rows) < 0.5,
            "c": pandas.Categorical.from_codes(
                r.integers(-1, 3, rows), categories=["b", "a", "d", "unused"], ordered=draw(st.booleans())
            ),
            "w": r.choice(np.array([-(2**63), 0, 2**63 - 1]), rows),
            "x": x,
            "t": r.choice(
                np.array(["NaT", "2020-01-01", "1900-01-01"], draw(st.sampled_from(["M8[ns]", "M8[s]"]))),
                rows,
            ),
            "n": r.integers(-100, 100, rows).astype(
                draw(st.sampled_from(["int8", "uint8", "int32", "int64"]))
            ),
            "f": r.choice([np.nan, 0.5, 3.0], rows).astype(np.float32),
        },
        index=pandas.Index(r.integers(0, 5, rows), name="label"),
    )
    if draw(st.booleans()):
        data = data.sort_values(["i", "b"], kind="stable")
    return data


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(100))
@given(
    data=frames(),
    by=KEYS,
    listed=st.booleans(),
    options=st.fixed_dictionaries(
        {}, optional={name: st.booleans() for name in ("sort", "dropna", "as_index", "observed")}
    ),
    values=st.lists(st.sampled_from(["x", "n", "f"]), min_size=1, max_size=3, unique=True),
    operation=st.sampled_from(
        [
            "sum",
            "mean",
            "min",
            "max",
            "count",
            "size",
            "var",
            "first",
            "last",
            "any",
            "all",
            "nunique",
            "median",
            "quantile",
        ]
    ),
)
@pytest.mark.usefixtures("interpreted")
def test_any_frame(
    data: pandas.DataFrame, by: Any, listed: bool, options: Any, values: Any, operation: str
) -> None:
    values = [value for value in values if value not in by] or ["n"]
    keys: Any = by if listed or len(by) > 1 else by[0]
    with np.errstate(all="ignore"):
        want = getattr(data.groupby(keys, **options)[values], operation)()
        got = getattr(lazyframe.DataFrame(data).groupby(keys, **options)[values], operation)()
        assert_same(got, want, rounded=True)


BY_ROW = [
    lambda g: g.transform("max"),
    lambda g: g.transform("count"),
    lambda g: g.transform("sum"),
    lambda g: g.cumcount(),
    lambda g: g.cumcount(ascending=False),
    lambda g: g.ngroup(),
    lambda g: g.cumsum(),
    lambda g: g.cummax(),
    lambda g: g.shift(),
    lambda g: g.diff(-1),
    lambda g: g.rank(),
    lambda g: g.rank(method="first", ascending=False),
    lambda g: g.ffill(),
    lambda g: g.bfill(),
    lambda g: g.nth(-1),
    lambda g: g.value_counts(),
    lambda g: g.filter(lambda x: len(x) > 1),
    lambda g: g.head(1),
    lambda g: g.tail(2),
    lambda g: g.agg(lambda x: x.max() - x.min()),
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(100))
@given(
    data=frames(),
    by=KEYS,
    options=st.fixed_dictionaries(
        {}, optional={name: st.booleans() for name in ("sort", "dropna", "observed")}
    ),
    values=st.lists(st.sampled_from(["x", "n", "f"]), min_size=1, max_size=3, unique=True),
    use=st.sampled_from(BY_ROW),
    column=st.booleans(),
)
@pytest.mark.usefixtures("interpreted")
def test_each_row_of_any_frame(
    data: pandas.DataFrame, by: Any, options: Any, values: Any, use: Any, column: bool
) -> None:
    selection: Any = [value for value in values if value not in by] or ["n"]
    selection = selection[0] if column else selection
    with np.errstate(all="ignore"):
        try:
            want = use(data.groupby(by, **options)[selection])
        except Exception as error:  # whatever pandas raises
            with pytest.raises(type(error)):
                use(lazyframe.DataFrame(data).groupby(by, **options)[selection])
            return
        assert_same(use(lazyframe.DataFrame(data).groupby(by, **options)[selection]), want, rounded=True)


@pytest.mark.parametrize("by", ["k", "g", ["c", "wide"]], ids=str)
def test_each_row_as_kernels(by: Any) -> None:
    """Rows without a key, shifts, ranks and choices: the same in kernels, on any number of threads."""
    data = make_frame(5000, seed=8)

    def program(df: Any) -> list[Any]:
        grouped = df.groupby(by)
        return [
            grouped[["x", "y"]].transform("max"),
            grouped[["s", "t", "x"]].shift(2),
            grouped[["x", "s"]].rank(method="min", pct=True),
            grouped.s.cumsum(),
            grouped[["x", "f"]].ffill(),
            grouped.cumcount(),
            grouped.nth([1, -2])[["x", "i"]],
            grouped.y.filter(lambda y: (y.count() > 300) & (y.max() < 3)),
            grouped.s.value_counts(),
        ]

    want = program(data)
    results = []
    for threads in (1, 3):
        with lazyframe.config(threads=threads):
            results.append([made.to_pandas() for made in program(lazyframe.DataFrame(data))])
    for one, other, theirs in zip(*results, want, strict=True):
        assert_same(one, theirs)
        assert_same(other, one)


def test_a_few_frames_as_kernels() -> None:
    for seed in range(4):
        data = make_frame(50 * seed, seed)
        for by in ("k", ["c", "k"]):
            check_recorded(data, lambda df, by=by: df.groupby(by), summary, rounded=True)  # type: ignore[misc]


OF_GROUPS: list[Any] = [
    lambda x: x.quantile(0.9),
    lambda x: x[x > 0].sum() / len(x),
    lambda x: (x > x.mean()).sum(),
    lambda x: x.isna().sum() + x.isin([1.0, 2.0]).sum(),
    lambda x: round(x.mean(), 2) + x.std(ddof=0),
]


@pytest.mark.parametrize("how", ["_by_kernels", "_by_reference"])
def test_functions_of_groups(how: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(how)
    data = make_frame(500, seed=31)
    data["text"] = pandas.array(np.array(["a", None, "b"], object)[np.arange(500) % 3], dtype="str")
    for function in OF_GROUPS:
        check_recorded(data, lambda df: df.groupby("k")["x"], lambda g, f=function: g.agg(f), True)  # type: ignore[misc]
    check_recorded(
        data,
        lambda df: df.groupby("k"),
        lambda g: g.apply(
            lambda d: pandas.Series({"a": d["x"][d["b"]].max(), "b": (d["text"] == "a").sum()})
        ),
    )
    check_recorded(data, lambda df: df.groupby("k")["s"], lambda g: g.transform(lambda x: x.mode()[0]))
    check_recorded(data, lambda df: df.groupby("k")["text"], lambda g: g.agg(lambda x: x.mode()[0]))
    check_recorded(data, lambda df: df.groupby("k")["x"], lambda g: g.rank(na_option="top"))
    check_recorded(data, lambda df: df.groupby("k")["o"], lambda g: g.max())
    check_recorded(data, lambda df: df.groupby("j")["x"], lambda g: g.mean(skipna=False), True)


@pytest.mark.parametrize("seed", [6, 10])
def test_sums_that_were_looked_at_are_not_rounded_another_way(seed: int) -> None:
    random = np.random.default_rng(seed)
    columns = {"user": random.integers(0, 60, 300), "group": "A", "value": random.exponential(10, 300)}
    columns["flag"] = random.random(300) < 0.1

    def program(library: Any) -> Any:
        frame = library.DataFrame(columns)
        frame.loc[frame["user"] % 2 == 1, "group"] = "B"
        groups = frame.groupby(["user", "group"])
        sums = groups.agg(value=("value", "sum"), flag=("flag", "max")).reset_index()
        tenths = library.qcut(sums["value"], 10, labels=False)  # the largest is the last edge
        return sums.groupby(["group", tenths])["flag"].mean()

    assert_same(program(lazyframe).to_pandas(), program(pandas))
