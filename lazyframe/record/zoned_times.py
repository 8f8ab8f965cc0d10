"""Times that know their zone: pandas holds them as points in time, which kernels compare as any others."""

from __future__ import annotations

import datetime
from typing import Any
from weakref import ReferenceType, WeakKeyDictionary, ref

import numpy as np
import pandas

from lazyframe.record.dictionaries import follow, source_of
from lazyframe.run.bindings import bind_array, bound_to, data_of, dtype_of_input
from lazyframe.run.late import LateColumn, MadeSource
from passes.ir.values import OPAQUE, Read, Value


class ZonedSource(MadeSource):
    """Where times that know their zone come from that are made of points in time.

    Parameters
    ----------
    points : Value
        datetime64 in UTC.
    """

    points: Value


_points: WeakKeyDictionary[Read, ReferenceType[Read]] = WeakKeyDictionary()


def zone_dtype_of(column: Value) -> pandas.DatetimeTZDtype | None:
    """The dtype of a column whose times know their zone; None for any other column."""
    source = source_of(column) if column.dtype == OPAQUE else None
    dtype = None if source is None else dtype_of_input(source.token)
    return dtype if isinstance(dtype, pandas.DatetimeTZDtype) else None


def points_of(column: Value) -> Value:
    """Times that know their zone as datetime64 in UTC; any other column as it is."""
    source = None if zone_dtype_of(column) is None else source_of(column)
    if source is None:
        return column
    bound = bound_to(source.token)
    made = isinstance(bound, LateColumn) and isinstance(bound.source, ZonedSource)
    return follow(column, source, bound.source.points if made else _bound(source))


def _bound(source: Read) -> Read:
    known = _points.get(source)
    found = None if known is None else known()
    if found is None:
        array = np.asarray(data_of(source.token).tz_convert(None))
        # the token keeps alive what protects the memory from being written to
        found = bind_array(array, "times", owner=source.token)
        _points[source] = ref(found)
    return found


def point_in(value: Any, dtype: pandas.DatetimeTZDtype) -> Any:
    """A scalar that times of ``dtype`` are compared with, in UTC; None where pandas has to judge it."""
    if not isinstance(value, (str, datetime.datetime)):
        return None
    try:
        # asked for no zone at all pandas refuses times of Python's that have one
        zone: dict[str, Any] = {"tz": dtype.tz} if isinstance(value, str) else {}
        point: Any = pandas.Timestamp(value, **zone)
        if point is pandas.NaT or point.tz is None:
            return None
        return point.tz_convert(None)
    except (ValueError, OverflowError, TypeError):
        return None
