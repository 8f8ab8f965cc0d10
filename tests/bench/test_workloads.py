"""Every workload, by every contender, against pandas and NumPy; lazyframe also in type, dtype and labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench import contenders, workloads
from bench.compare import ResultsDifferError, same_results
from bench.workload import Data, Workload

ROWS = 4_000
RIVALS = [
    (name, rival)
    for name in workloads.NAMES
    for rival in contenders.able(workloads.load(name), (contenders.SUBJECT, *contenders.PEERS))
]


def answer(name: str, workload: Workload, data: Data, threads: int) -> Any:
    settings = {"min_rows": 0} if name == contenders.SUBJECT else {}
    return contenders.contender(name, **settings).start(workload, data, threads)()


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("name", "rival"), RIVALS)
def test_the_answer_is_that_of_pandas_and_numpy(name: str, rival: str, threads: int) -> None:
    workload = workloads.load(name)
    data = workload.make(ROWS, seed=7)
    expected = answer(contenders.BASELINE, workload, data, threads)
    workload.check(answer(rival, workload, data, threads), expected)


@pytest.mark.parametrize("rows", [1, 2, 70_001])
@pytest.mark.parametrize("name", workloads.NAMES)
def test_lazyframe_returns_the_same_objects(name: str, rows: int) -> None:
    workload = workloads.load(name)
    data = workload.make(rows, seed=rows)
    # One row has no deviation: NumPy divides by zero there, and warns.
    with np.errstate(all="ignore"):
        expected = answer(contenders.BASELINE, workload, data, 2)
        found = answer(contenders.SUBJECT, workload, data, 2)
    assert list(found) == list(expected)
    for key, wanted in expected.items():
        if isinstance(wanted, pd.DataFrame):
            pd.testing.assert_frame_equal(found[key], wanted, rtol=workload.rtol, atol=workload.atol)
            continue
        assert np.asarray(found[key]).dtype == np.asarray(wanted).dtype
        if np.asarray(wanted).dtype == object:
            np.testing.assert_array_equal(found[key], wanted)
            continue
        np.testing.assert_allclose(found[key], wanted, rtol=workload.rtol, atol=workload.atol)


@pytest.mark.parametrize("name", workloads.NAMES)
def test_data_are_seeded_and_never_constant(name: str) -> None:
    workload = workloads.load(name)
    data, again, other = workload.make(500, seed=1), workload.make(500, seed=1), workload.make(500, seed=2)
    for column, values in data.items():
        assert values.dtype == again[column].dtype
        np.testing.assert_array_equal(values, again[column])
        assert len(np.unique(values)) > 1, column
    assert any(not np.array_equal(values, other[column]) for column, values in data.items())
    assert 0 < workload.input_bytes(data) <= sum(values.nbytes for values in data.values())


@pytest.mark.parametrize("name", workloads.NAMES)
def test_programs_leave_their_inputs_alone(name: str) -> None:
    workload = workloads.load(name)
    data = workload.make(500, seed=3)
    kept = {column: values.copy() for column, values in data.items()}
    inputs = workload.load(pd, np, data)
    first, second = workload.program(pd, np, inputs), workload.program(pd, np, inputs)
    same_results(second, first, rtol=0.0, atol=0.0)
    for column, values in data.items():
        np.testing.assert_array_equal(values, kept[column])


@pytest.mark.parametrize("name", workloads.NAMES)
def test_a_wrong_answer_is_noticed(name: str) -> None:
    workload = workloads.load(name)
    data = workload.make(500, seed=4)
    expected = answer(contenders.BASELINE, workload, data, 1)
    other = answer(contenders.BASELINE, workload, workload.make(500, seed=5), 1)
    with pytest.raises(ResultsDifferError):
        workload.check(other, expected)


@pytest.mark.parametrize("name", workloads.NAMES)
def test_every_peer_competes_or_is_left_out_with_a_reason(name: str) -> None:
    workload = workloads.load(name)
    assert set(workload.peers) | set(workload.left_out) == set(contenders.PEERS)
    assert not set(workload.peers) & set(workload.left_out)
    assert all(workload.left_out.values())


def test_one_kernel_workloads_are_planned_as_one_kernel() -> None:
    import lazyframe
    from bench.worker import explain

    with lazyframe.config(min_rows=0):
        for name in workloads.NAMES:
            workload = workloads.load(name)
            if workload.one_kernel:
                plan = explain(workload, workload.make(ROWS, seed=8))
                found = (len(plan.kernels), len(plan.materialized))
                assert found == (1, 0), f"{name}: {found}\n{plan.text}"
