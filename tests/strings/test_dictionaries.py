"""Codes of strings: in order, missing last, through selections, made once and only where they pay."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pandas
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record import dictionaries
from lazyframe.record.capture import Capture
from lazyframe.record.computing import compute
from lazyframe.record.dictionaries import Dictionary, codes_of, known_codes_of
from lazyframe.record.elementwise import BOOL
from lazyframe.run import encode
from lazyframe.run.bindings import bind_array, data_of
from lazyframe.run.string_order import string_order
from passes.ir.rows import Filter, Range
from passes.ir.values import Gather, Take, View
from tests.strings.columns import columns


def encoded(array: Any, force: bool = False) -> Dictionary:
    found = codes_of(Capture(pandas.Series(array)).read(0), force)
    assert found is not None
    return found


@given(columns())
def test_codes_stand_for_the_strings_in_their_order(array: Any) -> None:
    found = encoded(array)
    codes = data_of(found.codes.token)  # type: ignore[attr-defined]
    words = [word for word in array if isinstance(word, str)]
    assert list(found.entries[:-1]) == sorted(set(words))
    assert found.entries.dtype == array.dtype
    assert pandas.isna(found.entries[-1])
    pandas.testing.assert_extension_array_equal(found.entries.take(codes), array)
    assert found.has_missing == (len(words) < len(array))
    assert found.missing == len(set(words))


def test_codes_are_as_narrow_as_the_dictionary_allows() -> None:
    for count, dtype in ((127, np.int8), (128, np.int16), (40_000, np.int32)):
        found = encoded(pandas.array([str(k) for k in range(count)] + [None], dtype="str"), force=True)
        assert found.codes.dtype == dtype
        assert data_of(found.codes.token)[-1] == found.missing == count  # type: ignore[attr-defined]


def test_codes_follow_selections() -> None:
    array = pandas.array(list("cabca"), dtype="str")
    read = Capture(pandas.Series(array)).read(0)
    mask = bind_array(np.array([True, True, False, True, True]))
    assert mask.dtype == BOOL
    positions = bind_array(np.array([1, 0, 1]))
    for value in (
        Take(read, Filter(read.rows, mask)),
        View(read, Range(2), 3, -2),
        Gather(View(read, Range(2), 3, -2), positions),
    ):
        found = codes_of(value)
        assert found is not None
        codes, strings = compute([found.codes, value])
        assert found.codes.rows is value.rows
        assert list(found.entries.take(codes)) == list(strings)


@pytest.mark.skipif(not SINCE_3_1, reason="pandas 3.0 copies the array with the frame")
def test_an_array_is_encoded_once_and_its_codes_go_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pandas.DataFrame({"a": pandas.array(["x", "y", "x"], dtype="str")})
    first = codes_of(Capture(data).read(0))
    monkeypatch.setattr(dictionaries, "encode", None)
    again = codes_of(Capture(data.copy(deep=False)["a"]).read(0))
    assert first is not None
    assert again is not None
    assert again.codes is first.codes
    assert again.read is first.read
    assert known_codes_of(Capture(data).read(0)) is not None
    gc.collect()  # what other tests left
    known = sum([seen.encoded is not None for _, seen in dictionaries._by_array.values()])
    data.loc[0, "a"] = "z"
    assert known_codes_of(Capture(data).read(0)) is None
    gc.collect()
    assert sum([seen.encoded is not None for _, seen in dictionaries._by_array.values()]) == known - 1


def test_too_many_distinct_strings_are_not_encoded(monkeypatch: pytest.MonkeyPatch) -> None:
    many = pandas.array([f"{k * k}" for k in range(20_000)], dtype="str")
    read = Capture(pandas.Series(many)).read(0)
    monkeypatch.setattr(dictionaries, "encode", None)
    assert codes_of(read) is None
    monkeypatch.undo()
    forced = codes_of(read, force=True)
    assert forced is not None
    assert forced.missing == len(many)
    assert codes_of(read) is None, "known, but still too long for who does not need it"


def test_only_strings_are_encoded() -> None:
    others: list[Any] = [
        np.arange(3),
        pandas.Categorical(list("aba")),
        pandas.array(["a", None], dtype="string"),
        np.array(["a", "b", 3], object),
        pandas.array([1, 2, None], dtype="Int64"),
    ]
    for other in others:
        assert codes_of(Capture(pandas.Series(other)).read(0), force=True) is None
    with_half_of_a_pair = pandas.Series(["a", "\ud800"], dtype=pandas.StringDtype("python", na_value=np.nan))
    assert codes_of(Capture(with_half_of_a_pair).read(0)) is None


@pytest.mark.parametrize("threads", [1, 3])
def test_pieces_are_put_together(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    monkeypatch.setattr(encode, "_ROWS_FOR_A_THREAD", 4)
    values = [*"cabbag", None, *"zyx", None, "a", "c"]
    codes, words = encode.encode(
        pyarrow.chunked_array([values[:5], values[5:]], pyarrow.large_string()), threads
    )
    assert words.to_pylist() == sorted({value for value in values if value is not None})
    lookup = [*words.to_pylist(), None]
    assert [lookup[code] for code in codes] == values


def test_the_estimate_of_distinct_strings() -> None:
    r = np.random.default_rng(0)
    for distinct in (3, 1000, 100_000):
        strings = pyarrow.chunked_array([r.integers(0, distinct, 400_000).astype(str).tolist()])
        estimate = encode.estimate_distinct(strings)
        assert distinct / 2 < estimate < distinct * 2 or estimate == distinct
    assert (
        encode.estimate_distinct(pyarrow.chunked_array([np.arange(400_000).astype(str).tolist()])) == 400_000
    )


WORDS = st.sampled_from(["", "a", "b", "ba", "é", "a\0", None])


@given(
    st.lists(st.tuples(st.lists(WORDS, max_size=6), st.sampled_from(["own", "shared", "plain"])), max_size=4),
    st.sampled_from([1, 3]),
)
def test_chunks_of_any_dictionaries_are_numbered(parts: list[tuple[list[Any], str]], threads: int) -> None:
    rows = [word for words, _ in parts for word in words]
    plain = any(kind == "plain" for _, kind in parts)
    if plain:
        chunks = [pyarrow.array(words, pyarrow.string()) for words, _ in parts]
    else:
        shared = pyarrow.array(["b", "a", "b", "é", "", "a\0", "ba"])  # with a word twice
        chunks = [
            pyarrow.DictionaryArray.from_arrays(
                pyarrow.array([None if w is None else shared.to_pylist().index(w) for w in words], "int32"),
                shared,
            )
            if kind == "shared"
            else pyarrow.array(words, pyarrow.string()).dictionary_encode()
            for words, kind in parts
        ]
    kind = pyarrow.string() if plain else pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
    codes, words = encode.encode(pyarrow.chunked_array(chunks, kind), threads)
    assert words.to_pylist() == sorted({*words.to_pylist(), *[word for word in rows if word is not None]})
    assert [(*words.to_pylist(), None)[code] for code in codes.tolist()] == rows


@given(
    st.lists(
        st.text("ab\0é\x7f", max_size=14) | st.sampled_from(["prefix of eight", "prefix of eight and more"])
    ),
    st.sampled_from([pyarrow.string(), pyarrow.large_string()]),
    st.integers(0, 3),
)
def test_strings_are_sorted_by_code_point(words: list[str], kind: Any, skipped: int) -> None:
    array = pyarrow.array(words, kind)[skipped:]
    order, is_new = string_order(array)
    found = [array.to_pylist()[k] for k in order.tolist()]
    assert found == sorted(words[skipped:])
    assert is_new.tolist() == [k == 0 or found[k] != found[k - 1] for k in range(len(found))]


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=9) | st.none(), max_size=20))
def test_mostly_distinct_strings_are_numbered_by_sorting(words: list[Any]) -> None:
    both = [pyarrow.array(words[:7], pyarrow.string()), pyarrow.array(words[7:], pyarrow.string())]
    codes, found = encode._sorted(pyarrow.chunked_array(both))
    assert found.to_pylist() == sorted({word for word in words if word is not None})
    assert [(*found.to_pylist(), None)[code] for code in codes.tolist()] == words


def test_only_mostly_distinct_strings_are_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode, "_sorted", lambda strings: "sorted")
    different = pyarrow.chunked_array([[f"word {k * 7 % 5_000}" for k in range(5_000)]])
    repeated = pyarrow.chunked_array([[f"word {k % 40}" for k in range(5_000)]])
    assert encode.encode(different, 1) == "sorted"
    assert encode.encode(different.dictionary_encode(), 1) != "sorted"
    assert encode.encode(repeated, 1) != "sorted"


@pytest.mark.parametrize("kind", [pyarrow.string(), pyarrow.large_string()])
def test_strings_that_ascend_are_not_sorted(monkeypatch: pytest.MonkeyPatch, kind: Any) -> None:
    def refuse(_: Any) -> Any:
        raise AssertionError("sorted")

    text = ["", "a", "a\0", "é", *[f"é {k:05}" for k in range(5_000)], "Ω", "\U0001f600"]
    pieces: list[list[str | None]] = [[*text[:3]], [], [*text[3:4_000]], [*text[4_000:]]]
    with monkeypatch.context() as patched:
        patched.setattr(encode, "_sorted", refuse)
        codes, words = encode.encode(pyarrow.chunked_array(pieces, kind), 1)
        assert codes.tolist() == list(range(len(text)))
        assert codes.dtype == np.int16
        assert words.to_pylist() == text
        assert words.type == kind
    for at, other in ((len(text) - 1, text[-2]), (len(text) - 1, ""), (2_000, None), (1, text[2])):
        changed: list[str | None] = [*text]
        changed[at] = other
        codes, words = encode.encode(pyarrow.chunked_array([changed[:9], changed[9:]], kind), 1)
        listed = [*words.to_pylist(), None]
        assert listed[:-1] == sorted({word for word in changed if word is not None})
        assert [listed[code] for code in codes.tolist()] == changed
