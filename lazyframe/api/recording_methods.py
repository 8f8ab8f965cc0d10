"""All that a series and a frame record, in one mixin each."""

from __future__ import annotations

from lazyframe.api.recording_arrays import RecordingFrameArrays, RecordingSeriesArrays
from lazyframe.api.recording_eval import RecordingEval
from lazyframe.api.recording_frame import RecordingFrame
from lazyframe.api.recording_frame_values import RecordingFrameValues
from lazyframe.api.recording_indexers import RecordingIndexers
from lazyframe.api.recording_reductions import RecordingFrameReductions, RecordingSeriesReductions
from lazyframe.api.recording_series import RecordingSeries
from lazyframe.api.recording_series_values import RecordingSeriesValues


class SeriesMethods(
    RecordingSeries,
    RecordingSeriesArrays,
    RecordingSeriesValues,
    RecordingSeriesReductions,
    RecordingIndexers,
):
    """Mixin: what a series records."""


class FrameMethods(
    RecordingFrame,
    RecordingFrameArrays,
    RecordingFrameValues,
    RecordingFrameReductions,
    RecordingEval,
    RecordingIndexers,
):
    """Mixin: what a frame records."""
