"""Morsels of rows, taken by a pool of threads.

Where a morsel begins depends on the rows alone, and partial results are combined in the order of the morsels,
so that no result depends on how many threads there were or how they were scheduled.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from queue import SimpleQueue
from typing import Any

from lazyframe.codegen.emit_reductions import BLOCK_ROWS
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
    return min(MORSEL_ROWS, -(-each // BLOCK_ROWS) * BLOCK_ROWS)


_NOBODY, _HELPER = "nobody", "helper"


class _Request:
    """What a helper is asked to do, until one has begun or it is withdrawn.

    `concurrent.futures` does the same, in a tenth of a millisecond: as long as a kernel takes for a morsel.
    """

    __slots__ = ("_by", "_ended", "_work", "ended", "error")

    def __init__(self, work: Callable[[], None]) -> None:
        self._work: Callable[[], None] | None = work
        self._by: dict[None, str] = {}
        self._ended = threading.Lock()
        self._ended.acquire()
        self.ended = False
        self.error: BaseException | None = None

    def serve(self) -> None:
        """Do it, in a helper's thread, unless that is not needed any more."""
        work = self._work
        if self._by.setdefault(None, _HELPER) is not _HELPER or work is None:
            return
        try:
            work()
        except BaseException as error:
            self.error = error
        finally:
            self._work = None
            self.ended = True
            self._ended.release()

    def withdraw(self) -> bool:
        """Whether no helper has begun, and none will: one step, however often Ctrl-C makes it two."""
        if self._by.setdefault(None, _NOBODY) is not _NOBODY:
            return False
        self._work = None
        return True

    def wait(self) -> None:
        """Return when the helper that has begun is done."""
        if not self.ended:
            self._ended.acquire()


_requests: SimpleQueue[_Request] = SimpleQueue()
_helpers = 0
_lock = threading.Lock()


def _forget_helpers() -> None:
    global _requests, _helpers, _lock
    _requests, _helpers, _lock = SimpleQueue(), 0, threading.Lock()


os.register_at_fork(after_in_child=_forget_helpers)


def _start_helpers(wanted: int) -> None:
    """Have at least so many threads that serve what is requested, as long as this process lives."""
    global _helpers
    with _lock:
        while _helpers < wanted:
            name = f"lazyframe_{_helpers}"
            threading.Thread(target=_serve, args=(_requests,), name=name, daemon=True).start()
            _helpers += 1


def _serve(requests: SimpleQueue[_Request]) -> None:
    while True:
        requests.get().serve()


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

    requests: list[_Request] = []
    try:
        if _helpers < threads - 1:
            _start_helpers(threads - 1)
        for _ in range(min(threads, len(tasks)) - 1):
            requests.append(_Request(work))
            _requests.put(requests[-1])
        work(progress)
        for request in requests:
            if not request.withdraw():  # on a busy machine a helper may not have begun, and need not any more
                request.wait()
                if request.error is not None:
                    raise request.error
    except BaseException:
        stopped.set()
        _see_off(requests)
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


def _see_off(requests: Sequence[_Request]) -> None:
    """Wait until none of ``requests`` is worked on, however often the user presses Ctrl-C meanwhile."""
    for request in requests:
        while not (request.withdraw() or request.ended):
            with suppress(KeyboardInterrupt):
                request.wait()
