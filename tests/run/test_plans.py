"""Plans are shared by programs that differ in inputs and in constants that no pass looks into."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.run import plan
from passes.facts.constants import is_special
from passes.facts.shape import describe
from passes.ir.parser import parse_graph
from passes.ir.values import Literal
from passes.ir.walk import topological


@pytest.fixture(autouse=True)
def _no_plans() -> Iterator[None]:
    plan._plans.clear()
    with lazyframe.config(min_rows=0):
        yield
    plan._plans.clear()


def columns() -> dict[str, np.ndarray]:
    random = np.random.default_rng(3)
    return {"x": random.normal(0.0, 3.0, 100), "i": random.integers(-9, 9, 100)}


def test_a_loop_over_thresholds_is_planned_once() -> None:
    frame, plain = lazyframe.DataFrame(columns()), pandas.DataFrame(columns())
    for threshold in (0.3, 0.7, -1.1, 12.3):
        found = frame[(frame.x > threshold) & (frame.i != int(threshold * 10) + 41)].x * (threshold + 0.01)
        expected = plain[(plain.x > threshold) & (plain.i != int(threshold * 10) + 41)].x * (threshold + 0.01)
        pandas.testing.assert_series_equal(found.to_pandas(), expected)
    assert len(plan._plans) == 1


def test_subtracting_a_mean_is_planned_once_for_all_data() -> None:
    for scale in (1.0, 3.0, 10.0):
        frame = lazyframe.DataFrame({"x": columns()["x"] * scale})
        plain = pandas.DataFrame({"x": columns()["x"] * scale})
        found = ((frame.x - frame.x.mean()) * 1.7).to_pandas()
        pandas.testing.assert_series_equal(found, (plain.x - plain.x.mean()) * 1.7)
    assert len(plan._plans) == 2  # of the mean, and of what it is taken from


@pytest.mark.parametrize("number", [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -0.25, np.nan, np.inf, 3.0, 0.1])
def test_constants_of_any_kind_are_computed_with_as_themselves(number: float) -> None:
    frame, plain = lazyframe.DataFrame(columns()), pandas.DataFrame(columns())
    for other in (0.3, 0.7):
        found = ((frame.x + number) / other - frame.x.where(frame.i > 2, number) * number).to_pandas()
        expected = (plain.x + number) / other - plain.x.where(plain.i > 2, number) * number
        pandas.testing.assert_series_equal(found, expected, check_exact=True)


def test_explain_prints_constants() -> None:
    frame = lazyframe.DataFrame(columns())
    result = frame.x * 1.25 + frame.x.clip(-1.75, 6.5)
    for shown in (result.explain().text, result.explain(code=True, analyze=True).text):
        assert "1.25" in shown
        assert "-1.75" in shown
        assert "6.5" in shown
        assert "parameter(" not in shown


@pytest.mark.parametrize(
    ("text", "unseen"),
    [
        ("t.a > 0.3", ["0.3"]),
        ("t.a > 0.0", []),
        ("t.a * 4.0 + 3.0", ["3.0"]),
        ("t.a + (0.1 + 0.2)", []),
        ("select(t.a > 0.3, 0.7, t.a)", ["0.3", "0.7"]),
        ("t.a ** 3.0", []),
        ("t.b & 6", []),
        ("t.b + 6", ["6"]),
        ("t.a + 0.3, 0.3", []),
    ],
)
def test_which_constants_are_unseen(text: str, unseen: list[str]) -> None:
    results = parse_graph(f"t = source(a: float64, b: int64)\nreturn {text}").results
    found = describe(topological(results), results).unseen
    assert sorted(str(one.value) for one in found if isinstance(one, Literal)) == unseen


def test_special_constants() -> None:
    for number in (0.0, -0.0, 1.0, -2.0, 0.125, np.nan, -np.inf, 5e-324, 0, 1, -1, 64, -(2**63), True):
        assert is_special(Literal(number)), number
    for number in (0.1, -3.0, 1e300, 3, -7, 2**62 + 1):
        assert not is_special(Literal(number)), number
