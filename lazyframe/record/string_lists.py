"""The lists that ``split`` gives: not made before somebody wants more of them than one item of each."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas

from lazyframe.pandas_internals import Manager, manager_of, series_from_manager
from lazyframe.record.string_rows import Method
from lazyframe.record.table import Column
from passes.ir.values import Value


class Lists:
    """A series of lists of strings that is recorded: what a lazy series asks of `Recorded`.

    Parameters
    ----------
    column : Column
        Of the strings.
    method : callable
        Makes lists of a series of strings.
    key : hashable
        Names the method and its arguments.
    """

    __slots__ = ("__weakref__", "column", "key", "method")

    def __init__(self, column: Column, method: Method, key: Hashable) -> None:
        self.column = column
        self.method = method
        self.key = key

    @property
    def columns(self) -> None:
        return None

    @property
    def index(self) -> pandas.Index | None:
        """That of the strings."""
        return self.column.index

    @property
    def length(self) -> int | None:
        """That of the strings."""
        return self.column.length

    @property
    def index_holds_strings(self) -> bool | None:
        """As of the strings."""
        return self.column.index_holds_strings

    @property
    def dtypes(self) -> Sequence[Any]:
        """Lists are Python objects."""
        return [np.dtype(object)]

    @property
    def name(self) -> Hashable:
        """That of the strings."""
        return self.column.name

    def needed(self) -> list[Value]:
        """What has to be computed before pandas makes the lists."""
        return self.column.needed()

    def manager(self) -> Manager:
        """Compute the strings, and have pandas make lists of them."""
        made = self.method(series_from_manager(pandas.Series, self.column.manager()))
        return manager_of(made)
