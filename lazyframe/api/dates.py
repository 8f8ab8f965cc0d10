"""``series.dt``, of large columns of times one that records."""

from __future__ import annotations

from typing import Any

from lazyframe.api.deferred import is_large, load
from lazyframe.api.wrap import WrappedAccessor


class WrappedDates(WrappedAccessor):
    """The accessor ``dt``, whose parts are recorded where the series is worth it."""

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        accessor = super().__get__(owner, kind)
        if owner is not None and is_large(owner) and getattr(owner.dtype, "kind", "") in ("m", "M"):
            load()
            from lazyframe.api.recording_dates import recording

            made: Any = type(accessor)
            accessor.__class__ = recording(made)
        return accessor
