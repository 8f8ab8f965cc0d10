"""
One measuring process: reads a job as JSON from standard input, writes its answer as JSON to a file.

Thread pools, kernel stores and peak memory belong to a process, so each measurement has a process of its own.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench import contenders, machine, measure, small, workloads
from bench.peaks import peak_job
from bench.suite import suite_job
from bench.workload import Data, Run, Workload

WARM_UP_ROWS = 20_000
FILLING_RUNS = 3
Job = Mapping[str, Any]


def time_job(job: Job) -> dict[str, Any]:
    """Check every contender against pandas, then time them in turn on the same data."""
    workload, data = _workload(job)
    expected = contenders.contender(contenders.BASELINE).start(workload, data, job["threads"])()
    bytes_ = _traffic(workload, data, expected)
    runs: dict[str, Run] = {}
    failed: dict[str, dict[str, str]] = {}
    for name in job["contenders"]:
        try:
            runs[name] = _checked(workload, data, job["threads"], name, expected)
        except Exception as error:
            failed[name] = {"error": f"{type(error).__name__}: {error}"}
    del expected
    seconds = measure.alternate(runs, job["rounds"])
    timed = {name: measure.summary(values) for name, values in seconds.items()}
    found = {name: timed.get(name) or failed[name] for name in job["contenders"]}
    return {"contenders": found, "bytes": bytes_}


def _checked(workload: Workload, data: Data, threads: int, name: str, expected: Any) -> Run:
    run = contenders.contender(name).start(workload, data, threads)
    workload.check(run(), expected)
    return run


def _workload(job: Job) -> tuple[Workload, Data]:
    workload = workloads.load(job["workload"])
    return workload, workload.make(job["rows"], job["seed"])


def _traffic(workload: Workload, data: Data, expected: Any) -> int:
    from bench.compare import columns_of

    outputs = sum(column.nbytes for column in columns_of(expected).values())
    return workload.input_bytes(data) + outputs


def first_job(job: Job) -> dict[str, Any]:
    """Time the first run of one contender in this process."""
    workload, data = _workload(job)
    run = contenders.contender(job["contender"]).start(workload, data, job["threads"])
    return {"first_s": measure.elapsed(run)}


def fill_job(job: Job) -> dict[str, Any]:
    """Run lazyframe so that the store holds every kernel that it uses."""
    workload, data = _workload(job)
    for name in job["contenders"]:
        fill(workload, data, job["seed"], job["threads"], name)
    return {}


def fill(workload: Workload, data: Data, seed: int, threads: int, name: str) -> None:
    """Run a contender on a small size, waiting for its kernels, and on ``data``.

    At its size a program runs as it will be timed, and again: what is kept makes another program.
    """
    small = workload.make(WARM_UP_ROWS, seed)
    contenders.contender(name, min_rows=0).start(workload, small, threads)()
    run = contenders.contender(name).start(workload, data, threads)
    for _ in range(FILLING_RUNS):
        run()


def memory_job(job: Job) -> dict[str, Any]:
    """Peak memory of one run above the inputs; libraries and kernels are loaded before, on few rows."""
    workload, data = _workload(job)
    settings = {"min_rows": 0} if job["contender"].startswith(contenders.SUBJECT) else {}
    small = workload.make(WARM_UP_ROWS, job["seed"])
    contenders.contender(job["contender"], **settings).start(workload, small, job["threads"])()
    run = contenders.contender(job["contender"]).start(workload, data, job["threads"])
    return measure.peak_extra_bytes(run)


def compile_job(job: Job) -> dict[str, Any]:
    """
    Compile time of one contender's kernels, the compiler being warm and the store of this process empty.

    What the first run on few rows takes beyond the best later one, another workload having compiled before.
    """
    name = job["contender"]
    settings = {"min_rows": 0} if name.startswith(contenders.SUBJECT) else {}
    other = "haversine" if job["workload"] != "haversine" else "black_scholes"
    first_s = again_s = 0.0
    for workload_name in (other, job["workload"]):
        workload = workloads.load(workload_name)
        data = workload.make(WARM_UP_ROWS, job["seed"])
        run = contenders.contender(name, **settings).start(workload, data, job["threads"])
        first_s, *later_s = (measure.elapsed(run) for _ in range(4))
        again_s = min(later_s)
    return {"compile_s": max(0.0, first_s - again_s)}


def plan_job(job: Job) -> dict[str, Any]:
    """Count kernels, arrays between them and what pandas runs, in lazyframe's plan of the workload."""
    import lazyframe

    workload, data = _workload(job)
    with lazyframe.config(threads=job["threads"], min_rows=0):
        plan = explain(workload, data)
    return {
        "kernels": len(plan.kernels),
        "materialized": len(plan.materialized),
        "fallbacks": [str(fallback) for fallback in plan.fallbacks],
        "text": plan.text,
    }


def explain(workload: Workload, data: Data) -> Any:
    """Explain lazyframe's plan of the workload: of its results, or of the lazy value just before a scalar."""
    import lazyframe
    import lazyframe.numpy

    inputs = workload.load(lazyframe, lazyframe.numpy, data)
    if workload.lazy_part is not None:
        return lazyframe.explain(workload.lazy_part(lazyframe, lazyframe.numpy, inputs))
    return lazyframe.explain(*workload.program(lazyframe, lazyframe.numpy, inputs).values())


def bandwidth_job(job: Job) -> dict[str, Any]:
    """Memory bandwidth of the machine with the job's threads."""
    return machine.memory_bandwidth(job["threads"])


JOBS: Mapping[str, Callable[[Job], dict[str, Any]]] = {
    "time": time_job,
    "first": first_job,
    "fill": fill_job,
    "memory": memory_job,
    "compile": compile_job,
    "plan": plan_job,
    "bandwidth": bandwidth_job,
    "operations": small.operations_job,
    "recording": small.recording_job,
    "chain": small.chain_job,
    "fresh": small.fresh_job,
    "suite": suite_job,
    "peak": peak_job,
}


def main(answer_path: str) -> None:
    """Do the job on standard input; write the answer, with the process's own seconds, to `answer_path`."""
    job = json.load(sys.stdin)
    start = time.perf_counter()
    answer = JOBS[job["kind"]](job)
    answer["process_s"] = time.perf_counter() - start
    Path(answer_path).write_text(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1])
