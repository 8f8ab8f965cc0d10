"""``python -m tests``: every check of the project, one after another; all run even when one fails."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS: dict[str, tuple[str, ...]] = {
    "ruff": ("-m", "ruff", "check", "."),
    "format": ("-m", "ruff", "format", "--check", "."),
    "mypy": ("-m", "mypy"),
    "imports": ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"),
    "pytest": ("-m", "pytest"),
    "bench": ("-m", "bench", "check"),
}
"""What Python is started with, quickest first."""


def main() -> int:
    """Run the checks named on the command line, or all; 0 when every one passes."""
    wanted = sys.argv[1:] or list(CHECKS)
    unknown = [name for name in wanted if name not in CHECKS]
    if unknown:
        print(f"no check is called {unknown[0]!r}; the checks are: {', '.join(CHECKS)}")
        return 2
    failed: list[str] = []
    for name in wanted:
        print(f"== {name}", flush=True)
        started_s = time.monotonic()
        status = subprocess.run([sys.executable, *CHECKS[name]], cwd=ROOT, check=False).returncode
        outcome = "ok" if status == 0 else f"FAILED ({status})"
        print(f"== {name}: {outcome} in {time.monotonic() - started_s:.0f} s", flush=True)
        if status:
            failed.append(name)
    print("all checks passed" if not failed else f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
