"""Run by `test_interrupt` in a process of its own: is interrupted while computing, then computes again."""

from __future__ import annotations

import signal
import sys
import threading
import time
from typing import Any

import numpy as np

import lazyframe
from lazyframe.codegen import compiler
from lazyframe.run import tiers
from lazyframe.run.bindings import bind_array
from lazyframe.run.execute import compute
from passes.ir.rows import Group, Product
from passes.ir.values import Aggregate, Fold, Map, Outer, Value

FLOAT = np.dtype(np.float64)


def distances(rows: int) -> list[Value]:
    """For each row, the sum over all others of something that takes a while."""
    x = bind_array(np.linspace(0.0, 1.0, rows))
    pairs = Product(x.rows, x.rows)
    difference = Map("subtract", (Outer(x, pairs, 0), Outer(x, pairs, 1)), FLOAT)
    return [Fold("sum", Map("exp", (difference,), FLOAT), 1, FLOAT)]


def expected(rows: int) -> np.ndarray:
    x = np.linspace(0.0, 1.0, rows)
    return np.exp(x[:, None] - x[None, :]).sum(axis=1)


def grouped(rows: int) -> list[Value]:
    """Sums of more groups than one thread's table should have, so that one task takes all rows."""
    keys = bind_array(np.arange(rows) * 1_000_003 % 4_000_000)
    group = Group(keys.rows, (keys,), True)
    x = Map("cast", (keys,), FLOAT)
    return [Aggregate("sum", Map("exp", (Map("sin", (x,), FLOAT),), FLOAT), group, FLOAT)]


def interrupted(values: list[Value]) -> None:
    """Compute until the parent's signal; say when it came through, and that nothing runs any more."""
    print("started", flush=True)
    try:
        compute(values)
    except KeyboardInterrupt:
        print(f"stopped {time.process_time()}", flush=True)
        begun = time.process_time()
        time.sleep(0.3)
        print(f"busy {time.process_time() - begun}", flush=True)
    else:
        print("finished before it was interrupted", flush=True)


def main(tier: str, threads: int) -> None:
    # a shell that starts the tests in the background has them ignore it
    signal.signal(signal.SIGINT, signal.default_int_handler)
    lazyframe.config(threads=threads, min_rows=0 if tier != "numpy" else 10**12)
    submit: Any = compiler._compiler.helper.submit
    asked: list[Any] = []
    if tier == "numpy":
        tiers.compiler = _NoCompiler()  # type: ignore[attr-defined]
    elif tier == "compiling":
        compiler._compiler.helper.submit = lambda *request: asked.append(request)  # type: ignore[assignment]
    else:
        compute(distances(10))
        compute(grouped(10))
    interrupted(grouped(50_000_000) if tier == "groups" else distances(300_000))
    for request in asked:
        submit(*request)
    compiler._compiler.helper.submit = submit  # type: ignore[method-assign]
    [result] = compute(distances(700))
    np.testing.assert_allclose(result, expected(700), rtol=1e-12)
    assert threading.active_count() < 20
    print("again", flush=True)


class _NoCompiler:
    def find(self, source: object) -> None:
        """Nothing is compiled."""

    at_hand = find


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
