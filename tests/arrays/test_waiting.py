"""Columns of arrays that are made when they are needed are those that NumPy computes."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lazyframe.numpy as lnp
from lazyframe.api.array import LazyArray
from tests.arrays.compare import agree, lazily, outcome, plain, same

EDGES = np.array([0.0, -0.0, 1.0, np.nan, np.inf, -np.inf, -2.5, 3.0])
TABLES = {
    "floats": np.stack([EDGES, EDGES[::-1]], axis=1),
    "integers": np.arange(12).reshape(4, 3),
    "bytes": np.arange(6, dtype=np.uint8).reshape(3, 2),
    "float32": np.arange(6, dtype=np.float32).reshape(3, 2) - 2,
    "booleans": np.array([[True, False], [False, False]]),
    "one row": np.array([[1.0, 2.0, 3.0]]),
    "one column": np.array([[1.0], [2.0], [3.0]]),
    "no rows": np.empty((0, 2)),
}
PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "whiten": lambda a: (a - a.mean(axis=0)) / a.std(axis=0),
    "centre rows": lambda a: a - a.mean(axis=1)[:, None],
    "centre rows, keeping": lambda a: a - a.mean(axis=1, keepdims=True),
    "by a row": lambda a: a * a.sum(axis=0),
    "by itself": lambda a: a + a,
    "by numbers": lambda a: 2 * a + 0.5,
    "by a large number": lambda a: a + 300,
    "transposed": lambda a: a.T * 2,
    "compared": lambda a: a > a.min(axis=0),
    "clipped": lambda a: np.clip(a, -1, 2),
    "chosen": lambda a: np.where(a > 1, a, 0),
    "selected": lambda a: np.select([a > 1, a > 0], [a, 1], -1),
    "product": lambda a: a @ np.ones(a.shape[1]),
    "product of tables": lambda a: a @ np.ones((a.shape[1], 2)),
    "product over rows": lambda a: a.T @ a,
    "product from the left": lambda a: np.ones(a.shape[0]) @ a,
    "product of other lengths": lambda a: a @ np.ones(a.shape[1] + 1),
    "outer": lambda a: a[:, 0][:, None] - a[:, 1][None, :],
    "outer by few": lambda a: a[:, 0][:, None] * np.array([1.0, 2.0, 3.0]),
    "extremes": lambda a: a.max(axis=0) - a.min(axis=0),
    "totals": lambda a: (a.sum(), a.prod(axis=1), a.var(axis=0), a.any(axis=0)),
    "power": lambda a: a**2,
    "quotients": lambda a: a // a.sum(axis=0),
}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("table", TABLES)
def test_programs(name: str, table: str) -> None:
    for _ in range(2):  # what is known the second time waits
        found, wanted = outcome(PROGRAMS[name], lazily(TABLES[table])), outcome(PROGRAMS[name], TABLES[table])
        same(found, wanted, ulps=8)


def test_of_filtered_rows_whose_number_gets_known() -> None:
    table = TABLES["integers"]

    def program(a: Any) -> Any:
        kept = a[a[:, 0] > 6]  # one row
        later = kept * kept.sum(axis=0)
        assert len(kept) == 1
        return later + kept

    agree(program, table)


def test_a_long_chain() -> None:
    def program(a: Any) -> Any:
        for _ in range(500):
            a = a * 0.5 + 1.0
        return a

    agree(program, TABLES["floats"])


def test_the_array_may_change_afterwards() -> None:
    def program(a: Any) -> Any:
        a = a.copy()
        later = a * a.sum(axis=0)
        a[:, 0] = 7
        return later

    agree(program, TABLES["integers"])


def test_the_line_is_the_users() -> None:
    a = lazily(TABLES["floats"])
    made = a * a.mean(axis=0)
    line = sys._getframe().f_lineno - 1
    assert type(made) is LazyArray
    pending = made.pending
    assert pending is not None
    for column in pending:
        assert column.origin is not None
        assert (column.origin.filename, column.origin.line) == (__file__, line)


def test_threads_make_the_same_columns() -> None:
    for _ in range(20):
        made = lazily(TABLES["floats"]) * 2.0 + 1.0
        found: list[Any] = []
        threads = [threading.Thread(target=lambda: found.append(made.pending)) for _ in range(4)]  # noqa: B023
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(one == found[0] for one in found)


def test_what_numpy_refuses_is_refused_at_once() -> None:
    a = lazily(TABLES["bytes"])
    with pytest.raises(OverflowError):
        a + 300
    with pytest.raises(TypeError):
        lazily(TABLES["booleans"]) - lazily(TABLES["booleans"])
    with pytest.raises(ValueError, match="broadcast"):
        plain(lazily(TABLES["integers"]) + lnp.asarray(np.arange(2)))
