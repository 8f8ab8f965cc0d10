"""Short computations are NumPy's, without a program; their answers are the programs'."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
import lazyframe.numpy as lnp
from lazyframe.api.array import LazyArray
from lazyframe.run import at_once, execute
from lazyframe.run.bindings import bind_array
from lazyframe.run.profile import AtOnce, last_computation
from passes.ir.operations import INT64
from passes.ir.rows import Range
from passes.ir.values import Literal, Map, View

ROWS = 250_000


def data() -> dict[str, np.ndarray]:
    random = np.random.default_rng(7)
    x = random.normal(size=ROWS)
    x[::1000] = np.nan
    return {
        "x": x,
        "i": random.integers(-1000, 1000, ROWS),
        "u": random.integers(0, 255, ROWS).astype(np.uint8),
        "b": random.random(ROWS) < 0.5,
    }


PROGRAMS: list[Callable[[Any, Any], Any]] = [
    lambda df, np: df["u"] + df["u"],
    lambda df, np: df["x"] > 0,
    lambda df, np: ~df["b"],
    lambda df, np: df["u"] // 7,
    lambda df, np: df["x"].isna(),
    lambda df, np: df["i"].isna(),
    lambda df, np: df["i"].notna(),
    lambda df, np: (df["x"] > 0) & (df["i"] < 7) | df["b"],
    lambda df, np: (df["x"].abs() - 1.0) * 2.0,
    lambda df, np: (twice := df["x"] + df["x"]) * twice - twice,
    lambda df, np: df["u"].astype("float32"),
    lambda df, np: df["x"].to_numpy() * 2,
    lambda df, np: df["u"].to_numpy().max(),
    lambda df, np: df["b"].to_numpy().any(),
    lambda df, np: df["u"].to_numpy() + 1 > 100,
    lambda df, np: np.absolute(df["i"].to_numpy()),
    lambda df, np: df["u"].to_numpy().view(np.int8),
    lambda df, np: df["i"].to_numpy()[1:] - df["i"].to_numpy()[:-1],
    lambda df, np: df["i"].to_numpy()[::-1] + df["i"].to_numpy(),
    lambda df, np: (df["i"].to_numpy()[-2::-3][5:] > 3).any(),
    lambda df, np: df["u"].to_numpy()[7:7].max(initial=0) + df["u"].to_numpy()[:1],
    lambda df, np: df["x"].iloc[1:].to_numpy() * 2,
    lambda df, np: (df["x"].to_numpy() > 0).sum(),
    lambda df, np: np.array(np.count_nonzero(df["i"].to_numpy() == 3)),
    lambda df, np: (df["x"] > 0).to_numpy().mean(),
    lambda df, np: df["b"].to_numpy()[1:].astype("int64").sum() + df["b"].to_numpy()[1:].astype("int64"),
]


def plain(found: Any) -> Any:
    return found.to_pandas() if hasattr(found, "to_pandas") else np.asarray(found)


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_answer_is_pandas(program: Callable[[Any, Any], Any]) -> None:
    columns = data()
    found = plain(program(lazyframe.DataFrame(columns), lnp))
    assert isinstance(last_computation(), AtOnce)
    wanted = program(pandas.DataFrame(columns), np)
    assert found.dtype == wanted.dtype
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("function", [
    lambda np, a, b: np.dot(a, b),
    lambda np, a, b: a @ b,
    lambda np, a, b: np.dot(a, a),
    lambda np, a, b: np.std(a),
    lambda np, a, b: a.var(ddof=1),
    lambda np, a, b: np.count_nonzero(a),
])  # fmt: skip
def test_short_arrays_are_reduced_by_numpy(function: Callable[..., Any]) -> None:
    columns = data()
    a, b = columns["i"] * 0.5, columns["i"] + 1.0
    lazy = lnp.array(a), lnp.array(b)
    found = function(lnp, *lazy)
    assert type(found) is not LazyArray
    assert found == function(np, a, b)
    with lazyframe.config(min_rows=0):
        assert type(function(lnp, *lazy)) is LazyArray
    with pytest.raises(ValueError, match="not aligned"):
        lnp.dot(lazy[0], lazy[1][1:].copy())


def test_text_beside_what_is_computed_is_given_as_it_is() -> None:
    columns = {**data(), "s": pandas.array(["a", None] * (ROWS // 2), dtype="str")}
    wanted, frame = pandas.DataFrame(columns), lazyframe.DataFrame(columns)
    found = frame.assign(v=frame["u"] + 1).to_pandas()
    assert isinstance(last_computation(), AtOnce)
    pandas.testing.assert_frame_equal(found, wanted.assign(v=wanted["u"] + 1))
    found.loc[found["i"] > 0, "s"] = "z"
    pandas.testing.assert_frame_equal(frame.to_pandas(), wanted)
    missing = frame.assign(v=frame["s"].isna()).to_pandas()
    pandas.testing.assert_frame_equal(missing, wanted.assign(v=wanted["s"].isna()))


def test_float_sums_are_within_the_policy() -> None:
    columns = data()
    array = lazyframe.DataFrame(columns)["x"].fillna(0.0).to_numpy()
    array = lazyframe.Series(np.array(array)).to_numpy()
    assert float(array.sum()) == pytest.approx(np.nansum(columns["x"]), rel=1e-12)
    assert isinstance(last_computation(), AtOnce)


def test_slices_beside_what_is_computed_of_them_are_copies() -> None:
    array = data()["i"]
    read = bind_array(array)
    tail = View(read, Range(ROWS - 5), 5, 1)
    found, more = execute.compute([tail, Map("add", (tail, Literal(1, INT64)), INT64)])
    assert isinstance(last_computation(), AtOnce)
    np.testing.assert_array_equal(found, array[5:])
    np.testing.assert_array_equal(more, array[5:] + 1)
    assert not np.shares_memory(found, array)


def test_what_is_given_out_shares_memory_with_no_input() -> None:
    columns = data()
    frame = lazyframe.DataFrame(columns)
    same = np.asarray(frame["u"].to_numpy().view(np.int8) ^ np.int8(0))
    same[:] = 0
    assert (frame["u"].to_pandas() == columns["u"]).all()


def test_a_program_runs_where_there_is_more_to_do() -> None:
    frame = lazyframe.DataFrame(data())
    for result in (np.exp(frame["x"]) * frame["x"], frame[frame["x"] > 0]["u"] + 1, frame.sort_values("x")):
        result.to_pandas()
        assert not isinstance(last_computation(), AtOnce)


def test_a_program_runs_where_kernels_are_forced_or_measured() -> None:
    frame = lazyframe.DataFrame(data())
    with lazyframe.config(min_rows=0):
        (frame["u"] + 1).to_pandas()
        assert not isinstance(last_computation(), AtOnce)
    measured = (frame["u"] + 2).explain(analyze=True)
    assert measured.kernels[0].rows == ROWS
    assert measured.text.startswith("NumPy computes this at once")


def test_explain_says_so() -> None:
    frame = lazyframe.DataFrame(data())
    doubled = frame["u"] + frame["u"]
    assert doubled.explain().text.startswith("NumPy computes this at once")
    doubled.to_pandas()
    found = doubled.explain()
    assert len(found.kernels) == 0
    assert f"add: {ROWS:,} rows  (test_at_once.py:" in found.text
    float(frame["x"].to_numpy().max())
    assert f"maximum: {ROWS:,} rows" in lazyframe.explain().text
    assert "ran unmeasured" in lazyframe.explain(analyze=True).text


def test_nothing_is_looked_for_far_from_the_results(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long chain is not walked to its end to find out that it is long."""
    asked: list[Any] = []
    count = at_once._cycles
    monkeypatch.setattr(at_once, "_cycles", lambda step: asked.append(step) or count(step))
    column = lazyframe.DataFrame(data())["u"]
    for _ in range(300):
        column = column + 1
    assert execute.compute([column.__dict__["_recorded"].value])[0][0] == (int(data()["u"][0]) + 300) % 256
    assert len(asked) <= 16
