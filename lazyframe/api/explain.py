"""``lazyframe.explain``: how something is, or was, computed."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import pandas

from lazyframe.api.explain_report import Kernel, Materialized, Report, line_of, report
from lazyframe.api.explain_text import render
from lazyframe.record.fallbacks import Fallback, recent
from lazyframe.run import execute, profile
from lazyframe.run.at_once import short_steps
from lazyframe.run.filtered_at_once import is_short_filter
from lazyframe.run.preview import preview
from lazyframe.run.profile import AtOnce, Computation
from lazyframe.run.shifted_at_once import is_short_shift
from passes.ir.values import Value


class Explanation:
    """What `explain` found; it prints itself.

    Attributes
    ----------
    text : str
        What is printed.
    kernels : tuple
        One entry a kernel, with ``operations``, ``lines`` (the user's), ``source``, ``in_store`` and, when
        analysed, ``run``, ``rows``, ``seconds`` and ``gigabytes_per_second``.
    on_groups : tuple
        Loops over the rows of groups, which are few, so that NumPy runs them.
    materialized : tuple
        Arrays that are written to memory between kernels, with ``name`` and ``why``.
    not_fused : tuple of str
        Why there is more than one kernel.
    fallbacks : tuple
        What pandas or NumPy runs in place of a kernel, with ``operation``, ``reason`` and ``line``.
    """

    def __init__(self, found: Report | None, text: str, fallbacks: Sequence[Fallback] = ()) -> None:
        self.text = text
        self.kernels: tuple[Kernel, ...] = () if found is None else found.kernels
        self.on_groups: tuple[Kernel, ...] = () if found is None else found.on_groups
        self.materialized: tuple[Materialized, ...] = () if found is None else found.materialized
        self.not_fused: tuple[str, ...] = () if found is None else found.not_fused
        self.fallbacks: tuple[Fallback, ...] = tuple(fallbacks) if found is None else found.fallbacks

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text)}</pre>"


def explain(*lazy: Any, code: bool = False, analyze: bool = False) -> Explanation:
    """Say how frames, series and arrays will be computed, or were.

    Parameters
    ----------
    *lazy : DataFrame, Series or LazyArray
        Explained as one computation.  Without any, what this thread computed last is explained, such as a
        sum that a program has just returned.
    code : bool
        Add the generated source of each kernel, with the user's lines as comments.
    analyze : bool
        Run it, and add rows, seconds, bytes, compile time and what was decided from the data.  The results
        are dropped.  What is computed already is not run again: its plan has the times if it was measured,
        and says so if not.

    Returns
    -------
    Explanation
        Prints the recorded graph, what each pass did to it, the kernels, the arrays materialised between
        them, what was not fused, what the host runs, and why.

    Raises
    ------
    TypeError
        For anything that is not lazyframe's.
    ValueError
        When nothing has been computed in this thread and nothing is given.

    Examples
    --------
    >>> import lazyframe as pd
    >>> with pd.config(min_rows=0):
    ...     doubled = pd.Series([1.0, 2.0]) * 2
    ...     plan = pd.explain(doubled)
    >>> len(plan.kernels), len(plan.materialized)
    (1, 0)
    """
    if not lazy:
        return _last(code, analyze)
    values: list[Value] = []
    computed: list[Any] = []
    for item in lazy:
        pending = _pending(item)
        values.extend(pending or ())
        if pending is None:
            computed.append(item)
    if not values:
        return _computed(computed, code, analyze)
    values = list(dict.fromkeys(values))
    at_once = short_steps(values) or is_short_filter(values) or is_short_shift(values)
    head = _WOULD_RUN if at_once else ""
    if not analyze:
        return _explained(preview(values), head, code)
    with profile.profiling():
        execute.compute(values)
        found = profile.last_computation()
    assert found is not None
    return _explained(found, head, code)


_WOULD_RUN = """\
NumPy computes this at once, as it takes no longer than a program does to start; of more rows this would run

"""


def fallbacks() -> list[Fallback]:
    """What pandas ran in this process in place of recording, the last 256, oldest first."""
    return recent()


def _pending(item: Any) -> Sequence[Value] | None:
    """What has to be computed for an object; None if it is computed."""
    if hasattr(type(item), "pending"):
        pending: Sequence[Value] | None = item.pending
        return pending
    if not isinstance(item, (pandas.DataFrame, pandas.Series)) or not hasattr(type(item), "explain"):
        raise TypeError(
            f"explain() takes lazyframe's frames, series and arrays, not {type(item).__name__}; "
            "explain() without arguments explains what was computed last"
        )
    recorded = item.__dict__.get("_recorded")
    if recorded is None or "_mgr" in item.__dict__:
        return None
    needed: list[Value] = recorded.needed()
    return needed


def _computed(items: Sequence[Any], code: bool, analyze: bool) -> Explanation:
    states = [getattr(item, "__dict__", {}) for item in items]
    known = [state["_computed_by"] for state in states if "_computed_by" in state]
    head = "computed already"
    if known:
        return _explained(known[0], f"{head}; this is how{_unmeasured(known[0], analyze)}\n\n", code)
    noted = [found for item in items for found in getattr(item, "__dict__", {}).get("_fallbacks", ())]
    lines = [head, *[_source(item) for item in items], *[str(found) for found in noted]]
    lines += ["kernels: 0", "arrays materialised between kernels: 0"]
    return Explanation(None, "\n".join(lines), noted)


def _source(item: Any) -> str:
    return f"{type(item).__name__} of shape {tuple(item.shape)}, in memory"


def _last(code: bool, analyze: bool) -> Explanation:
    found = profile.last_computation()
    if found is None:
        raise ValueError("nothing has been computed in this thread: give explain() a frame, series or array")
    unmeasured = _unmeasured(found, analyze)
    return _explained(found, f"computed already{unmeasured}\n\n" if unmeasured else "", code)


def _unmeasured(computation: Computation | AtOnce, analyze: bool) -> str:
    """Say why there are no times, if they are asked for and there are none."""
    if not analyze or (isinstance(computation, Computation) and computation.runs is not None):
        return ""
    return (
        ", without times, as it ran unmeasured and is not run again: "
        "give explain(..., analyze=True) a frame, series or array before its values are used"
    )


def _explained(computation: Computation | AtOnce, head: str, code: bool) -> Explanation:
    if isinstance(computation, AtOnce):
        return Explanation(None, head + _at_once(computation), computation.provenance)
    found = report(computation)
    return Explanation(found, head + render(found, code=code))


def _at_once(computation: AtOnce) -> str:
    lines = ["at once, in NumPy, which takes no longer than a program does to start"]
    for operation, rows, origin in computation.steps:
        place = "" if origin is None else f"  ({line_of(origin)})"
        lines.append(f"  {operation}: {rows:,} row{'s' * (rows != 1)}{place}")
    return "\n".join([*lines, "", "kernels: 0", "arrays materialised between kernels: 0"])
