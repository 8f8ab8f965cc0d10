"""Files with a byte changed, or cut short: an error, or what pandas reads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas
import pyarrow
import pytest
from pyarrow import parquet

import lazyframe

FLIPPED = """
import faulthandler, sys
import pandas
import lazyframe

faulthandler.enable()
path, first, step = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
good = open(path, "rb").read()
right = pandas.read_parquet(path)
lazyframe.config(min_rows=0, threads=1)
wrong = errors = 0
for at in range(first, len(good), step):
    bad = bytearray(good)
    bad[at] ^= 1 << (at % 8)
    with open(path + ".bad", "wb") as opened:
        opened.write(bad)
    try:
        found = lazyframe.read_parquet(path + ".bad")
        total = found[found["a"] > 1]["b"].sum()
        groups = found.groupby("s")["b"].sum()
        found = found.to_pandas()
    except Exception as error:
        errors += 1
        continue
    if not found.equals(right):
        try:
            theirs = pandas.read_parquet(path + ".bad")
        except Exception:
            theirs = None
        # what the format cannot tell: pandas reads the same
        if theirs is None or not found.equals(theirs):
            print("wrong at", at)
            wrong += 1
print(errors, wrong)
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corrupt") / "small.parquet"
    table = pyarrow.table({"a": [1, 2, None, 4], "b": [0.5, 1.5, 2.5, None], "s": ["x", "y", "x", None]})
    parquet.write_table(table, path, row_group_size=2, write_page_checksum=True)
    return path


@pytest.mark.parametrize("part", range(3))
def test_every_byte_flipped(small: Path, part: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FLIPPED, str(small), str(part), "3"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    errors, wrong = map(int, ran.stdout.splitlines()[-1].split())
    assert wrong == 0, ran.stdout
    assert errors > 100


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
