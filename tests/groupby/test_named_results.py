"""What is known of named results without asking pandas about the call: what pandas would have said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.api import groupby_asking
from lazyframe.api.recording import table_of
from lazyframe.record.groupby import AGGREGATIONS
from lazyframe.record.groupby_schema import _answer

COLUMNS: dict[str, Any] = {
    "i1": np.arange(4, dtype=np.int8),
    "i8": np.arange(4),
    "u4": np.arange(4, dtype=np.uint32),
    "f4": np.arange(4, dtype=np.float32),
    "f8": np.array([0.5, np.nan, 1.0, 2.0]),
    "b1": np.array([True, False, True, True]),
    "t8": np.arange(4).astype("M8[ns]"),
    "us": np.arange(4).astype("M8[us]"),
    "d8": np.arange(4).astype("m8[s]"),
    "text": ["a", "b", None, "a"],
    "kind": pandas.Categorical(["a", "b", "a", "b"]),
    "any": pandas.Series([1, "a", None, 2.0], dtype=object),
    "k": np.array([1, 2, 1, 2]),
    "s": ["x", "y", "x", "y"],
    "c": pandas.Categorical(["x", "y", "x", "y"]),
}


def grouped_by(keys: Any, **options: Any) -> Any:
    with lazyframe.config(min_rows=0):
        return lazyframe.DataFrame(COLUMNS).groupby(keys, **options)


def composed_and_asked(grouped: Any, named: dict[str, tuple[str, str]]) -> tuple[Any, Any]:
    table = table_of(grouped.obj)
    assert table is not None
    parts = [(name, table.column_named(label), operation) for name, (label, operation) in named.items()]
    found = groupby_asking.schema_by_name(grouped, parts)  # type: ignore[arg-type]
    return found, _answer(lambda: groupby_asking._one_row_of(grouped).agg(**named))


@pytest.mark.parametrize(("keys", "as_index"), [("k", False), (["s", "k"], True), (["c"], False)])
def test_each_aggregation_of_each_dtype(keys: Any, as_index: bool) -> None:
    grouped = grouped_by(keys, as_index=as_index, observed=True)
    agreed = 0
    for label in [label for label in COLUMNS if label not in ("k", "s", "c")]:
        for operation in AGGREGATIONS:
            found, asked = composed_and_asked(grouped, {"x": (label, operation), "y": ("f8", "count")})
            if found is None:
                continue
            assert asked is not None, (label, operation)
            pandas.testing.assert_index_equal(found.columns, asked.columns)
            assert found[1:] == asked[1:], (label, operation)
            agreed += 1
    assert agreed > 100


@pytest.mark.parametrize(
    "named",
    [
        {"k": ("f8", "sum")},  # the name of a key
        {"x": ("f8", "sum"), "y": ("f8", "sum")},  # one result under two names
        {"x": ("k", "sum")},  # a key itself
        {"x": ("text", "mean")},  # what pandas refuses
    ],
)
def test_pandas_is_asked_where_names_and_keys_meet(named: dict[str, tuple[str, str]]) -> None:
    for as_index in (True, False):
        assert composed_and_asked(grouped_by("k", as_index=as_index), named)[0] is None


def test_the_call_is_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Any) -> Any:
        raise AssertionError("asked about the whole call")

    monkeypatch.setattr(groupby_asking, "_one_row_of", refuse)
    with lazyframe.config(min_rows=0):
        found = grouped_by("s", as_index=False).agg(rows_of=("f8", "size"), most_of=("us", "max"))
        expected = pandas.DataFrame(COLUMNS).groupby("s", as_index=False)
        pandas.testing.assert_frame_equal(
            found.to_pandas(), expected.agg(rows_of=("f8", "size"), most_of=("us", "max"))
        )
