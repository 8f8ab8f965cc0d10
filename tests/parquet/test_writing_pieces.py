"""What is written piece by piece is the file that pandas writes of the whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
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
from lazyframe.api import writing_pieces
from lazyframe.record import pieces
from tests.parquet.tables import layouts, tables
from tests.parquet.test_writing import takes_nameless

ROWS = 40

pytestmark = pytest.mark.usefixtures("interpreted", "_small_pieces")


@pytest.fixture
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE_ROWS", 7)


@pytest.fixture
def streamed(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each frame that was written was written piece by piece."""
    seen: list[bool] = []
    theirs = writing_pieces.write_in_pieces

    def write(*args: Any) -> bool:
        seen.append(theirs(*args))
        return seen[-1]

    monkeypatch.setattr(writing_pieces, "write_in_pieces", write)
    return seen


def make() -> pandas.DataFrame:
    rng = np.random.default_rng(1)
    x = rng.integers(0, 100, ROWS) / 2
    x[::6] = np.nan
    text = pandas.Series([None if k % 11 == 3 else "abc"[k % 3] for k in range(ROWS)], dtype="str")
    t = pandas.Series(pandas.date_range("2020", periods=ROWS, freq="D"))
    t[5] = pandas.NaT
    return pandas.DataFrame(
        {"k": np.arange(ROWS), "x": x, "s": text, "t": t, "b": x > 20, "i": np.arange(ROWS).astype("int8")}
    )


def of_file(path: Path) -> Callable[[Any], Any]:
    return lambda pd: pd.read_parquet(path)


def of_memory(index: Any = None, **more: Any) -> Callable[[Any], Any]:
    def frame(pd: Any) -> Any:
        found = make().assign(**more)
        return pd.DataFrame(found if index is None else found.set_axis(index, axis=0))

    return frame


PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "maps": lambda df: df.assign(y=df["x"] * 2, z=df["k"] + df["i"]),
    "a filter": lambda df: df[df["x"] > 20],
    "rows of one piece": lambda df: df[(df["k"] > 15) & (df["k"] < 19)],
    "evenly spaced": lambda df: df[df["k"] % 3 == 1],
    "one is not": lambda df: df[(df["k"] % 3 == 1) | (df["k"] == 38)],
    "all rows": lambda df: df[df["k"] >= 0],
    "the last row": lambda df: df[df["k"] > 38],
    "no rows": lambda df: df[df["k"] > 100],
    "two filters": lambda df: df[df["x"] > 10][["k", "s"]].query("k < 30"),
    "two filters, evenly spaced": lambda df: df[df["x"] != 10][["k"]].query("k < 3"),
    "renumbered": lambda df: df[df["x"] > 20].reset_index(drop=True),
    "renumbered and filtered": lambda df: df[df["x"] > 20].reset_index(drop=True).query("k < 30"),
    "less its mean": lambda df: df.assign(y=df["x"] - df["x"].mean())[df["x"] > df["x"].median()],
    "strings": lambda df: df[df["s"] == "a"].assign(u=lambda part: part["s"].str.upper()),
    "dates": lambda df: df[df["t"].dt.month == 1].assign(y=lambda part: part["t"].dt.year),
    "columns": lambda df: df[df["b"]][["s", "x"]],
    "filled": lambda df: df.fillna({"x": 0.0}).dropna(),
}
WHOLE = {
    "no rows",
    "the last row",
    "two filters, evenly spaced",
    "renumbered",
    "renumbered and filtered",
    "less its mean",
}
"""Of these pandas writes some or all at once."""


def written_alike(tmp_path: Path, frame: Any, plain: Any, **options: Any) -> None:
    mine, theirs = tmp_path / "mine.parquet", tmp_path / "theirs.parquet"
    assert frame.to_parquet(mine, **options) is None
    plain.to_parquet(theirs, **options)
    one, other = (parquet.ParquetFile(path) for path in (mine, theirs))
    assert one.schema_arrow.equals(other.schema_arrow, check_metadata=True)
    sizes = [
        [file.metadata.row_group(k).num_rows for k in range(file.num_row_groups)] for file in (one, other)
    ]
    assert sizes[0] == sizes[1]
    assert mine.read_bytes() == theirs.read_bytes()
    pandas.testing.assert_frame_equal(pandas.read_parquet(mine), pandas.read_parquet(theirs))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sources") / "source.parquet"
    make().to_parquet(path, row_group_size=5)
    return path


@pytest.mark.parametrize("name", list(PROGRAMS))
@pytest.mark.parametrize("in_file", [True, False])
def test_a_program(tmp_path: Path, place: Path, streamed: list[bool], name: str, in_file: bool) -> None:
    read = of_file(place) if in_file else of_memory()
    program = PROGRAMS[name]
    for options in ({}, {"index": True}, {"index": False, "row_group_size": 4}):
        written_alike(tmp_path, program(read(lazyframe)), program(read(pandas)), **options)
    assert all(streamed) or name in WHOLE
    assert any(streamed) or name == "less its mean" or not len(program(make()))


INDEXES: dict[str, tuple[Any, bool]] = {
    "named range": (pandas.RangeIndex(3, 3 + 2 * ROWS, 2, name="n"), True),
    "backwards": (pandas.RangeIndex(ROWS, 0, -1), True),
    "integers": (pandas.Index(np.arange(ROWS)[::-1], name="n"), True),
    "floats": (pandas.Index(np.arange(ROWS) / 2), True),
    "dates": (pandas.date_range("2020", periods=ROWS, name="d"), True),
    "strings": (pandas.Index([str(k) for k in range(ROWS)]), False),
    "levels": (pandas.MultiIndex.from_arrays([np.arange(ROWS), np.arange(ROWS) % 2]), False),
}


@pytest.mark.parametrize("name", list(INDEXES))
@pytest.mark.parametrize("index", [None, True, False])
def test_labels(tmp_path: Path, streamed: list[bool], name: str, index: Any) -> None:
    labels, stored = INDEXES[name]
    mine, plain = of_memory(labels)(lazyframe), of_memory(labels)(pandas)
    for program in (PROGRAMS["maps"], PROGRAMS["a filter"], PROGRAMS["evenly spaced"]):
        written_alike(tmp_path, program(mine), program(plain), index=index)
    assert all(streamed) == (stored or index is False)


COLUMNS: dict[str, tuple[Any, bool]] = {
    "categories": (pandas.Categorical(["u", "v"] * (ROWS // 2), ["v", "w", "u"], ordered=True), True),
    "zoned": (pandas.date_range("2020", periods=ROWS, tz="Europe/Berlin"), True),
    "spans": (pandas.to_timedelta(np.arange(ROWS), unit="s"), True),
    "objects": (np.array([1, "x"] * (ROWS // 2), object), False),
    "dates": (np.array([pandas.Timestamp("2020").date()] * ROWS, object), False),
    "missing": (np.array([None] * ROWS, object), False),
    "masked": (pandas.array([1, None] * (ROWS // 2), "Int8"), False),
}


@pytest.mark.parametrize("name", list(COLUMNS))
def test_columns(tmp_path: Path, streamed: list[bool], name: str) -> None:
    column, alone = COLUMNS[name]
    mine, plain = of_memory(c=column)(lazyframe), of_memory(c=column)(pandas)
    if name == "objects":
        with pytest.raises(pyarrow.ArrowException):
            mine[mine["x"] > 20].to_parquet(tmp_path / "no.parquet")
        assert os.listdir(tmp_path) == []
    else:
        written_alike(tmp_path, mine[mine["x"] > 20], plain[plain["x"] > 20])
    assert streamed == [alone]


@pytest.mark.parametrize(
    "options",
    [
        {"compression": None},
        {"compression": "zstd", "compression_level": 3},
        {"row_group_size": 7, "use_dictionary": ["s"]},
        {"engine": "pyarrow", "row_group_size": 1000},
        {"version": "1.0", "coerce_timestamps": "ms"},
    ],
    ids=str,
)
def test_options(tmp_path: Path, place: Path, streamed: list[bool], options: dict[str, Any]) -> None:
    mine, plain = lazyframe.read_parquet(place), pandas.read_parquet(place)
    written_alike(tmp_path, mine[mine["x"] > 20], plain[plain["x"] > 20], **options)
    assert streamed == [True]


@given(
    tables(most_rows=40),
    layouts(),
    st.integers(1, 12),
    st.sampled_from([None, True, False]),
    st.integers(1, 3),
)
def test_any_table(
    tmp_path_factory: pytest.TempPathFactory,
    table: Any,
    layout: dict[str, Any],
    rows: int,
    index: Any,
    threads: int,
) -> None:
    place = tmp_path_factory.mktemp("any")
    source = place / "source.parquet"
    table = table.append_column("k", pyarrow.array(np.arange(len(table)) % 5))
    parquet.write_table(table, source, **layout)
    try:
        plain = pandas.read_parquet(source)
    except (pyarrow.ArrowException, OverflowError, ValueError):
        return
    wanted: Any = None
    try:
        plain[plain["k"] != 2].to_parquet(place / "probe.parquet", index=index)
    except Exception as error:
        wanted = type(error)
    with lazyframe.config(threads=threads):
        mine = lazyframe.read_parquet(source)
        if wanted is not None:
            with pytest.raises(wanted):
                mine[mine["k"] != 2].to_parquet(place / "mine.parquet", index=index)
        else:
            options = {"index": index, "row_group_size": rows}
            written_alike(place, mine[mine["k"] != 2], plain[plain["k"] != 2], **options)


def test_only_a_part_is_read_at_once(
    tmp_path: Path, place: Path, decoded: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[Any] = []
    theirs = parquet.ParquetWriter.write_table

    def write(self: Any, table: Any, *args: Any) -> None:
        events.append(len(decoded))
        theirs(self, table, *args)

    monkeypatch.setattr(parquet.ParquetWriter, "write_table", write)
    df = lazyframe.read_parquet(place)
    df.assign(y=df["x"] + 1).to_parquet(tmp_path / "out.parquet", row_group_size=5)
    read = len({group for group, _ in decoded})
    assert (read, len(events)) == (8, 8)
    assert events[0] < len(decoded) / 2


def test_columns_of_rows_that_are_not_left_are_not_read(
    tmp_path: Path, place: Path, decoded: list[Any]
) -> None:
    df = lazyframe.read_parquet(place)
    df[df["k"] >= 31].to_parquet(tmp_path / "out.parquet", index=False)
    assert {group for group, names in decoded if set(names) & {"x", "s", "t"}} == {6, 7}


@pytest.mark.parametrize("at", [0, 2])
def test_a_write_that_fails_leaves_nothing(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    path = tmp_path / "out.parquet"
    path.write_bytes(b"as it was")
    count = 0
    theirs = pieces.Pieces.arrays

    def interrupted(self: Any, *args: Any) -> Any:
        nonlocal count
        count += 1
        if count > at:
            raise KeyboardInterrupt
        return theirs(self, *args)

    monkeypatch.setattr(pieces.Pieces, "arrays", interrupted)
    df = lazyframe.read_parquet(place)
    with pytest.raises(KeyboardInterrupt):
        df.assign(y=df["x"] + 1).to_parquet(path, row_group_size=2)
    assert path.read_bytes() == b"as it was"
    assert os.listdir(tmp_path) == ["out.parquet"]


def test_a_source_that_changes_is_reported(tmp_path: Path) -> None:
    source = tmp_path / "source.parquet"
    make().to_parquet(source, row_group_size=5)
    df = lazyframe.read_parquet(source)
    make().assign(k=1).to_parquet(source, row_group_size=5)
    with pytest.raises(OSError, match="changed after it was asked for"):
        df.assign(y=df["x"] + 1).to_parquet(tmp_path / "out.parquet")
    assert os.listdir(tmp_path) == ["source.parquet"]


KILLED = """
import os, signal, sys
import lazyframe
from lazyframe.record import pieces

pieces.PIECE_ROWS = 5
lazyframe.config(min_rows=0, threads=1)
df = lazyframe.read_parquet(sys.argv[1])
pieces.Pieces.arrays = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
df.to_parquet(sys.argv[2])
"""


@pytest.mark.without_pandas
def test_a_process_that_is_killed_leaves_nothing(tmp_path: Path, place: Path) -> None:
    path = tmp_path / "out.parquet"
    if not takes_nameless(tmp_path):
        pytest.skip("files have names from the beginning on this file system")
    path.write_bytes(b"as it was")
    found = subprocess.run([sys.executable, "-c", KILLED, place, path], check=False, timeout=600)
    assert found.returncode == -signal.SIGKILL
    assert os.listdir(tmp_path) == ["out.parquet"]
    assert path.read_bytes() == b"as it was"


FULL = """
import resource, signal, sys
import lazyframe
from lazyframe.record import pieces
from lazyframe.run import execute

pieces.PIECE_ROWS = 5
execute.kernel_for = lambda *_: None
lazyframe.config(min_rows=0, threads=1)
df = lazyframe.read_parquet(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try:
    df.assign(y=df["k"] + 1).to_parquet(sys.argv[2], row_group_size=2)
except OSError as error:
    print(error.errno)
"""


def test_a_full_disk(tmp_path: Path, place: Path) -> None:
    path = tmp_path / "out.parquet"
    found = subprocess.run(
        [sys.executable, "-c", FULL, place, path],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    assert found.stdout.strip() == "27"  # EFBIG, which stands for a disk that is full
    assert os.listdir(tmp_path) == []
