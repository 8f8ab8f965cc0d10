"""`python -m bench check`: each workload and contender once on few rows, compared with pandas and NumPy."""

from __future__ import annotations

import argparse

from bench import contenders, workloads
from bench.contenders import BASELINE, SUBJECT
from bench.report import progress

THREADS = 2


def run(arguments: argparse.Namespace) -> int:
    """Print one line a failure; the exit status is 1 if there is any."""
    who = (SUBJECT, *contenders.chosen_peers(arguments.peers))
    names = workloads.select(arguments.workloads)
    failures = []
    compared = 0
    for name in progress(names, "check"):
        workload = workloads.load(name)
        data = workload.make(arguments.rows, arguments.seed)
        expected = contenders.contender(BASELINE).start(workload, data, THREADS)()
        for rival in contenders.able(workload, who):
            settings = {"min_rows": 0} if rival == SUBJECT else {}
            compared += 1
            try:
                result = contenders.contender(rival, **settings).start(workload, data, THREADS)()
                workload.check(result, expected)
            except Exception as error:
                failures.append(f"{name} by {rival}: {type(error).__name__}: {error}")
    print("\n".join(failures), end="\n" * bool(failures))
    print(f"{compared - len(failures)} of {compared} agree with pandas and NumPy at {arguments.rows:,} rows")
    return 1 if failures else 0
