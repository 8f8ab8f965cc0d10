"""What the project promises to show, as data, and whether a run shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench import workloads
from bench.contenders import BASELINE, SUBJECT
from bench.report import Table

RIVALS = ("numexpr", "polars", "duckdb")
HAND_WRITTEN = "numba_loop"


@dataclass(frozen=True)
class Target:
    """At least `ratio` times faster than `against`, on one workload with this many threads, store warm."""

    workload: str
    against: str
    threads: int
    ratio: float


TARGETS: tuple[Target, ...] = (
    Target("black_scholes", BASELINE, 1, 6.0),
    Target("black_scholes", BASELINE, 2, 11.0),
    Target("haversine", BASELINE, 1, 4.0),
    Target("haversine", BASELINE, 2, 7.0),
    Target("crime_index", BASELINE, 1, 10.0),
    Target("nyc_filter", BASELINE, 1, 20.0),
    Target("n_body", BASELINE, 2, 3.0),
    Target("logistic_regression", BASELINE, 2, 2.0),
    Target("tpch_q6", "polars", 1, 1.0),
    Target("tpch_q6", "polars", 2, 1.0),
    Target("tpch_q1", "polars", 1, 3.0),
    Target("tpch_q1", "polars", 2, 3.0),
    *(
        Target(name, rival, threads, 1.0)
        for name in workloads.SUITES["weld"]
        for rival in RIVALS
        for threads in (1, 2)
    ),
    *(
        Target(name, HAND_WRITTEN, threads, 1 / 1.1)
        for name in workloads.SUITES["weld"]
        for threads in (1, 2)
    ),
)
PUBLISHED: dict[str, tuple[float, float]] = {
    "data_cleaning": (4.9, 28.0),
    "crime_index": (10.0, 20.0),
    "black_scholes": (4.9, 37.0),
    "haversine": (2.4, 10.0),
    "n_body": (1.8, 4.1),
    "birth_analysis": (3.5, 5.8),
    "movie_lens": (0.69, 1.13),
    "logistic_regression": (4.1, 15.0),
    "nyc_filter": (23.0, 80.0),
    "flight_delays": (3.7, 14.0),
}
"""Weld's speedups over pandas and NumPy, on one thread and on eight (Palkar et al., PVLDB 11(9), 2018)."""
LEAST = {"movie_lens": 2.0}
"""Where more than what Weld had is wanted."""
# Black-Scholes may need this much beyond inputs and outputs, as a share of one input column.
EXTRA_MEMORY_SHARE = 0.05
COMPILE_MEDIAN_S = 0.25


def beside_weld(records: Sequence[dict[str, Any]]) -> Table:
    """lazyframe's speedups over pandas and NumPy in this run, beside those that Weld published."""
    rows = []
    for record in records:
        ratio = record["contenders"].get(SUBJECT, {}).get("times_faster_than_pandas")
        published = PUBLISHED.get(record["workload"])
        if ratio is None or published is None:
            continue
        one, eight = published
        wanted = LEAST.get(record["workload"], one)
        met = "" if record["threads"] > 1 else "yes" if ratio >= wanted else "NO"
        threads = str(record["threads"])
        rows.append([record["title"], threads, f"{ratio:.1f}x", f"{one}x", f"{eight}x", f"{wanted}x", met])
    header = ["workload", "threads", "lazyframe", "Weld, 1 thread", "Weld, 8", "wanted on 1", "met"]
    return Table("times faster than pandas and NumPy, beside Weld", header, rows)


def judge(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Hold a run's records against the targets that they speak to."""
    verdicts = [verdict for record in records for verdict in _ratios(record)]
    verdicts += [verdict for record in records for verdict in _plan(record) + _memory(record)]
    return verdicts + _compile(records)


def _ratios(record: dict[str, Any]) -> list[dict[str, Any]]:
    verdicts = []
    for target in TARGETS:
        if (target.workload, target.threads) != (record["workload"], record["threads"]):
            continue
        ratio = record["contenders"].get(target.against, {}).get("lazyframe_times_faster")
        if ratio is not None:
            what = f"{target.workload} against {target.against}, {target.threads} threads"
            verdicts.append(_verdict(what, f">= {target.ratio:.2f}x", f"{ratio:.2f}x", ratio >= target.ratio))
    return verdicts


def _plan(record: dict[str, Any]) -> list[dict[str, Any]]:
    plan = record.get("plan", {})
    if "kernels" not in plan or not workloads.load(record["workload"]).one_kernel:
        return []
    found = f"{plan['kernels']} kernels, {plan['materialized']} arrays"
    met = plan["kernels"] == 1 and plan["materialized"] == 0
    return [_verdict(f"{record['workload']} plan", "1 kernel, 0 arrays", found, met)]


def _memory(record: dict[str, Any]) -> list[dict[str, Any]]:
    entry = record["contenders"].get(SUBJECT, {})
    if record["workload"] != "black_scholes" or "peak_extra_bytes" not in entry:
        return []
    share = (entry["peak_extra_bytes"] - entry["result_bytes"]) / (record["rows"] * 8)
    met = share < EXTRA_MEMORY_SHARE
    what = f"black_scholes memory beyond inputs and outputs, {record['threads']} threads"
    return [_verdict(what, "< 5% of a column", f"{share:.1%}", met)]


def _compile(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    seconds = [
        record["contenders"][SUBJECT]["compile_s"]
        for record in records
        if "compile_s" in record["contenders"].get(SUBJECT, {})
    ]
    if not seconds:
        return []
    median_s = sorted(seconds)[len(seconds) // 2]
    met = median_s < COMPILE_MEDIAN_S
    return [_verdict("median compile time", f"< {COMPILE_MEDIAN_S} s", f"{median_s:.3f} s", met)]


def _verdict(what: str, wanted: str, found: str, met: bool) -> dict[str, Any]:
    return {"what": what, "wanted": wanted, "found": found, "met": met}


def table(verdicts: Sequence[dict[str, Any]]) -> Table:
    """Verdicts as a table."""
    rows = [
        [verdict["what"], verdict["wanted"], verdict["found"], "yes" if verdict["met"] else "NO"]
        for verdict in verdicts
    ]
    return Table("targets", ["what", "wanted", "found", "met"], rows)
