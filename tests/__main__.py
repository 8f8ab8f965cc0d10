"""``python -m tests``: every check of the project, one a core at a time; all run even when one fails."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS: dict[str, tuple[str, ...]] = {
    "ruff": ("-m", "ruff", "check", "."),
    "format": ("-m", "ruff", "format", "--check", "."),
    "imports": ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"),
    "mypy": ("-m", "mypy"),
    "bench": ("-m", "bench", "check"),
}
"""What Python is started with, quickest first."""

PYTEST = ("-m", "pytest", "-p", "no:cacheprovider")
"""The cache of pytest is left out: the processes that run beside each other would write it at once."""


LONGEST = ("bench", "groupby", "record", "programs", "joins", "parquet")
"""Folders of tests that take longest, most by the kernels that they compile: none of them is begun last."""


def folders() -> dict[str, tuple[str, ...]]:
    """Each folder of tests as a check of its own, in the order in which they are begun."""
    found = sorted(path.name for path in (ROOT / "tests").iterdir() if any(path.glob("test_*.py")))
    found.sort(key=lambda name: LONGEST.index(name) if name in LONGEST else len(LONGEST))
    return {f"tests/{name}": (*PYTEST, f"tests/{name}") for name in found}


def check(name: str, command: tuple[str, ...]) -> bool:
    """Run one check, say what it said once it is done, and tell whether it passed."""
    started_s = time.monotonic()
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    outcome = "ok" if done.returncode == 0 else f"FAILED ({done.returncode})"
    said = done.stdout.decode(errors="replace").rstrip()
    print(f"== {name}\n{said}\n== {name}: {outcome} in {time.monotonic() - started_s:.0f} s", flush=True)
    return done.returncode == 0


def main() -> int:
    """Run the checks named on the command line, or all; 0 when every one passes."""
    tests = folders()
    known = {**CHECKS, **tests}
    wanted: list[str] = []
    for name in sys.argv[1:] or known:
        wanted += tests if name == "pytest" else [name.rstrip("/")]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"no check is called {unknown[0]!r}; the checks are: {', '.join(['pytest', *known])}")
        return 2
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        passed = list(pool.map(check, wanted, [known[name] for name in wanted]))
    failed = [name for name, fine in zip(wanted, passed, strict=True) if not fine]
    print("all checks passed" if not failed else f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
