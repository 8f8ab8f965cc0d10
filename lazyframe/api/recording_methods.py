"""All that a series and a frame record, and its way into their classes."""

from __future__ import annotations

import importlib
from typing import Any

import pandas

from lazyframe.api.frame import DataFrame
from lazyframe.api.recording import register
from lazyframe.api.recording_agg import recording_agg
from lazyframe.api.recording_arrays import RecordingFrameArrays, RecordingSeriesArrays
from lazyframe.api.recording_frame import RecordingFrame
from lazyframe.api.recording_frame_values import RecordingFrameValues
from lazyframe.api.recording_indexers import RecordingIndexers
from lazyframe.api.recording_labels import LabellingFrame, LabellingSeries
from lazyframe.api.recording_merge import MergingFrame
from lazyframe.api.recording_reductions import RecordingFrameReductions, RecordingSeriesReductions
from lazyframe.api.recording_series import RecordingSeries
from lazyframe.api.recording_series_values import RecordingSeriesValues
from lazyframe.api.series import Series
from lazyframe.api.wrap import wrapping


class SeriesMethods(
    LabellingSeries,
    RecordingSeries,
    RecordingSeriesArrays,
    RecordingSeriesValues,
    RecordingSeriesReductions,
    RecordingIndexers,
):
    """What a series records, but for `lazyframe.api.deferred.FAMILIES`."""


class FrameMethods(
    LabellingFrame,
    MergingFrame,
    RecordingFrame,
    RecordingFrameArrays,
    RecordingFrameValues,
    RecordingFrameReductions,
    RecordingIndexers,
):
    """What a frame records, but for these."""

    agg = recording_agg(wrapping(pandas.DataFrame.agg))
    aggregate = recording_agg(wrapping(pandas.DataFrame.aggregate))


def methods_of(mixin: type) -> dict[str, Any]:
    """The attributes that a mixin and its bases define, those of the first base last."""
    found: dict[str, Any] = {}
    for part in reversed(mixin.__mro__[:-1]):
        found.update({name: value for name, value in vars(part).items() if name not in _OF_ANY_CLASS})
    return found


_OF_ANY_CLASS = frozenset(vars(type("Empty", (), {}))) | {
    "__firstlineno__",
    "__static_attributes__",
    "__hash__",
}


def install() -> None:
    """Put what is recorded into ``lazyframe.DataFrame`` and ``lazyframe.Series``, but for the families."""
    for kind, mixin in ((DataFrame, FrameMethods), (Series, SeriesMethods)):
        register(kind)
        _put(kind, mixin)


def install_family(family: str) -> None:
    """The same of one of `lazyframe.api.deferred.FAMILIES`."""
    mixins: dict[str, type] = importlib.import_module(f"lazyframe.api.{family}").MIXINS
    for kind in (DataFrame, Series):
        if kind.__name__ in mixins:
            _put(kind, mixins[kind.__name__])


def _put(kind: type, mixin: type) -> None:
    for name, value in methods_of(mixin).items():
        setattr(kind, name, value)
