"""``pandas.crosstab``: pandas lays out the counts of pairs, which are counted as groups."""

from __future__ import annotations

from typing import Any

import pandas

from lazyframe.api.recording import column_of, fitting, is_large, lazy_frame
from lazyframe.api.wrap import unwrap, wrap
from lazyframe.pandas_internals import SINCE_3_1, blame_caller, normalized_crosstab
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.row_labels import default_labels
from lazyframe.record.table import Table


def record_crosstab(
    index: Any,
    columns: Any,
    values: Any = None,
    rownames: Any = None,
    colnames: Any = None,
    aggfunc: Any = None,
    margins: Any = False,
    margins_name: Any = "All",
    dropna: Any = True,
    normalize: Any = False,
) -> Any:
    """``pandas.crosstab(index, columns)`` of series of one frame, or with the same labels, all distinct."""
    if type(margins) is not bool or type(dropna) is not bool:
        return NotImplemented
    asked = {"margins": margins, "margins_name": margins_name, "dropna": dropna}
    if values is None and aggfunc is None:
        return _counted(index, columns, asked, rownames=rownames, colnames=colnames, normalize=normalize)
    if aggfunc is None or values is None:
        return NotImplemented
    across, down = _listed(index), _listed(columns)
    names = [_names("row", across, rownames), _names("col", down, colnames)]
    if None in names:
        return NotImplemented
    table = _aggregated(across, down, values, aggfunc, asked)
    if table is NotImplemented:
        return table
    if normalize is not False:
        table = normalized_crosstab(unwrap(table), normalize, margins, margins_name)
    return wrap(table.rename_axis(index=names[0], columns=names[1]))


def _aggregated(across: list[Any], down: list[Any], values: Any, aggfunc: Any, asked: dict[str, Any]) -> Any:
    """What pandas does, of a frame that is recorded: pivot_table groups it."""
    given = [*across, *down, values]
    parts = [column_of(part) if isinstance(part, pandas.Series) else None for part in given]
    one = parts[0]
    if one is None or not across or not down:
        return NotImplemented
    for part in parts[1:]:
        if part is None or part.rows is not one.rows or not one.labels.same_as(part.labels):
            return NotImplemented
    known = one.labels.known()
    if known is None or known.nlevels > 1 or not known.is_unique or not len(known):
        return NotImplemented
    rows = [f"row_{k}" for k in range(len(across))]
    columns = [f"col_{k}" for k in range(len(down))]
    names = ColumnLabels(pandas.Index([*rows, *columns, "__dummy__"]))
    frame = lazy_frame(Table(one.rows, names, one.labels, [part.value for part in parts if part is not None]))
    return frame.pivot_table(
        "__dummy__", index=rows, columns=columns, observed=asked["dropna"], aggfunc=aggfunc, **asked
    )


def _names(axis: str, series: list[Any], given: Any) -> dict[str, Any] | None:
    """What pandas calls the levels: as the series are called, or by their number; None where it raises."""
    numbered = [f"{axis}_{k}" for k in range(len(series))]
    if given is None:
        called = [getattr(one, "name", None) for one in series]
        given = [number if name is None else name for number, name in zip(numbered, called, strict=True)]
    return dict(zip(numbered, given, strict=True)) if len(given) == len(series) else None


def _counted(index: Any, columns: Any, asked: dict[str, Any], **given: Any) -> Any:
    across, down = _listed(index), _listed(columns)
    series = [*across, *down]
    if not across or not down or not all(isinstance(one, pandas.Series) for one in series):
        return NotImplemented
    first, *others = found = [column_of(one) for one in series]
    if first is None or any(one is None or one.rows is not first.rows for one in others):
        return NotImplemented
    if not all(first.labels.same_as(one.labels) for one in others):  # type: ignore[union-attr]  # no None
        return NotImplemented
    are_one = all(one.labels is first.labels for one in others)  # type: ignore[union-attr]  # no None
    if not (are_one and SINCE_3_1):
        known = first.labels.known()
        if known is None or known.nlevels > 1 or not known.is_unique:
            return NotImplemented  # of equal indexes that are two objects pandas pairs the labels
    names = [f"key {k}" for k in range(len(series))]
    values = [one.value for one in found if one is not None]
    rows = lazy_frame(
        Table(first.rows, ColumnLabels(pandas.Index(names)), default_labels(first.rows), values)
    )
    counted = unwrap(
        rows.groupby(names, observed=True, dropna=asked["dropna"]).size().reset_index(name="rows")
    )
    if not len(counted):
        return NotImplemented
    keys = [counted[name].rename(one.name) for name, one in zip(names, series, strict=True)]
    table: Any = pandas.crosstab(
        keys[: len(across)] if isinstance(index, list) else keys[0],
        keys[len(across) :] if isinstance(columns, list) else keys[-1],
        values=counted["rows"],
        aggfunc="sum",
        **asked,
        **given,
    )
    return wrap(table if given["normalize"] is not False else table.fillna(0).astype("int64"))


def _listed(part: Any) -> list[Any]:
    return part if isinstance(part, list) else [part]


_fits = fitting(record_crosstab)


@blame_caller
def crosstab(index: Any, *args: Any, **kwargs: Any) -> Any:
    """``pandas.crosstab``, recorded where a series is worth it."""
    if any(map(is_large, _listed(index))) and _fits(args, kwargs):
        recorded = record_crosstab(index, *args, **kwargs)
        if recorded is not NotImplemented:
            return recorded
    return wrap(pandas.crosstab(index, *args, **kwargs))
