"""The plan of each benchmark workload, as text; and what the project is about: kernels, and arrays between.

Run with ``LAZYFRAME_UPDATE_GOLDENS=1`` to write the files anew, and read the difference.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import pytest

import lazyframe
import lazyframe.numpy

GOLDENS = Path(__file__).with_name("goldens")
NAMES = (
    "black_scholes", "crime_index", "flight_delays", "haversine", "logistic_regression", "n_body",
    "nyc_filter", "tpch_q1", "tpch_q6",
)  # fmt: skip


def explained(name: str) -> lazyframe.api.explain.Explanation:  # type: ignore[name-defined]
    workload = importlib.import_module(f"bench.workloads.{name}").WORKLOAD
    inputs = workload.load(lazyframe, lazyframe.numpy, workload.make(500, 1))
    if workload.lazy_part is not None:
        return lazyframe.explain(workload.lazy_part(lazyframe, lazyframe.numpy, inputs))
    return lazyframe.explain(*workload.program(lazyframe, lazyframe.numpy, inputs).values())


@pytest.mark.parametrize("name", NAMES)
def test_plan_is_the_golden_one(name: str) -> None:
    text = explained(name).text + "\n"
    golden = GOLDENS / f"{name}.txt"
    if os.environ.get("LAZYFRAME_UPDATE_GOLDENS") == "1":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize(
    "name", ["black_scholes", "crime_index", "flight_delays", "haversine", "nyc_filter", "tpch_q1", "tpch_q6"]
)
def test_one_kernel_and_no_array_between(name: str) -> None:
    found = explained(name)
    assert len(found.kernels) == 1
    assert len(found.materialized) == 0
    assert found.text.endswith("kernels: 1\narrays materialised between kernels: 0")


def test_text_holds_no_path_and_is_the_same_each_time() -> None:
    first = explained("black_scholes").text
    assert first == explained("black_scholes").text
    assert str(Path(__file__).parents[2]) not in first
    assert "black_scholes.py:" in first
