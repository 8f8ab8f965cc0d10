"""Long calls of compiled functions that look neither for signals nor for anything else."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

LEAST_ROWS = 1 << 20
"""Of fewer a call is over before anybody minds, and a thread costs 0.1 ms."""

_SECONDS_BETWEEN_LOOKS = 0.05


def call_aside(
    rows: int, function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """``function(*args, **kwargs)``, for which Ctrl-C does not wait.

    Python sees to signals on the main thread, between two of its instructions.  So the call is made on a
    thread of its own while the main one waits.  After Ctrl-C it goes on unseen to its end, and what it gives
    is dropped: it must have no effect but its result.  A program that ends meanwhile waits for it, as
    libraries that are taken down beneath it would abort; a second Ctrl-C ends the waiting.

    Parameters
    ----------
    rows : int
        How many rows there are to work on.
    function : callable
        Lets go of the GIL while it works.
    """
    if rows < LEAST_ROWS or threading.current_thread() is not threading.main_thread():
        return function(*args, **kwargs)
    future: Future[Result] = Future()
    context = contextvars.copy_context()

    def work() -> None:
        try:
            future.set_result(context.run(function, *args, **kwargs))
        except BaseException as error:  # the caller's to see
            future.set_exception(error)

    threading.Thread(target=work, name="lazyframe aside").start()
    while not wait([future], _SECONDS_BETWEEN_LOOKS).done:
        pass  # whichever thread the system sent the signal to, this one now takes it
    return future.result()
