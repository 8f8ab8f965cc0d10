"""Run a program in pandas and in lazyframe, and hold all that it returns together."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable
from typing import Any

import numpy
import pandas

import lazyframe
import lazyframe.numpy
from tests.programs.compare import Scale, same
from tests.programs.running import outcome
from tests.programs.running import plain as plain_object
from tests.programs.users.tables import Tables

Program = Callable[[Any, Any, Tables], Any]
SUMS = Scale({"the largest sum": 1e6})
"""Means and variances, and what follows from them, may differ in their last bits."""


def given(pd: Any, tables: Tables) -> Tables:
    """Copies of the tables, as frames of a library."""
    frames = {f.name: getattr(tables, f.name) for f in dataclasses.fields(Tables)}
    return Tables(**{name: pd.DataFrame(frame.copy()) for name, frame in frames.items()})


def plain(result: Any) -> Any:
    """What a program returns, as pandas and NumPy hold it."""
    if isinstance(result, (list, tuple)):
        return [plain(part) for part in result]
    if isinstance(result, dict):
        return {key: plain(part) for key, part in result.items()}
    return plain_object(result)


def run(pd: Any, np: Any, program: Program, tables: Tables) -> Any:
    """What a program returns, or the type and text of what it raises; and what it leaves of its tables."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mine = given(pd, tables)
        found = outcome(lambda: plain(program(pd, np, mine)))
        return [found, [plain_object(getattr(mine, f.name)) for f in dataclasses.fields(Tables)]]


def hold(program: Program, tables: Tables) -> None:
    """A program gives under lazyframe what it gives under pandas, and leaves its tables so."""
    wanted = run(pandas, numpy, program, tables)
    hold_results(run(lazyframe, lazyframe.numpy, program, tables), wanted, program.__name__)


def hold_results(found: Any, wanted: Any, place: str) -> None:
    """Hold nested lists and dicts together, part by part."""
    if isinstance(wanted, (list, tuple, dict)):
        assert type(found) is type(wanted), f"{place}: {found!r}, not {wanted!r}"
        assert len(found) == len(wanted), f"{place}: {found!r}, not {wanted!r}"
        keys = wanted if isinstance(wanted, dict) else range(len(wanted))
        assert not isinstance(wanted, dict) or list(found) == list(wanted), place
        for key in keys:
            hold_results(found[key], wanted[key], f"{place}, {key!r}")
        return
    try:
        same(found, wanted, "sum", SUMS)
    except AssertionError as error:
        error.add_note(f"in {place}")
        raise
