"""Tables of rows by their keys find what a dictionary finds, whatever the keys and their hashes."""

from __future__ import annotations

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lazyframe
from lazyframe.codegen.emit_lookups import FIRST_FACTOR, KEY_FACTOR, SECOND_FACTOR, Way
from lazyframe.run import hashed_tables, lookups, morsels, table_filling
from lazyframe.run.bindings import bind_array
from lazyframe.run.execute import compute
from lazyframe.run.hashed_tables import hashes, mixed
from lazyframe.run.lookups import table_of
from lazyframe.run.uniqueness import are_distinct
from passes.ir.operations import BOOL, INT64
from passes.ir.rows import Filter
from passes.ir.values import Gather, Literal, Lookup, Map, RowNumber, Take

DTYPES = ("int8", "uint8", "int32", "int64", "uint64", "bool")
FAR = {"int64": [-(2**63), 2**63 - 1, 2**62], "uint64": [2**64 - 1, 2**63, 2**63 - 1]}


@st.composite
def columns(draw: st.DrawFn) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Distinct keys, and keys to look for, of one or two columns."""
    dtypes = draw(st.lists(st.sampled_from(DTYPES), min_size=1, max_size=2))
    wide = draw(st.booleans())
    one = st.tuples(*[_element(dtype, wide) for dtype in dtypes])
    held = draw(st.lists(one, max_size=30, unique=True))
    asked = draw(st.lists(st.one_of(one, st.sampled_from(held)) if held else one, max_size=30))
    return tuple(
        [np.array([row[k] for row in rows], dtype) for k, dtype in enumerate(dtypes)]
        for rows in (held, asked)
    )


def _element(dtype: str, wide: bool) -> st.SearchStrategy:
    if dtype == "bool":
        return st.booleans()
    few = st.integers(0, 60) if dtype.startswith("u") else st.integers(-30, 30)
    return st.one_of(few, st.sampled_from(FAR[dtype])) if wide and dtype in FAR else few


def expected(held: list[np.ndarray], asked: list[np.ndarray]) -> list[int]:
    places = {row: k for k, row in enumerate(zip(*[h.tolist() for h in held], strict=True))}
    return [places.get(row, -1) for row in zip(*[a.tolist() for a in asked], strict=True)]


@given(columns())
def test_tables_find_what_a_dictionary_finds(both: tuple[list[np.ndarray], list[np.ndarray]]) -> None:
    held, asked = both
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_filling, "kernel_of_table", lambda *_: None)
        table = table_of(held)
        if len(held[0]):
            assert table.limits == [(int(key.min()), int(key.max())) for key in held]
        assert table.find(asked).tolist() == expected(held, asked)


@pytest.mark.parametrize("first_looking", [False, True])
@given(columns())
def test_hashed_tables_find_it_too(
    first_looking: bool, both: tuple[list[np.ndarray], list[np.ndarray]]
) -> None:
    held, asked = both
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashed_tables, "kernel_of_table", lambda *_: None)
        patch.setattr(table_filling, "kernel_of_table", lambda *_: None)
        patch.setattr(lookups, "_SMALL", 0)
        patch.setattr(lookups, "_SLOTS_A_ROW", 0)
        patch.setattr(lookups, "ascends_strictly", lambda _: False)
        table = table_of(held)
        assert table.form.way is Way.BY_HASH or not len(held[0])
        if first_looking:
            patch.setattr(lookups, "MANY_ROWS", 0)
        assert table.find(asked).tolist() == expected(held, asked)


def unmixed(hashes: np.ndarray) -> np.ndarray:
    """The codes that are mixed to these hashes: mixing is one to one."""
    bits = hashes.astype(np.uint64)
    inverses = [pow(factor, -1, 1 << 64) for factor in (FIRST_FACTOR, SECOND_FACTOR)]
    bits = bits ^ (bits >> np.uint64(32))
    bits = bits * np.uint64(inverses[1])
    bits = bits ^ (bits >> np.uint64(29)) ^ (bits >> np.uint64(58))
    bits = bits * np.uint64(inverses[0])
    return (bits ^ (bits >> np.uint64(32))).view(np.int64)


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 8, 9, 500])
def test_keys_made_to_collide_are_all_found(rows: int) -> None:
    keys = unmixed(np.arange(rows, dtype=np.uint64) << np.uint64(40))
    assert (mixed(keys) & 0xFFFF == 0).all()
    table = table_of([keys])
    assert table.form.way is Way.BY_HASH or rows == 1
    others = unmixed(np.arange(rows, 2 * rows, dtype=np.uint64) << np.uint64(40))
    assert table.find([keys]).tolist() == list(range(rows))
    assert table.find([others]).tolist() == [-1] * rows
    found = in_kernels(keys, np.concatenate([keys, others]))
    assert found.tolist() == [*range(rows), *[-1] * rows]


def test_two_keys_made_to_collide_are_all_found() -> None:
    first = np.arange(300)
    second = (0 - first.view(np.uint64) * np.uint64(KEY_FACTOR)).view(np.int64)
    assert len(set(hashes([first, second]).tolist())) == 1
    table = table_of([first, second])
    assert table.form.way is Way.BY_HASH
    asked = [np.concatenate([first, first]), np.concatenate([second, second + 1])]
    assert table.find(asked).tolist() == expected([first, second], asked)


@pytest.mark.parametrize("dtypes", [["int64"], ["int32", "int64"], ["bool", "uint64"]], ids=str)
@pytest.mark.parametrize("rows", [1, 2, 1000])
def test_tables_that_kernels_fill(dtypes: list[str], rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "_SMALL", 0)
    monkeypatch.setattr(lookups, "_SLOTS_A_ROW", 0)
    monkeypatch.setattr(hashed_tables, "LONGEST_CALL", 300)
    monkeypatch.setattr(lookups, "ascends_strictly", lambda _: False)
    random = np.random.default_rng(rows)
    held = [random.integers(0, 3, rows).astype(dtype) for dtype in dtypes[:-1]]
    held.append(random.permutation(rows).astype(dtypes[-1]))
    asked = [np.concatenate([key, key[::-1]]) for key in held]
    asked[-1][rows:] += np.array(1, dtypes[-1])
    table = table_of(held)
    assert table.form.way is Way.BY_HASH
    assert table.find(asked).tolist() == expected(held, asked)


@pytest.mark.parametrize("dtype", ["int64", "bool", "uint64"])
@pytest.mark.parametrize("step", [1, 360])
@pytest.mark.parametrize("ascending", [True, False])
def test_tables_by_code_that_kernels_fill(
    dtype: str, step: int, ascending: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if dtype == "bool" and step > 1:
        return
    monkeypatch.setattr(morsels, "LEAST_MORSEL_ROWS", 1 << 10)
    monkeypatch.setattr(table_filling, "LONGEST_CALL", 700)
    monkeypatch.setattr(table_filling, "_FILLED_BY_ONE", 999)
    random = np.random.default_rng(step)
    rows = 2 if dtype == "bool" else 20_000
    held = (np.sort(random.permutation(2 * rows)[:rows]) * step).astype(dtype)
    held = np.array([False, True]) if dtype == "bool" else held
    held = held if ascending else held[::-1].copy()
    asked = np.concatenate([held, held[::3], held + np.array(1, dtype)])
    with lazyframe.config(threads=3):
        table = table_of([held])
        assert table.form.way is (Way.BY_RANK if ascending else Way.BY_CODE)
        assert table.form.stepped is (step > 1)
        assert np.bitwise_count(table.bits).sum() == rows
        assert table.find([asked]).tolist() == expected([held], [asked])


def test_tables_of_two_keys_by_code_that_kernels_fill(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(morsels, "LEAST_MORSEL_ROWS", 1 << 10)
    random = np.random.default_rng(2)
    codes = random.permutation(60_000)[:20_000]
    held = [codes // 200, codes % 200]
    asked = [np.concatenate([key, key[::-1]]) for key in held]
    table = table_of(held)
    assert table.form.way is Way.BY_CODE
    assert np.bitwise_count(table.bits).sum() == len(codes)
    assert table.find(asked).tolist() == expected(held, asked)


@pytest.mark.parametrize(("by_kernels", "leading"), [(True, 0), (True, 1), (False, 1)])
@pytest.mark.parametrize(
    "dtypes", [["int64", "int64"], ["int32", "uint64", "bool"], ["uint64", "int16"]], ids=str
)
def test_rows_of_several_keys_are_found_among_those_of_the_one_that_ascends(
    dtypes: list[str], by_kernels: bool, leading: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(morsels, "LEAST_MORSEL_ROWS", 1 << 10)
    monkeypatch.setattr(table_filling, "MANY_ROWS", 100)
    monkeypatch.setattr(lookups, "_SMALL", 0)
    monkeypatch.setattr(lookups, "_LARGE", 0)
    if not by_kernels:
        monkeypatch.setattr(table_filling, "kernel_of_table", lambda *_: None)
    random = np.random.default_rng(3)
    rows = 6000
    first = np.repeat(np.arange(rows), random.choice([0, 1, 2, 7], rows))[:rows] + 5
    others = [random.integers(0, 2, rows).astype(dtype) for dtype in dtypes[2:]]
    second = random.permutation(rows)
    held = [first.astype(dtypes[0]), (second * 977).astype(dtypes[1]), *others]
    asked = [np.concatenate([key, np.roll(key, 1), key[:3], key[-1:], key[:2]]) for key in held]
    asked[0][-6:] = [0, 4, 5, first[-1] + 1, np.iinfo(dtypes[0]).max, np.iinfo(dtypes[0]).min]
    held, asked = ([*side[1:], side[0]] if leading else side for side in (held, asked))
    leading *= len(held) - 1
    with lazyframe.config(threads=2):
        table = table_of(held)
        assert table.form == (Way.BY_RUN, False, False, leading)
        assert table.find(asked).tolist() == expected(held, asked)
        if by_kernels:
            sides = [bind_array(key) for key in held], [bind_array(key) for key in asked]
            (found,) = compute([Lookup(tuple(sides[1]), sides[0][0].rows, tuple(sides[0]))])
            assert found.tolist() == expected(held, asked)


def test_rows_are_not_found_by_runs_where_first_keys_are_not_in_short_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(table_filling, "MANY_ROWS", 100)
    monkeypatch.setattr(lookups, "_SMALL", 0)
    monkeypatch.setattr(lookups, "_LARGE", 0)
    second = np.random.default_rng(3).permutation(5000) * 977
    short = np.arange(5000) // 3
    long = short.copy()
    long[3000:3040] = long[3000]
    falls = short.copy()
    falls[4800] = 0
    gaps = short * 20
    for first, way in ((short, Way.BY_RUN), (long, Way.BY_HASH), (falls, Way.BY_HASH), (gaps, Way.BY_HASH)):
        held = [np.sort(first) if first is long else first, second]
        assert table_of(held).form.way is way
        assert table_of(held).find(held).tolist() == list(range(5000))


def test_kernels_put_colliding_keys_into_the_next_slots() -> None:
    keys = unmixed(np.arange(500, dtype=np.uint64) << np.uint64(40))
    table = table_of([keys])
    assert table.find([keys]).tolist() == list(range(500))


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("step", [3_600_000_000_000, 1 << 33, 10**15 + 7])
@pytest.mark.parametrize("dtype", ["int64", "uint64"])
def test_keys_that_are_divided(dtype: str, step: int, whole: bool) -> None:
    random = np.random.default_rng(7)
    low = np.iinfo(dtype).min
    held = np.array([low + int(k) * step for k in random.permutation(900)[:300]], dtype)
    near = [held, held + np.array(1, dtype), held - np.array(1, dtype), held + np.array(step // 2, dtype)]
    asked = np.concatenate([*near, held + np.array(step, dtype), np.array([0, np.iinfo(dtype).max], dtype)])
    table = table_of([held], whole)
    assert table.form.stepped
    assert table.limits == [(int(held.min()), int(held.max()))]
    assert table.find([asked]).tolist() == expected([held], [asked])
    assert in_kernels(held, asked).tolist() == expected([held], [asked])
    assert rows_found(held, asked).tolist() == np.flatnonzero(table.find([asked]) >= 0).tolist()
    other = random.permutation(len(held)).astype(np.int8)
    both, wanted = [held, other], [asked, np.resize(other, len(asked))]
    assert table_of(both).find(wanted).tolist() == expected(both, wanted)


def test_one_of_two_keys_is_divided() -> None:
    days, shops = [k.ravel() for k in np.meshgrid(np.arange(40) * 86_400_000_000, np.arange(7))]
    table = table_of([days, shops.astype(np.int8)])
    assert (table.form.way, table.form.stepped) == (Way.BY_CODE, True)
    asked = [np.append(days, [days[5] + 1, 3]), np.append(shops, [0, 0]).astype(np.int8)]
    assert table.find(asked).tolist() == [*range(280), -1, -1]


def in_kernels(held: np.ndarray, asked: np.ndarray) -> np.ndarray:
    source = bind_array(held)
    (found,) = compute([Lookup((bind_array(asked),), source.rows, (source,))])
    return found


@pytest.mark.parametrize("rows", range(0, 70, 3))
def test_tables_of_every_size(rows: int) -> None:
    keys = np.random.default_rng(rows).permutation(10 * rows + 1)[:rows] * (1 << 40)
    asked = np.concatenate([keys, keys + 1, [0, -1]])
    assert table_of([keys]).find([asked]).tolist() == expected([keys], [asked])


@pytest.mark.parametrize("shift", [0, 40])
@pytest.mark.parametrize("dtype", ["int32", "int64", "uint64"])
def test_kernels_find_what_tables_find(shift: int, dtype: str) -> None:
    if dtype == "int32" and shift:
        return
    random = np.random.default_rng(3)
    held = (random.permutation(5000)[:1000].astype(np.int64) << shift).astype(dtype)
    asked = np.concatenate([held, (random.integers(0, 6000, 1000) << shift).astype(dtype)])
    asked[::7] = np.iinfo(dtype).max
    found = in_kernels(held, asked)
    assert found.tolist() == expected([held], [asked])


ASCENDING = {
    "no gap": (np.arange(-3, 700), Way.AS_CODE),
    "one row": (np.array([5]), Way.AS_CODE),
    "gaps": (np.flatnonzero(np.random.default_rng(5).random(6000) < 0.3) - 1000, Way.BY_RANK),
    "a gap of more than a word": (np.array([0, 63, 64, 127, 128, 383]), Way.BY_RANK),
    "a last code that ends a word": (np.array([0, 1, 63]), Way.BY_RANK),
    "too far apart": (np.arange(50) * 1_000_000 + np.arange(50) % 2, Way.BY_HASH),
    "evenly far apart": (np.arange(50) * 1_000_000 - 7, Way.AS_CODE),
    "evenly far apart, with gaps": (np.append(np.arange(0, 90, 3), 91) * 360_000, Way.BY_RANK),
    "evenly far apart, not ascending": (np.append(np.arange(40), [41, 40]) * 360_000, Way.BY_CODE),
    "few": (np.array([3, 5_000]), Way.BY_RANK),
    "not ascending": (np.array([1, 2, 4, 3]), Way.BY_CODE),
    "not ascending behind the first": (np.append(np.arange(40_000), [40_001, 40_000]), Way.BY_CODE),
}


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint64"])
@pytest.mark.parametrize("case", ASCENDING)
def test_keys_that_ascend_are_found_by_how_many_are_below(case: str, dtype: str) -> None:
    keys, way = ASCENDING[case]
    held = (keys - keys.min() if dtype == "uint64" else keys).astype(dtype)
    assert table_of([held], whole=True).form.way is way
    random = np.random.default_rng(6)
    near = random.integers(0, int(held.max()) + 100, 3000).astype(dtype)
    ends = np.array([np.iinfo(dtype).min, np.iinfo(dtype).max], dtype)
    asked = np.concatenate([held, near, ends, held[:1] - np.array(1, dtype), held[-1:] + np.array(1, dtype)])
    wanted = expected([held], [asked])
    for whole in (True, False):
        assert table_of([held], whole).find([asked]).tolist() == wanted
    assert in_kernels(held, asked).tolist() == wanted
    assert rows_found(held, asked).tolist() == np.flatnonzero(np.array(wanted) >= 0).tolist()


def rows_found(held: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Which rows are there, and nothing else of them."""
    source, keys = bind_array(held), bind_array(asked)
    found = Map("greater_equal", (Lookup((keys,), source.rows, (source,)), Literal(0, INT64)), BOOL)
    assert keys.rows is not None
    (left,) = compute([Take(RowNumber(keys.rows), Filter(keys.rows, found))])
    return left


def test_kernels_find_rows_by_two_keys() -> None:
    random = np.random.default_rng(4)
    for high in (40, 1 << 24, 1 << 62):
        pairs = np.unique(random.integers(0, high, (1000, 2)), axis=0)
        asked = np.concatenate([pairs, random.integers(-high, high, (1000, 2)), pairs[::-1, ::-1]])
        held = [bind_array(np.ascontiguousarray(pairs[:, k])) for k in (0, 1)]
        keys = [bind_array(np.ascontiguousarray(asked[:, k])) for k in (0, 1)]
        (found,) = compute([Lookup(tuple(keys), held[0].rows, tuple(held))])
        assert found.tolist() == expected(list(pairs.T), list(asked.T))


def test_nothing_is_gathered_from_rows_that_are_not_there() -> None:
    none, asked = bind_array(np.empty(0, np.int64)), bind_array(np.arange(5))
    found = Lookup((asked,), none.rows, (none,))
    values = Gather(none, Map("maximum", (found, Literal(0, INT64)), INT64))
    (first, second) = compute([found, Map("add", (values, found), INT64)])
    assert first.tolist() == [-1] * 5
    assert len(second) == 5


@given(st.lists(st.sampled_from([0, 1, 5, -3, 2**63 - 1, -(2**63)]), max_size=5), st.booleans())
def test_keys_are_distinct_or_not(values: list[int], pair: bool) -> None:
    column = np.array(values, np.int64)
    other = column // 2
    wanted = len(set(values)) == len(values)
    assert are_distinct([column, other] if pair else [column]) == wanted
    assert are_distinct([column.view("M8[ns]")]) == wanted
    mixed = [(column % 4 == 0), column.view(np.uint64), column.astype(np.int8)]
    assert are_distinct(mixed) == (
        len(set(zip(*(part.tolist() for part in mixed), strict=True))) == len(column)
    )
    assert are_distinct([pandas.Series(column).to_numpy()]) == wanted
