"""Who competes: the program under pandas and NumPy, under lazyframe, and each peer's version of the work."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.workload import Data, Results, Run, Workload

BASELINE = "pandas"
SUBJECT = "lazyframe"
PEERS = ("numexpr", "polars", "duckdb", "numba_loop")
WITHOUT = SUBJECT + " without "


class UnknownContenderError(LookupError):
    """A name that is no contender's."""


@dataclass(frozen=True)
class Contender:
    """
    One side of a comparison.

    Attributes
    ----------
    name
        As in tables.
    start
        ``start(workload, data, threads)`` converts the inputs, untimed, and returns the work to time.
        Its results are computed in full.
    compiles
        Whether a first run compiles something that later runs, and later processes, need not.
    """

    name: str
    start: Callable[[Workload, Data, int], Run]
    compiles: bool = False


def plain(value: Any) -> Any:
    """Turn a lazy or computed value into what pandas or NumPy would have returned."""
    kind = type(value)  # asked in place of the value: a lazy array looks up what it does not have itself
    if kind is np.ndarray:
        return value
    if hasattr(kind, "to_pandas"):
        return value.to_pandas()
    if hasattr(kind, "index") or not hasattr(kind, "__array__"):
        return value
    # A lazy scalar says that it is an instance of NumPy's: indexing makes it one.
    return np.asarray(value)[()]


def eager(results: Results) -> Results:
    """Results of pandas and NumPy are computed already."""
    return results


def collected(results: Results) -> Results:
    """Compute lazy results together, and hand them over as plain pandas and NumPy objects."""
    import lazyframe

    values = lazyframe.collect(*results.values())
    if len(results) == 1 and not isinstance(values, (tuple, list)):
        values = (values,)
    return {name: plain(value) for name, value in zip(results, values, strict=True)}


def library(
    name: str,
    modules: tuple[str, str],
    finish: Callable[[Results], Results],
    settings: Mapping[str, Any] | None = None,
) -> Contender:
    """
    Make a contender of the workloads' own programs.

    Parameters
    ----------
    name
        As in tables.
    modules
        What the program is given as `pd` and `np`.
    finish
        Computes the program's results in full.
    settings
        Passed to ``config`` of the first module, together with the number of threads; None if it has none.
    """

    def start(workload: Workload, data: Data, threads: int) -> Run:
        pd, np = (importlib.import_module(module) for module in modules)
        inputs = workload.load(pd, np, data)
        if settings is None:
            return lambda: finish(workload.program(pd, np, inputs))

        def run() -> Results:
            with pd.config(threads=threads, **settings):
                return finish(workload.program(pd, np, inputs))

        return run

    return Contender(name, start, compiles=settings is not None)


def lazyframe_with(name: str, **settings: Any) -> Contender:
    """Make a contender of lazyframe under these settings of `lazyframe.config`."""
    return library(name, ("lazyframe", "lazyframe.numpy"), collected, settings)


def peer(name: str) -> Contender:
    """Make a contender of a peer's own version of each workload."""

    def start(workload: Workload, data: Data, threads: int) -> Run:
        return workload.peers[name](data, threads)

    return Contender(name, start, compiles=name == "numba_loop")


CONTENDERS: Mapping[str, Contender] = {
    BASELINE: library(BASELINE, ("pandas", "numpy"), eager),
    SUBJECT: lazyframe_with(SUBJECT),
    **{name: peer(name) for name in PEERS},
}


def contender(name: str, **settings: Any) -> Contender:
    """
    Find a contender by name, with further settings when it is lazyframe.

    ``"lazyframe without X"`` is lazyframe with the optional pass X off.
    """
    if name.startswith(WITHOUT):
        return lazyframe_with(name, disable=[name.removeprefix(WITHOUT)], **settings)
    if name == SUBJECT and settings:
        return lazyframe_with(SUBJECT, **settings)
    if name not in CONTENDERS:
        raise UnknownContenderError(f"unknown contender {name!r}; choose from {', '.join(CONTENDERS)}")
    return CONTENDERS[name]


def able(workload: Workload, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the contenders that have a version of the workload, in order."""
    return tuple(name for name in names if name not in PEERS or name in workload.peers)


def chosen_peers(text: str) -> tuple[str, ...]:
    """
    Read ``all``, ``none`` or a comma-separated list of peers.

    Raises
    ------
    UnknownContenderError
        Naming the choices.
    """
    if text in ("all", "none"):
        return PEERS if text == "all" else ()
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in PEERS:
            raise UnknownContenderError(f"unknown peer {name!r}; choose all, none or from {', '.join(PEERS)}")
    return names
