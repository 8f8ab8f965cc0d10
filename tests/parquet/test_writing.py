"""Files get their names when they are whole."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import Any

import pandas
import pyarrow
import pytest
from pyarrow import parquet

import lazyframe
from tests.programs.compare import same

DATA = {"a": [1, 2, 3], "s": ["x", None, "z"], "t": pandas.to_datetime(["2020", "2021", None])}


@pytest.mark.parametrize("as_path", [str, Path])
@pytest.mark.parametrize(
    "options", [{}, {"compression": None}, {"index": True}, {"row_group_size": 2}], ids=str
)
def test_what_is_written_is_what_pandas_writes(tmp_path: Path, as_path: Any, options: dict[str, Any]) -> None:
    mine, theirs = tmp_path / "mine.parquet", tmp_path / "theirs.parquet"
    frame = lazyframe.DataFrame(DATA)
    assert frame[frame["a"] > 1].to_parquet(as_path(mine), **options) is None
    plain = pandas.DataFrame(DATA)
    plain[plain["a"] > 1].to_parquet(theirs, **options)
    assert mine.read_bytes() == theirs.read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["mine.parquet", "theirs.parquet"]


def takes_nameless(directory: Path) -> bool:
    """Whether files in a directory can do without a name."""
    try:
        os.close(os.open(directory, os.O_TMPFILE | os.O_WRONLY))
    except OSError:
        return False
    return True


def forbidden(*_: Any, **__: Any) -> None:
    raise PermissionError


@pytest.mark.parametrize("lacks", [None, "O_TMPFILE", "link"])
def test_files_are_made_without_a_name_where_they_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacks: str | None
) -> None:
    named = lacks == "O_TMPFILE" or not takes_nameless(tmp_path)
    if lacks == "O_TMPFILE":
        monkeypatch.delattr(os, lacks)
    elif lacks:
        monkeypatch.setattr(os, lacks, forbidden)
    seen: list[list[str]] = []
    theirs = parquet.write_table

    def write(*args: Any, **kwargs: Any) -> None:
        seen.append(os.listdir(tmp_path))
        theirs(*args, **kwargs)

    monkeypatch.setattr(parquet, "write_table", write)
    for _ in range(2):
        lazyframe.DataFrame(DATA).to_parquet(tmp_path / "new.parquet")
    assert os.listdir(tmp_path) == ["new.parquet"]
    assert [sum(name.startswith(".") for name in names) for names in seen] == [named] * 2
    pandas.DataFrame(DATA).to_parquet(tmp_path / "theirs.parquet")
    assert (tmp_path / "new.parquet").read_bytes() == (tmp_path / "theirs.parquet").read_bytes()
    assert (tmp_path / "new.parquet").stat().st_mode == (tmp_path / "theirs.parquet").stat().st_mode


def test_a_file_can_be_written_from_itself(tmp_path: Path) -> None:
    path = tmp_path / "same.parquet"
    pandas.DataFrame(DATA).to_parquet(path)
    df = lazyframe.read_parquet(path)
    kept = df[df["a"] > 1]
    doubled = df["a"] * 2
    kept.to_parquet(path)
    assert pandas.read_parquet(path)["a"].to_list() == [2, 3]
    assert doubled.to_list() == [2, 4, 6]


def test_what_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "kept.parquet"
    pandas.DataFrame(DATA).to_parquet(path)
    before = path.read_bytes()
    mixed = lazyframe.DataFrame({"a": [1, "x", 2.5]})
    errors: list[Any] = []
    for frame in (mixed, mixed.to_pandas()):
        with pytest.raises(pyarrow.ArrowInvalid) as caught:
            frame.to_parquet(path)
        errors.append(str(caught.value))
        if frame is mixed:
            assert path.read_bytes() == before
            assert os.listdir(tmp_path) == ["kept.parquet"]
    assert errors[0] == errors[1]


def test_an_interrupted_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(parquet, "write_table", interrupted)
    with pytest.raises(KeyboardInterrupt):
        lazyframe.DataFrame(DATA).to_parquet(tmp_path / "new.parquet")
    assert os.listdir(tmp_path) == []


def test_links_and_modes_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "real.parquet", tmp_path / "link.parquet"
    path.write_bytes(b"")
    path.chmod(0o640)
    link.symlink_to(path)
    lazyframe.DataFrame(DATA).to_parquet(link)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    same(pandas.read_parquet(path), pandas.DataFrame(DATA))


def test_what_is_no_local_file(tmp_path: Path) -> None:
    frame, plain = lazyframe.DataFrame(DATA), pandas.DataFrame(DATA)
    assert frame.to_parquet() == plain.to_parquet()
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    assert buffer.getvalue() == plain.to_parquet()
    frame.to_parquet(tmp_path / "parts", partition_cols=["a"])
    assert sorted(os.listdir(tmp_path / "parts")) == ["a=1", "a=2", "a=3"]
    frame.to_parquet((tmp_path / "uri.parquet").as_uri())
    same(pandas.read_parquet(tmp_path / "uri.parquet"), plain)


@pytest.mark.parametrize("path", ["nowhere/at/all.parquet", ".", "", "new.parquet/"])
def test_paths_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.chdir(tmp_path)
    errors: list[Any] = []
    for pd in (lazyframe, pandas):
        with pytest.raises(OSError) as caught:  # noqa: PT011  # compared with pandas'
            pd.DataFrame(DATA).to_parquet(path)
        errors.append((caught.type, str(caught.value)))
    assert errors[0] == errors[1]
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("length", [230, 255, 256])
def test_names_as_long_as_names_may_be(tmp_path: Path, length: int) -> None:
    outcomes = []
    for pd in (lazyframe, pandas):
        try:
            pd.DataFrame(DATA).to_parquet(tmp_path / ("n" * length))
            outcomes.append(pandas.read_parquet(tmp_path / ("n" * length)).to_dict())
        except OSError as error:
            outcomes.append((type(error), str(error)))
    assert outcomes[0] == outcomes[1]


def test_a_directory_that_takes_no_files() -> None:
    errors = []
    for pd in (lazyframe, pandas):
        with pytest.raises(OSError) as caught:  # noqa: PT011  # compared with pandas'
            pd.DataFrame(DATA).to_parquet("/proc/x.parquet")
        errors.append((caught.type, str(caught.value)))
    assert errors[0] == errors[1]


def test_arrow_in_and_out() -> None:
    table = pyarrow.table({"a": [1.5, 2.5], "s": ["x", None]})
    frame = lazyframe.DataFrame.from_arrow(table)
    assert type(frame) is lazyframe.DataFrame
    same(frame.to_pandas(), pandas.DataFrame.from_arrow(table))
    assert pyarrow.table(frame[frame["a"] > 2]).to_pydict() == {"a": [2.5], "s": [None]}
    numbers = pyarrow.chunked_array([[1.0, 2.0]])
    series = lazyframe.Series.from_arrow(numbers)
    same((series + 1).to_pandas(), pandas.Series.from_arrow(numbers) + 1)
