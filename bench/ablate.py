"""`python -m bench ablate`: Weld's table, the slowdown of each workload with each pass off."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from bench import machine, report, workloads
from bench.contenders import SUBJECT, WITHOUT
from bench.jobs import run_job, temporary_store

TABLE_COLUMNS = 6
"""Workloads side by side in one table: more do not fit a terminal's width."""


def run(arguments: argparse.Namespace) -> int:
    """Measure, print, save; the exit status is 1 when a variant failed or gave another answer."""
    from passes.pipeline import OPTIONAL

    who = [SUBJECT, *(WITHOUT + name for name in OPTIONAL)]
    names = workloads.select(arguments.workloads)
    plan = [(name, threads) for threads in arguments.threads for name in names]
    records = []
    with temporary_store() as store:
        for name, threads in report.progress(plan, "workloads"):
            records.append(_measure(name, threads, who, arguments, store))
    result = {"kind": "ablate", "machine": machine.facts(), "seed": arguments.seed, "records": records}
    tables = [table for threads in arguments.threads for table in ablation_tables(records, threads)]
    report.publish(result, tables, arguments.out, "ablate")
    failed = [entry for record in records for entry in record["contenders"].values() if "error" in entry]
    return 1 if failed else 0


def _measure(
    name: str, threads: int, who: Sequence[str], arguments: argparse.Namespace, store: str
) -> dict[str, Any]:
    rows = arguments.rows or workloads.load(name).default_rows
    job = {"workload": name, "rows": rows, "seed": arguments.seed, "contenders": list(who)}
    run_job("fill", threads=threads, store=store, **job)
    timed = run_job("time", threads=threads, store=store, rounds=arguments.repeat, **job)
    if "error" in timed:
        timed = {"contenders": {variant: {"error": timed["error"]} for variant in who}}
    found = timed["contenders"]
    whole_s = found[SUBJECT].get("median_s")
    for entry in found.values():
        if whole_s and "median_s" in entry:
            entry["slowdown"] = entry["median_s"] / whole_s
    return {"workload": name, "rows": rows, "threads": threads, "contenders": found}


def ablation_tables(records: Sequence[Mapping[str, Any]], threads: int) -> list[report.Table]:
    """One row a pass, one column a workload: how many times slower without the pass; no table too wide."""
    columns = [record for record in records if record["threads"] == threads]
    return [
        _ablation_table(columns[start : start + TABLE_COLUMNS], threads)
        for start in range(0, len(columns), TABLE_COLUMNS)
    ]


def _ablation_table(columns: Sequence[Mapping[str, Any]], threads: int) -> report.Table:
    variants = list(columns[0]["contenders"])
    rows = [[SUBJECT, *(report.seconds(c["contenders"][SUBJECT].get("median_s")) for c in columns)]]
    for variant in variants:
        if variant != SUBJECT:
            cells = [_slowdown(column["contenders"][variant]) for column in columns]
            rows.append(["no " + variant.removeprefix(WITHOUT), *cells])
    header = ["slowdown", *(f"{column['workload']}\n{column['rows']:,}" for column in columns)]
    failures = [
        f"{column['workload']}, {variant}: {entry['error']}"
        for column in columns
        for variant, entry in column["contenders"].items()
        if "error" in entry
    ]
    return report.Table(f"each pass off, {threads} thread{'s' * (threads > 1)}", header, rows, failures)


def _slowdown(entry: Mapping[str, Any]) -> str:
    return "failed" if "error" in entry else report.ratio(entry.get("slowdown"))
