"""``series.str``: pandas' values, dtypes and errors, recorded without computing the series."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record import dictionaries
from tests.record.compare import is_lazy
from tests.strings.columns import as_held, columns
from tests.strings.test_values import check

METHODS: dict[str, Callable[[Any], Any]] = {
    "contains": lambda s: s.contains("a"),
    "contains text": lambda s: s.contains(".", regex=False),
    "contains case": lambda s: s.contains("A", case=False),
    "contains na": lambda s: s.contains("a", na=True),
    "contains flags": lambda s: s.contains("A", flags=re.IGNORECASE),
    "split item": lambda s: s.split(".").str[0],
    "split last": lambda s: s.split(" ", n=1).str.get(-1),
    "split len": lambda s: s.rsplit("a", expand=False).str.len(),
    "split twice": lambda s: s.split().str[-1].str.split("a").str[1].str.upper(),
    "split": lambda s: s.split("b"),
    "split wide": lambda s: s.split("b", expand=True),
    "split pattern": lambda s: s.split("[", regex=True),
    "join": lambda s: s.split(".").str.join("-"),
    "extract": lambda s: s.extract("(a|b)"),
    "extract column": lambda s: s.extract("(?P<first>.)", expand=False),
    "extract some": lambda s: s.extract("(?P<first>.)(b)?"),
    "extract nothing": lambda s: s.extract("a"),
    "contains pattern": lambda s: s.contains(re.compile("^a|b$")),
    "startswith": lambda s: s.startswith("a"),
    "startswith any": lambda s: s.startswith(("a", "é")),
    "endswith": lambda s: s.endswith("b", na=False),
    "match": lambda s: s.match("a.?"),
    "fullmatch": lambda s: s.fullmatch("a|b"),
    "len": lambda s: s.len(),
    "lower": lambda s: s.lower(),
    "upper": lambda s: s.upper(),
    "strip": lambda s: s.strip(),
    "lstrip": lambda s: s.lstrip("a "),
    "rstrip": lambda s: s.rstrip(),
    "slice": lambda s: s.slice(0, 1),
    "brackets": lambda s: s[0],
    "slice in brackets": lambda s: s[-2:],
    "get": lambda s: s.get(1),
    "replace": lambda s: s.replace("a", "x"),
    "replace pattern": lambda s: s.replace(r"^(.)", r"\1\1", regex=True),
    "zfill": lambda s: s.zfill(3),
    "title": lambda s: s.title(),
    "capitalize": lambda s: s.capitalize(),
    "swapcase": lambda s: s.swapcase(),
    "casefold": lambda s: s.casefold(),
    "count": lambda s: s.count("a"),
    "find": lambda s: s.find("b"),
    "rfind": lambda s: s.rfind("a", 1),
    "isdigit": lambda s: s.isdigit(),
    "isalpha": lambda s: s.isalpha(),
    "isupper": lambda s: s.isupper(),
    "isnumeric": lambda s: s.isnumeric(),
    "isspace": lambda s: s.isspace(),
    "pad": lambda s: s.pad(4, side="both", fillchar="-"),
    "center": lambda s: s.center(4),
    "ljust": lambda s: s.ljust(4),
    "rjust": lambda s: s.rjust(4, "0"),
    "repeat": lambda s: s.repeat(2),
    "removeprefix": lambda s: s.removeprefix("a"),
    "removesuffix": lambda s: s.removesuffix("b"),
    "slice_replace": lambda s: s.slice_replace(0, 1, "zz"),
    "translate": lambda s: s.translate({97: "z"}),
    "normalize": lambda s: s.normalize("NFC"),
    "wrap": lambda s: s.wrap(2),
    "partition": lambda s: s.partition("b"),
    "partition at blanks": lambda s: s.partition(),
    "rpartition": lambda s: s.rpartition("a"),
    "partition item": lambda s: s.partition("b")[0].str.upper(),
    "partition into lists": lambda s: s.partition(" ", expand=False).str[2],
    "split wide, once": lambda s: s.split("b", n=1, expand=True),
    "rsplit wide": lambda s: s.rsplit("a", n=2, expand=True),
    "split by a pattern": lambda s: s.split(re.compile("[ab.]"), expand=True),
    "findall": lambda s: s.findall("a|b"),
    "findall item": lambda s: s.findall("[A-Z]", flags=re.IGNORECASE).str[0],
    "findall joined": lambda s: s.findall("[ab]").str.join("-"),
    "findall len": lambda s: s.findall("a").str.len(),
    "get_dummies": lambda s: s.get_dummies(),
    "get_dummies by": lambda s: s.get_dummies(sep="b"),
    "get_dummies of bool": lambda s: s.get_dummies(sep=" ", dtype=bool),
    "encode": lambda s: s.encode("ascii", errors="replace"),
    "without accents": lambda s: s.normalize("NFKD").str.encode("ascii", "ignore").str.decode("ascii"),
    "index": lambda s: s.index(""),
    "match all": lambda s: s.match("A", flags=re.DOTALL, na=False),
    "replace pairs": lambda s: s.replace({"a": "b", "b": "a"}),
    "replace once": lambda s: s.replace("a", "b", n=1, case=False),
    "slice of NumPy": lambda s: s.slice(np.int64(1)),
}  # fmt: skip

OTHERS: dict[str, Callable[[Any], Any]] = {
    "split": lambda s: s.split(" "),
    "split into columns": lambda s: s.split(" ", expand=True)[0],
    "extract": lambda s: s.extract("(a)", expand=False),
    "cat": lambda s: s.cat(sep="-"),
    "index": lambda s: s.index("a"),
    "encode": lambda s: s.encode("utf-8"),
    "encode what cannot be": lambda s: s.encode("ascii", errors="strict"),
    "contains na of NumPy": lambda s: s.contains("a", na=np.False_),
    "contains NA": lambda s: s.contains("a", na=pandas.NA),
    "decode": lambda s: s.decode("utf-8"),
    "no index": lambda s: s.rindex("b"),
    "partition by nothing": lambda s: s.partition(""),
    "dummies by nothing": lambda s: s.get_dummies(sep=1),
    "extractall": lambda s: s.extractall("(a|b)"),
    "replace by function": lambda s: s.replace("a", lambda found: found.group() * 2, regex=True),
    "repeat each": lambda s: s.repeat([1] * len(s._data)),
    "bad pattern": lambda s: s.contains("("),
    "bad case": lambda s: s.contains("a", wrong=True),
    "no pattern": lambda s: s.contains(),
    "no string": lambda s: s.contains(3),
    "bad width": lambda s: s.zfill("x"),
    "unknown": lambda s: s.nothing,
}


@given(columns(), st.sampled_from(list(METHODS)))
def test_methods(array: Any, name: str) -> None:
    check(array, lambda s: METHODS[name](s.str))


@pytest.mark.parametrize("missing", [True, False])
@pytest.mark.parametrize("name", METHODS)
def test_each_method(name: str, missing: bool) -> None:
    array = as_held(["ab", "é b", *([None] if missing else []), "", "A.", "7", "ab"], "arrow")
    check(array, lambda s: METHODS[name](s.str))


@pytest.mark.parametrize("name", OTHERS)
def test_everything_else_is_pandas(name: str) -> None:
    array = as_held(["ab", "a b", "a", None, "ab"], "arrow")
    check(array, lambda s: OTHERS[name](s.str))


@pytest.mark.parametrize(
    "name", [name for name in METHODS if name not in ("split pattern", "extract nothing")]
)
def test_pandas_does_not_run(name: str) -> None:
    if name == "match all" and not SINCE_3_1:
        pytest.skip("pandas 3.0 raises for flags that ignore no case")
    data = lazyframe.Series(["a", "b", "ab", "a"], dtype="str")
    data = data[data != "b"]
    result = METHODS[name](data.str)
    assert is_lazy(result)
    assert is_lazy(data)


@pytest.mark.parametrize("name", ["extract", "extract column", "extract some"])
@pytest.mark.parametrize(
    "index",
    [
        pandas.date_range("2020", periods=3, name="day"),
        pandas.MultiIndex.from_product([[1], ["a", "b", "c"]], names=["k", "l"]),
        pandas.Index([3, 1, 2]),
    ],
)
def test_extract_of_no_rows(name: str, index: pandas.Index) -> None:
    text = pandas.Series(["a", "b", "ab"], index, dtype="str")
    for taken in (lambda s: s[s == "c"], lambda s: s.iloc[:0]):
        found = METHODS[name](taken(lazyframe.Series(text)).str).to_pandas().index
        pandas.testing.assert_index_equal(found, METHODS[name](taken(text).str).index, exact=True)


@pytest.mark.parametrize(
    "use",
    [
        lambda s: s.str.lower().str.contains("a"),
        lambda s: s.str.upper().str.len() + 1,
        lambda s: s[s.str.startswith("a")].str[1:],
        lambda s: s.str.strip().fillna("none").str.title() == "A",
        lambda s: s.str.get(1).isna(),
        lambda s: s.str.lower().where(s.str.len() > 1, s).str.count("a"),
        lambda s: s.str[0].map({"a": 1}).fillna(0.0),
        lambda s: s.groupby(s.str.lower()).size(),
        lambda s: s.to_frame("s").assign(k=s.str[:1], n=s.str.len()).groupby("k")["n"].sum(),
    ],
)
@given(array=columns())
def test_methods_after_each_other(use: Any, array: Any) -> None:
    check(array, use, filtered=False)


@pytest.mark.parametrize("name", ["split wide", "partition", "get_dummies", "extract some"])
def test_columns_of_rows_that_are_not_encoded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionaries, "_is_short", lambda entries, rows: False)
    data = lazyframe.DataFrame({"s": ["ab", "é b", None, "", "A.", "b"], "k": range(6)})
    part = data[data["k"] != 1]
    assert is_lazy(METHODS[name](part["s"].str))
    assert is_lazy(part)
    for array in (["ab", "é b", None, "", "A.", "b"], ["a", "b"], [None, None], []):
        check(as_held(array, "arrow"), lambda s: METHODS[name](s.str))


def test_a_new_name_is_that_of_lists_too() -> None:
    data = lazyframe.Series(["a b", "b"], dtype="str", name="old")
    for renamed in (data.str.upper().rename("new"), data.str.upper()):
        renamed.name = "new"
        assert renamed.str.split().name == "new"
        assert renamed.str.split().str[0].name == "new"
        assert renamed.str.cat(renamed).name == "new"
        assert renamed.str.extract("(A)", expand=False).name == "new"


def test_warnings_are_pandas_own() -> None:
    data = lazyframe.Series(["a", "b"], dtype="str")
    with pytest.warns(UserWarning, match="match groups") as caught:
        data.str.contains("(a)")
    assert caught[0].filename == __file__


def test_the_accessor_is_of_pandas_class() -> None:
    data = lazyframe.Series(["a", "b"], dtype="str")
    assert isinstance(data.str, type(pandas.Series(["a"]).str))
    assert lazyframe.Series.str is pandas.Series.str
    assert type(data.str.upper()) is lazyframe.Series
    assert hasattr(data, "str")
    assert not hasattr(lazyframe.Series([1, 2]), "str")
    with pytest.raises(AttributeError, match="string values"):
        _ = lazyframe.Series([1, 2]).str
    with pytest.raises(TypeError):
        iter(data.str)


def test_equal_arguments_of_two_types_are_two_questions() -> None:
    array = as_held(["1", "0"], "arrow")
    data = lazyframe.Series(array)
    for one in (1, True, 1.0):
        table = {"1": one, "0": one}
        assert data.map(table).dtype == pandas.Series(array).map(table).dtype


def test_other_dtypes_have_pandas_accessor() -> None:
    for array in (
        np.array(["a", "b", None], object),
        pandas.Categorical(["a", "b", "a"]),
        pandas.array(["a", None, "b"], dtype="string"),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            check(array, lambda s: s.str.upper())
            check(array, lambda s: s.str.len())
