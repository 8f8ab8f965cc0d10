"""Text that files have as indices: codes are those that the strings would be given."""

from __future__ import annotations

import io
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
from lazyframe.run.encode import encode
from lazyframe.run.parquet.files import ParquetSource, source_of_buffer
from lazyframe.run.parquet.scan import Scan, ScanColumn
from tests.brief import examples
from tests.programs.compare import same

WORDS = ["", "a", "b", "ab", "é", "Ω", "a" * 300, "z\0", "\U0001f600", "AIR", "AIR REG"]


def codes_in(scan: Scan) -> tuple[np.ndarray, Any] | None:
    return ScanColumn(scan, scan.schema.field("s"), np.dtype(object), None).as_codes()


def scan_of(path: Path) -> Scan:
    return Scan([ParquetSource(str(path), str(path))], parquet.read_schema(path))


@settings(
    max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    words=st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=5)), min_size=1, max_size=20),
    rows=st.integers(1, 700),
    groups=st.integers(1, 4),
    seed=st.integers(0, 99),
    kind=st.sampled_from(["string", "large_string"]),
    compression=st.sampled_from(["snappy", "none", "zstd"]),
    checksum=st.booleans(),
    missing=st.booleans(),
    stored_plainly=st.booleans(),
)
def test_codes_are_those_of_the_strings(
    tmp_path: Path,
    words: list[str],
    rows: int,
    groups: int,
    seed: int,
    kind: str,
    compression: str,
    checksum: bool,
    missing: bool,
    stored_plainly: bool,
) -> None:
    path = tmp_path / "text.parquet"
    generator = np.random.default_rng(seed)
    text: list[str | None] = [words[k] for k in np.sort(generator.integers(0, len(words), rows))]
    if missing:
        for k in range(seed % 3, rows, 1 + seed % 7):
            text[k] = None
    table = pyarrow.table({"s": pyarrow.array(text, kind)})
    parquet.write_table(
        table,
        path,
        row_group_size=-(-rows // groups),
        compression=compression,
        write_page_checksum=checksum,
        use_dictionary=not stored_plainly,
        data_page_size=50,
    )
    found = codes_in(scan_of(path))
    assert (found is None) == (stored_plainly or table["s"].null_count == rows) or missing
    if found is not None:
        codes, entries = encode(table["s"], 1)
        assert found[0].dtype == codes.dtype
        assert found[0].tolist() == codes.tolist()
        assert found[1].type == entries.type
        assert found[1].to_pylist() == entries.to_pylist()


def test_a_dictionary_that_the_writer_gave_up_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "given_up.parquet"
    text = [f"{k:06}" for k in np.arange(20_000) // 2]
    parquet.write_table(pyarrow.table({"s": text}), path, dictionary_pagesize_limit=2000, data_page_size=500)
    assert codes_in(scan_of(path)) is None
    same(
        lazyframe.read_parquet(path).groupby("s").size().to_pandas(),
        pandas.read_parquet(path).groupby("s").size(),
    )


@pytest.mark.parametrize("compression", ["snappy", "none"])
def test_every_byte_flipped(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "flipped.parquet"
    text = [["AIR", "SHIP", "MAIL", "é"][k * 7 % 4] for k in range(150)]
    parquet.write_table(pyarrow.table({"s": text}), path, compression=compression, data_page_size=100)
    good = path.read_bytes()
    chunk = parquet.ParquetFile(path).metadata.row_group(0).column(0)
    declined = other = 0
    for at in range(chunk.dictionary_page_offset, chunk.dictionary_page_offset + chunk.total_compressed_size):
        bad = bytearray(good)
        bad[at] ^= 1 << (at * 3 % 8)
        source = source_of_buffer(io.BytesIO(bytes(bad)))
        found = codes_in(Scan([source], source.schema))
        if found is None:
            declined += 1
            continue
        strings = found[1].cast(pyarrow.binary()).take(pyarrow.array(found[0])).to_pylist()
        if strings != [word.encode() for word in text]:
            other += 1  # what the format cannot tell: pyarrow reads the same
            theirs = parquet.ParquetFile(io.BytesIO(bytes(bad))).read_row_group(0)["s"]
            assert strings == theirs.cast(pyarrow.binary()).to_pylist()
    assert declined > 50
    assert other > 10


@pytest.mark.parametrize("threads", [1, 2])
def test_programs_over_text_give_what_pandas_gives(tmp_path: Path, threads: int) -> None:
    path = tmp_path / "program.parquet"
    words = np.array(["b", "a", "", "é"], object)
    frame = pandas.DataFrame({"s": words[np.arange(900) // 100 % 4], "x": np.arange(900.0)})
    frame.to_parquet(path, row_group_size=250)
    with lazyframe.config(threads=threads):
        df = lazyframe.read_parquet(path)
        same(df[df["s"] == "b"]["x"].sum(), frame[frame["s"] == "b"]["x"].sum())
        same(df[df["s"].isin(["", "none"])]["x"].count(), frame[frame["s"].isin(["", "none"])]["x"].count())
        same(df.groupby("s")["x"].mean().to_pandas(), frame.groupby("s")["x"].mean())
        same(df.sort_values(["s", "x"]).to_pandas(), frame.sort_values(["s", "x"]))


@pytest.mark.parametrize("threads", [1, 2])
def test_several_keys_of_distinct_text(tmp_path: Path, threads: int) -> None:
    path = tmp_path / "keys.parquet"
    text = np.array([f"{k * 37 % 1000} é" for k in range(1000)], object)
    frame = pandas.DataFrame({"a": text, "b": text[::-1], "c": [None, "x"] * 500, "x": np.arange(1000)})
    frame.to_parquet(path, row_group_size=300, use_dictionary=False)
    for keys in (["a", "b"], ["b", "c", "a"], ["c", "c"]):
        for dropna in (True, False):
            with lazyframe.config(threads=threads):
                df = lazyframe.read_parquet(path)
                found = df.groupby(keys, dropna=dropna)["x"].sum().to_pandas()
            same(found, frame.groupby(keys, dropna=dropna)["x"].sum())


def test_a_mask_of_joined_text_needs_no_text(
    tmp_path: Path, decoded: list[tuple[int, tuple[str, ...]]]
) -> None:
    words = np.array(["red tin", "blue tin", "red", ""], object)
    few = pandas.DataFrame({"k": np.arange(40), "s": words[np.arange(40) % 4]})
    many = pandas.DataFrame({"k": np.arange(300) * 7 % 50, "x": np.arange(300.0)})
    for name, frame in (("few", few), ("many", many)):
        frame.to_parquet(tmp_path / f"{name}.parquet")
    both = lazyframe.read_parquet(tmp_path / "many.parquet").merge(
        lazyframe.read_parquet(tmp_path / "few.parquet"), on="k"
    )
    theirs = many.merge(few, on="k")
    same(both[both["s"].str.endswith("tin")]["x"].sum(), theirs[theirs["s"].str.endswith("tin")]["x"].sum())
    assert (0, ("x",)) in decoded
    assert (0, ("s",)) not in decoded
