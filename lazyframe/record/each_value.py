"""What pandas makes of numbers and times one by one: asked of the distinct ones, where these are few."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas

from lazyframe.record.asking_pandas import at_rows
from lazyframe.record.computing import compute
from lazyframe.record.dictionaries import source_of
from lazyframe.record.distinct import distinct_group, first_of
from lazyframe.record.row_counts import count_of, has_rows
from lazyframe.record.string_rows import run_method
from lazyframe.record.text_objects import is_numbers
from lazyframe.run.bindings import bind_array, bind_opaque, bound_to
from lazyframe.run.zeros import may_hold_negative_zero
from passes.ir.values import Gather, GroupNumber, Read, Value

_SOME = 1 << 12

_ROWS_A_VALUE = 4
"""With so many rows for each distinct value, to find these costs less than to work on all rows."""


def astype_of_each(column: Value, wanted: Any) -> Value | None:
    """Numbers or times as text or as categories; None for other dtypes, and where pandas has to raise.

    Parameters
    ----------
    column : Value
        Of a dtype that kernels compute with.
    wanted : object
        The dtype, as users name it.
    """
    try:
        dtype: Any = pandas.api.types.pandas_dtype(wanted)
    except TypeError:
        return None
    is_text = isinstance(dtype, pandas.StringDtype) and dtype.na_value is not pandas.NA
    if not (is_text or isinstance(dtype, pandas.CategoricalDtype)):
        return None
    source = source_of(column)
    signed = is_text and column.dtype.kind == "f" and (source is None or may_hold_negative_zero(source))
    # to number what is in memory takes pandas as long as it takes to find the distinct values
    each_row = signed or (not is_text and isinstance(column, Read))
    return _of_each_value(column, lambda values: values.astype(wanted), each_row)


def _of_each_value(column: Value, method: Callable[[pandas.Series], Any], each_row: bool) -> Value | None:
    """What a method gives that treats each value by itself; None where it raises or warns.

    Its dtype, and how it writes values, may depend on which there are, not on how many or in which order.

    Parameters
    ----------
    column : Value
        Of a dtype that kernels compute with.
    method : callable
        Takes a series to one as long.
    each_row : bool
        Not to look for distinct values.
    """
    if column.rows is None or not has_rows(column.rows):
        return None
    group = None if each_row or not _repeats(column) else distinct_group([column])
    if group is not None and count_of(group) * _ROWS_A_VALUE <= count_of(column.rows):
        (values,) = compute([Gather(column, first_of(group))])
        answers = _answers(method, values)
        return None if answers is None else Gather(answers, GroupNumber(group))
    answers = _answers(method, compute([column])[0])
    return None if answers is None else at_rows(answers, column.rows)


def _answers(method: Callable[[pandas.Series], Any], values: np.ndarray) -> Value | None:
    found = run_method(method, values)
    if found is None:
        return None
    return bind_array(found, "answers") if is_numbers(found) else bind_opaque(found, "answers")


def _repeats(column: Value) -> bool:
    """Whether values of a column in memory seem to repeat; of others that is found out."""
    source = source_of(column)
    data = None if source is None else bound_to(source.token)
    if not isinstance(data, np.ndarray):
        return True
    some = data[:: max(len(data) // _SOME, 1)]
    return len(pandas.unique(some)) * 2 <= len(some) or len(data) <= _SOME
