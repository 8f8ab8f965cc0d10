"""Groups by floats of a file: a zero's sign is that of the first row, which nobody asks for without need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.run import streaming

ROWS = 400


def frame(path: Path, zeros: list[float]) -> tuple[Any, pandas.DataFrame]:
    r = np.random.default_rng(0)
    data = pandas.DataFrame({"g": r.choice([-1.5, 2.0, *zeros], ROWS), "x": r.integers(0, 9, ROWS)})
    data.to_parquet(path / "t.parquet", row_group_size=100)
    return lazyframe.read_parquet(path / "t.parquet"), data


def program(df: Any) -> Any:
    return df[df["x"] > 3].groupby("g", as_index=False)["x"].sum()


@pytest.mark.parametrize("small", [True, False])
@pytest.mark.parametrize("zeros", [[0.0], [-0.0], [0.0, -0.0], [-0.0, 0.0, np.nan]], ids=str)
def test_the_sign_of_a_zero_is_the_first_rows(
    zeros: list[float], small: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "SMALL_COLUMN_BYTES", 1 << 22 if small else -1)
    with lazyframe.config(min_rows=0):
        df, data = frame(tmp_path, zeros)
        for _ in range(3):  # from the third time on its pieces are there
            found, expected = program(df).to_pandas(), program(data)
            pandas.testing.assert_frame_equal(found, expected)
            assert np.signbit(found["g"]).tolist() == np.signbit(expected["g"]).tolist()


@pytest.mark.parametrize("negative", [False, True])
def test_where_no_zero_is_negative_nobody_asks_for_the_first(negative: bool, tmp_path: Path) -> None:
    with lazyframe.config(min_rows=0):
        df, _ = frame(tmp_path, [0.0, -0.0] if negative else [0.0])
        assert ("sign_bit" in str(program(df).explain().text)) == negative
