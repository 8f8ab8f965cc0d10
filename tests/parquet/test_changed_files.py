"""Files that are replaced, deleted or written to between being asked for and being read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas
import pytest
from pyarrow import fs

import lazyframe
from lazyframe.run.parquet import files as module
from lazyframe.run.parquet.files import ChangedFileError
from tests.programs.compare import same

BEFORE = pandas.DataFrame({"a": [1, 2, 3], "s": ["x", "y", "z"]})
AFTER = pandas.DataFrame({"a": [7, 8, 9], "s": ["u", "v", "w"]})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    BEFORE.to_parquet(tmp_path / "a.parquet")
    return tmp_path / "a.parquet"


def total(df: Any) -> int:
    return int(df["a"].sum())


def test_a_file_that_was_deleted_is_read_as_it_was(path: Path) -> None:
    df = lazyframe.read_parquet(path)
    path.unlink()
    assert total(df) == 6
    assert df["s"].to_list() == ["x", "y", "z"]


def test_a_file_that_was_replaced_is_read_as_it_was(path: Path, tmp_path: Path) -> None:
    df = lazyframe.read_parquet(path)
    AFTER.to_parquet(tmp_path / "b.parquet")
    os.replace(tmp_path / "b.parquet", path)
    assert total(df) == 6
    assert total(lazyframe.read_parquet(path)) == 24


def test_a_file_that_is_written_over_is_reported(path: Path) -> None:
    df = lazyframe.read_parquet(path)
    AFTER.to_parquet(path)
    with pytest.raises(ChangedFileError, match=r"a\.parquet changed after it was asked for"):
        total(df)
    assert total(lazyframe.read_parquet(path)) == 24


@pytest.mark.parametrize("cut", [0, 1, 100])
def test_a_file_that_is_cut_short_is_reported(path: Path, cut: int) -> None:
    df = lazyframe.read_parquet(path)
    os.truncate(path, cut)
    with pytest.raises(ChangedFileError, match="bytes and had"):
        total(df)


def test_a_change_that_keeps_size_and_time_is_seen_by_the_footer(path: Path) -> None:
    df = lazyframe.read_parquet(path)
    found = os.stat(path)
    content = path.read_bytes()
    with open(path, "r+b") as opened:
        opened.seek(-12, os.SEEK_END)
        opened.write(bytes([content[-12] ^ 1]))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    with pytest.raises(ChangedFileError, match="footer"):
        total(df)


def test_what_is_decoded_stays(path: Path) -> None:
    df = lazyframe.read_parquet(path)
    assert (df["a"] + 1).to_list() == [2, 3, 4]
    assert (df["a"] + 2).to_list() == [3, 4, 5]
    AFTER.to_parquet(path)
    assert (df["a"] + 3).to_list() == [4, 5, 6]
    with pytest.raises(ChangedFileError):
        df["s"].to_list()


@pytest.mark.parametrize("gone", [True, False])
def test_files_that_are_not_held_open(path: Path, monkeypatch: pytest.MonkeyPatch, gone: bool) -> None:
    monkeypatch.setattr(module, "MOST_HELD", 0)
    df = lazyframe.read_parquet(path)
    assert total(df) == 6
    again = lazyframe.read_parquet(path)
    if gone:
        path.unlink()
    else:
        AFTER.to_parquet(path)
    with pytest.raises(ChangedFileError):
        total(again)


@pytest.mark.parametrize("writer", ["to_csv", "to_json", "to_pickle", "to_feather"])
@pytest.mark.parametrize("column", [None, "a"])
def test_a_change_is_reported_before_anything_is_written(
    path: Path, tmp_path: Path, writer: str, column: str | None
) -> None:
    df = lazyframe.read_parquet(path)
    found = df if column is None or writer == "to_feather" else df[column]
    AFTER.to_parquet(path)
    (tmp_path / "kept").write_text("as it was")
    with pytest.raises(ChangedFileError):
        getattr(found, writer)(tmp_path / "kept")
    assert (tmp_path / "kept").read_text() == "as it was"


CHANGES: dict[str, Callable[[Path], None]] = {
    "longer": lambda path: pandas.concat([AFTER, AFTER]).to_parquet(path),
    "deleted": Path.unlink,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
@pytest.mark.parametrize("held", [0, 9])
def test_what_directories_are_called_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None], held: int
) -> None:
    monkeypatch.setattr(module, "MOST_HELD", held)
    for key in ("k=1", "k=2"):
        (tmp_path / key).mkdir()
        BEFORE.to_parquet(tmp_path / key / "a.parquet")
    wanted = pandas.read_parquet(tmp_path)
    df = lazyframe.read_parquet(tmp_path)
    new = tmp_path / ".new"
    AFTER.to_parquet(new)
    change(new)
    if new.exists():
        os.replace(new, tmp_path / "k=1" / "a.parquet")
    else:
        (tmp_path / "k=1" / "a.parquet").unlink()
    assert df["k"].to_list() == wanted["k"].to_list()
    if held:
        same(df.to_pandas(), wanted)
        return
    with pytest.raises(ChangedFileError):
        df.to_pandas()


def test_a_file_of_another_filesystem(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Elsewhere:
        """A filesystem that is not the local one, to the code under test."""

        @staticmethod
        def from_uri(uri: str) -> tuple[Any, str]:
            return fs.SubTreeFileSystem(str(path.parent), fs.LocalFileSystem()), "a.parquet"

    monkeypatch.setattr("lazyframe.run.parquet.find.fs.FileSystem", Elsewhere)
    df = lazyframe.read_parquet("elsewhere://a.parquet")
    assert total(df) == 6
    again = lazyframe.read_parquet("elsewhere://a.parquet")
    AFTER.to_parquet(path)
    os.utime(path, (1, 1))
    with pytest.raises(ChangedFileError, match="elsewhere://"):
        total(again)


def test_a_buffer_that_is_written_to_is_read_as_it_was(path: Path) -> None:
    import io

    buffer = io.BytesIO(path.read_bytes())
    df = lazyframe.read_parquet(buffer)
    buffer.seek(0)
    buffer.write(b"\x00" * 100)
    buffer.close()
    assert total(df) == 6
