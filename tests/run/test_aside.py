"""Calls that Ctrl-C need not wait for."""

from __future__ import annotations

import signal
import threading
import time
from functools import partial
from typing import Any

import numpy as np
import pyarrow
import pytest

from lazyframe.run import encode
from lazyframe.run.aside import LEAST_ROWS, call_aside


def test_gives_what_the_function_gives() -> None:
    for rows in (0, LEAST_ROWS):
        assert call_aside(rows, divmod, 7, 2) == (3, 1)
        with pytest.raises(ZeroDivisionError, match="modulo"):
            call_aside(rows, divmod, 7, 0)


def test_settings_of_numpy_hold_aside() -> None:
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        call_aside(LEAST_ROWS, np.divide, np.ones(1), np.zeros(1))


def _number_text(_: object) -> None:
    encode.encode(pyarrow.chunked_array([pyarrow.nulls(LEAST_ROWS, pyarrow.large_string())]), 1)


@pytest.mark.parametrize("call", [partial(call_aside, LEAST_ROWS), _number_text])
def test_an_interrupt_does_not_wait_for_the_end(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, ended = threading.Event(), threading.Event()

    def work(*_: Any) -> None:
        signal.raise_signal(signal.SIGINT)
        go_on.wait(60)
        ended.set()

    monkeypatch.setattr(encode, "_encoded_parts", work)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            call(work)
    finally:
        signal.signal(signal.SIGINT, before)
    assert not ended.is_set()
    go_on.set()
    assert ended.wait(60)
    deadline = time.monotonic() + 60
    while any(thread.name == "lazyframe aside" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
