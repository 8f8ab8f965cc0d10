"""``lazyframe.Series``: a pandas series whose values may still have to be computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas

from lazyframe.api.computed_first import compute_before_writing
from lazyframe.api.dates import WrappedDates
from lazyframe.api.dear import STAND_INS
from lazyframe.api.deferred import defer
from lazyframe.api.fallbacks import note_result
from lazyframe.api.from_arrow import series_of_arrow_data
from lazyframe.api.lazy import LazyAnswers, PandasKind, lazy_axis
from lazyframe.api.one_by_one import looking_up
from lazyframe.api.pickles import reduce_instance
from lazyframe.api.recorded import Recorded
from lazyframe.api.strings import WrappedCategories, WrappedStrings
from lazyframe.api.wrap import WrappedAccessor, stands_in_for, wrapping
from lazyframe.pandas_internals import frame_from_manager, recast, series_from_manager, without_manager

if TYPE_CHECKING:
    from lazyframe.api.frame import DataFrame


_PandasSeries: Any = pandas.Series  # for type checkers: its methods are overridden at will


@stands_in_for(pandas.Series)
class Series(LazyAnswers, _PandasSeries, metaclass=PandasKind):  # type: ignore[misc]
    __doc__ = pandas.Series.__doc__
    __module__ = "pandas"
    _pandas_kind = pandas.Series
    _internal_names_set = _PandasSeries._internal_names_set | {"_recorded"}

    # pandas makes its results with these ---------------------------------------------------------------

    @property
    def _constructor(self) -> type[Series]:
        return Series

    @property
    def _constructor_expanddim(self) -> type[DataFrame]:
        from lazyframe.api.frame import DataFrame

        return DataFrame

    def _constructor_from_mgr(self, mgr: Any, axes: Any) -> Any:
        made = series_from_manager(Series, mgr)
        note_result(self, made)
        # the class of a user may want more than a manager
        return made if type(self) is Series else self._constructor(made)

    def _constructor_expanddim_from_mgr(self, mgr: Any, axes: Any) -> Any:
        from lazyframe.api.frame import DataFrame

        made = frame_from_manager(DataFrame, mgr)
        note_result(self, made)
        return made if type(self) is Series else self._constructor_expanddim(made)

    # answers that need no values -----------------------------------------------------------------------

    index = lazy_axis("index", -1, pandas.Series.__dict__["index"])

    @property
    def shape(self) -> tuple[int]:
        """Return a tuple of the shape of the underlying data."""
        return (len(self),)

    @property
    def size(self) -> int:
        """Return the number of elements in the underlying data."""
        return len(self)

    @property
    def empty(self) -> bool:
        """Whether the series has no values."""
        return len(self) == 0

    @property
    def dtype(self) -> Any:
        """Return the dtype object of the underlying data."""
        recorded = self._recorded
        if recorded is None or recorded.dtypes is None:
            return self._mgr.dtype
        return recorded.dtypes[0]

    @property
    def dtypes(self) -> Any:
        """Return the dtype object of the underlying data."""
        return self.dtype

    # what pandas makes plain ---------------------------------------------------------------------------

    agg = wrapping(_PandasSeries.agg)
    aggregate = wrapping(_PandasSeries.aggregate)
    apply = wrapping(_PandasSeries.apply)

    @classmethod
    def from_arrow(cls, data: Any) -> Series:
        """Construct from any object that exports Arrow data; see pandas.

        Numbers and times of a long array in one piece are not copied, where none is missing.
        """
        return recast(series_of_arrow_data(data), Series)

    # beside pandas -------------------------------------------------------------------------------------

    def to_pandas(self) -> pandas.Series:
        """Compute, and return a plain pandas series of the same values.

        No values are copied; a later write to either series copies first, and leaves the other alone.
        """
        return recast(self, pandas.Series)

    def __reduce_ex__(self, protocol: Any) -> Any:
        if type(self) is Series:
            return reduce_instance(self)
        return super().__reduce_ex__(protocol)


compute_before_writing(Series, pandas.Series)
# After the class, in whose body ``str`` and ``list`` have to mean Python's.
setattr(Series, "str", WrappedStrings(pandas.Series.__dict__["str"]))  # noqa: B010  # not to type checkers
for _accessor in ("list", "sparse", "struct"):
    setattr(Series, _accessor, WrappedAccessor(pandas.Series.__dict__[_accessor]))
Series.cat = WrappedCategories(pandas.Series.__dict__["cat"])
Series.dt = WrappedDates(pandas.Series.__dict__["dt"])


defer(Series, pandas.Series, STAND_INS["Series"])
Series.__getitem__ = looking_up(Series.__getitem__)


def lazy_series(recorded: Recorded) -> Series:
    """Make a series that is computed by ``recorded.manager()`` when its values are first needed."""
    return without_manager(Series, _name=recorded.name, _recorded=recorded)
