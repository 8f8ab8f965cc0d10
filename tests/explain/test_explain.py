"""What an explanation says, of plans, runs, results and what pandas did."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lazyframe
import lazyframe.numpy
from lazyframe.run import execute
from passes.pipeline import OPTIONAL


@pytest.fixture
def frame() -> Any:
    return lazyframe.DataFrame({"a": np.arange(10.0), "b": np.arange(10) % 3, "s": list("abcdefghij")})


def test_names_the_users_columns_and_lines(frame: Any) -> None:
    found = (frame["a"] * 2 + frame["b"]).explain()
    [kernel] = found.kernels
    assert "source(a: float64, b: int64" in found.text
    assert any(line.startswith("test_explain.py:") and 'frame["a"] * 2' in line for line in kernel.lines)
    assert kernel.rows is None
    assert kernel.run is None
    assert repr(found) == found.text


def test_same_plan_for_other_lines_names_those_lines(frame: Any) -> None:
    first = (frame["a"] * 3).explain()
    second = (frame["a"] * 3).explain()
    assert first.kernels[0].lines != second.kernels[0].lines
    assert first.kernels[0].source.split("#")[0] == second.kernels[0].source.split("#")[0]


def test_code_has_comments_that_are_not_compiled(frame: Any) -> None:
    lazy = frame["a"] * 2
    found = lazy.explain(code=True)
    assert "def kernel(lo, hi" in found.text
    assert "test_explain.py" in found.kernels[0].source
    assert "def kernel" not in lazy.explain().text
    with lazyframe.config(min_rows=0):
        lazyframe.explain(lazy, analyze=True)
    computation = lazyframe.run.profile.last_computation()
    assert computation is not None
    assert all("test_explain" not in e.kernel.source for e in computation.emitted.values())


def test_html_is_escaped(frame: Any) -> None:
    frame = frame.rename(columns={"a": "<b>"})
    html = lazyframe.explain(frame["<b>"] < 3)._repr_html_()
    assert html.startswith("<pre>")
    assert "<b>" not in html
    assert "&lt;" in html


def test_shared_work_of_several_is_one_kernel(frame: Any) -> None:
    y = frame["a"] * 2
    assert len(lazyframe.explain(y + 1, y - 1).kernels) == 1


def test_analyze_measures(frame: Any) -> None:
    kept = frame[frame["a"] % 7.0 > 3.0]  # a kernel that nothing else in these tests needs
    assert not (kept["a"] * 2).explain().kernels[0].in_store
    with lazyframe.config(min_rows=0):
        found = (kept["a"] * 2).explain(analyze=True)
    [kernel] = found.kernels
    assert kernel.run is not None
    assert kernel.run.tier == "kernel"
    assert kernel.rows == 10
    assert kernel.seconds is not None
    assert kernel.seconds > 0
    assert kernel.run.bytes_read >= 80
    assert kernel.run.compile_seconds is not None
    assert kernel.run.compile_seconds > 0
    assert "30.0% of rows pass" in kernel.run.choices
    assert kernel.in_store
    assert "GB/s" in found.text
    assert "compiled in" in found.text


def test_analyze_says_when_numpy_ran(frame: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute, "kernel_for", lambda *loop: None)
    found = (frame["a"] * 2).explain(analyze=True)
    assert found.kernels[0].run is not None
    assert found.kernels[0].run.tier == "NumPy"


def test_without_arguments_explains_the_last_scalar(frame: Any) -> None:
    total = frame[frame["b"] == 1]["a"].sum()
    found = lazyframe.explain()
    assert total == 12.0
    assert len(found.kernels) == 1
    assert any("frame[" in line for line in found.kernels[0].lines)
    assert "without times, as it ran unmeasured" in lazyframe.explain(analyze=True).text


def test_analyze_of_what_is_computed_gives_the_plan(frame: Any) -> None:
    y = frame["a"] * 2 + 1
    y.to_pandas()
    found = y.explain(analyze=True)
    assert found.text.startswith("computed already; this is how, without times")
    assert len(found.kernels) == 1
    assert found.kernels[0].run is None
    assert frame.explain(analyze=True).text.startswith("computed already")


def test_computed_object_says_how_it_was_computed(frame: Any) -> None:
    y = frame["a"] * 2 + 1
    y.to_pandas()
    found = y.explain()
    assert found.text.startswith("computed already")
    assert len(found.kernels) == 1


def test_source_is_no_computation(frame: Any) -> None:
    found = frame.explain()
    assert "in memory" in found.text
    assert found.kernels == ()


def test_anything_else_is_refused() -> None:
    with pytest.raises(TypeError, match="not float"):
        lazyframe.explain(1.0)


def test_window_is_materialised_and_said_to_run_in_numpy(frame: Any) -> None:
    array = lazyframe.numpy.cumsum(frame["a"].values * 2) * 3
    found = lazyframe.explain(array)
    assert len(found.kernels) == 2
    assert len(found.materialized) == 2
    assert "each row needs the one before" in found.materialized[0].why
    assert any("cumulative_sum" in fallback.operation for fallback in found.fallbacks)
    assert "kernel 1 waits for" in found.not_fused[0]


def test_disabled_passes_show(frame: Any) -> None:
    with lazyframe.config(disable=OPTIONAL):
        found = (frame["a"] * 2 + 1).explain()
    assert len(found.kernels) == 2
    assert found.materialized[0].why == "fuse_producers is off"
    assert "switched off: " in found.text


def test_method_that_is_not_recorded_is_noted_and_descends(frame: Any) -> None:
    between = (frame["a"] + 1).repeat(1)
    again = (between * 2).explain()
    [fallback] = [f for f in again.fallbacks if "repeat" in f.operation]
    assert "does not record it" in fallback.reason
    assert "test_explain.py" in fallback.line
    assert "repeat" in again.text
    assert any("repeat" in f.operation for f in lazyframe.fallbacks())


def test_asking_for_values_is_no_fallback(frame: Any) -> None:
    before = len(lazyframe.fallbacks())
    y = frame["a"] * 2
    repr(y)
    (frame["a"] * 3).to_pandas()
    len(frame[frame["a"] > 2])
    assert lazyframe.fallbacks()[before:] == []


def test_slicing_is_no_fallback(frame: Any) -> None:
    before = len(lazyframe.fallbacks())
    for part in (frame.iloc[1:3], frame[1:3], frame.loc[1:3], frame["a"].iloc[1:3], frame.iloc[:, :1]):
        assert part.explain().fallbacks == ()
    assert lazyframe.fallbacks()[before:] == []
    picked = frame.iloc[[2, 0, 1]].explain()
    assert [fallback.operation for fallback in picked.fallbacks] == ["loc.__getitem__"]


def test_aggregating_by_names_is_no_fallback(frame: Any) -> None:
    before = len(lazyframe.fallbacks())
    with lazyframe.config(min_rows=0):
        assert frame[["a", "b"]].agg(["sum", "min"]).explain().fallbacks == ()
        assert frame.agg({"a": ["max", "std"]}).explain().fallbacks == ()
    assert lazyframe.fallbacks()[before:] == []


def test_lines_of_one_program_are_not_those_of_another() -> None:
    """Nodes that rest on no input, as the ones that are counted, are shared by all programs."""

    def counted(values: list[int]) -> str:
        frame = lazyframe.DataFrame({"k": values, "x": [1.0] * len(values)})
        return str(frame.groupby("k").agg(n=("x", "size"), s=("x", "sum")).explain())

    with lazyframe.config(min_rows=0):
        frame = lazyframe.DataFrame({"k": [1, 1, 2], "x": [1.0, 2.0, 3.0]})
        elsewhere = frame.groupby("k").size()
        assert "elsewhere" in str(elsewhere.explain())
        elsewhere.to_pandas()
        assert "elsewhere" not in counted([1, 2, 1])


def test_what_pandas_lays_out_of_groups_is_no_fallback() -> None:
    frame = lazyframe.DataFrame({"a": np.arange(200.0), "b": np.arange(200) % 3, "c": np.arange(200) % 4})
    before = len(lazyframe.fallbacks())
    with lazyframe.config(min_rows=100):
        frame.pivot_table("a", "b", "c", aggfunc=["sum", "max"])
        frame.pipe(lambda part: part[part["a"] > 1])
    assert lazyframe.fallbacks()[before:] == []


def test_functions_of_groups_that_pandas_calls_are_named_once() -> None:
    last = lazyframe.fallbacks()[-1:]
    frame = lazyframe.DataFrame({"k": np.arange(5000) % 700, "x": np.arange(5000.0)})
    with lazyframe.config(min_rows=1000):
        found = frame.groupby("k").agg(a=("x", lambda rows: float(str(rows.iloc[0]))))
        assert [fallback.operation for fallback in found.explain().fallbacks] == [
            "DataFrameGroupBy.aggregate"
        ]
        of_one = frame.groupby("k")["x"].apply(lambda rows: str(rows.iloc[0]))
    assert [fallback.operation for fallback in of_one.explain().fallbacks] == ["SeriesGroupBy.apply"]
    assert lazyframe.fallbacks()[-3:-2] == last  # of which there are never more than some


@pytest.mark.parametrize(
    ("operation", "program"),
    [
        ("ExponentialMovingWindow.mean", lambda df: df["x"].ewm(span=3).mean()),
        ("Expanding.median", lambda df: df["x"].expanding().median()),
        ("Rolling.skew", lambda df: df["x"].rolling(3).skew()),
        ("ExponentialMovingWindow.mean", lambda df: df.groupby("k")["x"].ewm(span=2).mean()),
        ("DataFrame.pivot", lambda df: df.pivot(columns="k", values="x")),
    ],
)
def test_what_pandas_makes_by_calling_the_class_is_noted_with_it(operation: str, program: Any) -> None:
    data = {"k": np.arange(300) % 3, "x": np.arange(300.0)}
    with lazyframe.config(min_rows=100):
        for frame in (lazyframe.DataFrame(data), lazyframe.DataFrame(data).query("x >= 0")):
            found = program(frame).explain().fallbacks
            assert [fallback.operation for fallback in found] == [operation]
        for made in (
            lazyframe.DataFrame(data),
            lazyframe.Series(data["x"]),
            lazyframe.DataFrame.from_dict(data),
        ):
            assert made.explain().fallbacks == ()
    with lazyframe.config(min_rows=1000):
        assert program(lazyframe.DataFrame(data)).explain().fallbacks == ()


def test_groups_whose_rows_are_numbered_at_once_are_printed() -> None:
    frame = lazyframe.DataFrame({"w": [1.0, 5.0, 1.0, 5.0], "k": list("abab")})
    frame["number"] = frame.groupby("w")["w"].cumcount()
    frame["most"] = frame.groupby("k")["number"].cummax()
    for analyze in (False, True):
        assert "cumulative_maximum" in str(frame.explain(analyze=analyze))


def test_kernels_that_are_apart_as_they_would_write_too_many_arrays() -> None:
    df = lazyframe.DataFrame({f"c{k}": np.arange(1000.0) for k in range(9)})
    found = lazyframe.explain(*[df[name] + 1.0 for name in df])
    assert len(found.kernels) == 2
    assert found.not_fused[0] == "kernel 1 would make a kernel of more than 8 arrays"
