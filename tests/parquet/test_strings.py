"""Text that a file has as codes is recorded as codes; the strings are never made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

import lazyframe
from lazyframe.run.parquet import decode
from tests.programs.compare import same

WORDS = ["b", "a", "", "é", "ab", "long enough not to be inline"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("strings")


def programs(pd: Any, path: Any) -> list[Any]:
    df = pd.read_parquet(path)
    return [
        df[df["s"] == "a"]["x"],
        df.groupby("s")["x"].sum(),
        df.groupby("s", sort=False, dropna=False)["x"].count(),
        df[df["s"].isin(["a", "é"])],
        df["s"].isna().sum(),
        df[df["s"].str.startswith("a") & df["s"].notna()],
        df["s"].str.upper(),
        df[df["x"] > 1],
    ]


def compare(path: Any) -> None:
    for found, wanted in zip(programs(lazyframe, path), programs(pandas, path), strict=True):
        same(found.to_pandas() if hasattr(found, "to_pandas") else found, wanted)


@given(
    words=st.lists(st.none() | st.sampled_from(WORDS), max_size=20),
    size=st.integers(1, 7),
    dictionary=st.booleans(),
    kind=st.sampled_from([pyarrow.string(), pyarrow.large_string()]),
)
def test_programs_over_text(place: Path, words: list[Any], size: int, dictionary: bool, kind: Any) -> None:
    path = place / "text.parquet"
    table = pyarrow.table({"s": pyarrow.array(words, kind), "x": np.arange(len(words))})
    parquet.write_table(table, path, row_group_size=size, use_dictionary=dictionary)
    compare(path)


def test_codes_are_read_as_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "codes.parquet"
    table = pyarrow.table({"s": ["x", "y", None, "x"] * 10, "x": range(40)})
    parquet.write_table(table, path, row_group_size=16)
    df = lazyframe.read_parquet(path)

    def decode_none(*_: Any) -> Any:
        raise AssertionError("the strings were read")

    with monkeypatch.context() as context:
        context.setattr(decode, "_converted", decode_none)
        counts = df.groupby("s")["x"].count()
        assert counts.to_dict() == {"x": 20, "y": 10}
        assert df[df["s"] == "y"]["x"].sum() == sum(range(1, 40, 4))


@pytest.mark.parametrize("rows", [5000, 60_000])
def test_distinct_text_is_no_dictionary(tmp_path: Path, rows: int) -> None:
    path = tmp_path / "distinct.parquet"
    text = [f"comment {k} of a customer who has more to say" for k in range(rows)]
    parquet.write_table(pyarrow.table({"s": text, "x": range(rows)}), path)
    column = lazyframe.read_parquet(path)["s"]
    (value,) = column._recorded.needed()[:1]
    from lazyframe.run.bindings import bound_to

    assert bound_to(value.token).as_dictionary() is None
    assert (column == text[7]).sum() == 1
