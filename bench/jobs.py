"""Start measuring processes: each with its own number of threads, for every library, and kernel store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

# Pools that are sized when their library is imported.
THREAD_VARIABLES = (
    "LAZYFRAME_THREADS",
    "POLARS_MAX_THREADS",
    "NUMEXPR_MAX_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
)
ROOT = Path(__file__).resolve().parent.parent


def environment(threads: int, store: Path | str) -> dict[str, str]:
    """
    Environment of a measuring process.

    Parameters
    ----------
    threads
        Size of every library's thread pool.
    store
        Directory of lazyframe's kernels.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LAZYFRAME_")}
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return (
        inherited
        | dict.fromkeys(THREAD_VARIABLES, str(threads))
        | {"LAZYFRAME_CACHE_DIR": str(store), "PYTHONPATH": os.pathsep.join(paths)}
    )


def temporary_store() -> tempfile.TemporaryDirectory[str]:
    """A kernel store for a while; a compiler that still writes to it when it goes does no harm."""
    return tempfile.TemporaryDirectory(prefix="lazyframe-store-", ignore_cleanup_errors=True)


def run_job(kind: str, *, threads: int, store: Path | str, **job: Any) -> dict[str, Any]:
    """
    Run one job of `bench.worker` in a fresh process.

    Returns
    -------
    dict
        The job's answer; ``{"error": text}`` when the process failed, with the end of what it said.
    """
    with tempfile.TemporaryDirectory(prefix="lazyframe-bench-") as directory:
        answer = Path(directory) / "answer.json"
        process = subprocess.run(
            [sys.executable, "-m", "bench.worker", str(answer)],
            input=json.dumps({"kind": kind, "threads": threads} | job),
            env=environment(threads, store),
            cwd=directory,
            capture_output=True,
            text=True,
            check=False,
        )
        if process.returncode == 0 and answer.exists():
            result: dict[str, Any] = json.loads(answer.read_text())
            return result
    said = (process.stderr or process.stdout).strip().splitlines()
    last = said[-1] if said else "no message"
    return {"error": f"exit status {process.returncode}: {last}", "stderr": process.stderr[-4000:]}
