"""``median`` and ``quantile``: of columns that are computed without their labels.

Who asks for the usual ones of numbers gets them of the few values that decide; pandas answers the rest, and
says for one row what an answer looks like and what is wrong with the arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.api.recording import column_of, overriding, table_of
from lazyframe.api.recording_reductions import numeric_columns, reduce_across
from lazyframe.api.size import is_short
from lazyframe.api.wrap import wrap
from lazyframe.pandas_internals import SINCE_3_1, blame_caller
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.computing import compute
from lazyframe.record.quantiles import has_quantiles, is_long_enough, medians_of, quantiles_of_each
from lazyframe.record.rowwise import MOST_COMPARED
from lazyframe.record.table import Table
from passes.ir.values import OPAQUE

DataFrame: Any = pandas.DataFrame
Series: Any = pandas.Series


def _of_series(name: str) -> Callable[..., Any]:
    @blame_caller
    def record(self: Any, *args: Any, **kwargs: Any) -> Any:
        if _is_for_pandas(self):
            return NotImplemented
        column = column_of(self)
        if column is None or column.value.dtype == OPAQUE:
            return NotImplemented
        (values,) = compute([column.value])
        if has_quantiles(values.dtype, len(values)) and _is_usual(name, args, kwargs):
            example = getattr(Series(values[:1], name=self._name), name)(*args, **kwargs)
            (found,) = _found(name, [values], *args, **kwargs)
            if found is not None and isinstance(example, pandas.Series):
                return wrap(Series(found, index=example.index, name=example.name, copy=False))
            if found is not None:
                return found[0]
        # the same method, of a series that pandas makes: whatever it says of its arguments it says here
        return wrap(getattr(Series(values, name=self._name, copy=False), name)(*args, **kwargs))

    return record


def _of_frame(name: str) -> Callable[..., Any]:
    @blame_caller
    def record(self: Any, *args: Any, axis: Any = 0, numeric_only: Any = False, **kwargs: Any) -> Any:
        if axis in (1, "columns") and name == "median" and not args:
            short = is_short(self.__dict__)
            return NotImplemented if short else _median_across(self, numeric_only, **kwargs)
        if name == "quantile" and len(args) == 1 and "q" not in kwargs:
            (q,) = args
            args, kwargs = (), {"q": q, **kwargs}
        if args or axis not in (0, "index") or type(numeric_only) is not bool or _is_for_pandas(self):
            return NotImplemented
        table = table_of(self)
        positions = None if table is None else _numeric(table, numeric_only)
        if table is None or not positions:
            return NotImplemented
        arrays = compute([table.value(position) for position in positions])
        frame = DataFrame(dict(enumerate(arrays)), copy=False)
        frame.columns = ColumnLabels(table.current_columns().index()).take(positions).index()
        usual = _is_usual(name, args, kwargs) and all(has_quantiles(a.dtype, len(a)) for a in arrays)
        if usual and (name == "median" or not any(a.dtype == np.float32 for a in arrays)):
            example = getattr(frame.head(1), name)(**kwargs)
            found = _found(name, arrays, **kwargs)
            if all(column is not None for column in found):
                return wrap(_as_example(example, np.array(found)))
        return wrap(getattr(frame, name)(**kwargs))

    return record


def _median_across(self: Any, numeric_only: Any, skipna: Any = True, **others: Any) -> Any:
    if others or type(numeric_only) is not bool or type(skipna) is not bool:
        return NotImplemented
    table = table_of(self)
    positions = None if table is None else numeric_columns(table, numeric_only)
    if table is None or not positions or len(positions) > MOST_COMPARED:
        return NotImplemented
    dtypes = [table.value(position).dtype for position in positions]
    if not SINCE_3_1 and not skipna and np.result_type(*dtypes) == np.float32:
        return NotImplemented  # float64 where something is missing in the first row
    return reduce_across(table, "median", positions, {"skipna": skipna})


def _is_for_pandas(source: Any) -> bool:
    """Whether a frame or series is computed and short."""
    manager = source.__dict__.get("_mgr")
    return manager is not None and not is_long_enough(len(manager.axes[-1]))


def _is_usual(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether arguments ask for nothing but the median, or for quantiles interpolated linearly."""
    if name == "median":
        return not args and all(key == "skipna" and value is True for key, value in kwargs.items())
    return len(args) <= 1 and set(kwargs) <= {"q"}


def _found(name: str, columns: Sequence[np.ndarray], q: Any = 0.5, **_: Any) -> list[np.ndarray | None]:
    """Of each column its median or quantiles, one-dimensional; None where all is missing."""
    if name == "quantile":
        shares = np.atleast_1d(np.asarray(q, np.float64))
        return quantiles_of_each(columns, shares)
    return [None if median is None else np.array([median]) for median in medians_of(columns)]


def _as_example(example: Any, found: np.ndarray) -> Any:
    """A frame or series like that of one row, of what was found of each column."""
    if isinstance(example, pandas.Series):
        return Series(found[:, 0], index=example.index, name=example.name, dtype=example.dtype)
    return DataFrame(found.T, index=example.index, columns=example.columns, copy=False)


def _numeric(table: Table, numeric_only: bool) -> list[int] | None:
    """The positions of the columns of numbers; None if there are others and pandas has to look at them."""
    values = table.values()
    found = [position for position, value in enumerate(values) if value.dtype.kind in "iuf"]
    rest = [table.dtypes[position] for position in range(len(table)) if position not in found]
    if numeric_only:
        return found if all(isinstance(dtype, pandas.StringDtype) for dtype in rest) else None
    return None if rest else found


class QuantilesOfSeries:
    """Mixin of the series."""

    median = overriding(Series.median, _of_series("median"), even_short=True)
    quantile = overriding(Series.quantile, _of_series("quantile"), even_short=True)


class QuantilesOfFrame:
    """Mixin of the frame."""

    median = overriding(DataFrame.median, _of_frame("median"), even_short=True)
    quantile = overriding(DataFrame.quantile, _of_frame("quantile"), even_short=True)


MIXINS = {"DataFrame": QuantilesOfFrame, "Series": QuantilesOfSeries}
