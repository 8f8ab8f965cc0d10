"""A few programs in kernels, each over many data sets: one compilation serves them all."""

from __future__ import annotations

import pytest

import lazyframe
from passes.pipeline import OPTIONAL
from tests.programs.compare import same
from tests.programs.frames import INDEXES, Spec
from tests.programs.running import Chain, agree, in_lazyframe, morsels_of, no_kernels, raised
from tests.programs.steps import Choice

A, B, C = Choice(0, 1, 2.5), Choice(1, 2, 1), Choice(2, 0, -0.0)
FLOATS = ("float64", "float64", "float64", "int64", "bool", "str")
MIXED = ("float32", "int64", "float64", "uint8", "bool", "category")
DATES = ("datetime64[ns]", "int32", "timedelta64[ns]", "float64", "bool")

PROGRAMS: dict[str, tuple[tuple[str, ...], Chain, Chain]] = {
    "row-wise": (
        FLOATS,
        [("add", A), ("where", B), ("multiply scalar", A), ("np sqrt", C), ("fillna", A)],
        [("sum: frame sum", A), ("extreme: frame min", A), ("exact: frame count", A)],
    ),
    "filtered": (
        FLOATS,
        [("divide", A), ("filter", Choice(0, 1, 0)), ("square", B), ("filter missing", C), ("np arange", B)],
        [("sum: mean", B), ("spread: var", B), ("exact: idxmax", Choice(3, 0, 0))],
    ),
    "grouped": (
        ("int8", "float64", "int64", "bool"),
        [("filter two", Choice(1, 2, 0)), ("clip", Choice(1, 0, 0))],
        [("sum: group sum", A), ("spread: group var", A), ("exact: group first", Choice(3, 0, 0))],
    ),
    "grouped by category": (
        MIXED,
        [("loc assign", Choice(2, 0, 1)), ("dropna", A)],
        [("sum: group mean", Choice(3, 0, 0)), ("exact: group size", Choice(3, 0, 0))],
    ),
    "mixed dtypes": (
        MIXED,
        [("add", A), ("floor divide", B), ("modulo scalar", Choice(3, 1, 7)), ("iloc", A), ("isin", C)],
        [("exact: np stack", A), ("sum: frame mean", A)],
    ),
    "dates": (
        DATES,
        [("filter missing", A), ("fillna", B), ("max of all", Choice(3, 1, 0)), ("head but", A)],
        [("extreme: max", A), ("exact: value counts", B)],
    ),
    "sliced": (
        FLOATS,
        [("iloc reversed", A), ("subtract", B), ("filter", Choice(1, 0, 1)), ("tail", A), ("np reversed", C)],
        [("exact: np matrix", A), ("exact: np outer", A)],
    ),
}
SPECS = [
    (rows, index, seed)
    for rows in (0, 1, 2, 40)
    for index in sorted(INDEXES)
    for seed in (0, 1)
    if rows > 2 or seed
]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_gives_the_answer_of_pandas(name: str) -> None:
    dtypes, chain, finale = PROGRAMS[name]
    for rows, index, seed in SPECS:
        agree(Spec(dtypes, rows, index, seed, missing=bool(seed)), chain, finale)


@pytest.mark.parametrize("name", ["filtered", "grouped"])
def test_with_each_pass_off_a_program_gives_the_answer_of_pandas(name: str) -> None:
    dtypes, chain, finale = PROGRAMS[name]
    for number, disabled in enumerate(OPTIONAL):
        with no_kernels():
            agree(Spec(dtypes, 40, "days", number), chain, finale, disable=[disabled])
    agree(Spec(dtypes, 40, "days", 7), chain, finale, disable=OPTIONAL)


@pytest.mark.parametrize("rows_at_once", [1, 3])
@pytest.mark.parametrize("name", PROGRAMS)
def test_in_morsels_of_few_rows_a_program_gives_the_answer_of_pandas(name: str, rows_at_once: int) -> None:
    dtypes, chain, finale = PROGRAMS[name]
    with morsels_of(rows_at_once):
        for rows, threads in ((1, 1), (2, 3), (40, 1), (40, 3)):
            agree(Spec(dtypes, rows, "days", rows + threads), chain, finale, threads=threads)


@pytest.mark.parametrize("tier", ["kernels", "numpy"])
@pytest.mark.parametrize("name", ["row-wise", "filtered", "grouped"])
def test_any_number_of_threads_gives_the_same_bits(name: str, tier: str) -> None:
    dtypes, chain, finale = PROGRAMS[name]
    frame = Spec(dtypes, 20_001, "default", 3).make()
    found = []
    for threads in (1, 3):
        with morsels_of(4096), lazyframe.config(threads=threads, min_rows=0):
            if tier == "numpy":
                with no_kernels():
                    found.append(in_lazyframe(frame, chain, finale))
            else:
                found.append(in_lazyframe(frame, chain, finale))
    for one, three in zip(found[0], found[1], strict=True):
        for mine, theirs in zip(one, three, strict=True):
            assert not raised(mine), mine
            same(mine, theirs)
