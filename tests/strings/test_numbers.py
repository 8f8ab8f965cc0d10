"""``to_numeric``: the numbers that strings show, at the dtype that pandas gives all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from tests.record.compare import assert_same, is_lazy, outcome

TEXTS = [
    "1",
    "-2",
    "3.5",
    "1e3",
    "",
    " 7",
    "abc",
    "nan",
    "inf",
    "0x1f",
    "99999999999999999999",
    "True",
    "1_000",
]


def check(values: list[Any], dtype: Any, **options: Any) -> None:
    frame = pandas.DataFrame({"s": pandas.Series(values, dtype=dtype), "n": np.arange(len(values)) % 3})
    for part in (lambda df: df, lambda df: df[df["n"] > 0]):

        def program(library: Any, part: Any = part) -> Any:
            return library.to_numeric(part(library.DataFrame(frame))["s"], **options)

        assert_same(outcome(program, lazyframe), outcome(program, pandas))


@given(
    st.lists(st.sampled_from(TEXTS) | st.none(), max_size=6),
    st.sampled_from(["str", object]),
    st.sampled_from(["raise", "coerce", "ignore"]),
)
def test_strings(values: list[Any], dtype: Any, errors: str) -> None:
    check(values, dtype, errors=errors)


@pytest.mark.parametrize("text", TEXTS)
def test_one_string(text: str) -> None:
    for errors in ("raise", "coerce"):
        check([text, "1", None], "str", errors=errors)
        check([text, "1"], object, errors=errors)
        check([text, "1"], "str", errors=errors, downcast="integer")


@pytest.mark.parametrize("dtype", ["float32", "int8", "bool", "datetime64[ns]", "category", "Int64"])
def test_other_dtypes(dtype: str) -> None:
    check([1, 0, 1], dtype)
    check([1, 0, 1], dtype, errors="coerce")


def test_pandas_does_not_run() -> None:
    data = lazyframe.DataFrame({"s": ["1", "x", "2.5", None], "n": range(4)})
    part = data[data["n"] != 1]
    assert is_lazy(lazyframe.to_numeric(part["s"]))
    assert is_lazy(part)
    assert lazyframe.to_numeric(data["s"], errors="coerce").sum() == 3.5
    assert lazyframe.to_numeric("5") == 5
