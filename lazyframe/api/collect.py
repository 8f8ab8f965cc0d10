"""``lazyframe.collect``: several lazy objects computed in one pass."""

from __future__ import annotations

from typing import Any

import numpy
import pandas

from lazyframe.api.array import LazyArray
from lazyframe.record.computing import Given, compute
from passes.ir.values import Value

_ndarray = numpy.ndarray
_FRAMES = (pandas.DataFrame, pandas.Series)


def collect(*lazy: Any) -> Any:
    """Compute several frames, series and arrays at once, work that they share done once.

    Parameters
    ----------
    *lazy : DataFrame, Series or LazyArray
        What is computed already, and anything else, is returned as it is.

    Returns
    -------
    object or tuple
        The same objects, now computed: one for one argument, else a tuple in their order.

    Examples
    --------
    >>> import lazyframe as pd
    >>> with pd.config(min_rows=0):
    ...     s = pd.Series([1.0, 2.0])
    ...     up, down = pd.collect(s + 1, s - 1)
    >>> up.tolist(), down.tolist()
    ([2.0, 3.0], [0.0, 1.0])
    """
    pending: list[tuple[Any, Any, list[Value]]] = []
    for item in lazy:
        if type(item) is _ndarray:
            continue
        if type(item) is LazyArray:
            columns = item.pending
            if columns is not None:
                pending.append((item, None, list(columns)))
        elif isinstance(item, _FRAMES) and "_mgr" not in item.__dict__:
            from lazyframe.record.table import Column, Table

            recorded = item.__dict__["_recorded"]
            if isinstance(recorded, (Table, Column)):
                pending.append((item, recorded, recorded.needed()))
    if not pending:
        return lazy[0] if len(lazy) == 1 else lazy
    wanted = list(dict.fromkeys(value for _, _, values in pending for value in values))
    in_frames = all(recorded is not None for _, recorded, _ in pending)
    found = dict(zip(wanted, compute(wanted, lent=in_frames), strict=True))
    given = Given()
    for item, recorded, values in pending:
        _fill(item, recorded, [found[value] for value in values], given)
    return lazy[0] if len(lazy) == 1 else lazy


def _fill(item: Any, recorded: Any, results: list[Any], given: Given) -> None:
    if recorded is None:
        item.fulfil([given.take(result) for result in results])
        return
    state = item.__dict__
    if state.get("_recorded") is recorded:
        state.setdefault("_mgr", recorded.manager_of(results, given))
        state.pop("_recorded", None)
