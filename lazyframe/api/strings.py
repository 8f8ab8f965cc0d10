"""``series.str`` and ``series.cat``, of large columns of strings and of categories ones that record."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas

from lazyframe.api.deferred import is_large, load
from lazyframe.api.wrap import WrappedAccessor


class WrappedStrings(WrappedAccessor):
    """The accessor ``str``, whose methods are recorded where the series is worth it."""

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        if owner is None or not is_large(owner):
            return super().__get__(owner, kind)
        dtype = owner.dtype
        objects = isinstance(dtype, np.dtype) and dtype.kind == "O"
        if isinstance(dtype, pandas.CategoricalDtype):
            dtype = dtype.categories.dtype
        if not (objects or _is_str(dtype)):
            return super().__get__(owner, kind)
        load()
        from lazyframe.api.recording_strings import holds_text, recording_accessor

        if objects and not holds_text(owner):
            return super().__get__(owner, kind)
        return recording_accessor(owner, self._theirs.__get__(None, kind))


class WrappedCategories(WrappedAccessor):
    """The accessor ``cat``, whose codes are recorded where the series is worth it."""

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        if owner is None or not is_large(owner) or not isinstance(owner.dtype, pandas.CategoricalDtype):
            return super().__get__(owner, kind)
        load()
        from lazyframe.api.recording_strings import recording_accessor

        return recording_accessor(owner, self._theirs.__get__(None, kind))


def _is_str(dtype: Any) -> bool:
    return (
        isinstance(dtype, pandas.StringDtype)
        and isinstance(dtype.na_value, float)
        and np.isnan(dtype.na_value)
    )
