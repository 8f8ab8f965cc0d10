"""What it takes for a result of lazyframe to be pandas' result."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Scale:
    """The magnitudes that sums of a frame's columns are of.

    Parameters
    ----------
    of : dict
        For each column's name, the sum of its absolute values.
    relative : float
        The part of it that a result may be off by: pandas sums a float32 column in float32.
    """

    of: dict[Any, float] = field(default_factory=dict)
    relative: float = 1e-12

    def limit(self, label: Any) -> float:
        """For a result with this label, or for any column's when no column has it."""
        own = self.of.get(label) if isinstance(label, Hashable) else None
        return max(self.of.values(), default=0.0) if own is None else own


def scale_of(df: pd.DataFrame) -> Scale:
    """The scale of what is computed of a frame."""
    found: dict[Any, float] = {}
    for name, dtype in df.dtypes.items():
        if dtype.kind in "biuf":
            column = np.abs(df[name].to_numpy().astype("float64"))
            found[name] = float(column[np.isfinite(column)].sum())
    return Scale(found, 1e-5 if np.dtype("float32") in set(df.dtypes) else 1e-12)


NO_SCALE = Scale()


def same(found: Any, wanted: Any, policy: str = "exact", scale: Scale = NO_SCALE) -> None:
    """Equal in class, dtype, labels, names, order and values.

    Parameters
    ----------
    found, wanted
        Results in pandas and NumPy, or exceptions as their types and texts.
    policy : str
        "exact", zeros' signs included; "extreme", either zero for the other; "sum" and "spread" (variances),
        to 1e-12 of the sum of absolute values; "elementary", to 8 ulp.
    scale : Scale
        Of the frame that the result is computed of.
    """
    if isinstance(wanted, pd.DataFrame):
        assert type(found) is pd.DataFrame
        _same_labels(found.columns, wanted.columns)
        _same_labels(found.index, wanted.index)
        for i, name in enumerate(wanted.columns):
            _same_columns(found.iloc[:, i], wanted.iloc[:, i], policy, _part(scale, name))
        pd.testing.assert_frame_equal(found.iloc[:0], wanted.iloc[:0], check_freq=False)
        return
    if isinstance(wanted, pd.Series):
        assert type(found) is pd.Series
        _same_labels(found.index, wanted.index)
        assert found.name == wanted.name or (found.name != found.name and wanted.name != wanted.name)
        _same_columns(found, wanted, policy, scale)
        return
    assert type(found) is type(wanted), f"{found!r}, not {wanted!r}"
    if isinstance(wanted, pd.Index):
        _same_labels(found, wanted)
    elif isinstance(wanted, np.ndarray):
        assert found.shape == wanted.shape
        _same_arrays(found, wanted, policy, scale.relative, scale.limit(None))
    elif isinstance(wanted, np.generic):
        _same_arrays(np.asarray(found), np.asarray(wanted), policy, scale.relative, scale.limit(None))
    elif isinstance(wanted, pd.api.extensions.ExtensionArray):
        pd.testing.assert_extension_array_equal(found, wanted, check_exact=True)
    elif wanted is pd.NaT or wanted is pd.NA:
        assert found is wanted
    else:
        assert found == wanted or (found != found and wanted != wanted), f"{found!r}, not {wanted!r}"


def _same_labels(found: pd.Index, wanted: pd.Index) -> None:
    assert type(found) is type(wanted), f"{found!r}, not {wanted!r}"
    pd.testing.assert_index_equal(found, wanted, exact=True)
    if isinstance(wanted, (pd.DatetimeIndex, pd.TimedeltaIndex)) and len(wanted) > 1:
        assert found.freq == wanted.freq  # of a single label it is what was done to others


def _same_columns(found: pd.Series, wanted: pd.Series, policy: str, scale: Scale) -> None:
    assert found.dtype == wanted.dtype, f"{found.dtype}, not {wanted.dtype}"
    if wanted.dtype == object:
        for label, mine, theirs in zip(wanted.index, found, wanted, strict=True):
            same(mine, theirs, policy, _part(scale, label))
        return
    if not isinstance(wanted.dtype, np.dtype):
        pd.testing.assert_series_equal(found, wanted, check_exact=True)
        return
    limits = np.array([scale.limit(label) for label in wanted.index], float)
    _same_arrays(found.to_numpy(), wanted.to_numpy(), policy, scale.relative, limits)


def _same_arrays(found: np.ndarray, wanted: np.ndarray, policy: str, relative: float, limits: Any) -> None:
    assert found.dtype == wanted.dtype, f"{found.dtype}, not {wanted.dtype}"
    if wanted.dtype == object:
        for mine, theirs in zip(found.ravel(), wanted.ravel(), strict=True):
            same(mine, theirs, policy, Scale(relative=relative))
        return
    if wanted.dtype.kind != "f" or policy in ("exact", "extreme"):
        np.testing.assert_array_equal(found, wanted, strict=True)
        if wanted.dtype.kind == "f" and policy == "exact":
            known = ~np.isnan(wanted)
            np.testing.assert_array_equal(np.signbit(found)[known], np.signbit(wanted)[known])
        return
    if policy == "elementary":
        relative, limits = 8 * float(np.finfo(wanted.dtype).eps), 0.0
    if np.ndim(limits) and wanted.ndim > 1:
        limits = np.asarray(limits)[:, None]
    with np.errstate(invalid="ignore"):
        near = np.abs(found - wanted) <= relative * (np.abs(wanted) + limits)
    equal = near | (found == wanted) | (np.isnan(found) & np.isnan(wanted))
    assert equal.all(), f"{found[~equal][:4]}, not {wanted[~equal][:4]}"


def _part(scale: Scale, name: Any) -> Scale:
    """The scale of one column of a result, or of one of its entries: that of its name where it has one."""
    first = name[0] if isinstance(name, tuple) and name else name
    return Scale({name: scale.limit(first)}, scale.relative) if first in scale.of else scale
