"""``lazyframe.DataFrame``: a pandas frame whose columns may still have to be computed."""

from __future__ import annotations

import functools
from typing import Any

import pandas

from lazyframe.api.computed_first import compute_before_writing
from lazyframe.api.dear import STAND_INS
from lazyframe.api.deferred import defer, made_of_plain
from lazyframe.api.fallbacks import note_result
from lazyframe.api.from_arrow import frame_of_arrow_data
from lazyframe.api.lazy import LazyAnswers, PandasKind, lazy_axis
from lazyframe.api.likeness import like
from lazyframe.api.one_by_one import applying, column_of_computed, rows_of
from lazyframe.api.pickles import reduce_instance
from lazyframe.api.recorded import Recorded
from lazyframe.api.series import Series
from lazyframe.api.wrap import stands_in_for
from lazyframe.api.writing import to_parquet
from lazyframe.pandas_internals import (
    blame_caller,
    frame_from_manager,
    recast,
    series_from_manager,
    without_manager,
)

_PandasDataFrame: Any = pandas.DataFrame  # for type checkers: its methods are overridden at will


@stands_in_for(pandas.DataFrame)
class DataFrame(LazyAnswers, _PandasDataFrame, metaclass=PandasKind):  # type: ignore[misc]
    __doc__ = pandas.DataFrame.__doc__
    __module__ = "pandas"
    _pandas_kind = pandas.DataFrame
    _internal_names_set = _PandasDataFrame._internal_names_set | {"_recorded"}

    # pandas makes its results with these ---------------------------------------------------------------

    _constructor_sliced = Series

    @property
    def _constructor(self) -> type[DataFrame]:
        return DataFrame

    def _constructor_from_mgr(self, mgr: Any, axes: Any) -> Any:
        made = frame_from_manager(DataFrame, mgr)
        note_result(self, made)
        # the class of a user may want more than a manager
        return made if type(self) is DataFrame else self._constructor(made)

    def _constructor_sliced_from_mgr(self, mgr: Any, axes: Any) -> Any:
        made = series_from_manager(Series, mgr)
        note_result(self, made)
        return made if type(self) is DataFrame else self._constructor_sliced(made)

    # answers that need no values -----------------------------------------------------------------------

    index = lazy_axis("index", 1, pandas.DataFrame.__dict__["index"])
    columns = lazy_axis("columns", 0, pandas.DataFrame.__dict__["columns"])

    @property
    def ndim(self) -> int:
        """Return 2."""
        return 2

    @property
    def shape(self) -> tuple[int, int]:
        """Return a tuple representing the dimensionality of the DataFrame."""
        return (len(self), len(self.columns))

    @property
    def empty(self) -> bool:
        """Whether there are no rows or no columns, so that there are no values."""
        return 0 in self.shape

    @property
    def dtypes(self) -> Series:
        """Return the dtype of each column, as a series labelled by the columns."""
        recorded = self._recorded
        if recorded is None or recorded.dtypes is None:
            computed: Series = super().dtypes
            return computed
        return Series(list(recorded.dtypes), index=self.columns, dtype=object)

    # what pandas makes plain ---------------------------------------------------------------------------

    apply = applying(_PandasDataFrame.apply)
    iterrows = rows_of(Series)

    def _get_item(self, item: Any) -> Any:
        found = column_of_computed(self, item, Series) if type(self) is DataFrame else None
        return super()._get_item(item) if found is None else found

    @classmethod
    def from_arrow(cls, data: Any) -> DataFrame:
        """Construct from any object that exports Arrow data; see pandas.

        Numbers and times of a long table are not copied, where a column is in one piece and none is missing.
        """
        return recast(frame_of_arrow_data(data), DataFrame)

    from_records = classmethod(made_of_plain(_PandasDataFrame.from_records.__func__))

    to_parquet = to_parquet

    # beside pandas -------------------------------------------------------------------------------------

    def to_pandas(self) -> pandas.DataFrame:
        """Compute, and return a plain pandas frame of the same values.

        No values are copied; a later write to either frame copies first, and leaves the other alone.
        """
        return recast(self, pandas.DataFrame)

    def __reduce_ex__(self, protocol: Any) -> Any:
        if type(self) is DataFrame:
            return reduce_instance(self)
        return super().__reduce_ex__(protocol)


@functools.partial(like, theirs=_PandasDataFrame.__getitem__)
@blame_caller
def getitem(self: Any, key: Any) -> Any:
    """pandas' own ``self[key]``, with a short way to one column of a computed frame."""
    found = column_of_computed(self, key, Series) if type(self) is DataFrame else None
    return _PandasDataFrame.__getitem__(self, key) if found is None else found


compute_before_writing(DataFrame, pandas.DataFrame)
defer(DataFrame, pandas.DataFrame, {"__getitem__": getitem, **STAND_INS["DataFrame"]})


def lazy_frame(recorded: Recorded) -> DataFrame:
    """Make a frame that is computed by ``recorded.manager()`` when its values are first needed."""
    return without_manager(DataFrame, _recorded=recorded)
