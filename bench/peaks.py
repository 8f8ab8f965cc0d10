"""Peak memory of a suite's questions, each in a process of its own that answers it once."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench import machine, measure, report
from bench.contenders import SUBJECT
from bench.jobs import run_job, temporary_store
from bench.report import Table
from bench.suite import FILLING_ROUNDS, Suite, load


def run(suite: Suite, arguments: argparse.Namespace) -> int:
    """Measure, print, save; the exit status is 1 when a contender failed."""
    suite.prepare(arguments.size)
    cases = [
        (source, threads, question)
        for source in arguments.source
        for threads in arguments.threads
        for question in arguments.questions
    ]
    with temporary_store() as store:
        if SUBJECT in arguments.contenders and arguments.store == "warm":
            _fill(suite, arguments, Path(store))
        records = [
            _record(suite, case, arguments, Path(store)) for case in report.progress(cases, "questions")
        ]
    result = {
        "kind": f"{suite.name}-memory",
        "size": arguments.size,
        "machine": machine.facts(),
        "records": records,
    }
    report.publish(result, list(_tables(suite, result)), arguments.out, f"{suite.name}-memory")
    return 1 if any("error" in entry for record in records for entry in record["peaks"].values()) else 0


def _fill(suite: Suite, arguments: argparse.Namespace, store: Path) -> None:
    """Have the kernels in the store: a process that answers once may end before they are compiled."""
    job = {"suite": suite.name, "size": arguments.size, "questions": list(arguments.questions)}
    mine = {"contenders": [SUBJECT], "reference": SUBJECT, "rounds": FILLING_ROUNDS}
    for source in arguments.source:
        for threads in arguments.threads:
            run_job("suite", threads=threads, store=store, source=source, **mine, **job)


def _record(
    suite: Suite, case: tuple[str, int, str], arguments: argparse.Namespace, store: Path
) -> dict[str, Any]:
    source, threads, question = case
    job = {"suite": suite.name, "size": arguments.size, "source": source, "question": question}
    peaks = {
        name: run_job("peak", contender=name, threads=threads, store=store, **job)
        for name in dict.fromkeys(arguments.contenders)
    }
    return {"source": source, "threads": threads, "question": question, "peaks": peaks}


def peak_job(job: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one question once; how far resident memory rose above what the libraries and inputs take."""
    ask = load(job["suite"]).start(job["contender"], job["size"], job["source"], job["threads"])
    return {"peak_bytes": measure.rise_of_resident_bytes(ask(job["question"]))}


def _tables(suite: Suite, result: Mapping[str, Any]) -> Iterator[Table]:
    what = suite.title.format(size=result["size"])
    for source, threads in dict.fromkeys((r["source"], r["threads"]) for r in result["records"]):
        records = [r for r in result["records"] if (r["source"], r["threads"]) == (source, threads)]
        names = list(records[0]["peaks"])
        others = [name for name in names if name != SUBJECT]
        rows = [
            [r["question"], *[_cell(r["peaks"][name]) for name in names], *_ratios(r["peaks"], others)]
            for r in records
        ]
        yield Table(
            f"{what}, from {source}, {threads} threads: peak memory above libraries and inputs, MB",
            ["question", *names, *[f"lazyframe / {name}" for name in others]],
            [*rows, *_totals(records, names)],
        )


def _cell(entry: Mapping[str, Any]) -> str:
    return "failed: " + entry["error"] if "error" in entry else f"{entry['peak_bytes'] / 1e6:,.0f}"


def _ratios(entries: Mapping[str, Any], others: list[str]) -> list[str]:
    mine = entries.get(SUBJECT, {}).get("peak_bytes")
    theirs = [entries[name].get("peak_bytes") for name in others]
    return [report.ratio(mine / peak) if mine and peak else "" for peak in theirs]


def _totals(records: list[Any], names: list[str]) -> list[list[str]]:
    """The most, and the geometric mean, of the questions that everybody answered."""
    common = [r["peaks"] for r in records if all("error" not in r["peaks"][name] for name in names)]
    if not common:
        return []
    rows = []
    for title, of in (("most", max), ("geometric mean", statistics.geometric_mean)):
        peaks = {name: {"peak_bytes": of([max(e[name]["peak_bytes"], 1) for e in common])} for name in names}
        others = [name for name in names if name != SUBJECT]
        cells = [_cell(peaks[name]) for name in names]
        rows.append([f"{title} of {len(common)}", *cells, *_ratios(peaks, others)])
    return rows
