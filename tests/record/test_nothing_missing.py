"""Where an input has nothing missing, `fillna` is the column itself and `isna` one constant."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from passes.facts.constants import literal_everywhere
from passes.ir.values import Read
from tests.record.compare import assert_same, outcome

pytestmark = pytest.mark.usefixtures("_by_reference")

COLUMNS: dict[str, Any] = {
    "floats": np.array([1.5, -0.0, np.inf, 2.0]),
    "singles": np.array([1.5, -0.0, np.inf, 2.0], np.float32),
    "times": np.array(["2020-01-01", "1969-05-01", "2021-01-01", "2020-01-01"], "datetime64[us]"),
    "lengths": np.array([1, -5, 0, 7], "timedelta64[ns]"),
    "strings": pandas.array(["b", "", "a", "b"], dtype="str"),
    "category": pandas.Categorical(["b", "a", "a", "b"]),
    "integers": np.arange(4),
    "booleans": np.array([True, False, True, True]),
}
VALUES = [0, 1.5, "z", "a", True, np.float32(2.5), pandas.Timestamp("2020-03-01"), pandas.Timedelta(5), None]


def series(name: str, missing: bool) -> pandas.Series:
    held = pandas.Series(COLUMNS[name], name="a")
    if missing and name not in ("integers", "booleans"):
        held[1:2] = None
    return held


def value_of(frame: Any) -> Any:
    return frame.__dict__["_recorded"].value


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_filled(name: str, missing: bool, value: Any) -> None:
    held = series(name, missing)

    def program(library: Any) -> Any:
        frame = library.DataFrame({"a": held, "n": np.arange(4)})
        return frame["a"].fillna(value)

    assert_same(outcome(lambda: program(lazyframe)), outcome(lambda: program(pandas)))


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("missing", [False, True])
def test_asked(name: str, missing: bool) -> None:
    held = series(name, missing)

    def program(library: Any) -> Any:
        frame = library.DataFrame({"a": held, "n": np.arange(4)})
        left = frame[frame["n"] > 0]
        return (
            frame["a"].isna(),
            left["a"].isna(),
            left["a"].notna().sum(),
            frame[frame["a"].isna()],
            left.isna(),
        )

    for found, wanted in zip(program(lazyframe), program(pandas), strict=True):
        assert_same(found, wanted)


def test_no_node_is_made() -> None:
    frame = lazyframe.DataFrame({"a": COLUMNS["floats"], "s": COLUMNS["strings"]})
    assert isinstance(value_of(frame["a"].fillna(0.0)), Read)
    assert isinstance(value_of(frame["s"].fillna("z")), Read)
    assert literal_everywhere(value_of(frame["s"].isna())) is not None


def test_what_is_filled_is_nobody_elses() -> None:
    frame = lazyframe.DataFrame({"a": COLUMNS["floats"], "n": np.arange(4)})
    filled = frame["a"].fillna(0.0)
    filled.iloc[0] = 99.0
    assert frame["a"].tolist() == COLUMNS["floats"].tolist()
    array = np.array(frame["a"].fillna(0.0))
    array[0] = 98.0
    assert frame["a"].tolist() == COLUMNS["floats"].tolist()
