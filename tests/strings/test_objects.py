"""Object columns: those of strings are recorded as ``str`` is, and of anything else pandas decides."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from lazyframe.record import dictionaries
from tests.record.compare import assert_same, is_lazy, outcome
from tests.strings import test_accessor, test_values
from tests.strings.columns import WORDS

METHODS = {
    **{name: (lambda s, use=use: use(s.str)) for name, use in test_accessor.METHODS.items()},
    **{f"series {name}": use for name, use in test_values.METHODS.items()},
}
OTHERS: dict[str, list[Any]] = {
    "strings": [],
    "None": [None],
    "NaN": [np.nan],
    "both": [None, np.nan],
    "numbers": [1, 1.5, None],
    "anything": [True, (1,), b"a", pandas.NaT, np.str_("a")],
}


COMPARED: dict[str, Any] = {name: getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")}


def objects(values: list[Any]) -> pandas.Series:
    """A series of Python objects as they are."""
    array = np.empty(len(values), object)
    array[:] = values
    return pandas.Series(array, dtype=object, name="s")


def check(data: pandas.Series, use: Any) -> None:
    numbers = np.arange(len(data)) % 3
    for part in (lambda s, keep: s, lambda s, keep: s[keep > 0], lambda s, keep: s[keep > 5]):

        def program(kind: Any, part: Any = part) -> Any:
            return use(part(kind(data, dtype=object), kind(numbers)))

        assert_same(outcome(program, lazyframe.Series), outcome(program, pandas.Series))


@given(st.data(), st.sampled_from(list(METHODS)), st.sampled_from(list(OTHERS)), st.booleans())
def test_methods(data: Any, name: str, others: str, distinct: bool) -> None:
    words = st.sampled_from(data.draw(st.lists(WORDS, min_size=1, max_size=4)) + OTHERS[others])
    values = data.draw(st.lists(words, max_size=8))
    with pytest.MonkeyPatch.context() as patched:
        if distinct:
            patched.setattr(dictionaries, "_is_short", lambda entries, rows: False)
        check(objects(values), METHODS[name])


@pytest.mark.parametrize("others", ["None", "both", "anything"])
@pytest.mark.parametrize("name", METHODS)
def test_each_method(name: str, others: str) -> None:
    check(objects(["ab", "b", *OTHERS[others], "é b", "a", "", "A.", "7"]), METHODS[name])


BESIDE: dict[str, Any] = {
    **{name: (lambda s, o, t, k, compare=compare: compare(s, o)) for name, compare in COMPARED.items()},
    "beside str": lambda s, o, t, k: s != t,
    "str beside": lambda s, o, t, k: t >= s,
    "a category beside": lambda s, o, t, k: t.astype("category") == s,
    "booleans beside": lambda s, o, t, k: (k > 1) == (k > 1).shift(),
    "as methods": lambda s, o, t, k: s.eq(o),
    "before": lambda s, o, t, k: s != s.shift(),
    "shifted": lambda s, o, t, k: s.shift(-2, fill_value="z"),
    "added": lambda s, o, t, k: s + t,
    "where": lambda s, o, t, k: s.where(k > 1, "z"),
    "where None": lambda s, o, t, k: s.where(k > 1, None).isna(),
    "mask": lambda s, o, t, k: s.mask(k > 1),
    "mask by a column": lambda s, o, t, k: s.mask(k > 1, o).shift(),
    "where str": lambda s, o, t, k: s.where(k > 1, t),
    "filled": lambda s, o, t, k: s.fillna(o),
    "filled by a string": lambda s, o, t, k: s.fillna("z") + o.fillna("y"),
    "and then": lambda s, o, t, k: s.where(k > 1, "z").str.upper() == o,
}


@pytest.mark.parametrize("others", OTHERS)
@pytest.mark.parametrize("name", BESIDE)
def test_two_columns(name: str, others: str) -> None:
    use, values = BESIDE[name], ["ab", "b", *OTHERS[others], "é b", "a"]
    data = pandas.DataFrame({"k": np.arange(len(values)) % 3, "t": [*"ab", None, *"abcdefgh"][: len(values)]})
    data["s"], data["o"] = objects(values), objects(values[::-1])

    def program(kind: Any, part: Any) -> Any:
        frame = part(kind(data.copy()))
        return use(*[frame[label] for label in "sotk"])

    for part in (
        lambda df: df,
        lambda df: df[df["k"] > 0],
        lambda df: df[df["k"] > 5],
        lambda df: df.sort_values("k", kind="stable"),
    ):
        ours, theirs = (outcome(program, kind, part) for kind in (lazyframe.DataFrame, pandas.DataFrame))
        assert_same(ours, theirs)


def test_two_columns_are_recorded() -> None:
    data = lazyframe.DataFrame({"k": range(4), "s": objects([*"abc", None]), "o": objects([*"adc", None])})
    part = data[data["k"] > 0]
    for made in (part["s"] == part["o"], part["s"].mask(part["k"] > 1, part["o"]), part["s"].shift()):
        assert is_lazy(made)
    assert part[part["s"] == part["o"]]["k"].tolist() == [2]
    assert is_lazy(part)


@pytest.mark.parametrize("distinct", [False, True])
def test_pandas_is_not_given_the_frame(distinct: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if distinct:
        monkeypatch.setattr(dictionaries, "_is_short", lambda entries, rows: False)
    names = np.array(["ann b", "bob", None, "eve b", "ann b"], object)
    data = lazyframe.DataFrame({"k": range(5), "s": pandas.Series(names, dtype=object)})
    part = data[data["k"] > 0]
    found = part[part["s"].str.upper().str.endswith("B", na=False) & (part["s"] != "bob")]
    assert is_lazy(part)
    assert is_lazy(found)
    assert found["k"].tolist() == [3, 4]
    assert found["s"].dtype == object
    assert found["s"].tolist() == ["eve b", "ann b"]


def test_what_is_written_to_objects_is_seen() -> None:
    data = lazyframe.DataFrame({"s": pandas.Series(["a", "b"], dtype=object)})
    before = data["s"].str.upper()
    data.loc[0, "s"] = "c"
    assert before.tolist() == ["A", "B"]
    assert data["s"].str.upper().tolist() == ["C", "B"]


def test_other_objects_have_no_accessor() -> None:
    data = lazyframe.Series([1, 2], dtype=object)
    part = data[lazyframe.Series([True, False])]
    for series in (data, part):
        assert not hasattr(series, "str")
