"""Stand-ins for parts of a group's rows: chosen, first or last ones, windows, modes, distinct values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lazyframe.record import groupby_rows
from lazyframe.record.elementwise import (
    BOOL,
    FLOAT64,
    INT64,
    cast,
    literal,
    select,
)
from lazyframe.record.groupby_modes import first_of_most_frequent, least_of_most_frequent
from lazyframe.record.groupby_traced import DTYPES, Number, Rows
from lazyframe.record.groupby_ways import Untraceable
from passes.ir.type_rules import ROLLING
from passes.ir.values import Gather


@dataclass(frozen=True, slots=True)
class Sized:
    """What has a length, and of which no more is known."""

    _count: Any

    def length(self) -> Any:
        """How many there are."""
        return self._count

    @property
    def size(self) -> Any:
        """The same."""
        return self._count

    @property
    def shape(self) -> tuple[Any]:
        """The same."""
        return (self._count,)


class Chosen:
    """The rows of a group where a mask is true: ``series[mask]``."""

    __slots__ = ("mask", "rows")

    def __init__(self, rows: Any, mask: Any) -> None:
        if not isinstance(mask, Rows) or mask.value.dtype != BOOL:
            raise Untraceable
        self.rows = rows
        self.mask = mask

    def __bool__(self) -> bool:
        raise Untraceable

    def __iter__(self) -> Any:
        raise Untraceable

    def __getattr__(self, name: str) -> Any:
        if name not in ("mean", "min", "max", "median", "nunique", "count", "sum", "std", "var"):
            raise Untraceable
        return lambda *args, **kwargs: getattr(self._held(name), name)(*args, **kwargs)

    def quantile(self, q: Any = 0.5) -> Number:
        """``series[mask].quantile(q)``."""
        found: Number = self._held("quantile").quantile(q)
        return found

    def _held(self, name: str) -> Any:
        """The column with nothing to be seen where the mask is not true."""
        rows, mask = self.rows, self.mask.value
        exact = rows.exact and self.mask.exact
        if rows.value.dtype == FLOAT64:
            filler = literal(np.nan, FLOAT64)
        elif rows.value.dtype == INT64 and name == "sum":
            filler = literal(0, INT64)
        elif rows.value.dtype == INT64 and name == "mean":
            widened = select(mask, cast(rows.value, FLOAT64), literal(np.nan, FLOAT64))
            return type(rows)(rows.by, widened, rows.borders, exact)
        else:
            raise Untraceable
        return type(rows)(rows.by, select(mask, rows.value, filler), rows.borders, exact)

    def length(self) -> Number:
        """How many there are."""
        return self.mask.reduced("sum")

    @property
    def size(self) -> Number:
        """``series[mask].size``."""
        return self.length()

    @property
    def shape(self) -> tuple[Number]:
        """``series[mask].shape``."""
        return (self.length(),)


@dataclass(frozen=True, slots=True)
class Window:
    """``series.rolling(rows)``, or ``series.expanding()``, of a group's rows."""

    _of: Any
    _operation: Callable[[str], str]

    def __getattr__(self, name: str) -> Any:
        if name not in ROLLING:
            raise Untraceable
        rows = self._of
        return lambda: rows.of_rows(groupby_rows.rolled(rows._groups(), rows.value, self._operation(name)))


@dataclass(frozen=True, slots=True)
class Mode:
    """``series.mode()``: the least of the values that most rows of a group have comes first."""

    _of: Rows

    @property
    def iloc(self) -> Mode:
        """``series.mode().iloc``."""
        return self

    @property
    def values(self) -> Mode:
        """``series.mode().values``, of numbers."""
        if self._of.value.dtype not in DTYPES:
            raise Untraceable
        return self

    def __getitem__(self, place: Any) -> Number:
        if type(place) is not int or place != 0 or not self._of.exact:
            raise Untraceable
        rows = self._of
        known = rows.value.dtype != np.uint64 and least_of_most_frequent(rows.by, rows.value)
        if not known:
            raise Untraceable
        least, none = known
        rows.borders.append(none)  # there is no first of nothing
        return Number(self._of.by, least, self._of.borders, exact=True)


@dataclass(frozen=True, slots=True)
class Counts:
    """``series.value_counts()``: the first to appear of the values that most rows of a group have."""

    _of: Rows

    @property
    def index(self) -> Counts:
        """``series.value_counts().index``."""
        return self

    def idxmax(self) -> Number:
        """``series.value_counts().idxmax()``."""
        return self[0]

    def __getitem__(self, place: Any) -> Number:
        rows = self._of
        if type(place) is not int or place != 0 or not rows.exact or rows.value.dtype.kind == "M":
            raise Untraceable
        known = rows.value.dtype != np.uint64 and first_of_most_frequent(rows.by, rows.value)
        if not known:
            raise Untraceable
        first, none = known
        rows.borders.append(none)  # there is no first of nothing
        return Number(rows.by, first, rows.borders, exact=True)


@dataclass(frozen=True, slots=True)
class Places:
    """``series.iloc``: the first or the last row, as every group has them."""

    _of: Rows

    def __getitem__(self, place: Any) -> Number:
        if type(place) is not int or place not in (0, -1):
            raise Untraceable
        rows = self._of
        positions = rows.by.positions()
        result = rows.by.reduce("minimum" if place == 0 else "maximum", positions, INT64)
        return Number(rows.by, Gather(rows.value, result), rows.borders, rows.exact)
