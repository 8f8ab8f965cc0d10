"""The printer and the parser: constants, names, errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passes.ir.node import Token
from passes.ir.operations import FLOAT64, INT64
from passes.ir.parser import GraphSyntaxError, parse_graph
from passes.ir.printer import Printout, print_graph
from passes.ir.rows import Filter, Product, Range
from passes.ir.values import OPAQUE, Literal, Map, Outer, Read, Reduce, Take, Value, Window
from passes.ir.verify import InvalidGraph, verify
from tests.passes.graphs import DTYPES

DATES = [
    np.dtype(f"{kind}[{unit}]") for kind in ("datetime64", "timedelta64") for unit in ("ns", "s", "D", "25us")
]


def round_trip(results: list[Value]) -> str:
    printed = Printout(results)
    assert list(parse_graph(printed.text, printed.tokens).results) == results
    assert print_graph(parse_graph(printed.text).results) == printed.text
    return printed.text


@given(st.sampled_from([*DTYPES, *DATES]), st.binary(min_size=8, max_size=8))
def test_every_bit_of_a_constant_comes_back(dtype: np.dtype, bits: bytes) -> None:
    if dtype.kind == "b":
        bits = bytes([bits[0] & 1]) * 8
    value = np.frombuffer(bits[: dtype.itemsize], dtype)[0]
    literal = Literal(value, dtype)
    assert literal.bits == bits[: dtype.itemsize]
    round_trip([literal, Map("negative", (literal,), dtype), Map("invert", (literal,), dtype)])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float64(-0.0), "-0.0"),
        (np.float64("nan"), "nan"),
        (np.float64("-inf"), "-inf"),
        (np.int64(-(2**63)), "-9223372036854775808"),
        (np.int8(3), "int8(3)"),
        (np.float32(0.1), "float32(0.1)"),
        (np.bool_(True), "True"),
        (np.uint64(2**64 - 1), "uint64(18446744073709551615)"),
        (np.frombuffer(b"\1\0\0\0\0\0\xf8\x7f")[0], "bits(float64, 0x7ff8000000000001)"),
        (np.datetime64(5, "ns"), "datetime64[ns](5)"),
    ],
)
def test_constants_are_spelled_shortly(value: np.generic, text: str) -> None:
    assert round_trip([Literal(value)]) == f"return {text}"


def test_one_point_zero_and_true_differ() -> None:
    assert round_trip([Literal(1), Literal(1.0), Literal(True), Literal(0.0), Literal(-0.0)]) == (
        "return 1, 1.0, True, 0.0, -0.0"
    )


@pytest.mark.parametrize(
    "hint",
    ["", '"', "a'); import os; (", "new\nline", "class", "None", "t", "p0", "c7", "nan", "\N{KELVIN SIGN}",
     "é", "x" * 100, "a b", "1", "#", "r0"],
)  # fmt: skip
def test_no_hint_breaks_the_text(hint: str) -> None:
    rows = Range("n0")
    columns = [Read(Token(h), FLOAT64, rows) for h in (hint, hint, "c0", "")]
    text = round_trip([*columns, Reduce("sum", columns[1], FLOAT64)])
    assert text.splitlines()[0].startswith("t = source(")
    assert len(text.splitlines()) == 2


def test_row_spaces_of_two_lengths_stay_two() -> None:
    spaces = [Range(10), Range(20), Range("n0"), Range("n7"), Range("n1")]
    columns: list[Value] = [Read(Token("a"), FLOAT64, rows) for rows in spaces]
    text = round_trip(columns)
    assert [line.split("(")[0].replace(" ", "") for line in text.splitlines()[:-1]] == [
        "t2=source[10]", "t3=source[20]", "t=source", "t7=source", "t1=source",
    ]  # fmt: skip


def test_columns_have_names_of_their_own_within_their_source() -> None:
    left, right = Range("n1"), Range("n0")
    columns: list[Value] = [Read(Token("key"), FLOAT64, rows) for rows in (left, right, left)]
    columns.append(Read(Token("sepal length (cm)"), FLOAT64, right))
    assert round_trip(columns).splitlines() == [
        "t1 = source(key: float64, c0: float64)",
        "t  = source(key: float64, sepal_length_cm: float64)",
        "return t1.key, t.key, t1.c0, t.sepal_length_cm",
    ]


def test_a_source_called_otherwise_says_its_length() -> None:
    with pytest.raises(GraphSyntaxError, match="how long is left"):
        parse_graph("left = source(a: float64)\nreturn left.a")
    assert parse_graph("left = source[n3](a: float64)\nreturn left.a").results


def test_a_column_through_filters_prints_by_its_name() -> None:
    rows = Range("n0")
    column = Read(Token("a"), FLOAT64, rows)
    first = Filter(rows, Map("greater", (column, Literal(0.0)), np.dtype(bool)))
    taken = Take(column, first)
    second = Filter(first, Map("less", (taken, Literal(9.0)), np.dtype(bool)))
    assert round_trip([Take(taken, second)]).endswith("r1 = filter(r0, r0.a < 9.0)\nreturn r1.a")


def test_operators_keep_their_grouping() -> None:
    text = (
        "t = source(a: float64, c: float64, b: int64)\n"
        "return -(t.a + 1.0) * (t.a - (t.a - 2.0)), (-t.a) ** -2.0 ** t.a, -t.c ** 2.0, (t.a ** t.a) ** t.a, "
        "(t.b < 1) & (t.b >= 2) | ~(t.b == 3), t.b << 1 + t.b, (t.b & 7) + 1, negative(2.0), --t.b, "
        "(-2.0) ** t.a"
    )
    assert print_graph(parse_graph(text).results) == text


def test_lengths_can_be_given() -> None:
    parsed = parse_graph(
        "t = source(a: float64)\nt1 = source[m](b: float64)\nreturn t.a, t1.b", lengths={"m": 3}
    )
    assert [r.rows for r in parsed.results] == [Range("n0"), Range(3)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("t = source(a: float64)", "no return line"),
        ("return t.a", "t is not defined"),
        ("t = source(a: float64)\nreturn t.b", "no column b; the columns are: a"),
        ("t = source(a: float63)\nreturn t.a", "no dtype is called 'float63'"),
        ("t = source(a: float64, a: int64)\nreturn t.a", "name of its own"),
        ("t = source(a: float64)\nt = source(b: int64)\nreturn t.b", "defined twice"),
        ("t = source(a: float64)\nreturn frobnicate(t.a)", "nothing is called frobnicate"),
        ("t = source(a: float64)\nreturn t", "a row space, not a value"),
        ("t = source(a: float64)\nreturn sum(t.a), filter(t, t.a)", "nothing is called filter"),
        ("t = source(a: float64)\nu = source[n9](b: float64)\nreturn t.a + u.b", "different row spaces"),
        ("return __import__('os').system('true')", "line 1"),
        ("return 1 +", "line 1"),
        ("return 1\nreturn 2", "nothing follows"),
        ("return int8(300)", "line 1"),
        ("return [1]", "cannot read"),
        ("return 1 if True else 2", "cannot read"),
    ],
)
def test_what_is_no_graph_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(GraphSyntaxError, match=complaint):
        parse_graph(text)


def test_an_illegal_graph_is_named_as_it_prints() -> None:
    parsed = parse_graph("t = source(a: float64, b: int64)\nreturn sum(t.a + t.b)")
    with pytest.raises(
        InvalidGraph, match=r"^t\.a \+ t\.b: add takes arguments of one dtype, not float64, int64$"
    ):
        verify(parsed.results)


def test_opaque_columns_are_not_computed_with() -> None:
    rows = Range(3)
    names = Read(Token("names"), OPAQUE, rows)
    verify([names])
    with pytest.raises(InvalidGraph, match="typed column"):
        verify([Outer(names, Product(rows, rows), 0)])
    with pytest.raises(InvalidGraph, match="cannot compute with object"):
        verify([Map("equal", (names, names), np.dtype(bool))])


def test_dtypes_that_are_not_implied_are_printed() -> None:
    rows = Range("n0")
    column = Read(Token("a"), np.dtype(np.int8), rows)
    text = round_trip([Reduce("sum", column, INT64), Map("add", (column, column), INT64)])
    assert text.endswith("return sum(t.a, dtype=int64), add(t.a, t.a, dtype=int64)")


def test_windows_of_so_many_rows_are_printed() -> None:
    column = Read(Token("a"), np.dtype(np.int8), Range("n0"))
    text = round_trip([Window("rolling_mean_5", column, FLOAT64), Window("rolling_max_3_0", column, FLOAT64)])
    assert text.endswith("return rolling_mean_5(t.a, dtype=float64), rolling_max_3_0(t.a, dtype=float64)")
    with pytest.raises(InvalidGraph, match="no such operation as 'rolling_mode_5'"):
        verify([Window("rolling_mode_5", column, FLOAT64)])
    with pytest.raises(InvalidGraph, match="rolling_mean_5 of int8 cannot give int64"):
        verify([Window("rolling_mean_5", column, INT64)])
