"""`python -m bench tpch`: the 22 queries by everybody, checked, then timed in turn in one process."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench import machine, measure, report
from bench.compare import same_results
from bench.contenders import BASELINE, SUBJECT
from bench.jobs import run_job
from bench.report import Table
from bench.tpch import contenders, data

RTOL, ATOL = 1e-9, 1e-6
LARGE_SCALE = 0.5
"""From this scale factor on pandas is timed once: its queries take a minute, and no noise hides the ratio."""


def run(arguments: argparse.Namespace) -> int:
    """Measure, print, save; the exit status is 1 when a contender failed or gave another answer."""
    data.directory(arguments.scale)
    records = []
    cases = [(source, threads) for source in arguments.source for threads in arguments.threads]
    with tempfile.TemporaryDirectory(prefix="lazyframe-store-") as store:
        for source, threads in report.progress(cases, "sources and threads"):
            records.append(_record(source, threads, arguments, Path(store)))
    result = {
        "kind": "tpch",
        "scale": arguments.scale,
        "store": arguments.store,
        "rounds": arguments.repeat,
        "machine": machine.facts(),
        "records": records,
    }
    report.publish(result, list(_tables(result)), arguments.out, "tpch")
    entries = [e for r in records for q in r.get("queries", {}).values() for e in q.values()]
    return 1 if any("error" in e for e in entries) or any("error" in r for r in records) else 0


def _record(source: str, threads: int, arguments: argparse.Namespace, store: Path) -> dict[str, Any]:
    job = {
        "scale": arguments.scale,
        "source": source,
        "queries": list(arguments.queries),
        "contenders": [BASELINE, *[name for name in arguments.contenders if name != BASELINE]],
        "reference": arguments.reference,
    }
    if arguments.store == "cold":
        with tempfile.TemporaryDirectory(prefix="lazyframe-store-") as empty:
            answer = run_job("tpch", threads=threads, store=empty, rounds=0, **job)
    else:
        run_job("tpch", threads=threads, store=store, rounds=0, **job | {"contenders": [SUBJECT]})
        answer = run_job("tpch", threads=threads, store=store, rounds=arguments.repeat, **job)
    return {"source": source, "threads": threads} | answer


def tpch_job(job: Mapping[str, Any]) -> dict[str, Any]:
    """
    In a process of its own: run each query once by everybody and compare, then time everybody in turn.

    Without rounds, the first run is what counts: each query's, in a process whose kernel store is as given.
    """
    scale, source = job["scale"], job["source"]
    starts: dict[str, Any] = {}
    for name in dict.fromkeys([*job["contenders"], job["reference"]]):
        starts[name] = contenders.contender(name)(scale, source, job["threads"])
    found: dict[str, dict[str, Any]] = {}
    for number in job["queries"]:
        runs = {name: start(number) for name, start in starts.items()}
        found[f"q{number:02}"] = _one_query(runs, job)
    return {"queries": found}


def _one_query(runs: dict[str, measure.Run], job: Mapping[str, Any]) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    expected = runs[job["reference"]]()
    first: dict[str, float] = {}
    for name in job["contenders"]:
        try:
            start = time.perf_counter()
            answer = runs[name]()
            first[name] = time.perf_counter() - start
            same_results({"result": answer}, {"result": expected}, rtol=RTOL, atol=ATOL)
        except Exception as error:
            entries[name] = {"error": f"{type(error).__name__}: {str(error)[:300]}"}
    able = [name for name in job["contenders"] if name not in entries]
    slow = [name for name in able if name == BASELINE and job["scale"] >= LARGE_SCALE]
    seconds = measure.alternate({name: runs[name] for name in able if name not in slow}, job["rounds"])
    for name in able:
        taken = seconds.get(name) or [first[name]]
        entries[name] = measure.summary(taken) | {"first_s": first[name]}
    return entries


def _tables(result: dict[str, Any]) -> Iterator[Table]:
    for record in result["records"]:
        title = (
            f"TPC-H, scale factor {result['scale']:g}, from {record['source']}, {record['threads']} threads, "
            f"{result['store']} store"
        )
        if "error" in record:
            yield Table(title, ["failed"], [[record["error"]]])
            continue
        names = list(dict.fromkeys(name for entries in record["queries"].values() for name in entries))
        rows = [
            [number, *[_cell(entries.get(name)) for name in names], *_ratios(entries, names)]
            for number, entries in record["queries"].items()
        ]
        against = [f"x {name}" for name in names if name != SUBJECT]
        yield Table(title, ["query", *names, *against], [*rows, *_totals(record["queries"], names)])


def _cell(entry: dict[str, Any] | None) -> str:
    if entry is None:
        return ""
    return "failed: " + entry["error"] if "error" in entry else report.seconds(entry["median_s"])


def _ratios(entries: dict[str, Any], names: list[str]) -> list[str]:
    mine = entries.get(SUBJECT, {}).get("median_s")
    return [
        report.ratio(entries[name]["median_s"] / mine) if mine and "median_s" in entries.get(name, {}) else ""
        for name in names
        if name != SUBJECT
    ]


def _totals(measured: dict[str, Any], names: list[str]) -> list[list[str]]:
    """Sum and geometric mean over the queries that everybody answered."""
    common = [e for e in measured.values() if all("median_s" in e.get(name, {}) for name in names)]
    if not common:
        return []
    medians = {name: [e[name]["median_s"] for e in common] for name in names}
    rows = []
    for title, mean in (("sum", sum), ("geometric mean", statistics.geometric_mean)):
        totals = {name: mean(values) for name, values in medians.items()}
        others = [name for name in names if name != SUBJECT]
        ratios = [report.ratio(totals[n] / totals[SUBJECT]) if SUBJECT in totals else "" for n in others]
        rows.append([f"{title} of {len(common)}", *[report.seconds(totals[n]) for n in names], *ratios])
    return rows
