"""The progress bar: after a while, for somebody who watches, and gone at the end."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from lazyframe.run import progress
from lazyframe.run.morsels import morsel_rows
from lazyframe.run.progress import Progress

ROWS = 20_000_000
CHILD = """
import sys
import numpy as np
import lazyframe
from lazyframe.run import execute, progress
from lazyframe.run.bindings import bind_array
from passes.ir.values import Map
progress.AFTER_SECONDS = float(sys.argv[1])
lazyframe.config(threads=2, min_rows=10**12)
execute.computed_at_once = lambda values: None
x = bind_array(np.linspace(0.0, 1.0, 20_000_000))
y = Map("exp", (Map("sin", (x,), x.dtype),), x.dtype)
[result] = execute.compute([y])
assert np.array_equal(result, np.exp(np.sin(np.linspace(0.0, 1.0, 20_000_000))))
print("tqdm" in sys.modules)
"""


def _run(after_seconds: float, directory: Path, terminal: bool, **environment: str) -> tuple[str, str]:
    """What a computation prints on standard output and on standard error."""
    mine, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(after_seconds)],
        env={**os.environ, "LAZYFRAME_CACHE_DIR": str(directory), **environment},
        stdout=subprocess.PIPE,
        stderr=theirs if terminal else subprocess.PIPE,
    )
    os.close(theirs)
    shown = b""
    while terminal:
        try:
            shown += os.read(mine, 65_536)
        except OSError:  # the other end is closed and everything is read
            break
    printed, errors = child.communicate()
    os.close(mine)
    assert child.returncode == 0
    return printed.decode().strip(), (shown if terminal else errors).decode()


def test_appears_on_a_terminal_and_disappears(tmp_path: Path) -> None:
    loaded, shown = _run(0.0, tmp_path, terminal=True)
    assert loaded == "True"
    assert "lazyframe" in shown
    assert f"/{-(-ROWS // morsel_rows(ROWS))}" in shown
    assert shown.endswith("\r")


@pytest.mark.parametrize(
    ("after_seconds", "terminal", "environment"),
    [(100.0, True, {}), (0.0, False, {}), (0.0, True, {"LAZYFRAME_PROGRESS": "0"})],
    ids=["too quick", "nobody watches", "switched off"],
)
def test_stays_away(
    after_seconds: float, terminal: bool, environment: dict[str, str], tmp_path: Path
) -> None:
    assert _run(after_seconds, tmp_path, terminal, **environment) == ("False", "")


def test_never_more_than_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "AFTER_SECONDS", 0.0)
    monkeypatch.setattr(progress, "_is_watched", lambda: True)
    bar = Progress()
    bar.expect(3)
    bar.reached(2)
    bar.expect(4)
    bar.reached(9)
    assert bar._bar.total == 7
    assert bar._bar.n == 7
    bar.close()
    bar.reached(1)
