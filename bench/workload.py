"""What a workload is: a program over pandas and NumPy, its data, and the same work in each peer's API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

Data = Mapping[str, np.ndarray]
Results = Mapping[str, Any]
Run = Callable[[], Any]
# A peer is given data and a number of threads, converts its inputs (untimed) and returns the timed work.
Peer = Callable[[Data, int], Run]


def load_arrays(pd: ModuleType, np: ModuleType, data: Data) -> dict[str, Any]:
    """Hand the columns to the array namespace `np`: the arrays themselves, or lazy ones."""
    return {name: np.asarray(column) for name, column in data.items()}


def load_frame(pd: ModuleType, np: ModuleType, data: Data) -> Any:
    """Hand the columns to the frame namespace `pd` as one frame with a default index."""
    return pd.DataFrame(dict(data))


@dataclass(frozen=True)
class Workload:
    """
    One benchmark, and one test.

    Attributes
    ----------
    name
        Name on the command line; also the name of the module under `bench/workloads`.
    title
        One line for people.
    baseline
        What runs the program unchanged today: ``"numpy"`` or ``"pandas"``. A label only.
    default_rows
        Rows of the published comparison.
    make
        ``make(rows, seed)`` gives seeded, non-constant columns, each of shape (rows,) unless said.
    program
        ``program(pd, np, inputs)`` gives named results. It may not change `inputs`.
    load
        ``load(pd, np, data)`` gives the program's inputs. Never timed.
    peers
        The same work by each peer, by contender name.
    left_out
        Peers that cannot do the work in their own API, with the reason.
    notes
        Peers whose version needs a word of explanation.
    lazy_part
        Of a program that ends in a scalar, the lazy value just before it, for `explain`.
    reads
        Names of the columns that the work must read; all of them unless said. Counts the bytes of bandwidth.
    rtol, atol
        Tolerance of floats against pandas: summation order and elementary functions within a few ulp.
    one_kernel
        Whether the plan must be one kernel with no array materialised between kernels.
    """

    name: str
    title: str
    baseline: str
    make: Callable[[int, int], Data]
    program: Callable[[ModuleType, ModuleType, Any], Results]
    load: Callable[[ModuleType, ModuleType, Data], Any]
    peers: Mapping[str, Peer]
    default_rows: int = 10_000_000
    left_out: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    lazy_part: Callable[[ModuleType, ModuleType, Any], Any] | None = None
    reads: tuple[str, ...] = ()
    rtol: float = 1e-9
    atol: float = 1e-9
    one_kernel: bool = False

    def input_bytes(self, data: Data) -> int:
        """Bytes of the columns that the work must read once."""
        return sum(data[name].nbytes for name in (self.reads or data))

    def check(self, result: Any, expected: Any) -> None:
        """Raise `bench.compare.ResultsDifferError` unless `result` has the names and values of `expected`."""
        from bench.compare import same_results

        same_results(result, expected, rtol=self.rtol, atol=self.atol)
