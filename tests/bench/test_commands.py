"""The command line: names, errors, what is printed and what is saved."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bench import ablate, contenders, report, targets, workloads
from bench.__main__ import main, parser


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["bench", *arguments])
    return main()


def test_names_and_suites_expand_once_and_in_order() -> None:
    assert workloads.select(["tpch", "haversine", "tpch_q1"]) == ("tpch_q6", "tpch_q1", "haversine")
    assert workloads.select([]) == workloads.NAMES


@pytest.mark.parametrize("command", ["run", "ablate", "check"])
def test_an_unknown_workload_is_an_error_that_lists_the_choices(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, command, "black_sholes") == 2
    said = capsys.readouterr().err
    assert "unknown workload 'black_sholes'" in said
    assert all(name in said for name in (*workloads.NAMES, *workloads.SUITES))


def test_an_unknown_peer_is_an_error_that_lists_the_choices(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "run", "haversine", "--peers", "dask") == 2
    assert "unknown peer 'dask'; choose all, none or from numexpr, polars" in capsys.readouterr().err


@pytest.mark.parametrize(
    "bad", [["--rows", "0"], ["--rows", "many"], ["--threads", "1,x"], ["--store", "hot"]]
)
def test_bad_options_are_refused(bad: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        parser().parse_args(["run", *bad])
    assert refused.value.code == 2
    assert bad[1] in capsys.readouterr().err


def test_options_are_read() -> None:
    options = parser().parse_args(["run", "--rows", "1e6", "--threads", "1,2", "--peers", "none"])
    assert (options.rows, options.threads, options.store) == (1_000_000, (1, 2), "warm")
    assert parser().parse_args(["run", "haversine", "--peers"]).peers == "all"
    assert contenders.chosen_peers("polars, duckdb") == ("polars", "duckdb")


@pytest.mark.parametrize("store", ["warm", "cold"])
def test_run_prints_and_saves(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--rows", "1000", "--threads", "1", "--peers", "duckdb", "--repeat", "2", "--store", store]
    quick = ["--times-only", "--contenders", "pandas", "--out", str(tmp_path)]
    assert run(monkeypatch, "run", "tpch_q6", *options, *quick) == 0
    assert f"TPC-H query 6: 1,000 rows, 1 thread, {store} store" in capsys.readouterr().out
    saved = json.loads(next(tmp_path.glob("run-*.json")).read_text())
    found = saved["records"][0]["contenders"]
    ratio = found["pandas"]["median_s"] / found["duckdb"]["median_s"]
    assert found["duckdb"]["times_faster_than_pandas"] == pytest.approx(ratio)
    assert len(found["duckdb"]["runs_s"]) == 2
    assert saved["machine"]["packages"]["duckdb"]
    assert "| duckdb |" in next(tmp_path.glob("run-*.md")).read_text()


def test_targets_judge_what_was_measured() -> None:
    record = {
        "workload": "black_scholes",
        "threads": 1,
        "rows": 1000,
        "plan": {"kernels": 1, "materialized": 2},
        "contenders": {
            "pandas": {"lazyframe_times_faster": 6.5},
            "polars": {"lazyframe_times_faster": 0.9},
            "lazyframe": {"peak_extra_bytes": 16_100, "result_bytes": 16_000, "compile_s": 0.3},
        },
    }
    verdicts = {verdict["what"]: verdict["met"] for verdict in targets.judge([record])}
    assert verdicts == {
        "black_scholes against pandas, 1 threads": True,
        "black_scholes against polars, 1 threads": False,
        "black_scholes plan": False,
        "black_scholes memory beyond inputs and outputs, 1 threads": True,
        "median compile time": False,
    }


def test_the_ablation_table_has_a_row_a_pass() -> None:
    found = {
        "lazyframe": {"median_s": 0.5, "slowdown": 1.0},
        "lazyframe without fuse_producers": {"median_s": 1.0, "slowdown": 2.0},
        "lazyframe without simplify": {"error": "wrong"},
    }
    record = {"workload": "haversine", "rows": 10, "threads": 1, "contenders": found}
    (table,) = ablate.ablation_tables([record], 1)
    assert table.rows == [["lazyframe", "500 ms"], ["no fuse_producers", "2.00x"], ["no simplify", "failed"]]
    assert table.notes == ["haversine, lazyframe without simplify: wrong"]


def test_no_ablation_table_is_wider_than_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    found = {
        "lazyframe": {"median_s": 0.5, "slowdown": 1.0},
        "lazyframe without fuse_producers": {"slowdown": 2.0},
    }
    names = [f"a_workload_of_a_long_name_{number}" for number in range(8)]
    records = [{"workload": name, "rows": 10_000_000, "threads": 1, "contenders": found} for name in names]
    first, second = ablate.ablation_tables(records, 1)
    assert [label.split("\n")[0] for label in (*first.header[1:], *second.header[1:])] == names
    report.print_table(first)
    assert "fuse_producers" in capsys.readouterr().out


def test_markdown_escapes_what_would_end_a_cell() -> None:
    table = report.Table("t", ["name", "a\nvalue"], [["a|b", "1"]], ["n"])
    assert "| name | a value |" in report.markdown(table)
    assert "| a\\|b | 1 |" in report.markdown(table)


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.5, "2.50 s"), (0.0125, "12.5 ms"), (3e-6, "3 us"), (None, "")]
)
def test_durations_choose_their_unit(seconds: float | None, text: str) -> None:
    assert report.seconds(seconds) == text


def test_check_compares_every_contender(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run(monkeypatch, "check", "tpch_q6", "haversine", "--rows", "500", "--peers", "duckdb,numexpr") == 0
    )
    assert "6 of 6 agree with pandas and NumPy at 500 rows" in capsys.readouterr().out


def test_demo_compares_explains_and_counts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "demo", "--rows", "2000", "--repeat", "1") == 0
    said = capsys.readouterr().out
    assert said.count("equal") == len(workloads.NAMES)
    assert "plan of crime index" in said
