"""Text that follows from other keys of a group-by: not compared, and shown as pandas shows it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record import groupby_following
from lazyframe.run import uniqueness
from passes.facts.dependence import follows_from
from passes.ir.node import Token
from passes.ir.rows import Filter, Join, Range
from passes.ir.values import OPAQUE, Gather, Map, Position, Read, Take, Value
from tests.groupby.grouped_frames import assert_same

pytestmark = pytest.mark.without_pandas

INT64, BOOL, FLOAT64 = np.dtype(np.int64), np.dtype(np.bool_), np.dtype(np.float64)


@pytest.fixture(autouse=True)
def _few_strings_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groupby_following, "SMALL_DICTIONARY", -1)
    monkeypatch.setattr(uniqueness, "_FIRST", 8)


def people(rows: int = 30, seed: int = 0) -> pandas.DataFrame:
    """A table of people, told apart by ``id`` alone: names repeat."""
    r = np.random.default_rng(seed)
    return pandas.DataFrame(
        {
            "id": r.permutation(rows) * 7 - 20,
            "name": pandas.array(r.choice(["b", "a", "", "zz", "é"], rows), dtype="str"),
            "born": np.datetime64("2001-01-01", "us") + r.integers(0, 3, rows).astype("m8[D]"),
            "height": r.choice(np.array([1.5, -0.0, 0.0, 2.25]), rows),
            "town": r.integers(0, 4, rows),
        }
    )


def towns() -> pandas.DataFrame:
    return pandas.DataFrame({"town": [2, 0, 3, 1], "of": pandas.array(["x", "y", "x", "w"], dtype="str")})


def orders(rows: int = 200) -> pandas.DataFrame:
    r = np.random.default_rng(5)
    return pandas.DataFrame(
        {
            "who": r.integers(-4, 30, rows) * 7 - 20,
            "x": r.integers(0, 9, rows) / 4,
            "n": r.integers(0, 5, rows),
        }
    )


def joined(people: Any, orders: Any, towns: Any) -> Any:
    both = people.merge(orders, left_on="id", right_on="who").merge(towns, on="town")
    return both[both["n"] > 1]


def check(
    program: Callable[[Any], Any], text: str, follows: bool, tables: tuple[pandas.DataFrame, ...]
) -> None:
    """``program`` groups joined tables; whether the key of this name follows, and the result is pandas'."""
    want = program(joined(*tables))
    grouped: list[Any] = []
    frame = joined(*map(lazyframe.DataFrame, tables))
    result = program(_Spy(frame, grouped))
    assert_same(result, want, rounded=True)
    (one,) = grouped
    assert one._grouped._plain is None, "this ran in pandas"
    (key,) = [key for key in one._grouped.grouping.keys if key.name == text]
    if SINCE_3_1 or not follows:  # some of these merges run in pandas on 3.0
        assert key.follows == follows


class _Spy:
    """A frame that notes what ``groupby`` gave."""

    def __init__(self, frame: Any, grouped: list[Any]) -> None:
        self._frame, self._grouped = frame, grouped

    def groupby(self, *args: Any, **options: Any) -> Any:
        made = self._frame.groupby(*args, **options)
        self._grouped.append(made)
        return made


TABLES = (people(), orders(), towns())

PROGRAMS: dict[str, tuple[Callable[[Any], Any], str, bool]] = {
    "columns": (lambda f: f.groupby(["id", "name"], as_index=False)["x"].sum(), "name", True),
    "labels": (lambda f: f.groupby(["id", "name", "town"])["x"].sum(), "name", True),
    "unsorted": (lambda f: f.groupby(["name", "id"], sort=False)["x"].sum(), "name", True),
    "unsorted columns": (
        lambda f: f.groupby(["name", "town", "id"], sort=False, as_index=False).agg(s=("x", "sum")),
        "name",
        True,
    ),
    "missing kept": (lambda f: f.groupby(["id", "name"], dropna=False).size(), "name", True),
    "reset": (lambda f: f.groupby(["id", "name"]).agg(m=("n", "max")).reset_index(), "name", True),
    "sorted since": (
        lambda f: f.groupby(["id", "name"], as_index=False)["x"].sum().sort_values(["name", "id"]).head(4),
        "name",
        True,
    ),
    "of a partner": (lambda f: f.groupby(["id", "of"])["x"].mean(), "of", True),
    "of the key that it was joined by": (lambda f: f.groupby(["who", "name"])["x"].sum(), "name", True),
    "with floats": (lambda f: f.groupby(["id", "height", "name"], as_index=False)["x"].sum(), "name", True),
    "with dates": (lambda f: f.groupby(["born", "id", "name"])["x"].count(), "name", True),
    "by town": (lambda f: f.groupby(["town", "of"])["x"].sum(), "of", True),
    "transformed": (lambda f: f.groupby(["id", "name"])["x"].transform("sum"), "name", True),
    "numbered": (lambda f: f.groupby(["id", "name"]).cumcount(), "name", True),
    "distinct": (lambda f: f.groupby(["id", "name"])["n"].nunique(), "name", True),
    "described": (lambda f: f.groupby(["id", "name"])["n"].describe(), "name", True),
    "counted": (lambda f: f.groupby(["id", "name"])["n"].value_counts(), "name", True),
    "the order is by text": (lambda f: f.groupby(["name", "id"])["x"].sum(), "name", False),
    "of other rows": (lambda f: f.groupby(["n", "name"])["x"].sum(), "name", False),
    "of a key that repeats": (lambda f: f.groupby(["town", "name"])["x"].sum(), "name", False),
    "of floats": (lambda f: f.groupby(["height", "name"])["x"].sum(), "name", False),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_text_that_follows_is_not_compared(name: str) -> None:
    program, text, follows = PROGRAMS[name]
    check(program, text, follows, TABLES)


@pytest.mark.parametrize("rows", [0, 1])
@pytest.mark.parametrize("name", ["columns", "labels", "unsorted", "sorted since"])
def test_few_rows(name: str, rows: int) -> None:
    program = PROGRAMS[name][0]
    tables = (people(30).iloc[:rows], orders(), towns())
    assert_same(program(joined(*map(lazyframe.DataFrame, tables))), program(joined(*tables)), rounded=True)


def test_missing_text_leaves_its_rows_out() -> None:
    some = people()
    some.loc[some.index[:5], "name"] = None
    check(PROGRAMS["columns"][0], "name", False, (some, orders(), towns()))
    check(PROGRAMS["missing kept"][0], "name", False, (some, orders(), towns()))


def test_a_number_that_repeats_does_not_tell_rows_apart() -> None:
    some = people()
    some.loc[some.index[-1], "id"] = some["id"].iloc[0]
    some.loc[some.index[-1], "name"] = "another"
    check(PROGRAMS["columns"][0], "name", False, (some, orders(), towns()))


def test_categories_without_rows_and_missing_keys_are_pandas_as_before() -> None:
    some = people()
    some["height"] = some["height"].replace(1.5, np.nan)
    some["kind"] = pandas.Categorical.from_codes(some["town"] % 2, categories=["p", "q", "r"])
    tables = (some, orders(), towns())
    for by in (["id", "height", "name"], ["id", "kind", "name"]):
        check(lambda f, by=by: f.groupby(by, observed=True)["x"].sum(), "name", False, tables)  # type: ignore[misc]


def test_text_of_a_file_is_read_for_the_rows_that_are_shown(tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.parquet" for name in ("people", "orders", "towns")]
    for table, file in zip(TABLES, files, strict=True):
        table.to_parquet(file)
    for name, (program, _, _) in PROGRAMS.items():
        if name not in ("described", "counted"):
            got = program(joined(*map(lazyframe.read_parquet, files)))
            assert_same(got, program(joined(*TABLES)), rounded=True)


# what follows in a graph --------------------------------------------------------------------------------


def _read(rows: str, dtype: np.dtype = INT64) -> Read:
    return Read(Token(), dtype, Range(rows))


def _of(*known: Value) -> Callable[[Any], bool]:
    return lambda keys: any(key in known for key in keys)


def test_a_column_follows_through_filters_and_joins() -> None:
    left, right, text, foreign = _read("l"), _read("r"), _read("l", OPAQUE), _read("r", OPAQUE)
    join = Join(left.rows, right.rows, (left,), (right,), "inner")
    rows = Filter(
        join, Map("greater", (Gather(left, Position(join, 0)), Gather(right, Position(join, 1))), BOOL)
    )

    def seen(column: Value, side: int) -> Value:
        return Take(Gather(column, Position(join, side)), rows)

    by_left, by_right = (seen(left, 0),), (seen(right, 1),)
    assert follows_from(seen(text, 0), by_left, _of(left))
    assert follows_from(seen(text, 0), by_right, _of(left))
    assert not follows_from(seen(text, 0), by_left, _of(right))
    assert not follows_from(seen(text, 0), (), _of(left))
    assert follows_from(seen(foreign, 1), by_left, _of(right))
    assert not follows_from(seen(foreign, 1), by_left, _of(left))
    assert follows_from(seen(foreign, 1), by_left, _of(left, right))
    other = _read("l")
    assert not follows_from(seen(foreign, 1), (seen(other, 0),), _of(left, right))
    assert follows_from(seen(foreign, 1), (seen(other, 0),), _of(other, right))
    assert follows_from(Map("add", (seen(other, 0), seen(right, 1)), INT64), by_left, _of(left, right))
    assert not follows_from(seen(text, 0), (seen(left, 0).column,), _of(left))


def test_rows_without_partner_and_deep_work_are_not_followed() -> None:
    left, right, text = _read("l"), _read("r"), _read("r", OPAQUE)
    join = Join(left.rows, right.rows, (left,), (right,), "left")
    by = (Gather(left, Position(join, 0)),)
    assert not follows_from(Gather(text, Position(join, 1)), by, _of(left, right))
    deep: Value = left
    for _ in range(5000):
        deep = Map("add", (deep, left), INT64)
    assert not follows_from(deep, (_read("l"),), _of())
