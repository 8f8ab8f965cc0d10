"""Groups by keys that are sorted: found by runs, and in tables that all threads fill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.run import execute
from tests.groupby.grouped_frames import assert_same
from tests.programs.running import morsels_of, no_kernels

pytestmark = pytest.mark.without_pandas

ROWS = 3000

Program = Callable[[Any], Any]

PROGRAMS: dict[str, Program] = {
    "sums": lambda df: df.groupby("k").agg({"x": ["sum", "mean"], "n": ["min", "max", "count"]}),
    "sizes": lambda df: df.groupby("k", sort=False).size(),
    "booleans": lambda df: df.groupby("k")["b"].any(),
    "floats of single precision": lambda df: df.groupby("k", as_index=False)["f"].sum(),
    "of some rows": lambda df: df[df["n"] > 40].groupby("k", as_index=False)["x"].sum(),
    "of few rows, in order": lambda df: df[df["n"] > 97].groupby("k", sort=False)["n"].sum(),
    "of no row": lambda df: df[df["n"] > 1000].groupby("k")["x"].sum(),
    "of rows of rows": lambda df: df[df["n"] > 10][lambda d: d["x"] > 0.0].groupby("k")["n"].prod(),
    "keys alone": lambda df: df[["k"]].drop_duplicates(),
    "of each row": lambda df: df.groupby("k")["x"].transform("sum"),
    "medians": lambda df: df.groupby("k")["x"].median(),
    "shifted": lambda df: df.groupby("k", sort=False)["n"].shift(),
    "numbers": lambda df: df.groupby("k").ngroup(),
    "distinct": lambda df: df.groupby("k")["n"].nunique(),
    "two keys": lambda df: df.groupby(["k", "n"])["x"].sum(),
    "two keys in order": lambda df: df.groupby(["k", "n"], sort=False, as_index=False)["x"].max(),
    "two keys of some rows": lambda df: df[df["b"]].groupby(["k", "n"])["x"].max(),
    "with others": lambda df: df[df["k"].isin(df[df["n"] == 3]["k"])]["x"].sum(),
    "looked up": lambda df: df.merge(df.groupby("k", as_index=False).agg(most=("n", "max")), on="k"),
    "groups of groups": lambda df: df.groupby("k")["n"].max().reset_index().groupby("n")["k"].max(),
    "scalars": lambda df: df.groupby("k")["x"].sum().sum() + df.groupby("b")["x"].sum().sum(),
}


def keys(kind: str, seed: int = 0) -> np.ndarray:
    r = np.random.default_rng(seed)
    match kind:
        case "wide":
            some = r.integers(-(2**62), 2**62, ROWS // 4)
        case "dense":
            some = np.arange(-9, ROWS // 4)
        case "sparse":
            some = r.choice(200_000, ROWS // 4) - 70_000
        case "unsigned":
            some = r.integers(0, 2**64 - 1, ROWS // 4, np.uint64)
        case "narrow":
            some = np.arange(-(2**15), 2**15, 100).astype(np.int16)
        case "times":
            some = np.datetime64("2020-01-01", "us") + r.integers(0, 10**12, ROWS // 4).astype("m8[us]")
            some[:3] = np.datetime64("NaT", "ns")
        case "one":
            return np.full(ROWS, 10**15)
        case _:
            return np.sort(r.integers(0, 10**12, ROWS))
    return np.sort(r.choice(some, ROWS).view(some.dtype.str.replace("M8[us]", "i8"))).view(some.dtype)


def frame(kind: str) -> pandas.DataFrame:
    r = np.random.default_rng(1)
    return pandas.DataFrame(
        {
            "k": keys(kind),
            "x": np.where(r.random(ROWS) < 0.1, np.nan, r.normal(0.0, 1e3, ROWS)),
            "f": r.random(ROWS).astype(np.float32),
            "n": r.integers(0, 100, ROWS),
            "b": r.random(ROWS) < 0.3,
        }
    )


KINDS = ["wide", "dense", "sparse", "unsigned", "narrow", "times", "one", "distinct"]


@pytest.fixture(autouse=True)
def _few_rows_at_once() -> Iterator[None]:
    with morsels_of(256):
        yield


def answers(data: pandas.DataFrame, program: Program, threads: int) -> Any:
    with lazyframe.config(min_rows=0, threads=threads):
        found = program(lazyframe.DataFrame(data))
        return found.to_pandas() if hasattr(found, "to_pandas") else found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_in_numpy_it_is_pandas_answer(kind: str, name: str) -> None:
    data = frame(kind)
    with no_kernels():
        found = answers(data, PROGRAMS[name], 3)
    check(found, PROGRAMS[name](data))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *[("wide", name) for name in PROGRAMS],
        *[("dense", name) for name in ("sums", "of some rows", "two keys")],
    ],
)
def test_in_kernels_it_is_pandas_answer_on_any_number_of_threads(kind: str, name: str) -> None:
    data = frame(kind)
    found = answers(data, PROGRAMS[name], 3)
    check(found, PROGRAMS[name](data))
    assert_same(answers(data, PROGRAMS[name], 1), found)


def check(found: Any, expected: Any) -> None:
    if isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-12)
    else:
        assert_same(found, expected, rounded=True)


def choices(kind: str, program: Program) -> str:
    return str(program(lazyframe.DataFrame(frame(kind))).explain(analyze=True).text)


def sums(df: Any) -> Any:
    return df.groupby("k")["x"].sum()


RUNS = "numbered by runs, as their keys are sorted"


@pytest.mark.parametrize("kind", ["wide", "sparse", "unsigned", "times"])
def test_explain_says_that_keys_are_sorted(kind: str) -> None:
    text = choices(kind, sums)
    assert RUNS in text
    assert "slots, which threads share" in text
    assert "numbered by hashing" not in text
    assert "number_runs(k" in text or "number_runs(" in text


def test_dense_keys_address_a_table_that_threads_share() -> None:
    text = choices("dense", sums)
    assert RUNS not in text
    assert "groups addressed by key" in text
    assert "slots, which threads share" in text


def test_of_two_keys_the_first_divides_the_rows() -> None:
    text = choices("wide", lambda df: df.groupby(["k", "n"])["x"].sum())
    assert "numbered within runs, as their first keys are sorted" in text
    assert "slots, which threads share" in text


def test_keys_that_are_not_sorted_are_hashed_as_before() -> None:
    data = frame("wide")
    data.loc[[5, ROWS - 1], "k"] = [2**62, -(2**62)]
    text = sums(lazyframe.DataFrame(data)).explain(analyze=True).text
    assert "numbered by hashing" in text
    assert "threads share" not in text
    check(answers(data, sums, 2), sums(data))


def test_one_key_that_falls_in_the_last_row_only() -> None:
    data = frame("wide")
    data.loc[ROWS - 1, "k"] = data["k"].iloc[0]
    for name in ("sums", "two keys", "of some rows"):
        check(answers(data, PROGRAMS[name], 2), PROGRAMS[name](data))


def test_columns_of_a_file_are_known_to_be_sorted_once_they_were_read(tmp_path: Any) -> None:
    data = frame("wide")
    data.to_parquet(tmp_path / "t.parquet", row_group_size=500)
    with lazyframe.config(min_rows=0, threads=2):
        df = lazyframe.read_parquet(tmp_path / "t.parquet")
        expected = sums(data)
        for _ in range(3):
            check(sums(df).to_pandas(), expected)
        assert RUNS in str(sums(df).explain(analyze=True).text)


@pytest.mark.parametrize("kind", ["wide", "gaps"])
def test_keys_of_a_file_that_are_fetched_whole_are_found_by_runs_at_once(tmp_path: Any, kind: str) -> None:
    step = {"wide": 1 << 40, "gaps": 4}[kind]
    keys = np.repeat(np.arange(90_000) * step, 2)
    data = pandas.DataFrame({"k": keys, "x": np.arange(len(keys)) / 8})
    data.to_parquet(tmp_path / "t.parquet", row_group_size=50_000)

    def large(df: Any) -> Any:
        sums = df.groupby("k", as_index=False)["x"].sum()
        return df[df["k"].isin(sums[sums["x"] > 3000]["k"])]

    with lazyframe.config(min_rows=0, threads=2):
        found = large(lazyframe.read_parquet(tmp_path / "t.parquet"))
        assert RUNS in str(found.explain(analyze=True).text)
        check(large(lazyframe.read_parquet(tmp_path / "t.parquet")).to_pandas(), large(data))


def test_no_program_runs_twice_to_find_out(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []
    run_plan = execute.run_plan
    monkeypatch.setattr(execute, "run_plan", lambda *given: (ran.append(1), run_plan(*given))[1])
    answers(frame("wide"), sums, 2)
    assert len(ran) == 1
