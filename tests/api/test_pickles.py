"""Objects and classes survive pickling and copying, computed or not."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas
import pytest

import lazyframe
from lazyframe.api.frame import lazy_frame
from lazyframe.api.series import lazy_series

FRAME = lazyframe.DataFrame({"a": [1, 2], "b": ["x", None]}, index=["p", "q"])
PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)


class Mine(lazyframe.DataFrame):
    """A user's class; at the top of a module, where pickle can find it."""


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("value", [FRAME, FRAME["a"]], ids=["frame", "series"])
def test_round_trip(value: Any, protocol: int) -> None:
    value = value.copy()
    value.attrs["unit"] = "m"
    value.flags.allows_duplicate_labels = False
    back = pickle.loads(pickle.dumps(value, protocol))
    assert type(back) is type(value)
    assert back.to_dict() == value.to_dict()
    assert back.equals(value)
    assert back.attrs == {"unit": "m"}
    assert not back.flags.allows_duplicate_labels
    assert getattr(back, "name", None) == getattr(value, "name", None)
    assert type(back + back) is type(value)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("kind", [lazyframe.DataFrame, lazyframe.Series, Mine])
def test_classes(kind: type, protocol: int) -> None:
    assert pickle.loads(pickle.dumps(kind, protocol)) is kind


def test_users_subclass() -> None:
    back = pickle.loads(pickle.dumps(Mine({"a": [1]})))
    assert type(back) is Mine


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy], ids=["copy", "deepcopy"])
def test_copies_keep_their_class(copied: Any) -> None:
    assert type(copied(FRAME)) is lazyframe.DataFrame
    assert type(copied(FRAME["a"])) is lazyframe.Series
    assert copied(lazyframe.DataFrame) is lazyframe.DataFrame


def test_lazy_objects_are_computed(recorded: Any) -> None:
    for lazy, result in [(lazy_frame, FRAME.to_pandas()), (lazy_series, FRAME["a"].to_pandas())]:
        fake = recorded(result)
        back = pickle.loads(pickle.dumps(lazy(fake)))
        assert back.equals(result)
        assert "_recorded" not in back.__dict__
        assert fake.computed == 1


def _of_times(series: Any) -> Any:
    return series.set_axis(pandas.date_range("2020", periods=len(series), freq="h"))


ASKED: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "groupby": (lambda df: df.groupby("k"), lambda g: g.sum()),
    "picked": (lambda df: df.groupby("k")[["a"]], lambda g: g.sum()),
    "groupby of a series": (lambda df: df["a"].groupby(df["k"], sort=False), lambda g: g.max()),
    "column of groups": (lambda df: df.groupby(["k", "b"])["a"], lambda g: g.size()),
    "nth": (lambda df: df.groupby("k").nth, lambda nth: nth(0)),
    "rolling": (lambda df: df[["a"]].rolling(3), lambda r: r.sum()),
    "rolling series": (lambda df: df["a"].rolling(3, min_periods=1), lambda r: r.max()),
    "expanding": (lambda df: df["a"].expanding(2), lambda r: r.sum()),
    "rolling of groups": (lambda df: df.groupby("k")[["a"]].rolling(2), lambda r: r.sum()),
    "resampled": (lambda df: _of_times(df["a"] + 1).resample("2h"), lambda r: r.sum()),
    "resampled groups": (
        lambda df: _of_times(df[["a", "k"]] + 1).groupby("k").resample("2h"),
        lambda r: r["a"].sum(),
    ),
    "iloc": (lambda df: df.iloc, lambda i: i[2:4]),
    "loc": (lambda df: df["a"].loc, lambda i: i[2:4]),
    "str": (lambda df: df["b"].str, lambda s: s.len()),
    "dt": (lambda df: pandas.to_datetime(df["k"]).dt, lambda d: d.year),
    "cat": (lambda df: df["b"].astype("category").cat, lambda c: c.codes),
}


@pytest.mark.parametrize("rows", [0, 1000])
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_of_objects(name: str, copied: Any, rows: int) -> None:
    make, ask = ASKED[name]
    frame = FRAME.to_pandas().iloc[[0, 1, 0, 1, 1]].reset_index(drop=True)
    frame = frame.assign(a=frame["a"] + 0.5, k=frame["a"])
    with lazyframe.config(min_rows=rows):
        found = ask(copied(make(lazyframe.DataFrame(frame))))
        assert type(found) in (lazyframe.DataFrame, lazyframe.Series)
        found = found.to_pandas()
    compare = pandas.testing.assert_frame_equal if found.ndim == 2 else pandas.testing.assert_series_equal
    compare(found, ask(make(frame)))


def test_read_by_another_process(tmp_path: Path) -> None:
    file = tmp_path / "frame.pickle"
    FRAME.to_pickle(file)
    program = (
        "import pickle, sys; x = pickle.load(open(sys.argv[1], 'rb')); print(type(x).__mro__[1], x.a.sum())"
    )
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, str(file)], capture_output=True, text=True, check=True
    )
    assert found.stdout.split()[-1] == "3"
    assert type(lazyframe.read_pickle(file)) is lazyframe.DataFrame
    assert type(pandas.read_pickle(file)) is lazyframe.DataFrame


def test_plain_pickles_become_ours(tmp_path: Path) -> None:
    file = tmp_path / "plain.pickle"
    FRAME.to_pandas().to_pickle(file)
    assert type(lazyframe.read_pickle(file)) is lazyframe.DataFrame
