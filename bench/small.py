"""What small data costs: jobs of a measuring process for `python -m bench overhead`."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy
import pandas

from bench import contenders, measure, operations, workloads
from bench.jobs import ROOT
from bench.operations import Operation

# One sample repeats its operation until it takes this long, so that the clock's own cost vanishes.
SAMPLE_S = 1e-3
CHAIN_LENGTH = 1000
CHAIN_ROUNDS = 5
RECORDING_ROWS = 1000
RECORDING_ROUNDS, RECORDING_REPEATS = 12, 50
Job = Mapping[str, Any]


def _namespaces(name: str) -> tuple[Any, Any, Callable[..., Any]]:
    """`pd`, `np` and what computes results in full."""
    if name == contenders.BASELINE:
        return importlib.import_module("pandas"), importlib.import_module("numpy"), lambda *values: values
    lazyframe = importlib.import_module("lazyframe")
    return lazyframe, importlib.import_module("lazyframe.numpy"), lazyframe.collect


def _selected(job: Job) -> list[Operation]:
    return [operation for operation in operations.OPERATIONS if job["operations"] in operation.name]


def _program(side: str, operation: Operation, columns: Any, chained: bool) -> Callable[[], Any]:
    """Bind one operation, alone or after the prefix, to a frame of its own."""
    pd, np, finish = _namespaces(side)
    frame = operations.make_frame(pd, columns)
    if chained:
        return lambda: finish(operation(pd, np, operations.prefix(frame)))
    return lambda: finish(operation(pd, np, frame))


def operations_job(job: Job) -> dict[str, Any]:
    """
    Seconds of each operation in pandas and in lazyframe.

    With `cold` set, of its first call in this process; else the best of samples that alternate the two: on
    calls of microseconds, whatever else the machine does only ever adds.
    """
    columns = operations.make_columns(job["rows"], job["seed"])
    sides = (contenders.BASELINE, contenders.SUBJECT)
    _namespaces(contenders.SUBJECT)
    found: dict[str, Any] = {}
    for place, operation in enumerate(_selected(job)):
        # Whoever is first pays for what both import: `turn` changes from process to process.
        order = sides if (place + job["turn"]) % 2 else sides[::-1]
        try:
            programs = {side: _program(side, operation, columns, job["chained"]) for side in order}
            found[operation.name] = _first(programs) if job["cold"] else _repeated(programs, job["rounds"])
        except Exception as error:
            found[operation.name] = {"error": f"{type(error).__name__}: {error}"}
    return {"operations": found}


def _first(programs: Mapping[str, Callable[[], Any]]) -> dict[str, float]:
    return {side: measure.elapsed(program) for side, program in programs.items()}


def _repeated(programs: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    repeats = {side: _repeats(program) for side, program in programs.items()}
    samples: dict[str, list[float]] = {side: [] for side in programs}
    for _ in range(rounds):
        for side, program in programs.items():
            samples[side].append(_per_call(program, repeats[side]))
    return {side: min(values) for side, values in samples.items()}


def _repeats(program: Callable[[], Any]) -> int:
    for _ in range(2):
        once_s = _per_call(program, 1)
    return max(1, min(1000, int(SAMPLE_S / once_s)))


def _per_call(program: Callable[[], Any], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        program()
    return (time.perf_counter() - start) / repeats


def recording_job(job: Job) -> dict[str, Any]:
    """
    Seconds to record each operation; those whose answer is computed at once are left out.

    The best of rounds over all operations: while something else runs, a neighbour of the virtual machine for
    instance, all samples that are taken one behind the other are longer.
    """
    import lazyframe

    pd, np, _ = _namespaces(contenders.SUBJECT)
    columns = operations.make_columns(RECORDING_ROWS, job["seed"])
    found: dict[str, Any] = {}
    programs: dict[str, tuple[Callable[[], Any], int]] = {}
    with lazyframe.config(min_rows=0):
        frame = operations.make_frame(pd, columns)
        for operation in _selected(job):
            try:
                program = _recording(operation, pd, np, frame)
                if program is not None:
                    programs[operation.name] = program, _calls(program)
            except Exception as error:
                found[operation.name] = {"error": f"{type(error).__name__}: {error}"}
        for _ in range(RECORDING_ROUNDS):
            for name, (program, calls) in programs.items():
                seconds = _per_call(program, RECORDING_REPEATS) / calls
                found[name] = min(seconds, found.get(name, seconds))
    return {"operations": found}


class _Recorded:
    """A frame whose columns, and lists of columns, were asked for before: what remains is the operation."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self._parts: dict[Any, Any] = {}
        self._whole = frame[list(frame.columns)]

    def __getitem__(self, key: Any) -> Any:
        name = tuple(key) if type(key) is list else key
        if type(name) not in (str, tuple):
            return self._frame[key]
        if name not in self._parts:
            self._parts[name] = self._frame[key]
        return self._parts[name]

    def copy(self) -> Any:
        """A copy of the recorded frame: what pandas takes to copy values is not recording."""
        return self._whole.copy()

    def __len__(self) -> int:
        return len(self._frame)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._frame, name)


def _recording(operation: Operation, pd: Any, np: Any, frame: Any) -> Callable[[], Any] | None:
    """What records a statement; None where its answer is computed."""
    selecting = operation.name in ("column", "columns")
    given = frame if selecting else _Recorded(frame)
    answer = operation(pd, np, given)
    if isinstance(answer, (int, float, numpy.generic)) or not _is_pending(answer):
        return None
    return lambda: operation(pd, np, given)


def _is_pending(answer: Any) -> bool:
    if isinstance(answer, (pandas.DataFrame, pandas.Series)):
        return "_mgr" not in vars(answer)
    return getattr(answer, "pending", None) is not None


def _calls(program: Callable[[], Any]) -> int:
    """How many methods and functions of lazyframe a statement calls."""
    found = []

    def watch(frame: Any, event: str, argument: Any) -> None:
        asking = None if frame.f_back is None else frame.f_back.f_code
        if event != "call" or asking is None:
            return
        if asking.co_filename != operations.__file__ and asking is not _Recorded.__getitem__.__code__:
            return
        code = frame.f_code
        if "lazyframe" in code.co_filename.removeprefix(str(ROOT)) and code.co_name not in _NO_OPERATION:
            found.append(code.co_name)

    sys.setprofile(watch)
    try:
        program()
    finally:
        sys.setprofile(None)
    return max(len(found), 1)


_NO_OPERATION = frozenset({"__getattr__", "__len__", "get"})
"""Functions that are looked up or looked into on the way: modules' attributes, and properties."""


def chain_job(job: Job) -> dict[str, Any]:
    """Seconds to record 1,000 chained assignments, and to optimise them: the best of a few rounds."""
    rounds = [_chain(job) for _ in range(CHAIN_ROUNDS)]
    return min(rounds, key=lambda seconds: seconds["record_s"] + seconds["optimise_s"])


def _chain(job: Job) -> dict[str, float]:
    import lazyframe
    from lazyframe.run.anonymous import request
    from passes.pipeline import optimise

    columns = operations.make_columns(RECORDING_ROWS, job["seed"])
    with lazyframe.config(min_rows=0):
        frame = operations.make_frame(lazyframe, columns)[["x", "y"]]
        start = time.perf_counter()
        for _ in range(CHAIN_LENGTH):
            frame["x"] = frame["x"] * 0.5 + frame["y"]
        recorded = time.perf_counter()
        optimise(request(vars(frame)["_recorded"].needed()).shape.values)
        optimised = time.perf_counter()
    return {"record_s": recorded - start, "optimise_s": optimised - recorded}


def fresh_job(job: Job) -> dict[str, Any]:
    """
    Seconds of the first Black-Scholes result in this process, its libraries imported before.

    What is timed is the program alone, and what computes its results: settings are made before, as each line
    that runs for the first time takes microseconds, and a program at its defaults has none.
    """
    import scipy.special  # noqa: F401  (the program of either side imports it: not what is measured)

    pd, np, finish = _namespaces(job["contender"])
    if job["min_rows"] is not None:
        pd.config(min_rows=job["min_rows"])
    workload = workloads.load("black_scholes")
    data = workload.make(job["rows"], job["seed"])
    start = time.perf_counter()
    finish(*workload.program(pd, np, workload.load(pd, np, data)).values())
    return {"first_s": time.perf_counter() - start, "numba_imported": "numba" in sys.modules}
