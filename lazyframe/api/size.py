"""Which computed frames and series are so short that pandas is quickest."""

from __future__ import annotations

from typing import Any

from lazyframe import settings
from lazyframe.pandas_internals import holds_text, rows_of_manager

TEXT_SHARE = 0.5
"""Of the rows from which all else is recorded: to look at, take and sort text takes pandas several times as
long."""


def is_short(state: dict[str, Any]) -> bool:
    """Whether a frame or series, of which this is the ``__dict__``, is computed and not worth recording."""
    manager = state.get("_mgr")
    if manager is None:
        return False
    rows, least = rows_of_manager(manager), settings._current.min_rows
    return rows < least and (rows <= TEXT_SHARE * least or not holds_text(manager))


def is_long(state: dict[str, Any]) -> bool:
    """Whether it is worth recording whatever is in it; what is neither short nor long is so for its text."""
    manager = state.get("_mgr")
    return manager is None or rows_of_manager(manager) >= settings._current.min_rows
