"""``python -m tests``: every check of the project, side by side; all run even when one fails.

With ``--oldest PYTHON``, an interpreter that has the oldest pandas that is supported, the tests of what
touches pandas run there as well, briefly (`tests.brief`).  Kernels know nothing of pandas: both have one
store, and what one compiled the other loads.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent

CHECKS: dict[str, tuple[str, ...]] = {
    "ruff": ("-m", "ruff", "check", "."),
    "format": ("-m", "ruff", "format", "--check", "."),
    "imports": ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"),
    "mypy": ("-m", "mypy"),
}
"""What Python is started with, quickest first."""

PYTEST = ("-m", "pytest", "-p", "no:cacheprovider", "--durations=8", "--durations-min=2")
"""The cache of pytest is left out: the processes that run beside each other would write it at once.

Which tests take longest is said, as all have to end within minutes.
"""

LONGEST = ("groupby", "joins", "record", "bench", "sorting", "run", "parquet", "programs")
"""Folders of tests that take longest: none of them is begun last, or the other cores would wait for it."""

ON_OLDEST = (
    "api", "record", "groupby", "arrays", "strings", "windows", "parquet", "joins", "dates", "sorting",
)  # fmt: skip
"""Folders of tests of what touches pandas."""

BY_OLDEST = " on the oldest pandas"


class Job(NamedTuple):
    """One process: its name, and Python with what it is started with."""

    name: str
    command: tuple[str, ...]


def folders() -> tuple[list[str], list[str]]:
    """The folders of tests in the order in which they are begun: those that take longest, and the others."""
    found = sorted(path.name for path in (ROOT / "tests").iterdir() if any(path.glob("test_*.py")))
    return [name for name in LONGEST if name in found], [name for name in found if name not in LONGEST]


def every_job(oldest: str | None) -> list[Job]:
    """All there is to run, in the order in which it is begun.

    What runs on the oldest pandas comes long after the same on the newest: both would otherwise compile the
    same kernels at once.
    """
    jobs = [Job(name, (sys.executable, *command)) for name, command in CHECKS.items()]
    for names in folders():
        jobs += [Job(f"tests/{name}", (sys.executable, *PYTEST, f"tests/{name}")) for name in names]
        if oldest is not None:
            again = [name for name in names if name in ON_OLDEST]
            jobs += [
                Job(f"tests/{name}{BY_OLDEST}", (oldest, *PYTEST, "--brief", f"tests/{name}"))
                for name in again
            ]
    return jobs


def chosen(jobs: Sequence[Job], names: Sequence[str]) -> list[Job]:
    """The jobs of given names, a folder's on each pandas; ``pytest`` is all tests, and no name is everything.

    Raises
    ------
    ValueError
        Naming what is no check, and those that are.
    """
    known: dict[str, list[Job]] = {"pytest": [job for job in jobs if job.name.startswith("tests/")]}
    for job in jobs:
        known.setdefault(job.name.removesuffix(BY_OLDEST), []).append(job)
    wanted = [name.rstrip("/") for name in names]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ValueError(f"no check is called {unknown[0]!r}; the checks are: {', '.join(known)}")
    return [job for name in wanted for job in known[name]] if names else list(jobs)


def run(job: Job) -> bool:
    """Run one check, say what it said once it is done, and tell whether it passed."""
    started_s = time.monotonic()
    done = subprocess.run(
        job.command, cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    outcome = "ok" if done.returncode == 0 else f"FAILED ({done.returncode})"
    said = done.stdout.decode(errors="replace").rstrip()
    ended = f"== {job.name}: {outcome} in {time.monotonic() - started_s:.0f} s"
    print(f"== {job.name}\n{said}\n{ended}", flush=True)
    return done.returncode == 0


def main() -> int:
    """Run the checks named on the command line, or all; 0 when every one passes."""
    parser = argparse.ArgumentParser(prog="python -m tests", description="Run every check, or those named.")
    parser.add_argument("names", nargs="*", metavar="check", help="such as ruff, pytest or tests/joins")
    parser.add_argument("--oldest", metavar="PYTHON", help="an interpreter that has the oldest pandas")
    arguments = parser.parse_args()
    try:
        jobs = chosen(every_job(arguments.oldest), arguments.names)
    except ValueError as error:
        print(error)
        return 2
    started_s = time.monotonic()
    # one more than cores: some tests wait for processes, for files, or for Ctrl-C to be answered
    with ThreadPoolExecutor(len(os.sched_getaffinity(0)) + 1) as pool:
        passed = list(pool.map(run, jobs))
    failed = [job.name for job, fine in zip(jobs, passed, strict=True) if not fine]
    outcome = f"failed: {', '.join(failed)}" if failed else "all checks passed"
    print(f"{outcome}, in {time.monotonic() - started_s:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
