"""Suites of questions over shared tables: everybody answers, answers are compared, then timed in turn."""

from __future__ import annotations

import argparse
import importlib
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import machine, measure, report
from bench.contenders import BASELINE, SUBJECT, WITHOUT, collected
from bench.jobs import run_job, temporary_store
from bench.report import Table

Run = Callable[[], Any]
FILLING_ROUNDS = 4
LONGEST_COMPILING_S = 60.0

# From a size, a source and a number of threads: from a question to its work.
Starter = Callable[[float, str, int], Callable[[str], Run]]


@dataclass(frozen=True)
class Suite:
    """
    Questions over tables that are made once.

    Attributes
    ----------
    name
        On the command line.
    title
        ``title.format(size=...)`` heads a table.
    questions
        Their names, in order.
    prepare
        ``prepare(size)`` makes what is kept between processes; untimed.
    program
        ``program(pd, tables, question)`` is pandas' answer, lazy or not.
    read
        ``read(pd, size, source)`` gives the tables as frames of `pd`.
    peers
        The same work by each peer, by contender name.
    same
        ``same(found, expected)`` raises where an answer is not the one expected.
    large
        From this size on pandas is timed once: it takes minutes, and no noise hides the ratio.
    """

    name: str
    title: str
    questions: tuple[str, ...]
    prepare: Callable[[float], object]
    program: Callable[[Any, Any, str], Any]
    read: Callable[[Any, float, str], Any]
    peers: Mapping[str, Starter]
    same: Callable[[Any, Any], None]
    large: float

    def start(self, name: str, size: float, source: str, threads: int) -> Callable[[str], Run]:
        """Convert a contender's inputs, untimed where they are in memory, and give it its questions."""
        if name in self.peers:
            return self.peers[name](size, source, threads)
        if name == BASELINE:
            import pandas

            return self._by_frames(pandas, size, source, lambda answer: answer)
        import lazyframe

        disabled = [name.removeprefix(WITHOUT)] if name.startswith(WITHOUT) else []

        def finish(answer: Any) -> Any:
            return collected({"answer": answer})["answer"]

        ask = self._by_frames(lazyframe, size, source, finish)

        def configured(question: str) -> Run:
            run = ask(question)

            def run_configured() -> Any:
                with lazyframe.config(threads=threads, disable=disabled):
                    return run()

            return run_configured

        return configured

    def _by_frames(
        self, pd: Any, size: float, source: str, finish: Callable[[Any], Any]
    ) -> Callable[[str], Run]:
        held = _held(self.read(pd, size, source)) if source == "memory" else None

        def ask(question: str) -> Run:
            def run() -> Any:
                tables = self.read(pd, size, source) if held is None else held
                return finish(self.program(pd, tables, question))

            return run

        return ask


def _held(tables: Any) -> Any:
    """``tables`` in memory, as pandas has them: frames of lazyframe that wait to be read are read."""
    waiting = [table for table in vars(tables).values() if hasattr(table, "explain")]
    if waiting:
        import lazyframe

        lazyframe.collect(*waiting)
    return tables


def load(name: str) -> Suite:
    """The suite of this name."""
    suite: Suite = importlib.import_module(f"bench.{name}").SUITE
    return suite


def run(suite: Suite, arguments: argparse.Namespace) -> int:
    """Measure, print, save; the exit status is 1 when a contender failed or gave another answer."""
    suite.prepare(arguments.size)
    cases = [(source, threads) for source in arguments.source for threads in arguments.threads]
    with temporary_store() as store:
        records = [
            _record(suite, source, threads, arguments, Path(store))
            for source, threads in report.progress(cases, "sources and threads")
        ]
    result = {
        "kind": suite.name,
        "size": arguments.size,
        "store": arguments.store,
        "rounds": arguments.repeat,
        "machine": machine.facts(),
        "records": records,
    }
    report.publish(result, list(_tables(suite, result)), arguments.out, suite.name)
    entries = [e for r in records for q in r.get("questions", {}).values() for e in q.values()]
    return 1 if any("error" in e for e in [*entries, *records]) else 0


def _record(
    suite: Suite, source: str, threads: int, arguments: argparse.Namespace, store: Path
) -> dict[str, Any]:
    job = {
        "suite": suite.name,
        "size": arguments.size,
        "source": source,
        "questions": list(arguments.questions),
        "contenders": list(dict.fromkeys(arguments.contenders)),
        "reference": arguments.reference,
    }
    if arguments.store == "cold":
        with temporary_store() as empty:
            answer = run_job("suite", threads=threads, store=empty, rounds=0, **job)
    else:
        fill = job | {"contenders": [SUBJECT], "reference": SUBJECT}
        # what is kept from the second use on makes other programs, with kernels of their own
        run_job("suite", threads=threads, store=store, rounds=FILLING_ROUNDS, settle=True, **fill)
        answer = run_job("suite", threads=threads, store=store, rounds=arguments.repeat, **job)
    return {"source": source, "threads": threads} | answer


def suite_job(job: Mapping[str, Any]) -> dict[str, Any]:
    """
    In a process of its own: each question once by everybody, compared, then everybody in turn.

    Without rounds the first run is what counts, with the kernel store as the process finds it.
    """
    suite = load(job["suite"])
    names = dict.fromkeys([*job["contenders"], job["reference"]])
    asked = {name: suite.start(name, job["size"], job["source"], job["threads"]) for name in names}
    found = {
        question: _one_question(suite, {name: ask(question) for name, ask in asked.items()}, job)
        for question in job["questions"]
    }
    return {"questions": found}


def _one_question(suite: Suite, runs: dict[str, Run], job: Mapping[str, Any]) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    first: dict[str, float] = {}
    reference = job["reference"]
    expected: Any = None
    for name in [reference, *[name for name in job["contenders"] if name != reference]]:
        try:
            start = time.perf_counter()
            answer = runs[name]()
            first[name] = time.perf_counter() - start
            if name == reference:
                expected = answer
            else:
                suite.same(answer, expected)
        except Exception as error:
            entries[name] = {"error": f"{type(error).__name__}: {str(error)[:300]}"}
    able = [name for name in job["contenders"] if name not in entries]
    slow = [name for name in able if name == BASELINE and job["size"] >= suite.large]
    seconds = measure.alternate({name: runs[name] for name in able if name not in slow}, job["rounds"])
    for name in able:
        taken = seconds.get(name) or [first[name]]
        entries[name] = measure.summary(taken) | {"first_s": first[name]}
    if job.get("settle"):
        _settle()
    return entries


def _settle() -> None:
    """Wait until the compiler has stored what it was asked for behind the questions' backs."""
    from lazyframe.codegen import compiler

    until = time.perf_counter() + LONGEST_COMPILING_S
    while compiler.waiting() and time.perf_counter() < until:
        time.sleep(0.02)


def _tables(suite: Suite, result: dict[str, Any]) -> Iterator[Table]:
    for record in result["records"]:
        what = suite.title.format(size=result["size"])
        title = f"{what}, from {record['source']}, {record['threads']} threads, {result['store']} store"
        if "error" in record:
            yield Table(title, ["failed"], [[record["error"]]])
            continue
        names = list(dict.fromkeys(name for entries in record["questions"].values() for name in entries))
        rows = [
            [number, *[_cell(entries.get(name)) for name in names], *_ratios(entries, names)]
            for number, entries in record["questions"].items()
        ]
        against = [f"x {name}" for name in names if name != SUBJECT]
        yield Table(title, ["question", *names, *against], [*rows, *_totals(record["questions"], names)])


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
    """Sum and geometric mean over the questions that everybody answered."""
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
