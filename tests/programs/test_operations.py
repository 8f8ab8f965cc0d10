"""Every operation of the benchmarks' table, in kernels, over frames that break things."""

from __future__ import annotations

import warnings
from typing import Any

import numpy
import pandas
import pytest

import lazyframe
import lazyframe.numpy
from bench.operations import OPERATIONS, Operation, make_columns, make_frame
from tests.programs.compare import scale_of
from tests.programs.frames import INDEXES
from tests.programs.running import agree_on, outcome, plain

FORMS = {
    "empty": (0, "default"),
    "one row": (1, "range"),
    "duplicate labels": (40, "duplicates"),
    "text": (7, "text"),
    "days": (40, "days"),
    "levels": (40, "levels"),
}
EDGES = numpy.array([0.0, -0.0, numpy.nan, numpy.inf, -numpy.inf, 1.0, 1e10, -2.5])
ADDED = (
    "sum", "mean", "var", "std", "sem", "prod", "agg", "describe", "groupby", "two_keys", "dot", "rows",
    "whiten", "percentile", "cumsum",
)  # fmt: skip
EXACT_UFUNCS = (
    "floor", "ceil", "trunc", "rint", "isnan", "isfinite", "isinf", "sign", "signbit", "absolute", "negative",
    "square", "reciprocal", "sqrt", "add", "subtract", "multiply", "divide", "maximum", "minimum", "fmax",
    "fmin", "copysign", "less", "greater_equal", "equal", "not_equal", "floor_divide", "remainder",
)  # fmt: skip


def edge_frame(rows: int, index: str) -> pandas.DataFrame:
    """The table's frame with edges in its floats; ``p`` stays within (0, 1) and ``y`` without infinities."""
    columns = make_columns(rows, seed=rows + len(index))
    for name, edges in (("x", EDGES), ("f", EDGES), ("y", EDGES[[0, 1, 2, 5, 7]])):
        columns[name][::3] = numpy.resize(edges, len(columns[name][::3]))
    frame = make_frame(pandas, columns)
    frame.index = INDEXES[index](rows)
    return frame


def policy_of(name: str) -> str:
    """How the floats of an operation are compared."""
    if any(part in name for part in ADDED):
        return "sum"
    ufunc = name.removeprefix("np_")
    if name.startswith("scipy_"):
        return "sum"  # SciPy's own erfc is off by 100 ulp in its tail
    elementary = "power" in name or (ufunc != name and ufunc not in EXACT_UFUNCS)
    return "elementary" if elementary else "exact"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_gives_the_answer_of_pandas(operation: Operation) -> None:
    for rows, index in FORMS.values():
        frame = edge_frame(rows, index)
        with warnings.catch_warnings(), lazyframe.config(min_rows=0):
            warnings.simplefilter("ignore")
            wanted = outcome(lambda frame=frame: operation(pandas, numpy, frame.copy()))
            lazy = lazyframe.DataFrame(frame)
            found: Any = outcome(lambda lazy=lazy: plain(operation(lazyframe, lazyframe.numpy, lazy)))
        agree_on(f"{index}, {rows} rows", found, wanted, policy_of(operation.name), scale_of(frame))
