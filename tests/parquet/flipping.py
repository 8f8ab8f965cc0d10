"""Read copies of a file of which one bit is changed, in a process of its own: what goes wrong may end it."""

from __future__ import annotations

import faulthandler
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas

import lazyframe
from lazyframe.run import streaming

ROOT = Path(__file__).resolve().parents[2]


def _frame(df: Any) -> Any:
    df[df["a"] > 1]["b"].sum()
    df.groupby("s")["b"].sum()
    return df


PROGRAMS: dict[str, tuple[Callable[[Any], Any], ...]] = {
    "frame": (_frame,),
    "streamed": (
        lambda df: df[df["a"] > 1]["b"].sum(),
        lambda df: (df["b"] * 2 + df["a"]).max(),
        lambda df: df[df["b"] > 1][["b"]],
        lambda df: df[df["s"] == "x"]["a"].count(),
    ),
    "text": (lambda df: (df.sort_values("x").tail(5)["s"].tolist(), df["s"].tolist()),),
}
"""What is done with the file, by name; each ends in something that can be compared."""


def errors_of_flipped(name: str, path: Path, first: int = 0, step: int = 1) -> int:
    """How often the programs called ``name`` raise as bits of every ``step``-th byte change, one at a time.

    Where they do not, they give what they give of the file as it is, or what pandas gives: the format cannot
    tell then.
    """
    command = [sys.executable, "-m", "tests.parquet.flipping", name, str(path), str(first), str(step)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    errors, wrong = map(int, ran.stdout.splitlines()[-1].split())
    assert wrong == 0, ran.stdout
    return errors


def _outcome(read: Callable[[str], Any], path: str, program: Callable[[Any], Any]) -> str | None:
    try:
        found = program(read(path))
        if isinstance(found, pandas.DataFrame):
            return repr((found.to_dict("split"), found.dtypes.tolist()))
        return repr(found)
    except Exception:
        return None


def main(name: str, path: str, first: str, step: str) -> None:
    """Print where an outcome is wrong, and how many errors there were and how many such outcomes."""
    faulthandler.enable()
    if name == "streamed":
        streaming.SMALL_COLUMN_BYTES, streaming.LONGEST_MORSEL = -1, 1
    lazyframe.config(min_rows=0, threads=2 if name == "streamed" else 1)
    good, flipped = Path(path).read_bytes(), f"{path}.bad"
    right = [_outcome(pandas.read_parquet, path, program) for program in PROGRAMS[name]]
    assert None not in right
    wrong = errors = 0
    for at in range(int(first), len(good), int(step)):
        bad = bytearray(good)
        bad[at] ^= 1 << (at % 8)
        Path(flipped).write_bytes(bad)
        for program, wanted in zip(PROGRAMS[name], right, strict=True):
            found = _outcome(lazyframe.read_parquet, flipped, program)
            errors += found is None
            if found not in (None, wanted) and found != _outcome(pandas.read_parquet, flipped, program):
                print("wrong at", at, found, wanted)
                wrong += 1
    print(errors, wrong)


if __name__ == "__main__":
    main(*sys.argv[1:])
