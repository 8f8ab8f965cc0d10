"""``python -m tests``: every check of the project, one after another; all run even when one fails."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS: tuple[tuple[str, ...], ...] = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("importlinter.cli", "lint"),
    ("pytest",),
    ("bench", "check"),
)
"""Modules with their arguments, quickest first."""


def main() -> int:
    """Run the checks named on the command line, or all; 0 when every one passes."""
    wanted = sys.argv[1:]
    names = [check[0].partition(".")[0] for check in CHECKS]
    unknown = [name for name in wanted if name not in names]
    if unknown:
        print(f"no check is called {unknown[0]!r}; the checks are: {', '.join(dict.fromkeys(names))}")
        return 2
    failed: list[str] = []
    for name, check in zip(names, CHECKS, strict=True):
        if wanted and name not in wanted:
            continue
        command = " ".join([name, *check[1:]])
        print(f"== {command}", flush=True)
        started_s = time.monotonic()
        status = subprocess.run([sys.executable, "-m", *check], cwd=ROOT, check=False).returncode
        print(f"== {command}: {'ok' if status == 0 else f'FAILED ({status})'}", end="")
        print(f" in {time.monotonic() - started_s:.0f} s", flush=True)
        if status:
            failed.append(command)
    print("all checks passed" if not failed else f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
