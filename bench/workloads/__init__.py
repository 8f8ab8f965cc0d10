"""The workloads by name and by suite; each module is imported when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Iterable

from bench.workload import Workload

SUITES: dict[str, tuple[str, ...]] = {
    "weld": (
        "black_scholes",
        "haversine",
        "crime_index",
        "nyc_filter",
        "n_body",
        "logistic_regression",
        "flight_delays",
        "data_cleaning",
        "birth_analysis",
        "movie_lens",
    ),
    "tpch": ("tpch_q6", "tpch_q1"),
}
NAMES: tuple[str, ...] = tuple(name for names in SUITES.values() for name in names)


class UnknownWorkloadError(LookupError):
    """A name that is neither a workload nor a suite."""


def load(name: str) -> Workload:
    """Import the workload of this name."""
    if name not in NAMES:
        raise UnknownWorkloadError(f"unknown workload {name!r}; choose from {', '.join(NAMES)}")
    workload: Workload = importlib.import_module(f"bench.workloads.{name}").WORKLOAD
    return workload


def select(names: Iterable[str]) -> tuple[str, ...]:
    """
    Expand names of workloads and suites, in the order given, each once; no name means every workload.

    Raises
    ------
    UnknownWorkloadError
        Naming the choices.
    """
    chosen: dict[str, None] = {}
    for name in names:
        if name not in SUITES and name not in NAMES:
            choices = f"workloads {', '.join(NAMES)}; suites {', '.join(SUITES)}"
            raise UnknownWorkloadError(f"unknown workload {name!r}; choose from: {choices}")
        chosen.update(dict.fromkeys(SUITES.get(name, (name,))))
    return tuple(chosen) or NAMES
