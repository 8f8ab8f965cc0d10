"""Labels of columns as values of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.record.elementwise import INT64
from lazyframe.record.string_entries import bind_dictionary
from lazyframe.run.bindings import bind_array
from passes.ir.values import Gather, Value


def are_plain(labels: pandas.Index) -> bool:
    dtype: Any = labels.dtype
    return isinstance(dtype, pandas.StringDtype) or dtype == np.int64


def labelled(labels: pandas.Index, places: Value) -> Value:
    """For each row the label at a place, of labels that are plain."""
    if labels.dtype == INT64:
        return Gather(bind_array(labels.to_numpy().copy(), "columns"), places)
    return Gather(bind_dictionary(labels.array), places)
