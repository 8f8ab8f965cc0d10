"""Random programs of merges, concats, lookups, sorts and groups give what pandas gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lazyframe
from lazyframe.run import outputs
from passes.pipeline import OPTIONAL
from tests.brief import examples
from tests.joins.frames import POOLS, outcome
from tests.programs.compare import same
from tests.programs.running import no_kernels, plain

KINDS = tuple(kind for kind in POOLS if kind not in ("object", "single"))
HOW = ("inner", "left", "right", "outer", "left_anti", "right_anti")
Step = Callable[[Any, Any, Any, int], Any]


@st.composite
def sides(draw: st.DrawFn) -> tuple[pandas.DataFrame, pandas.DataFrame]:
    """Two frames with two keys of one kind each, some of them distinct, sorted or all the same."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=2, max_size=2))
    made = []
    for name in ("left", "right"):
        rows = draw(st.sampled_from([0, 1, 2, 5, 9]))
        random = np.random.default_rng(draw(st.integers(0, 5)))
        columns: dict[str, Any] = {}
        for number, kind in enumerate(kinds):
            pool = POOLS[kind]
            picks = random.integers(0, len(pool), rows)
            match draw(st.integers(0, 4)):
                case 0:
                    picks = np.sort(picks)
                case 1:
                    picks[:] = picks[:1]
                case 2 if rows <= len(pool):
                    picks = random.permutation(len(pool))[:rows]
            columns[f"k{number}"] = pool[picks]
        columns[name] = random.integers(0, 9, rows).astype(np.int16)
        columns["n"] = random.integers(-3, 3, rows)
        columns["s"] = pandas.array(random.choice(np.array(["p", "q", None], object), rows), dtype="str")
        made.append(pandas.DataFrame(columns))
    return made[0], made[1]


def _key(df: Any, number: int) -> str:
    return ("k0", "k1", "s")[number % 3]


def _merged(pd: Any, df: Any, other: Any, number: int) -> Any:
    how = HOW[number % len(HOW)]
    options = {"validate": ("m:m", "m:1", None)[number % 3], "sort": number % 5 == 0}
    merged = df.merge(other, on=_key(df, number), how=how, suffixes=("", f"_{number}"), **options)
    return merged.head(40)


def _indicated(pd: Any, df: Any, other: Any, number: int) -> Any:
    how = HOW[number % 4]
    merged = df.merge(other, on=_key(df, number), how=how, suffixes=("", "_i"), indicator=True)
    return merged[merged["_merge"] != "both"].drop(columns="_merge").head(40)


STEPS: dict[str, Step] = {
    "merge": _merged,
    "merge again": _merged,
    "indicator": _indicated,
    "join": lambda pd, df, other, n: df.join(
        other.groupby(_key(df, n)).agg(most=("n", "max"), rows=("n", "size")).add_suffix(f"_{n}"),
        on=_key(df, n),
    ),
    "labels": lambda pd, df, other, n: df.join(other[["n"]].rename(columns={"n": f"n{n}"}), how=HOW[n % 4]),
    "map": lambda pd, df, other, n: df.assign(
        mapped=df[_key(df, n)].map(other.drop_duplicates(_key(df, n)).set_index(_key(df, n))["n"])
    ),
    "isin": lambda pd, df, other, n: df[df[_key(df, n)].isin(other[_key(df, n)]) == bool(n % 2)],
    "concat": lambda pd, df, other, n: pd.concat([df, other, df][: 2 + n % 2], ignore_index=n % 3 > 0).head(
        60
    ),
    "filter": lambda pd, df, other, n: df[df["n"] > n % 4 - 2],
    "missing": lambda pd, df, other, n: df[df[_key(df, n)].notna()],
    "sort": lambda pd, df, other, n: df.sort_values([_key(df, n), "n"], ascending=n % 2 == 0, kind="stable"),
    "distinct": lambda pd, df, other, n: df.drop_duplicates(_key(df, n)),
    "rank": lambda pd, df, other, n: df.assign(rank=df["n"].rank(method=("min", "dense", "first")[n % 3])),
    "reset": lambda pd, df, other, n: df.reset_index(drop=True),
    "group": lambda pd, df, other, n: (
        df.groupby("n", as_index=False)[[_key(df, n)]].count().assign(k0=lambda d: d["n"], k1=1, s="p")
        if n % 7 == 0
        else df
    ),
}
PROGRAMS = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 29)), min_size=1, max_size=5)


def run(pd: Any, left: Any, right: Any, steps: Any) -> list[Any]:
    """What each step gives; one that raises is passed over."""
    df, found = left, []
    for name, number in steps:
        made = outcome(lambda name=name, number=number, df=df: STEPS[name](pd, df, right, number))
        found.append(made)
        df = df if isinstance(made, tuple) else made
    found.append(outcome(lambda: df.groupby("n")["n"].agg(["size", "sum"])))
    return found


def agree(frames: Any, steps: Any) -> None:
    """Every step's frame is pandas', whether it is computed first or last."""
    wanted = run(pandas, *[frame.copy() for frame in frames], steps)
    given_ = [lazyframe.DataFrame(frame) for frame in frames]
    found = run(lazyframe, *given_, steps)
    for mine, theirs in list(zip(found, wanted, strict=True))[::-1]:
        same(plain(mine), theirs)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=examples(40))
@given(sides(), PROGRAMS, st.sets(st.sampled_from(OPTIONAL)), st.sampled_from([1, 2, 100]))
def test_interpreted(frames: Any, steps: Any, disabled: Any, rows_of_a_morsel: int) -> None:
    with no_kernels(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(outputs, "morsel_rows", lambda rows: rows_of_a_morsel)
        with lazyframe.config(disable=sorted(disabled)):
            agree(frames, steps)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=examples(4))
@given(sides(), PROGRAMS, st.sampled_from([1, 3]))
def test_in_kernels(frames: Any, steps: Any, threads: int) -> None:
    with lazyframe.config(threads=threads):
        agree(frames, steps[:2])
