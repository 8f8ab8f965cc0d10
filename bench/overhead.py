"""`python -m bench overhead`: what lazyframe costs where it cannot win: small data, recording, importing."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from bench import machine, report
from bench.contenders import BASELINE, SUBJECT
from bench.jobs import ROOT, environment, run_job, temporary_store
from bench.report import Table

THREADS = 2
FRESH_ROWS = 1000
COLD_PROCESSES = 4
LISTED = 30
# What is promised.
GEOMETRIC_MEAN = 1.1
WORST_RATIO, WORST_EXTRA_S = 1.5, 50e-6
RECORDING_S = 15e-6
CHAIN_S = 0.1
FRESH_RATIO = 1.2
IMPORT_RATIO = 1.15


def run(arguments: argparse.Namespace) -> int:
    """Measure, print, save; the exit status is 1 when an operation failed."""
    with temporary_store() as store:
        cases = [
            (rows, chained, cold)
            for rows in arguments.rows
            for chained in (False, True)
            for cold in (False, True)
        ]
        measured = [_operations(case, arguments, store) for case in report.progress(cases, "operations")]
        common = {"threads": THREADS, "store": store, "seed": arguments.seed}
        recording = run_job("recording", operations=arguments.operations, **common)
        chain = run_job("chain", **common)
        fresh = _fresh(arguments, store)
        imports = _import_s(("pandas", "lazyframe"), arguments.repeat, store)
    result = {
        "kind": "overhead",
        "machine": machine.facts(),
        "operations": measured,
        "recording": recording,
        "chain": chain,
        "fresh": fresh,
        "import_s": imports,
    }
    report.publish(result, list(_tables(result)), arguments.out, "overhead")
    failures = [name for case in measured for name, entry in case["found"].items() if "error" in entry]
    return 1 if failures or any("error" in case for case in measured) else 0


def _operations(case: tuple[int, bool, bool], arguments: argparse.Namespace, store: str) -> dict[str, Any]:
    """One size, alone or chained, cold or warm; cold is the best of processes with an empty store each."""
    rows, chained, cold = case
    job = {
        "rows": rows,
        "chained": chained,
        "cold": cold,
        "seed": arguments.seed,
        "rounds": arguments.repeat,
        "operations": arguments.operations,
        "turn": 0,
    }
    described: dict[str, Any] = {"rows": rows, "chained": chained, "cold": cold}
    if not cold:
        answer = run_job("operations", threads=THREADS, store=store, **job)
        return described | {"found": answer.get("operations", {})} | _error(answer)
    answers = []
    for turn in range(COLD_PROCESSES):
        with temporary_store() as empty:
            answers.append(run_job("operations", threads=THREADS, store=empty, **job | {"turn": turn}))
    failed = next((answer for answer in answers if "error" in answer), {})
    if failed:
        return described | {"found": {}} | _error(failed)
    return described | {"found": _best([answer["operations"] for answer in answers])}


def _error(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {"error": answer["error"]} if "error" in answer else {}


def _best(answers: list[dict[str, Any]]) -> dict[str, Any]:
    found = {}
    for name, entry in answers[0].items():
        entries = [answer[name] for answer in answers]
        failed = next((each for each in entries if "error" in each), None)
        found[name] = failed or {
            side: min(each[side] for each in entries) for side in entry if side != "error"
        }
    return found


def _fresh(arguments: argparse.Namespace, store: str) -> dict[str, Any]:
    """First result in fresh processes, contenders in turn; the first round, uncounted, fills the store."""
    contenders = {
        "NumPy": {"contender": BASELINE, "min_rows": None},
        "lazyframe": {"contender": SUBJECT, "min_rows": None},
        "lazyframe, fused tier forced": {"contender": SUBJECT, "min_rows": 0},
    }
    job = {"threads": THREADS, "store": store, "rows": FRESH_ROWS, "seed": arguments.seed}
    answers: dict[str, list[dict[str, Any]]] = {label: [] for label in contenders}
    for _ in range(arguments.repeat + 1):
        for label, contender in contenders.items():
            answers[label].append(run_job("fresh", **job, **contender))
    return {label: _fresh_summary(found) for label, found in answers.items()}


def _fresh_summary(answers: list[dict[str, Any]]) -> dict[str, Any]:
    failed = next((answer for answer in answers if "error" in answer), None)
    if failed:
        return failed
    return {
        "median_s": statistics.median(answer["first_s"] for answer in answers[1:]),
        "numba_imported": any(answer["numba_imported"] for answer in answers[1:]),
    }


def _import_s(modules: tuple[str, ...], repeats: int, store: str) -> dict[str, float | None]:
    """Median seconds of importing each module in a fresh process, in turn; None when one fails."""
    seconds: dict[str, list[float]] = {module: [] for module in modules}
    for _ in range(repeats + 1):
        for module in modules:
            elapsed_s = _one_import_s(module, store)
            if elapsed_s is None:
                return dict.fromkeys(modules)
            seconds[module].append(elapsed_s)
    # The first round finds cold disk caches.
    return {module: statistics.median(values[1:]) for module, values in seconds.items()}


def _one_import_s(module: str, store: str) -> float | None:
    code = f"import time; s = time.perf_counter(); import {module}; print(time.perf_counter() - s)"
    # What is installed is compiled when it is installed: let the first round do so here.
    compiling = {"PYTHONDONTWRITEBYTECODE": ""}
    process = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(THREADS, store) | compiling,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return None if process.returncode else float(process.stdout)


def _tables(result: dict[str, Any]) -> Iterator[Table]:
    yield _operations_table(result["operations"])
    yield _over_table(result["operations"])
    yield _other_table(result)
    failures = [
        [name, f"{case['rows']:,}", _form(case), entry["error"]]
        for case in result["operations"]
        for name, entry in case["found"].items()
        if "error" in entry
    ]
    yield Table("failed operations", ["operation", "rows", "form", "error"], failures)


def _form(case: Mapping[str, Any]) -> str:
    return "chain of 5" if case["chained"] else "alone"


def _store(case: Mapping[str, Any]) -> str:
    return "cold" if case["cold"] else "warm"


def _timed(case: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    return {
        name: (entry[BASELINE], entry[SUBJECT])
        for name, entry in case["found"].items()
        if "error" not in entry
    }


def _operations_table(cases: list[dict[str, Any]]) -> Table:
    rows = []
    notes = [case["error"] for case in cases if "error" in case]
    for case in cases:
        pairs = _timed(case)
        if not pairs:
            continue
        ratios = {name: lazy / plain for name, (plain, lazy) in pairs.items()}
        mean = statistics.geometric_mean(ratios.values())
        worst = max(ratios, key=ratios.__getitem__)
        over = len(list(_over(case)))
        met = "yes" if mean <= GEOMETRIC_MEAN and not over else "NO"
        described = [f"{case['rows']:,}", _form(case), _store(case)]
        found = [str(len(pairs)), report.ratio(mean), str(over), f"{worst} {ratios[worst]:.2f}x", met]
        rows.append(described + found)
    header = ["rows", "form", "store", "operations", "geometric mean", "over the limit", "worst", "met"]
    return Table("lazyframe's time over pandas' time", header, rows, notes)


def _over(case: Mapping[str, Any]) -> Iterator[tuple[str, float, float]]:
    for name, (plain, lazy) in _timed(case).items():
        if lazy > WORST_RATIO * plain + WORST_EXTRA_S:
            yield name, plain, lazy


def _over_table(cases: list[dict[str, Any]]) -> Table:
    over = [(lazy / plain, name, plain, lazy, case) for case in cases for name, plain, lazy in _over(case)]
    over.sort(key=lambda entry: entry[0], reverse=True)
    rows = [
        [
            name,
            f"{case['rows']:,}",
            _form(case),
            _store(case),
            report.seconds(plain),
            report.seconds(lazy),
            report.ratio(ratio),
        ]
        for ratio, name, plain, lazy, case in over[:LISTED]
    ]
    title = f"over {WORST_RATIO} x pandas + {WORST_EXTRA_S * 1e6:.0f} us"
    header = ["operation", "rows", "form", "store", "pandas", "lazyframe", "ratio"]
    more = len(over) - len(rows)
    return Table(title, header, rows, [f"and {more} more, in the JSON"] if more else [])


def _other_table(result: dict[str, Any]) -> Table:
    rows = [
        *_recording_rows(result["recording"]),
        *_chain_rows(result["chain"]),
        *_fresh_rows(result["fresh"]),
        *_import_rows(result["import_s"]),
    ]
    return Table("recording, first results, import", ["what", "wanted", "found", "met"], rows)


def _recording_rows(recording: Mapping[str, Any]) -> Iterator[list[str]]:
    seconds = {
        name: value for name, value in recording.get("operations", {}).items() if isinstance(value, float)
    }
    wanted = f"< {report.seconds(RECORDING_S)}"
    if not seconds:
        yield ["record one operation", wanted, recording.get("error", "nothing recorded"), "NO"]
        return
    median_s, worst = statistics.median(seconds.values()), max(seconds, key=seconds.__getitem__)
    slow = sum(value >= RECORDING_S for value in seconds.values())
    found = f"median {report.seconds(median_s)}, {slow} of {len(seconds)} over, worst {worst} "
    yield ["record one operation", wanted, found + report.seconds(seconds[worst]), _met(slow == 0)]


def _chain_rows(chain: Mapping[str, Any]) -> Iterator[list[str]]:
    what, wanted = "1,000 chained assignments", f"< {report.seconds(CHAIN_S)}"
    if "error" in chain:
        yield [what, wanted, chain["error"], "NO"]
        return
    record_s, optimise_s = chain["record_s"], chain["optimise_s"]
    found = f"{report.seconds(record_s)} to record, {report.seconds(optimise_s)} to optimise"
    yield [what, wanted, found, _met(record_s + optimise_s < CHAIN_S)]


def _fresh_rows(fresh: Mapping[str, Mapping[str, Any]]) -> Iterator[list[str]]:
    plain_s = fresh["NumPy"].get("median_s")
    for label, entry in fresh.items():
        what = f"first Black-Scholes of {FRESH_ROWS:,} rows in a fresh process, {label}"
        if "error" in entry or plain_s is None:
            yield [what, "", entry.get("error", ""), "NO"]
        elif label == "NumPy":
            yield [what, "", report.seconds(plain_s), ""]
        else:
            ratio = entry["median_s"] / plain_s
            numba = "numba imported" if entry["numba_imported"] else "no numba"
            found = f"{report.seconds(entry['median_s'])}, {ratio:.2f}x, {numba}"
            met = ratio <= FRESH_RATIO and not entry["numba_imported"]
            yield [what, f"<= {FRESH_RATIO}x, no numba", found, _met(met)]


def _import_rows(seconds: Mapping[str, float | None]) -> Iterator[list[str]]:
    plain_s, lazy_s = seconds["pandas"], seconds["lazyframe"]
    if plain_s is None or lazy_s is None:
        yield ["import lazyframe", f"<= {IMPORT_RATIO}x", "failed", "NO"]
        return
    found = f"{report.seconds(lazy_s)}, pandas {report.seconds(plain_s)}, {lazy_s / plain_s:.2f}x"
    yield ["import lazyframe", f"<= {IMPORT_RATIO}x", found, _met(lazy_s <= IMPORT_RATIO * plain_s)]


def _met(met: bool) -> str:
    return "yes" if met else "NO"
