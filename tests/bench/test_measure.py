"""Timing in turn, statistics, peak memory and measuring processes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench import jobs, measure


def test_contenders_alternate_and_begin_in_turn() -> None:
    calls: list[str] = []
    runs = {name: lambda name=name: calls.append(name) for name in "abc"}
    seconds = measure.alternate(runs, 3)
    assert "".join(calls) == "abcbcacab"
    assert {name: len(values) for name, values in seconds.items()} == {"a": 3, "b": 3, "c": 3}


def test_nobody_to_time_is_no_error() -> None:
    assert measure.alternate({}, 3) == {}


def test_summary_is_of_the_runs() -> None:
    found = measure.summary([3.0, 1.0, 2.0, 9.0])
    assert (found["median_s"], found["min_s"], found["max_s"]) == (2.5, 1.0, 9.0)
    assert found["quartile1_s"] < found["median_s"] < found["quartile3_s"]
    assert measure.summary([2.0])["median_s"] == 2.0


@pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="Linux counts peak memory, others do not"
)
def test_peak_memory_sees_temporaries_and_results() -> None:
    column = np.ones(8_000_000)

    def run() -> dict[str, np.ndarray]:
        temporary = column + 1.0
        return {"sum": temporary * 2.0}

    found = measure.peak_extra_bytes(run)
    assert found["result_bytes"] == column.nbytes
    assert 1.9 * column.nbytes < found["peak_extra_bytes"] < 2.3 * column.nbytes


def test_every_pool_has_the_threads_and_the_store_asked_for(tmp_path: Path) -> None:
    environment = jobs.environment(2, tmp_path)
    assert {environment[name] for name in jobs.THREAD_VARIABLES} == {"2"}
    assert environment["LAZYFRAME_CACHE_DIR"] == str(tmp_path)


def test_settings_of_the_caller_do_not_leak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAZYFRAME_DISABLE", "fuse_producers")
    assert "LAZYFRAME_DISABLE" not in jobs.environment(1, tmp_path)


def test_a_process_times_peers_on_checked_answers(tmp_path: Path) -> None:
    names = ["pandas", "duckdb", "nobody"]
    found = jobs.run_job(
        "time", threads=1, store=tmp_path, workload="tpch_q6", rows=1000, seed=0, contenders=names, rounds=2
    )
    assert list(found["contenders"]) == names
    assert found["contenders"]["duckdb"]["median_s"] > 0
    assert "choose from pandas, lazyframe" in found["contenders"]["nobody"]["error"]
    assert found["bytes"] == 4 * 8 * 1000 + 8


def test_a_process_that_fails_says_why(tmp_path: Path) -> None:
    found = jobs.run_job("first", threads=1, store=tmp_path, workload="nothing", rows=1, seed=0)
    assert "unknown workload 'nothing'" in found["error"]
