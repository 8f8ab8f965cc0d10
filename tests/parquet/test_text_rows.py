"""Columns of text are those that pyarrow reads, and some rows those that pandas takes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pyarrow
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

import lazyframe
from lazyframe.run.parquet.files import ParquetSource
from lazyframe.run.parquet.readers import Readers
from lazyframe.run.parquet.scan import Scan, ScanColumn
from lazyframe.run.parquet.text import read_text
from tests.brief import examples
from tests.parquet.flipping import errors_of_flipped
from tests.programs.compare import same

WORDS = ["", "a", "é", "Ω" * 40, "z\0", "\U0001f600", "AIR REG", "x" * 500]
SHOWN = pandas.Index(["text"]).dtype


def taken(path: Path, positions: np.ndarray) -> Any:
    scan = Scan([ParquetSource(str(path), str(path))], parquet.read_schema(path))
    with Readers() as readers:
        column = ScanColumn(scan, scan.schema.field("s"), np.dtype(object), SHOWN)
        return read_text(scan, column, positions, readers)


@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    words=st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=5)), min_size=1, max_size=30),
    rows=st.integers(40, 900),
    groups=st.integers(1, 4),
    seed=st.integers(0, 99),
    kind=st.sampled_from(["string", "large_string"]),
    compression=st.sampled_from(["snappy", "none", "zstd"]),
    dictionary=st.sampled_from([False, 1, 600, 1 << 20]),
    optional=st.booleans(),
    version=st.sampled_from(["1.0", "2.0"]),
)
def test_rows_are_those_of_the_whole_column(
    tmp_path: Path,
    words: list[str],
    rows: int,
    groups: int,
    seed: int,
    kind: str,
    compression: str,
    dictionary: int,
    optional: bool,
    version: Any,
) -> None:
    path = tmp_path / "text.parquet"
    r = np.random.default_rng(seed)
    mask = r.random(rows) < seed % 4 / 10 * optional
    text = pyarrow.array([words[k] for k in r.integers(0, len(words), rows)], kind, mask=mask)
    schema = pyarrow.schema([pyarrow.field("s", text.type, nullable=optional)])
    # of a dictionary that becomes too large the writer gives up: the pages behind it are plain
    parquet.write_table(
        pyarrow.table([text], schema=schema),
        path,
        row_group_size=-(-rows // groups),
        compression=compression,
        use_dictionary=bool(dictionary),
        dictionary_pagesize_limit=int(dictionary) or None,
        data_page_size=300,
        write_batch_size=16,
        write_page_checksum=seed % 2 == 0,
        data_page_version=version,
    )
    whole = pandas.read_parquet(path)["s"].array
    for count in (1, rows // 5):
        positions = r.integers(0, rows, count)
        found = taken(path, positions)
        assert found is not None
        assert found.dtype == whole.dtype
        assert found._pa_array.type == whole._pa_array.type
        assert repr(found.tolist()) == repr(whole.take(positions).tolist())
    assert taken(path, np.arange(rows)) is None
    scan = Scan([ParquetSource(str(path), str(path))], parquet.read_schema(path))
    column = ScanColumn(scan, scan.schema.field("s"), np.dtype(object), SHOWN)
    with Readers() as readers:
        for group in scan.row_groups:
            all_rows = readers.read_text(group, column)
            assert all_rows is not None
            wanted = readers.read(group, ["s"])["s"]
            assert all_rows.type == wanted.type
            assert all_rows.equals(wanted)
            all_rows.validate(full=True)


@pytest.mark.parametrize("change", ["brotli", "nested"])
def test_what_kernels_do_not_know_is_left_to_pyarrow(change: str, tmp_path: Path) -> None:
    text: list[Any] = ["a", "b", "c"] * 30
    column = pyarrow.array([[word] for word in text] if change == "nested" else text)
    path = tmp_path / "text.parquet"
    parquet.write_table(
        pyarrow.table({"s": column}), path, compression="brotli" if change == "brotli" else "snappy"
    )
    assert taken(path, np.array([3])) is None


@pytest.mark.parametrize("dictionary", [True, False])
def test_programs_that_show_few_rows_read_no_whole_column(
    dictionary: bool, tmp_path: Path, decoded: list[tuple[int, tuple[str, ...]]]
) -> None:
    path, r = tmp_path / "frame.parquet", np.random.default_rng(0)
    frame = pandas.DataFrame(
        {
            "k": r.permutation(500),
            "x": r.normal(size=500),
            "s": [f"row {k} {'é' * (k % 7)}" for k in range(500)],
        }
    )
    frame.to_parquet(path, row_group_size=200, use_dictionary=dictionary)

    def program(pd: Any) -> list[Any]:
        first, second, third = [pd.read_parquet(path) for _ in range(3)]
        few = pd.DataFrame({"k": [3, 499, 3, 12], "y": [1.0, 2.0, 3.0, 4.0]})
        largest = first[first["x"] > 0].sort_values("x", ascending=False).head(20)
        return [largest, few.merge(second, on="k"), third[third["x"] > 2.2][["s"]]]

    for found, wanted in zip(program(lazyframe), program(pandas), strict=True):
        same(found.to_pandas(), wanted)
    assert not [names for _, names in decoded if "s" in names]


def test_a_column_that_is_asked_for_again_and_again_is_read_once(
    tmp_path: Path, decoded: list[tuple[int, tuple[str, ...]]]
) -> None:
    path = tmp_path / "frame.parquet"
    pandas.DataFrame({"x": np.arange(300.0), "s": [f"row {k}" for k in range(300)]}).to_parquet(path)
    df = lazyframe.read_parquet(path)
    for low in range(290, 298):
        assert df[df["x"] > low]["s"].tolist() == [f"row {k}" for k in range(low + 1, 300)]
    assert [names for _, names in decoded if "s" in names] == [("s",)]


@pytest.mark.parametrize("limit", [1 << 20, 100, 1])
def test_bytes_flipped(limit: int, tmp_path: Path) -> None:
    path = tmp_path / "text.parquet"
    table = pyarrow.table({"x": np.arange(40.0), "s": [f"{k} " + "ab" * (k % 9) for k in range(40)]})
    parquet.write_table(
        table,
        path,
        use_dictionary=["s"],
        dictionary_pagesize_limit=limit,
        data_page_size=100,
        write_batch_size=8,
        write_page_checksum=True,
        store_schema=False,
    )
    assert errors_of_flipped("text", path, 4, 9) > 20
