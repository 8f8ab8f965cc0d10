"""`python -m bench run`: every workload, every contender, in one run."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench import contenders, machine, measure, report, targets, workloads
from bench.contenders import BASELINE, SUBJECT
from bench.jobs import run_job, temporary_store
from bench.workload import Workload


def run(arguments: argparse.Namespace) -> int:
    """Measure, print, save; the exit status is 1 when a contender failed or gave another answer."""
    names = workloads.select(arguments.workloads)
    who = (BASELINE, *arguments.contenders, *contenders.chosen_peers(arguments.peers))
    plan = [(workloads.load(name), threads) for threads in arguments.threads for name in names]
    records: list[dict[str, Any]] = []
    with temporary_store() as store:
        bandwidth = {threads: _bandwidth(threads, store) for threads in arguments.threads}
        for workload, threads in report.progress(plan, "workloads"):
            able = contenders.able(workload, tuple(dict.fromkeys(who)))
            record = _measure(workload, threads, able, arguments, Path(store))
            best = max(bandwidth[threads].values(), default=0.0)
            _derive(record, best)
            records.append(record)
    result = {
        "kind": "run",
        "store": arguments.store,
        "seed": arguments.seed,
        "rounds": arguments.repeat,
        "machine": machine.facts(),
        "bandwidth_bytes_per_s": bandwidth,
        "records": records,
        "targets": targets.judge(records),
    }
    report.publish(result, list(_tables(result)), arguments.out, "run")
    failed = [found for record in records for found in record["contenders"].values() if "error" in found]
    return 1 if failed else 0


def _bandwidth(threads: int, store: str) -> dict[str, float]:
    answer = run_job("bandwidth", threads=threads, store=store)
    return {name: answer[name] for name in ("sum", "copy", "triad") if name in answer}


def _measure(
    workload: Workload, threads: int, who: tuple[str, ...], arguments: argparse.Namespace, store: Path
) -> dict[str, Any]:
    rows = arguments.rows or workload.default_rows
    job = {"workload": workload.name, "rows": rows, "seed": arguments.seed}
    if arguments.store == "cold":
        timed = _first_runs(job, threads, who, arguments.repeat)
    else:
        subjects = [name for name in who if name.startswith(SUBJECT)]
        if subjects:
            run_job("fill", threads=threads, store=store, contenders=subjects, **job)
        timed = run_job(
            "time", threads=threads, store=store, contenders=list(who), rounds=arguments.repeat, **job
        )
    if "error" in timed:
        timed = {"contenders": {name: {"error": timed["error"]} for name in who}, "bytes": 0}
    record = {"workload": workload.name, "title": workload.title, "rows": rows, "threads": threads}
    record |= {"contenders": timed["contenders"], "bytes": timed["bytes"]}
    record |= {"left_out": dict(workload.left_out), "notes": dict(workload.notes)}
    if arguments.times_only:
        return record
    for name in who:
        found = record["contenders"][name]
        if "error" not in found:
            found |= _clean(run_job("memory", threads=threads, store=store, contender=name, **job))
            if contenders.contender(name).compiles:
                with temporary_store() as empty:
                    found |= _clean(run_job("compile", threads=threads, store=empty, contender=name, **job))
    if SUBJECT in who:
        small = job | {"rows": 1000}
        record["plan"] = run_job("plan", threads=threads, store=store, **small)
    return record


def _clean(answer: dict[str, Any]) -> dict[str, Any]:
    wanted = ("peak_extra_bytes", "result_bytes", "compile_s")
    return {name: answer[name] for name in wanted if name in answer}


def _first_runs(job: dict[str, Any], threads: int, who: Sequence[str], repeats: int) -> dict[str, Any]:
    """First run in a fresh process with an empty store, contenders in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in who}
    errors: dict[str, str] = {}
    for _ in range(repeats):
        for name in who:
            if name in errors:
                continue
            with temporary_store() as empty:
                answer = run_job("first", threads=threads, store=empty, contender=name, **job)
            if "error" in answer:
                errors[name] = answer["error"]
            else:
                seconds[name].append(answer["first_s"])
    found: dict[str, Any] = {
        name: {"error": errors[name]} if name in errors else measure.summary(seconds[name]) for name in who
    }
    return {"contenders": found, "bytes": 0}


def _derive(record: dict[str, Any], bandwidth: float) -> None:
    """Add ratios to pandas and to lazyframe, and the share of the memory bandwidth."""
    found = record["contenders"]
    medians = {name: entry["median_s"] for name, entry in found.items() if "median_s" in entry}
    for name, median_s in medians.items():
        entry = found[name]
        if BASELINE in medians:
            entry["times_faster_than_pandas"] = medians[BASELINE] / median_s
        if SUBJECT in medians:
            entry["lazyframe_times_faster"] = median_s / medians[SUBJECT]
        if bandwidth and record["bytes"]:
            entry["bandwidth_share"] = record["bytes"] / median_s / bandwidth


def _tables(result: dict[str, Any]) -> Iterator[report.Table]:
    for record in result["records"]:
        yield _record_table(record, result["store"])
    if any(SUBJECT in record["contenders"] for record in result["records"]):
        yield _geometric_means(result["records"])
        yield targets.beside_weld(result["records"])
        yield targets.table(result["targets"])


def _record_table(record: dict[str, Any], store: str) -> report.Table:
    threads = record["threads"]
    title = (
        f"{record['title']}: {record['rows']:,} rows, {threads} thread{'s' * (threads > 1)}, {store} store"
    )
    header = ["contender", "median", "quartiles", "x pandas", "lazyframe x faster", "bandwidth"]
    header += ["extra memory", "of it results", "compile"]
    rows = []
    for name, entry in record["contenders"].items():
        if "error" in entry:
            rows.append([name, "failed: " + entry["error"], *[""] * 7])
            continue
        rows.append(
            [
                name,
                report.seconds(entry["median_s"]),
                f"{report.seconds(entry['quartile1_s'])} - {report.seconds(entry['quartile3_s'])}",
                report.ratio(entry.get("times_faster_than_pandas")),
                report.ratio(entry.get("lazyframe_times_faster")),
                report.share(entry.get("bandwidth_share")),
                report.size(entry.get("peak_extra_bytes")),
                report.size(entry.get("result_bytes")),
                report.seconds(entry.get("compile_s")),
            ]
        )
    notes = [f"{name} left out: {why}" for name, why in record["left_out"].items()]
    notes += [f"{name}: {note}" for name, note in record["notes"].items()]
    plan = record.get("plan", {})
    if "kernels" in plan:
        notes.append(f"plan: {plan['kernels']} kernels, {plan['materialized']} arrays between them")
    elif "error" in plan:
        notes.append(f"plan failed: {plan['error']}")
    return report.Table(title, header, rows, notes)


def _geometric_means(records: list[dict[str, Any]]) -> report.Table:
    ratios: dict[tuple[str, int], list[float]] = {}
    for record in records:
        for name, entry in record["contenders"].items():
            if name != SUBJECT and "lazyframe_times_faster" in entry:
                ratios.setdefault((name, record["threads"]), []).append(entry["lazyframe_times_faster"])
    rows = [
        [name, str(threads), str(len(values)), report.ratio(statistics.geometric_mean(values))]
        for (name, threads), values in ratios.items()
    ]
    return report.Table("lazyframe, geometric means", ["against", "threads", "workloads", "x faster"], rows)
