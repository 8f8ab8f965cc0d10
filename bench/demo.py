"""`python -m bench demo`: each pipeline in pandas and lazyframe, compared, timed, one explained."""

from __future__ import annotations

import argparse
import os
import statistics
from typing import Any

from bench import contenders, measure, report, worker, workloads
from bench.contenders import BASELINE, SUBJECT
from bench.workload import Workload

EXPLAINED = "crime_index"
STEPS = ("make the data", "run in pandas/NumPy", "run in lazyframe", "compare", "time both")


def run(arguments: argparse.Namespace) -> int:
    """Print a plan and a table; the exit status is 1 unless every result is equal."""
    from tqdm import tqdm

    threads = len(os.sched_getaffinity(0))
    rows: list[list[str]] = []
    plan = ""
    wrong = []
    with tqdm(total=len(workloads.NAMES) * len(STEPS), desc="demo", leave=False) as bar:
        for name in workloads.NAMES:
            workload = workloads.load(name)
            try:
                rows.append(_compare(workload, threads, arguments, bar))
            except ModuleNotFoundError:
                raise
            except Exception as error:
                wrong.append(f"{name}: {type(error).__name__}: {error}")
            if name == EXPLAINED:
                plan = _plan(workload, arguments)
    print(f"lazyframe's plan of {workloads.load(EXPLAINED).title}:\n\n{plan}\n")
    header = ["pipeline", "pandas/NumPy", "lazyframe", "times faster", "first run", "results"]
    title = f"{arguments.rows:,} rows, lazyframe on {threads} threads"
    notes = [
        "lazyframe: once its kernels are compiled; until then NumPy and pandas stand in for them",
        "first run: before that, unless an earlier process left the kernels; recording and planning included",
    ]
    report.print_table(report.Table(title, header, rows, [*notes, *wrong]))
    return 1 if wrong else 0


def _compare(workload: Workload, threads: int, arguments: argparse.Namespace, bar: Any) -> list[str]:
    steps = iter(STEPS)

    def advance() -> None:
        bar.update()
        bar.set_postfix_str(f"{workload.title}: {next(steps, 'done')}")

    bar.set_postfix_str(f"{workload.title}: {next(steps)}")
    data = workload.make(arguments.rows, arguments.seed)
    advance()
    runs = {BASELINE: contenders.contender(BASELINE).start(workload, data, threads)}
    expected = runs[BASELINE]()
    advance()
    runs[SUBJECT] = contenders.contender(SUBJECT).start(workload, data, threads)
    results: list[Any] = []
    first_s = measure.elapsed(lambda: results.append(runs[SUBJECT]()))
    advance()
    workload.check(results.pop(), expected)
    del expected
    worker.fill(workload, data, arguments.seed, threads, SUBJECT)
    advance()
    medians = {
        name: statistics.median(seconds)
        for name, seconds in measure.alternate(runs, arguments.repeat).items()
    }
    advance()
    ratio = report.ratio(medians[BASELINE] / medians[SUBJECT])
    times = [report.seconds(value) for value in (medians[BASELINE], medians[SUBJECT])]
    return [workload.title, *times, ratio, report.seconds(first_s), "equal"]


def _plan(workload: Workload, arguments: argparse.Namespace) -> str:
    try:
        return str(worker.explain(workload, workload.make(arguments.rows, arguments.seed)).text)
    except Exception as error:
        return f"failed: {type(error).__name__}: {error}"
