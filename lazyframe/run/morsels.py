"""Morsels of rows, taken by a pool of threads.

Where a morsel begins depends on the rows alone, and partial results are combined in the order of the morsels,
so that no result depends on how many threads there were or how they were scheduled.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from itertools import count
from typing import Any

from lazyframe.run.progress import Progress

LEAST_MORSEL_ROWS = 65_536
MORSEL_ROWS = 262_144
"""Rows of one kernel call, at least and at most: long enough that what Python does for a call, up to 40 us
where many columns are appended behind a filter, is little beside it; short enough for every thread to have
its share, for caches and for Ctrl-C."""


def morsel_rows(rows: int) -> int:
    """Rows of a morsel, by how many rows there are: about 32 morsels, within the limits, of whole blocks.

    Their number is even, of many divisible by 4 or 8: threads that take as many each end together.
    """
    share = min(MORSEL_ROWS, max(LEAST_MORSEL_ROWS, -(-rows // 32)))
    count = -(-rows // share)
    if count < 2:
        return share
    divisor = 2 if count <= 8 else 4 if count <= 16 else 8
    each = -(-rows // (-(-count // divisor) * divisor))
    return min(MORSEL_ROWS, -(-each // 1024) * 1024)


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


def run(
    tasks: Sequence[range],
    work_on: Callable[[int], None],
    threads: int,
    progress: Progress | None = None,
    is_enough: Callable[[], bool] | None = None,
) -> None:
    """Call ``work_on`` once with each number of ``tasks``, on up to ``threads`` threads, this one among them.

    Parameters
    ----------
    tasks : sequence of range
        Numbers of morsels; those of one task run one after another, in order.
    work_on : callable
        Takes the number of a morsel.  It must not touch what another task's morsels write.
    threads : int
        At least 1.
    progress : Progress, optional
        Told how far this is.
    is_enough : callable, optional
        Asked before a task is begun: whether those begun suffice, and none of the others is wanted.

    Raises
    ------
    BaseException
        The first that a task raised, or KeyboardInterrupt; no task runs any more by then.
    """
    if progress is not None and tasks:
        progress.expect(tasks[-1].stop)
    if threads == 1 or len(tasks) == 1:
        _run_alone(tasks, work_on, progress, is_enough)
        return
    numbers = count()
    stopped = threading.Event()

    def work(told: Progress | None = None) -> None:
        while not (is_enough is not None and is_enough()) and (number := next(numbers)) < len(tasks):
            for morsel in tasks[number]:
                if stopped.is_set():
                    return
                work_on(morsel)
                if told is not None:
                    told.reached(morsel + 1)

    futures: list[Future[None]] = []
    try:
        helpers = _helpers(threads - 1)
        for _ in range(min(threads, len(tasks)) - 1):
            futures.append(helpers.submit(work))
        work(progress)
        for future in futures:
            if not future.cancel():  # on a busy machine a helper may not have begun, and need not any more
                future.result()
    except BaseException:
        stopped.set()
        _see_off(futures)
        raise


def on_threads(work: Callable[[Any], Any], items: Sequence[Any], threads: int) -> list[Any]:
    """What ``work`` gives of each of some items, in their order; as `run`."""
    found: list[Any] = [None] * len(items)

    def one(k: int) -> None:
        found[k] = work(items[k])

    run([range(k, k + 1) for k in range(len(items))], one, threads)
    return found


def _run_alone(
    tasks: Sequence[range],
    work_on: Callable[[int], None],
    progress: Progress | None,
    is_enough: Callable[[], bool] | None,
) -> None:
    for task in tasks:
        if is_enough is not None and is_enough():
            return
        for morsel in task:
            work_on(morsel)
            if progress is not None:
                progress.reached(morsel + 1)


def _see_off(futures: Sequence[Future[None]]) -> None:
    """Wait until none of ``futures`` runs, however often the user presses Ctrl-C meanwhile."""
    for future in futures:
        while not (future.cancel() or future.done()):
            with suppress(KeyboardInterrupt):
                wait([future])
