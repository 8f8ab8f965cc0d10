"""Morsels of rows, taken by a pool of threads.

Where a morsel begins depends on the rows alone, and partial results are combined in the order of the morsels,
so that no result depends on how many threads there were or how they were scheduled.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count

MORSEL_ROWS = 65_536
"""Rows of one kernel call: long enough that a call's 2 us vanish, short enough for caches and for Ctrl-C."""

_pool: ThreadPoolExecutor | None = None
_pool_threads = 0
_lock = threading.Lock()


def _forget_pool() -> None:
    global _pool, _pool_threads
    _pool, _pool_threads = None, 0


os.register_at_fork(after_in_child=_forget_pool)


def _helpers(wanted: int) -> ThreadPoolExecutor:
    global _pool, _pool_threads
    with _lock:
        if _pool is None or _pool_threads < wanted:
            _pool = ThreadPoolExecutor(wanted, thread_name_prefix="lazyframe")
            _pool_threads = wanted
        return _pool


def run(tasks: int, task: Callable[[int], None], threads: int) -> None:
    """Call ``task(0) ... task(tasks - 1)``, each once, on up to ``threads`` threads with this one among them.

    Parameters
    ----------
    tasks : int
        How many.
    task : callable
        Takes the number of a morsel.  It must not touch what another morsel writes.
    threads : int
        At least 1.

    Raises
    ------
    BaseException
        The first that a task raised, or KeyboardInterrupt; no task runs any more by then.
    """
    numbers = count()
    stopped = threading.Event()

    def work() -> None:
        while not stopped.is_set():
            number = next(numbers)
            if number >= tasks:
                return
            task(number)

    if threads == 1 or tasks == 1:
        work()
        return
    helpers = _helpers(threads - 1)
    futures: list[Future[None]] = [helpers.submit(work) for _ in range(min(threads, tasks) - 1)]
    try:
        work()
        for future in futures:
            future.result()
    except BaseException:
        stopped.set()
        for future in futures:
            if not future.cancel():
                future.exception()
        raise
