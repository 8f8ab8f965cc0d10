"""Programs that go on step by step, and look at where they stand: as much work for each step."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
import lazyframe.numpy as lnp
from lazyframe.run import plan
from passes.facts.stages import stages
from passes.ir.rows import Range
from passes.ir.values import Literal, Map, Parameter, Read, Reduce


def shrink(np: ModuleType, x: Any, steps: int) -> tuple[Any, list[float]]:
    seen = []
    for _ in range(steps):
        x = x * 0.9 + 0.01
        seen.append(float(np.abs(x).max()))
    return x, seen


def array(pd: ModuleType, np: ModuleType, data: Any, steps: int) -> Any:
    return shrink(np, pd.DataFrame(data)["x"].to_numpy(), steps)


def series(pd: ModuleType, np: ModuleType, data: Any, steps: int) -> Any:
    return shrink(np, pd.DataFrame(data)["x"], steps)


def filtered(pd: ModuleType, np: ModuleType, data: Any, steps: int) -> Any:
    frame = pd.DataFrame(data)
    return shrink(np, frame[frame["x"] > 0]["x"], steps)


def filtered_array(pd: ModuleType, np: ModuleType, data: Any, steps: int) -> Any:
    x = pd.DataFrame(data)["x"].to_numpy()
    return shrink(np, x[x > 0], steps)


def ordered(pd: ModuleType, np: ModuleType, data: Any, steps: int) -> Any:
    return shrink(np, pd.DataFrame(data).sort_values("x")["x"], steps)


def column(pd: ModuleType, np: ModuleType, data: Any, steps: int) -> Any:
    frame, seen = pd.DataFrame(data), []
    for _ in range(steps):
        frame["x"] = frame["x"] * 0.9 + frame["y"]
        seen.append(float(frame["x"].max()))
    return frame, seen


def line(pd: ModuleType, np: ModuleType, data: Any, steps: int) -> Any:
    frame, slope, start, seen = pd.DataFrame(data), 0.0, 0.0, []
    x, y = frame["x"].to_numpy(), frame["y"].to_numpy()
    for _ in range(steps):
        off = start + slope * x - y
        start = start - 0.1 * off.sum() / len(y)
        slope = slope - 0.1 * (off * x).sum() / len(y)
        seen.append(float((off * off).mean()))
    return np.asarray([float(start), float(slope)]), seen


def unseen_line(pd: ModuleType, np: ModuleType, data: Any, steps: int) -> Any:
    x, slope = pd.DataFrame(data)["x"].to_numpy(), 0.0
    for _ in range(steps):
        slope = slope - 0.1 * (slope * x - x).sum() / len(x)
    return np.asarray([float(slope)]), []


PROGRAMS = [array, series, filtered, filtered_array, ordered, column, line, unseen_line]


def data(rows: int = 300) -> dict[str, np.ndarray]:
    random = np.random.default_rng(5)
    return {"x": random.normal(size=rows), "y": random.normal(size=rows)}


def plain(found: Any) -> Any:
    return found.to_pandas() if hasattr(found, "to_pandas") else np.asarray(found)


@pytest.mark.parametrize("program", PROGRAMS)
def test_there_are_no_more_plans_for_more_steps(
    program: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[None] = []
    to_program = plan.to_program

    def counted(*args: Any, **kwargs: Any) -> Any:
        made.append(None)
        return to_program(*args, **kwargs)

    monkeypatch.setattr(plan, "to_program", counted)
    with lazyframe.config(min_rows=1):
        plain(program(lazyframe, lnp, data(), 24)[0])
        made.clear()
        found, seen = program(lazyframe, lnp, data(), 48)
        found = plain(found)
    assert len(made) <= 2  # for what is left at the end
    wanted, wanted_seen = program(pandas, np, data(), 48)
    np.testing.assert_allclose(seen, wanted_seen, rtol=1e-12)
    if isinstance(wanted, np.ndarray):
        np.testing.assert_allclose(found, wanted, rtol=1e-10)
    elif isinstance(wanted, pandas.Series):
        pandas.testing.assert_series_equal(found, wanted)
    else:
        pandas.testing.assert_frame_equal(found, wanted)


def test_a_few_steps_behind_a_mean_are_no_long_chain() -> None:
    with lazyframe.config(min_rows=1):
        x = lazyframe.DataFrame(data())["x"].to_numpy()
        whitened = (x - x.mean()) / x.std()
        for _ in range(2):
            float((whitened * 2).sum())
            (column,) = (whitened * 3).pending or ()
            assert isinstance(column.arguments[0], Map)  # type: ignore[attr-defined]


def test_stages_are_reductions_one_after_another() -> None:
    float64 = np.dtype(np.float64)
    x: Any = Read(object(), float64, Range(3))  # type: ignore[arg-type]
    once = Reduce("sum", x, float64)
    centred = Map("subtract", (x, once), float64)
    twice = Reduce("sum", Map("multiply", (centred, centred), float64), float64)
    assert [stages(value) for value in (x, once, centred, twice)] == [0, 1, 1, 2]
    assert stages(Map("add", (twice, Literal(1.0)), float64)) == 2
    assert stages(Parameter(object(), float64)) == 0  # type: ignore[arg-type]
