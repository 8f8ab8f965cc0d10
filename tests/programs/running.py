"""Run one program in pandas and in lazyframe, and hold the outcomes together."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy
import pandas
import pytest

import lazyframe
import lazyframe.numpy
from lazyframe.api.array import LazyArray
from lazyframe.run import execute, morsels, streaming
from tests.programs.compare import NO_SCALE, Scale, same, scale_of
from tests.programs.endings import ENDINGS
from tests.programs.frames import Spec
from tests.programs.relational_steps import RELATIONAL
from tests.programs.steps import STEPS, Choice

Chain = Sequence[tuple[str, Choice]]
ALL_STEPS = {**STEPS, **RELATIONAL}


@contextmanager
def no_kernels() -> Iterator[None]:
    """Every loop runs in NumPy: what happens until there is a kernel."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execute, "kernel_for", lambda *loop: None)
        yield


@contextmanager
def morsels_of(rows: int) -> Iterator[None]:
    """Every loop takes its rows so many at once, and so does the decoding of files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(morsels, "MORSEL_ROWS", rows)
        patch.setattr(streaming, "LONGEST_MORSEL", rows)
        patch.setattr(streaming, "SMALL_COLUMN_BYTES", -1)
        yield


def outcome(call: Callable[[], Any]) -> Any:
    """What a call gives, or the type and text of what it raises."""
    try:
        return call()
    except Exception as error:
        return type(error), str(error)


def raised(result: Any) -> bool:
    """Whether an outcome is an exception."""
    return isinstance(result, tuple) and len(result) == 2 and isinstance(result[0], type)


def run(pd: Any, np: Any, frame: Any, chain: Chain, finale: Chain) -> tuple[list[Any], list[Any], list[Any]]:
    """Every frame on the way, every ending, and the frame that was given as it is afterwards."""
    frames: list[Any] = []
    df = frame
    for name, choice in chain:
        made = outcome(lambda name=name, choice=choice, df=df: ALL_STEPS[name](pd, np, df, choice))
        frames.append(made)
        if not raised(made):
            df = made
    ends = [outcome(lambda n=name, c=choice: ENDINGS[n][1](np, df, c)) for name, choice in finale]
    return frames, ends, [frame]


def in_pandas(frame: Any, chain: Chain, finale: Chain) -> tuple[list[Any], list[Any], list[Any]]:
    """A program's outcomes in pandas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return run(pandas, numpy, frame, chain, finale)


def in_lazyframe(
    frame: Any, chain: Chain, finale: Chain, min_rows: int = 0
) -> tuple[list[Any], list[Any], list[Any]]:
    """A program's outcomes in lazyframe, all that is lazy computed in one pass, as plain objects.

    What was recorded is computed under ``min_rows``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts = run(lazyframe, lazyframe.numpy, lazyframe.DataFrame(frame), chain, finale)
        everything = [result for part in parts for result in part]
        with lazyframe.config(min_rows=min_rows):
            lazyframe.collect(*everything, None)
        return tuple([[plain(result) for result in part] for part in parts])  # type: ignore[return-value]


def plain(result: Any) -> Any:
    """A result as pandas or NumPy would hold it."""
    if hasattr(result, "to_pandas"):
        return result.to_pandas()
    if isinstance(result, LazyArray):
        return numpy.asarray(result) if result.shape else numpy.asarray(result)[()]
    return result


def agree(spec: Spec, chain: Chain, finale: Chain = (), min_rows: int = 0, **settings: Any) -> None:
    """A program gives under lazyframe what it gives under pandas; see `in_lazyframe`."""
    frame = spec.make()
    frames, ends, [left] = in_pandas(frame.copy(), chain, finale)
    with lazyframe.config(min_rows=0, **settings):
        found = in_lazyframe(frame.copy(), chain, finale, min_rows)
    for (name, _), mine, theirs in zip(chain, found[0], frames, strict=True):
        agree_on(name, mine, theirs)
    kept = [f for f in frames if not raised(f)]
    scale = scale_of(kept[-1] if kept else frame)
    for (name, _), mine, theirs in zip(finale, found[1], ends, strict=True):
        agree_on(name, mine, theirs, ENDINGS[name][0], scale)
    agree_on("the frame that was given", found[2][0], left)


def agree_on(name: str, found: Any, wanted: Any, policy: str = "exact", scale: Scale = NO_SCALE) -> None:
    """Hold two outcomes together; a failure tells the operation's name."""
    try:
        if raised(wanted) or raised(found):
            assert raised(found), f"{found!r}, where pandas raised {wanted!r}"
            assert raised(wanted), f"raised {found!r}, where pandas gave {wanted!r}"
            assert found == wanted
        else:
            same(found, wanted, policy, scale)
    except AssertionError as error:
        error.add_note(f"in {name!r}")
        raise
