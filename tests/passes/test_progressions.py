"""No computed value is outside of the progression that it is said to be of."""

from __future__ import annotations

from math import gcd
from typing import Any

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from passes.facts.progressions import (
    LAST,
    NAT,
    Missing,
    Progression,
    progression_of,
    progressions_of_keys,
)
from passes.ir.node import Token
from passes.ir.operations import evaluate
from passes.ir.rows import Filter, Group, Range
from passes.ir.values import Gather, Literal, Map, Parameter, Read, RowNumber, Take, Value

INT64, INT32, BOOL = np.dtype(np.int64), np.dtype(np.int32), np.dtype(np.bool_)
ROWS = Range(6)
TIMES = np.dtype("M8[ns]")
HOUR = 3_600_000_000_000


def data_of(dtype: str) -> st.SearchStrategy[np.ndarray]:
    limits = np.iinfo(dtype)
    numbers = st.one_of(
        st.integers(limits.min, limits.max),
        st.integers(max(limits.min, -40), 40).map(lambda k: k * 3),
        st.sampled_from([limits.min, limits.max, 0]),
    ).filter(lambda k: limits.min <= k <= limits.max)
    return st.lists(numbers, min_size=6, max_size=6).map(lambda found: np.array(found, dtype))


def progression(array: np.ndarray) -> Progression:
    low, high = int(array.min()), int(array.max())
    return Progression(low, high, gcd(*[k - low for k in array.tolist()]))


@st.composite
def programs(draw: Any) -> tuple[Value, np.ndarray, dict[Token, np.ndarray]]:
    """A column, its values, and the inputs that it is made of."""
    dtype = draw(st.sampled_from(["int64", "int32", "int8", "uint64", "uint8"]))
    inputs = {Token(name): draw(data_of(dtype)) for name in ("a", "b")}
    known: list[tuple[Value, Any]] = [(Read(t, a.dtype, ROWS), a) for t, a in inputs.items()]
    limits = np.iinfo(dtype)
    for _ in range(draw(st.integers(1, 5))):
        constant = draw(st.one_of(st.integers(-3, 12), st.sampled_from([60, 100, limits.max, limits.min])))
        assume(limits.min <= constant <= limits.max)
        literal = (Literal(constant, np.dtype(dtype)), np.dtype(dtype).type(constant))
        operation = draw(
            st.sampled_from(
                ["add", "subtract", "multiply", "floor_divide", "remainder", "minimum", "maximum", "floor",
                 "right_shift", "bitwise_and", "select", "cast", "date"]
            )
        )  # fmt: skip
        a = draw(st.sampled_from(known))
        b = draw(st.sampled_from([*known, literal, literal]))
        match operation:
            case "floor":
                rest = Map("remainder", (a[0], literal[0]), a[0].dtype)
                kept = evaluate("remainder", [a[1], literal[1]], a[0].dtype)
                made = (
                    Map("subtract", (a[0], rest), a[0].dtype),
                    evaluate("subtract", [a[1], kept], a[0].dtype),
                )
            case "select":
                condition = Map("less", (a[0], literal[0]), BOOL)
                holds = evaluate("less", [a[1], literal[1]], BOOL)
                chosen = np.broadcast_to(evaluate("select", [holds, a[1], b[1]], a[0].dtype), 6)
                made = Map("select", (condition, a[0], b[0]), a[0].dtype), chosen
            case "cast":
                made = a
                for to in ("int64", dtype):
                    made = Map("cast", (made[0],), np.dtype(to)), evaluate("cast", [made[1]], np.dtype(to))
            case "date":
                part = draw(st.sampled_from(["year", "month", "day_of_month", "day_of_year"]))
                made = Map("cast", (a[0],), INT32), evaluate("cast", [a[1]], INT32)
                made = Map(part, (made[0],), INT32), evaluate(part, [made[1]], INT32)
                made = Map("cast", (made[0],), a[0].dtype), evaluate("cast", [made[1]], a[0].dtype)
            case _:
                made = (
                    Map(operation, (a[0], b[0]), a[0].dtype),
                    np.broadcast_to(evaluate(operation, [a[1], b[1]], a[0].dtype), 6),
                )
        known.append(made)
    return (*known[-1], inputs)


@given(programs())
def test_values_are_of_their_progression(program: tuple[Value, np.ndarray, dict[Token, np.ndarray]]) -> None:
    value, values, inputs = program
    for known in (lambda leaf: progression(inputs[leaf.token]), lambda leaf: None):
        found = progression_of(value, known)
        for number in values.tolist() if found is not None else ():
            assert found.low <= number <= found.high
            assert (number - found.low) % max(found.step, 1) == 0


def test_parts_of_dates_and_remainders_are_bounded_whatever_is_known() -> None:
    days = Map("cast", (Map("reinterpret", (T,), INT64),), INT32)
    assert progression_of(Map("month", (days,), INT32), lambda _: None) == (1, 12, 1, Missing.SPOILT)
    hour = Map("remainder", (Map("reinterpret", (T,), INT64), Literal(24, INT64)), INT64)
    assert progression_of(hour, lambda _: None) == (0, 23, 1, Missing.SPOILT)
    assert progression_of(days, lambda _: None) is None
    every = np.random.default_rng(3).integers(-(2**31), 2**31, 100_000).astype(np.int32)
    every = np.concatenate([every, np.arange(-1500, 1500, dtype=np.int32) + 11_000])
    for part in ("month", "day_of_month", "day_of_year"):
        found = progression_of(Map(part, (days,), INT32), lambda _: None)
        parts = evaluate(part, [every], INT32)
        assert found is not None
        assert (parts.min(), parts.max()) == found[:2]


def test_years_follow_the_days() -> None:
    years = Map("year", (Read(Token("d"), INT32, ROWS),), INT32)
    assert progression_of(years, lambda _: Progression(-1, 366, 1)) == Progression(1969, 1971, 1)
    assert progression_of(years, lambda _: Progression(-800_000, 0, 1)) == Progression(-221, 1970, 1)
    assert progression_of(years, lambda _: Progression(-1, 2**31 - 1, 1)) is None


def rounded(times: Value, unit: int) -> Value:
    ticks = Map("reinterpret", (times,), INT64)
    return Map("subtract", (ticks, Map("remainder", (ticks, Literal(unit, INT64)), INT64)), INT64)


def nat() -> Literal:
    return Literal(NAT, INT64)


def masked(times: Value, value: Value) -> Value:
    missing = Map("equal", (Map("reinterpret", (times,), INT64), nat()), BOOL)
    return Map("select", (missing, nat(), value), INT64)


T = Read(Token("t"), TIMES, ROWS)


def known(_: Read | Parameter) -> Progression:
    return Progression(-5 * HOUR, 7 * HOUR + 5, 1, Missing.AS_NAT)


def test_rounded_times_are_multiples_and_missing_ones_stay() -> None:
    found = progression_of(masked(T, rounded(T, HOUR)), known)
    assert found == Progression(-5 * HOUR, 7 * HOUR, HOUR, Missing.AS_NAT)
    spoilt = progression_of(rounded(T, HOUR), known)
    assert spoilt is not None
    assert spoilt.missing is Missing.SPOILT


def test_what_is_missing_at_other_rows_spoils() -> None:
    other = Gather(T, RowNumber(ROWS))
    found = progression_of(masked(T, rounded(other, HOUR)), known)
    assert found is None


def test_missing_keys_are_left_out_or_last() -> None:
    key = masked(T, rounded(T, HOUR))
    last = Map("subtract", (key, Literal(1, INT64)), INT64)
    found = progressions_of_keys(Group(ROWS, (last,), True), known)
    assert found == (Progression(-5 * HOUR - 1, 7 * HOUR - 1, HOUR, Missing.AS_LAST),)
    assert (NAT - 1) % 2**64 == LAST
    assert progressions_of_keys(Group(ROWS, (key,), True), known) is None
    there = Filter(ROWS, Map("not_equal", (key, nat()), BOOL))
    left = progressions_of_keys(Group(there, (Take(key, there),), True), known)
    assert left == (Progression(-5 * HOUR, 7 * HOUR, HOUR),)
    elsewhere = Filter(ROWS, Map("not_equal", (Map("reinterpret", (T,), INT64), Literal(0, INT64)), BOOL))
    assert progressions_of_keys(Group(elsewhere, (Take(key, elsewhere),), True), known) is None


def test_what_may_not_fit_is_not_claimed() -> None:
    wide = Progression(NAT + 5, 10, 1)
    assert progression_of(rounded(T, HOUR), lambda _: wide) is None
    twice = Map("multiply", (Map("reinterpret", (T,), INT64), Literal(2, INT64)), INT64)
    assert progression_of(twice, lambda _: wide) is None
    assert progression_of(twice, lambda _: Progression(-5, 10, 1)) == Progression(-10, 20, 2)
