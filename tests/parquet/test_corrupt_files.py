"""Files with a byte changed, or cut short: an error, or what pandas reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas
import pyarrow
import pytest
from pyarrow import parquet

import lazyframe
from tests.parquet.flipping import errors_of_flipped


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corrupt") / "small.parquet"
    table = pyarrow.table({"a": [1, 2, None, 4], "b": [0.5, 1.5, 2.5, None], "s": ["x", "y", "x", None]})
    parquet.write_table(table, path, row_group_size=2, write_page_checksum=True)
    return path


@pytest.mark.without_pandas
def test_every_byte_flipped(small: Path) -> None:
    assert errors_of_flipped("frame", small) > 300


@pytest.mark.without_pandas
def test_bytes_flipped_in_files_that_are_streamed(small: Path) -> None:
    assert errors_of_flipped("streamed", small, 5, 41) > 20


def test_row_counts_that_contradict_each_other(small: Path, tmp_path: Path) -> None:
    good, flipped = small.read_bytes(), tmp_path / "flipped.parquet"
    found = 0
    for at in range(len(good) // 2, len(good) - 8):
        content = bytearray(good)
        content[at] ^= 1 << 4
        try:
            metadata = parquet.read_metadata(pyarrow.BufferReader(bytes(content)))
            counts = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
        except (OSError, pyarrow.ArrowException):
            continue
        if len(counts) != 2 or min(counts) < 1 or sum(counts) == metadata.num_rows:
            continue
        flipped.write_bytes(content)
        found += 1
        results = []
        for pd in (pandas, lazyframe):
            try:
                df = pd.read_parquet(flipped)
                results.append(repr(df[df["a"] > 1]))
            except (OSError, pyarrow.ArrowException) as error:
                results.append((type(error), str(error)))
        assert results[0] == results[1]
    assert found >= 2


def test_a_page_that_fails_its_checksum_is_reported_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "pages.parquet"
    table = pyarrow.table({"a": np.arange(1000.0), "b": np.arange(1000.0)})
    parquet.write_table(
        table, path, row_group_size=500, write_page_checksum=True, use_dictionary=False, compression="none"
    )
    start = parquet.ParquetFile(path).metadata.row_group(1).column(1).data_page_offset
    content = bytearray(path.read_bytes())
    content[start + 2000] ^= 1
    path.write_bytes(content)
    df = lazyframe.read_parquet(path)
    assert df["a"].sum() == table["a"].to_numpy().sum()
    with pytest.raises(OSError, match=r"row group 1 of .*pages\.parquet.*'b'"):
        df["b"].sum()


@pytest.mark.parametrize("length", [0, 3, 4, 11, 200, -5])
def test_a_file_cut_short(small: Path, tmp_path: Path, length: int) -> None:
    path = tmp_path / "cut.parquet"
    content = small.read_bytes()
    path.write_bytes(content[:length])
    errors = []
    for pd in (pandas, lazyframe):
        with pytest.raises((OSError, pyarrow.ArrowException)) as caught:
            pd.read_parquet(path)
        errors.append((caught.type, str(caught.value)))
    assert errors[0] == errors[1]


def test_a_schema_that_says_of_a_column_that_nothing_can_be_missing(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "required.parquet"
    optional, required = b"\x25\x02\x18\x01a", b"\x25\x00\x18\x01a"  # repetition, and the column's name
    assert small.read_bytes().count(optional) == 1
    path.write_bytes(small.read_bytes().replace(optional, required))
    for pd in (pandas, lazyframe):
        with lazyframe.config(min_rows=0), pytest.raises(OSError, match="histogram"):
            pd.read_parquet(path).query("s == 'x'")["a"].count()


@pytest.mark.parametrize("which", [0, 1])
def test_bounds_that_contradict_each_other_rule_nothing_out(tmp_path: Path, which: int) -> None:
    path = tmp_path / "bounds.parquet"
    parquet.write_table(pyarrow.table({"x": np.linspace(-1.0, 1.0, 40)}), path, row_group_size=20)
    content = bytearray(path.read_bytes())
    bound = np.float64(1.0).tobytes()  # there twice, for old readers and for new ones
    start = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    places = [at for at in range(start, len(content)) if content[at : at + 8] == bound]
    assert len(places) == 2
    content[places[which] + 6] ^= 64
    path.write_bytes(content)
    for pd in (pandas, lazyframe):
        df = pd.read_parquet(path)
        assert len(df[df["x"] > 0.2]) == 16
