"""What several computations need of a file's filtered rows is kept, and nobody can tell by the results."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.run import needed_again, streaming

Decoded = list[tuple[int, tuple[str, ...]]]
Program = Callable[[Any, Any], list[Any]]


@pytest.fixture(autouse=True)
def _stream_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "SMALL_COLUMN_BYTES", -1)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    r = np.random.default_rng(3)
    sales = pandas.DataFrame(
        {
            "part": r.integers(0, 60, 3000),
            "price": r.choice([1.5, -2.0, 0.0, -0.0, np.nan, 40.25], 3000),
            "day": np.datetime64("2024-01-01", "us") + r.integers(0, 90, 3000).astype("m8[D]"),
            "count": r.integers(-4, 9, 3000),
        }
    )
    parts = pandas.DataFrame({"id": np.arange(50), "kind": r.integers(0, 4, 50)})
    place = tmp_path_factory.mktemp("files")
    for name, frame in (("sales", sales), ("parts", parts)):
        frame.to_parquet(place / name, row_group_size=500, index=False)
    return [place / "sales", place / "parts"]


def share(sales: Any, parts: Any) -> list[Any]:
    both = sales.merge(parts, left_on="part", right_on="id")
    late = both[both["day"] > np.datetime64("2024-02-20")]
    worth = late["price"] * late["count"]
    return [worth[late["kind"] == 1].sum(), worth.sum(), worth.max(), worth.count()]


def several(sales: Any, parts: Any) -> list[Any]:
    few = sales[sales["count"] > 5]
    return [few["price"].sum(), (few["price"] + few["part"]).min(), few["part"].max(), few["price"].mean()]


def of_groups(sales: Any, parts: Any) -> list[Any]:
    few = sales[(sales["count"] > 2) & (sales["part"] < 40)]
    sums = few.groupby("part", as_index=False)["price"].sum()
    return [sums["price"].max(), few.groupby("count")["price"].count().sum(), len(few), few["price"].min()]


def filtered_further(sales: Any, parts: Any) -> list[Any]:
    few = sales[sales["count"] > 2]
    fewer = few[few["price"] > 0]
    return [few["part"].sum(), fewer["part"].sum(), fewer["price"].sum(), few["price"].sum(), len(fewer)]


def nothing_left(sales: Any, parts: Any) -> list[Any]:
    none = sales[sales["price"] > 1000]
    return [none["part"].sum(), none["part"].max(), none["part"].count(), none["price"].sum()]


def rows(sales: Any, parts: Any) -> list[Any]:
    few = sales[sales["count"] > 7]
    twice = few["price"] * 2
    return [twice.sum(), twice.to_numpy().tolist(), twice.max(), few.index.to_numpy().tolist()]


PROGRAMS: list[Program] = [share, several, of_groups, filtered_further, nothing_left, rows]


@pytest.mark.parametrize("program", PROGRAMS)
def test_results_are_those_of_pandas_each_time(program: Program, files: list[Path]) -> None:
    wanted = program(*[pandas.read_parquet(file) for file in files])
    for _ in range(3):
        found = program(*[lazyframe.read_parquet(file) for file in files])
        for one, expected in zip(found, wanted, strict=True):
            np.testing.assert_allclose(one, expected, rtol=1e-13, equal_nan=True)
            assert type(one) is type(expected)


def read_by(program: Program, files: list[Path], decoded: Decoded) -> int:
    decoded.clear()
    program(*[lazyframe.read_parquet(file) for file in files])
    gc.collect()
    return len([names for _, names in decoded if names == ("day",)])


def test_the_third_computation_reads_no_file_and_in_the_next_run_the_second(
    files: list[Path], decoded: Decoded
) -> None:
    def program(sales: Any, parts: Any) -> list[Any]:
        late = sales[sales["day"] > np.datetime64("2024-03-20")]
        worth = late["price"] * late["count"] - late["part"]
        return [worth.sum(), worth.max(), worth.min(), worth.count()]

    assert read_by(program, files, decoded) == 2 * 6
    assert read_by(program, files, decoded) == 6


def test_what_one_computation_needs_is_not_kept(files: list[Path]) -> None:
    from lazyframe.run import kept

    sales = lazyframe.read_parquet(files[0])
    few = sales[sales["count"] > 3]
    for column in ("price", "part", "day"):
        before = len(kept._kept_values)
        few[column].max()
        assert len(kept._kept_values) <= before + 1  # the maximum


def test_what_is_too_large_is_not_kept(
    files: list[Path], decoded: Decoded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def program(sales: Any, parts: Any) -> list[Any]:
        late = sales[sales["day"] > np.datetime64("2024-03-21")]
        worth = late["price"] - late["count"] * late["part"]
        return [worth.sum(), worth.max()]

    monkeypatch.setattr(needed_again, "most_bytes", lambda: 8)
    for _ in range(3):
        assert read_by(program, files, decoded) >= 6
    assert read_by(program, files, decoded) == 2 * 6
