"""Stubs of recording methods: all there, pandas' own on small data, replaced at the first large one."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pandas
import pytest

import lazyframe
from lazyframe.api import deferred
from lazyframe.api.recording_methods import FrameMethods, SeriesMethods, methods_of

OTHERS = {"__array_ufunc__", "__array_function__"}


def in_new_process(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("kind", "mixin", "more"),
    [
        ("DataFrame", FrameMethods, {"__setitem__", "columns", "eval", "query", *deferred.JOINING}),
        ("Series", SeriesMethods, set()),
    ],
)
def test_every_recorded_method_has_a_stub(kind: str, mixin: type, more: set[str]) -> None:
    stubs = {*deferred.PLAIN[kind], *deferred.WRAPPED[kind], *deferred.PROPERTIES, *OTHERS, *more}
    recorded = set(methods_of(mixin))
    for family, names in deferred.FAMILIES.items():
        mixins = importlib.import_module(f"lazyframe.api.{family}").MIXINS
        found = set(methods_of(mixins[kind])) if kind in mixins else set()
        # a stub loads the family that its name is listed for, and nothing else puts it there
        assert found <= set(names)
        assert not found & recorded
        recorded |= found
    assert stubs == recorded


def test_every_family_is_loaded_by_its_own_methods() -> None:
    program = """
import sys
import numpy as np
import lazyframe as pd
from lazyframe.api import deferred
with pd.config(min_rows=0):
    frame = pd.DataFrame({"a": [1.0, 2.0, None, 0.5], "k": [1, 2, 1, 1]})
    frame["a"] + frame["k"]
    print(sorted(f for f in deferred.FAMILIES if f"lazyframe.api.{f}" in sys.modules))
    calls = {
        "recording_correlation": lambda: frame.corr(),
        "recording_distinct": lambda: frame["k"].value_counts(),
        "recording_eval": lambda: frame.eval("a + k"),
        "recording_groupby": lambda: frame.groupby("k").sum(),
        "recording_melt": lambda: frame.melt(),
        "recording_picks": lambda: frame.filter(["a"]),
        "recording_quantiles": lambda: frame["a"].median(),
        "recording_sorts": lambda: frame.sort_values("a"),
        "recording_windows": lambda: frame["a"].cumsum(),
    }
    for family, call in calls.items():
        call()
        print(family, family in deferred._loaded_families)
"""
    lines = in_new_process(program).splitlines()
    assert lines == ["[]", *[f"{family} True" for family in sorted(deferred.FAMILIES)]]


def test_small_data_loads_nothing_that_records() -> None:
    program = """
import sys
import numpy as np
import lazyframe as pd
frame = pd.DataFrame({"a": [1.0, 2.0, None], "k": [1, 2, 1]})
frame["b"] = frame["a"] * 2 + np.sqrt(frame["k"])
frame[frame.a > 1].groupby("k").b.sum()
frame.eval("c = a + k").query("c > 1").loc[:, ["a"]].fillna(0).describe()
np.where(frame.a > 1, frame.a, 0.0)
frame.agg({"a": "sum"}), frame.k.value_counts(), frame.values, frame.iloc[1:]
print([name for name in sys.modules if name.startswith(("passes", "lazyframe.run", "numba", "llvmlite"))])
print({type(x).__module__ == "pandas" and x is not None for x in (frame, frame.a)})
"""
    assert in_new_process(program).splitlines()[0] == "[]"


def test_small_results_are_ours() -> None:
    program = """
import lazyframe as pd
frame = pd.DataFrame({"a": [1.0, 2.0], "k": [1, 2]})
results = [frame.describe(), frame.agg(["sum"]), frame.agg("sum"), frame.k.value_counts(), frame.a.describe(),
           frame.eval("a + k"), frame.query("a > 1"), frame.loc[:, "a"], frame.iloc[:1],
           frame.groupby("k").sum()]
print([type(x) is pd.DataFrame or type(x) is pd.Series for x in results])
"""
    assert set(in_new_process(program).strip("[]").split(", ")) == {"True"}


def test_the_first_large_call_records() -> None:
    program = """
import lazyframe as pd
with pd.config(min_rows=0):
    s = pd.Series([1.0, 2.0]) + 1
    print("_mgr" in s.__dict__, s.tolist())
    f = pd.DataFrame({"a": [1.0, 2.0]})
    f["b"] = f["a"] * 2
    print("_mgr" in f.__dict__)
    g = f.eval("a + b")
    print("_mgr" in g.__dict__, g.tolist())
"""
    assert in_new_process(program).splitlines() == ["False [2.0, 3.0]", "False", "False [3.0, 6.0]"]


def test_the_first_query_records_its_mask() -> None:
    program = """
import lazyframe as pd
with pd.config(min_rows=0):
    f = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
    def large():
        limit = 1.5
        return f.query("a > @limit and a < 3")
    g = large()
    print("_mgr" in g.__dict__, "bool" in g.explain().text.split("return")[0], g.a.tolist())
small = pd.DataFrame({"a": [1.0, 2.0]})
print(small.query("a > 1", inplace=True), small.a.tolist())
"""
    assert in_new_process(program).splitlines() == ["False False [2.0]", "None [2.0]"]


def test_eval_finds_local_variables_before_and_after_loading() -> None:
    program = """
import lazyframe as pd
frame = pd.DataFrame({"a": [1.0, 2.0]})
def small():
    limit = 1.5
    return frame.query("a > @limit").a.tolist()
print(small())
with pd.config(min_rows=0):
    def large():
        bound = 1.5
        return frame.query("a > @bound").a.tolist(), frame.eval("a + @bound").tolist()
    print(large())
print(small())
"""
    assert in_new_process(program).splitlines() == ["[2.0]", "([2.0], [2.5, 3.5])", "[2.0]"]


@pytest.mark.parametrize("min_rows", [0, 10**9])
def test_chained_assignment_is_warned_of(min_rows: int) -> None:
    with lazyframe.config(min_rows=min_rows):
        frame = lazyframe.DataFrame({"a": [1.0, None], "b": [1.0, 2.0]})
        with pytest.warns(pandas.errors.ChainedAssignmentError):
            frame["a"].fillna(0, inplace=True)
        with pytest.warns(pandas.errors.ChainedAssignmentError):
            frame["a"].replace(1.0, 5.0, inplace=True)
        with pytest.warns(pandas.errors.ChainedAssignmentError):
            frame[["a", "b"]]["a"] = 5.0
        kept = frame["a"]
        kept.fillna(0, inplace=True)
        frame["b"] = 3.0
        assert frame["b"].tolist() == [3.0, 3.0]
        assert kept.tolist() == [1.0, 0.0]


ARRAY_MEETINGS = (
    "s + x", "x + s", "s > x", "s.where(x > 0, x)", "s.isin(x)", "np.where(x > 1, s, x)", "np.maximum(s, x)",
    "np.maximum(x, s)", "f.assign(z=x)", "f * f", "f.add(x, axis=0)", "f[x > 2]", "s[x > 2]", "put(f, x)",
    "s.map(abs) + x.sum()", "f.groupby(x > 2).sum()", "pd.Series(x) * 2", "pd.DataFrame({'a': x, 'b': s})",
    "np.stack([s, x])", "s.fillna(x.mean())", "np.dot(s, x)", "f.join(pd.Series(x, name='j'))",
)  # fmt: skip


def test_small_frames_meet_short_lazy_arrays() -> None:
    """What short arrays of `lazyframe.numpy` and small frames give, where nothing else is recorded."""
    program = f"""
import os, sys
import numpy, pandas
import lazyframe, lazyframe.numpy

print([name for name in sys.modules if name.startswith(("lazyframe.run.", "lazyframe.codegen", "numba"))
       and name not in ("lazyframe.run.bindings", "lazyframe.run.late")])

def put(f, x):
    f = f.copy()
    f["z"] = x
    return f

def evaluate(text, pd, np):
    x = np.square(np.asarray(numpy.arange(2000.0) % 7))
    f = pd.DataFrame({{"a": numpy.arange(2000.0), "k": numpy.arange(2000) % 3}})
    return eval(text, {{"pd": pd, "np": np, "x": x, "f": f, "s": f["a"], "put": put}})

def same(text):
    found, wanted = evaluate(text, lazyframe, lazyframe.numpy), evaluate(text, pandas, numpy)
    if isinstance(wanted, pandas.DataFrame):
        pandas.testing.assert_frame_equal(found.to_pandas(), wanted)
    elif isinstance(wanted, pandas.Series):
        pandas.testing.assert_series_equal(found.to_pandas(), wanted)
    else:
        assert numpy.array_equal(numpy.asarray(found), wanted) and numpy.shape(found) == numpy.shape(wanted)

x = lazyframe.numpy.sqrt(lazyframe.numpy.asarray(numpy.arange(2000.0)))
f = lazyframe.DataFrame({{"a": numpy.arange(2000.0)}})
f["z"] = x
x[0], f.loc[1, "z"] = 5.0, 7.0
print(type(x).__name__, x[:2].tolist(), f["z"].tolist()[:2])
print("lazyframe.api.recording_methods" in sys.modules)

for text in {ARRAY_MEETINGS!r}:
    child = os.fork()
    if not child:
        try:
            same(text)
        except BaseException as error:
            print(text, type(error), error, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""
    assert in_new_process(program).splitlines() == ["[]", "LazyArray [5.0, 1.0] [0.0, 7.0]", "False"]
