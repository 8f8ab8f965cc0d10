"""Columns that several threads decode, each some of the pages, are those that pandas reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

import lazyframe
from lazyframe.run.parquet import decode
from lazyframe.run.parquet.parts import Parts, divided
from tests.brief import examples
from tests.programs.compare import same


def frame_of(rows: int, distinct: int, seed: int) -> pandas.DataFrame:
    r = np.random.default_rng(seed)
    some = r.integers(0, distinct, rows)
    return pandas.DataFrame(
        {
            "key": np.arange(rows) * 3,
            "few": some.astype(np.int32),
            "x": np.where(r.random(rows) < 0.2, np.nan, some / 7),
            "t": pandas.Timestamp("2024-05-01") + pandas.to_timedelta(some, "h"),
            "s": [f"{number}é" * (number % 5) for number in some],
            "gap": [None if number % 6 == 5 else f"w{number}" for number in some],
            "flag": some % 2 == 0,
        }
    )


@pytest.fixture
def parts_made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of each column that was divided how many parts there were."""
    seen: list[int] = []
    theirs = Parts.__init__

    def init(self: Parts, count: int, *others: Any) -> None:
        seen.append(count)
        theirs(self, count, *others)

    monkeypatch.setattr(Parts, "__init__", init)
    monkeypatch.setattr(decode, "_LEAST_PART", 1)
    return seen


@settings(
    max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.sampled_from([1, 9, 500, 2001]),
    distinct=st.sampled_from([1, 30, 5000]),
    seed=st.integers(0, 99),
    groups=st.integers(1, 3),
    compression=st.sampled_from(["snappy", "none", "zstd"]),
    dictionary=st.sampled_from([False, 1, 600, 1 << 20]),
    page_bytes=st.sampled_from([64, 1000, 1 << 20]),
    threads=st.sampled_from([1, 2, 3]),
)
def test_whole_frames(
    tmp_path: Path,
    parts_made: list[int],
    rows: int,
    distinct: int,
    seed: int,
    groups: int,
    compression: str,
    dictionary: int,
    page_bytes: int,
    threads: int,
) -> None:
    path = tmp_path / "parts.parquet"
    frame_of(rows, distinct, seed).to_parquet(
        path,
        row_group_size=-(-rows // groups),
        compression=compression,
        use_dictionary=bool(dictionary),
        dictionary_pagesize_limit=dictionary or 1,
        data_page_size=page_bytes,
        write_batch_size=64,
    )
    wanted = pandas.read_parquet(path)
    with lazyframe.config(threads=threads):
        df = lazyframe.read_parquet(path)
        same(df.assign(key=df["key"] + 1).to_pandas(), wanted.assign(key=wanted["key"] + 1))
        same(lazyframe.read_parquet(path).to_pandas(), wanted)
    assert parts_made or threads == 1 or rows < 500 or groups > 1


@pytest.mark.parametrize("threads", [2, 3])
def test_a_damaged_part_is_reported_with_its_place(
    tmp_path: Path, parts_made: list[int], threads: int
) -> None:
    path = tmp_path / "damaged.parquet"
    frame = frame_of(2000, 5000, 3)[["key", "s"]]
    frame.to_parquet(path, data_page_size=1000, write_batch_size=64, write_page_checksum=True)
    whole = path.read_bytes()
    for name in range(2):
        column = parquet.ParquetFile(path).metadata.row_group(0).column(name)
        content = bytearray(whole)
        first = column.dictionary_page_offset or column.data_page_offset
        content[first + column.total_compressed_size // 2] ^= 1
        path.write_bytes(content)
        with lazyframe.config(threads=threads):
            df = lazyframe.read_parquet(path)
            asked = df.assign(key=df["key"] + 1)
            with pytest.raises(OSError, match=r"checksum.*row group 0 of"):
                asked.to_pandas()
        path.write_bytes(whole)
    assert parts_made


def test_parts_have_all_pages() -> None:
    pages = np.zeros((10, 8), np.int64)
    pages[:, 2] = [5, 0, 0, 100, 1, 1, 1, 50, 50, 3]
    for count in range(1, 14):
        found = divided(pages, count)
        assert len(found) == count
        assert [row for which in found for row in range(10)[which]] == list(range(10))


def test_what_fails_in_one_part_is_done_in_another_way_once() -> None:
    done: list[str] = []
    parts = Parts(
        3,
        lambda: [lambda: True, lambda: False, lambda: True],
        lambda: done.append("done"),
        lambda: done.append("whole"),
    )
    for part in (2, 0, 1):
        parts.decode(part)
    assert done == ["whole"]
    other = Parts(2, lambda: None, lambda: done.append("done"), lambda: done.append("other"))
    for part in (1, 0):
        other.decode(part)
    assert done == ["whole", "other"]
