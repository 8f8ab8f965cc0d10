"""Every form of path that ``pandas.read_parquet`` takes."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pyarrow
import pytest
from hypothesis import HealthCheck, given, settings
from pyarrow import parquet

import lazyframe
from tests.brief import examples
from tests.parquet.tables import tables
from tests.programs.compare import same

FRAME = pandas.DataFrame(
    {
        "k": [1, 2, 1, 2, 3],
        "y": [2020, 2021, 2020, 2021, 2021],
        "v": [0.5, 1.5, None, 2.5, 3.5],
        "s": list("abcab"),
    }
)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Any]:
    """A path of every form."""
    one = tmp_path / "one.parquet"
    FRAME.to_parquet(one)
    parts = tmp_path / "parts"
    parts.mkdir()
    for k in range(3):
        FRAME.iloc[k : k + 2].reset_index(drop=True).to_parquet(parts / f"part-{k}.parquet")
    (parts / "_ignored").write_text("not Parquet")
    hive = tmp_path / "hive"
    FRAME.to_parquet(hive, partition_cols=["y", "s"])
    nested = tmp_path / "tree" / "y=2020"
    nested.mkdir(parents=True)
    FRAME.drop(columns="y").to_parquet(nested / "leaf.parquet")
    return {
        "text": str(one),
        "path": one,
        "URI": one.as_uri(),
        "list": [str(parts / "part-2.parquet"), str(parts / "part-0.parquet")],
        "directory": str(parts),
        "directory with slash": str(parts) + os.sep,
        "directory URI": parts.as_uri(),
        "hive": str(hive),
        "hive of one file": nested.parent,
        "file of a hive": str(nested / "leaf.parquet"),
        "bytes": io.BytesIO(one.read_bytes()),
    }


FORMS = (
    "text", "path", "URI", "list", "directory", "directory with slash", "directory URI", "hive",
    "hive of one file", "file of a hive", "bytes",
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_form_of_path(files: dict[str, Any], form: str) -> None:
    wanted = pandas.read_parquet(files[form])
    found = lazyframe.read_parquet(files[form])
    assert "_mgr" not in found.__dict__
    assert list(found.dtypes) == list(wanted.dtypes)
    same(found[found["v"] > 1].to_pandas(), wanted[wanted["v"] > 1])
    same(found.to_pandas(), wanted)


@pytest.mark.parametrize("form", ["text", "directory", "hive"])
@pytest.mark.parametrize("columns", [["v"], ["v", "k"], ["s", "v"]])
def test_columns_of_a_form(files: dict[str, Any], form: str, columns: list[str]) -> None:
    wanted = pandas.read_parquet(files[form], columns=columns)
    same(lazyframe.read_parquet(files[form], columns=columns).to_pandas(), wanted)


def test_an_open_file(files: dict[str, Any]) -> None:
    with open(files["path"], "rb") as opened:
        opened.read(3)
        found = lazyframe.read_parquet(opened)
    same(found.to_pandas(), FRAME)


def test_a_home_directory(files: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(files["path"].parent))
    same(lazyframe.read_parquet("~/one.parquet").to_pandas(), FRAME)


DIRECTORIES: dict[str, list[str]] = {
    "integers": ["k=10", "k=9", "k=-1"],
    "text": ["k=b", "k=a%20%C3%A9", "k="],
    "dates": ["k=2020-01-02", "k=2019-01-01"],
    "nothing": ["k=1", "k=__HIVE_DEFAULT_PARTITION__"],
    "two keys": ["k=1/w=x", "k=1/w=y", "k=2/w=x"],
    "other depths": [".", "k=1", "k=1/w=5", "z=q"],
}


@pytest.mark.parametrize("names", DIRECTORIES.values(), ids=list(DIRECTORIES))
def test_names_of_directories(tmp_path: Path, names: list[str]) -> None:
    frame = FRAME[["v", "y"]]
    for number, name in enumerate(names):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        frame.iloc[number % 2 :].reset_index(drop=True).to_parquet(tmp_path / name / "f.parquet")
    frame.iloc[:0].to_parquet(tmp_path / names[0] / "g.parquet")
    results: list[Any] = []
    for pd in (pandas, lazyframe):
        try:
            df = pd.read_parquet(tmp_path)
        except Exception as error:
            results.append((type(error), str(error)))
        else:
            results.append((df[df["v"] > 1].to_dict("list"), df.dtypes.to_list(), df.count().to_list()))
    assert repr(results[0]) == repr(results[1])


def outcomes(path: Any, **options: Any) -> list[Any]:
    """What pandas and lazyframe make of a call: a frame, or an exception's class and text."""
    results: list[Any] = []
    for pd in (pandas, lazyframe):
        try:
            results.append(pd.read_parquet(path, **options))
        except Exception as error:
            results.append((type(error), str(error)))
    return results


MIXED: dict[str, Callable[[pandas.DataFrame], pandas.DataFrame]] = {
    "wider type": lambda df: df.astype({"k": "int32"}),
    "other type": lambda df: df.assign(k="text"),
    "column more": lambda df: df.assign(more=1),
    "column less": lambda df: df.drop(columns="k"),
    "other order": lambda df: df[["v", "k", "y", "s"]],
    "nothing there": lambda df: df.assign(k=None),
    "no rows": lambda df: df.iloc[:0],
    "other index": lambda df: df.set_index("k"),
}


@pytest.mark.parametrize("change", MIXED.values(), ids=list(MIXED))
@pytest.mark.parametrize("first", [True, False])
def test_files_of_different_schemas(
    tmp_path: Path, change: Callable[[pandas.DataFrame], pandas.DataFrame], first: bool
) -> None:
    FRAME.to_parquet(tmp_path / "b.parquet")
    change(FRAME).to_parquet(tmp_path / ("a.parquet" if first else "c.parquet"))
    wanted, found = outcomes(tmp_path)
    if isinstance(wanted, tuple):
        assert found == wanted
    else:
        same(found.to_pandas(), wanted)


@pytest.mark.parametrize(
    "options",
    [
        {"dtype_backend": "numpy_nullable"},
        {"dtype_backend": "pyarrow"},
        {"engine": "nonsense"},
        {"filters": [("k", ">", 1)]},
        {"filters": [("k", ">", 1)], "columns": ["v"]},
        {"columns": []},
        {"columns": ["nonsense"]},
        {"columns": ["v", "v"]},
        {"columns": "v"},
        {"columns": ("k", "v")},
        {"use_threads": False},
        {"to_pandas_kwargs": {"strings_to_categorical": True}},
        {"storage_options": {"a": 1}},
        {"nonsense": 1},
    ],
    ids=str,
)
def test_options(files: dict[str, Any], options: dict[str, Any]) -> None:
    wanted, found = outcomes(files["text"], **options)
    if isinstance(wanted, tuple):
        assert found == wanted
    else:
        same(found.to_pandas(), wanted)


@pytest.mark.parametrize(
    "path",
    [
        "nowhere.parquet",
        "",
        "/nowhere/at/all",
        ["nowhere.parquet"],
        3,
        None,
        "file:///nowhere/at/all",
        "nosuch://nowhere",
    ],
    ids=repr,
)
def test_paths_that_lead_nowhere(path: Any) -> None:
    wanted, found = outcomes(path)
    assert isinstance(wanted, tuple)
    assert found == wanted


def test_an_option_of_pandas_that_changes_what_is_read(files: dict[str, Any]) -> None:
    with pandas.option_context("mode.string_storage", "python"):
        wanted = pandas.read_parquet(files["text"])
        found = lazyframe.read_parquet(files["text"])
        assert list(found.dtypes) == list(wanted.dtypes)
        same(found.to_pandas(), wanted)


def test_few_rows_are_read_at_once(files: dict[str, Any]) -> None:
    with lazyframe.config(min_rows=100):
        found = lazyframe.read_parquet(files["text"])
    assert "_mgr" in found.__dict__
    same(found.to_pandas(), FRAME)


@pytest.mark.parametrize("least", [0, 100])
@pytest.mark.parametrize("kinds", [(int, int), (int, str)])
def test_columns_of_one_name_are_refused_as_pandas_refuses_them(
    tmp_path: Path, least: int, kinds: tuple[Any, ...]
) -> None:
    arrays = [pyarrow.array([kind(1), kind(2)]) for kind in kinds]
    parquet.write_table(pyarrow.Table.from_arrays(arrays, names=["a", "a"]), tmp_path / "twice.parquet")
    with lazyframe.config(min_rows=least):
        wanted, found = outcomes(tmp_path / "twice.parquet")
    assert isinstance(wanted, tuple)
    assert found == wanted


def test_few_rows_are_written_to_like_any(tmp_path: Path) -> None:
    path = tmp_path / "few.parquet"
    pandas.DataFrame({"n": [3, 1], "x": [0.5, np.nan], "t": ["a", None]}).to_parquet(path)
    wanted = pandas.read_parquet(path)
    with lazyframe.config(min_rows=100):
        found = lazyframe.read_parquet(path)
        kept = found[["x", "n"]]
    for frame in (wanted, found):
        frame.loc[1, ["n", "x"]] = 7
        frame.loc[0, "t"] = "b"
    same(found.to_pandas(), wanted)
    same(kept.to_pandas(), pandas.read_parquet(path)[["x", "n"]])


@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(table=tables())
def test_few_rows_of_any_type_are_what_pandas_reads(tmp_path: Path, table: pyarrow.Table) -> None:
    path = tmp_path / "few.parquet"
    parquet.write_table(table, path)
    try:
        wanted = pandas.read_parquet(path)
    except Exception as error:
        with pytest.raises(type(error)):
            lazyframe.read_parquet(path)
        return
    with lazyframe.config(min_rows=100):
        same(lazyframe.read_parquet(path).to_pandas(), wanted)


@pytest.mark.parametrize(
    "frame",
    [
        pandas.DataFrame({"a": [1, 2]}, index=pandas.Index([5, 3], name="n")),
        pandas.DataFrame({"a": [1, 2]}, index=pandas.MultiIndex.from_tuples([(1, "x"), (2, "y")])),
        pandas.DataFrame({"a": [1, 2, 3]}, index=pandas.RangeIndex(4, 10, 2)),
        pandas.DataFrame(np.arange(4).reshape(2, 2), columns=pandas.Index(["p", "q"], name="wide")),
        pandas.DataFrame({"a": []}),
    ],
    ids=["index", "levels", "range", "columns", "empty"],
)
def test_labels_of_few_rows(tmp_path: Path, frame: pandas.DataFrame) -> None:
    frame.attrs = {"from": "there"} if len(frame) == 3 else {}
    path = tmp_path / "few.parquet"
    frame.to_parquet(path)
    with lazyframe.config(min_rows=100):
        found = lazyframe.read_parquet(path)
    wanted = pandas.read_parquet(path)
    same(found.to_pandas(), wanted)
    assert found.attrs == wanted.attrs
    path.write_bytes(path.read_bytes()[:-9] + b"\xff" + path.read_bytes()[-8:])
    with pytest.raises((OSError, pyarrow.ArrowException)) as theirs:
        pandas.read_parquet(path)
    with lazyframe.config(min_rows=100), pytest.raises(type(theirs.value)):
        lazyframe.read_parquet(path)


def test_no_files(tmp_path: Path) -> None:
    same(lazyframe.read_parquet(tmp_path).to_pandas(), pandas.read_parquet(tmp_path))
    same(lazyframe.read_parquet([]).to_pandas(), pandas.read_parquet([]))


def test_many_files_are_not_all_held_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lazyframe.run.parquet import files as module

    monkeypatch.setattr(module, "MOST_HELD", 0)
    for k in range(5):
        pandas.DataFrame({"a": np.arange(3) + k}).to_parquet(tmp_path / f"{k}.parquet")
    same(lazyframe.read_parquet(tmp_path).to_pandas(), pandas.read_parquet(tmp_path))
