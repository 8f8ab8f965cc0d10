"""The one module that uses pandas' private names.

Everything lazyframe needs of pandas beyond its public interface is a function here, so that a new pandas
is checked by reading one file and running ``tests/api/test_pandas_internals.py``. What cannot be here are
the attributes that our own classes override: ``_mgr``, ``_constructor`` and its kin, ``_dir_additions``
and ``_check_inplace_deprecation``, in ``lazyframe/api/lazy.py``, ``frame.py`` and ``series.py``.
"""

from __future__ import annotations

import dis
import os
import sys
import warnings
from collections.abc import Callable, Hashable, Sequence
from copy import deepcopy
from operator import attrgetter
from types import FrameType, FunctionType
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast

import numpy as np
import pandas
from pandas._config import using_string_dtype  # type: ignore[attr-defined]
from pandas._libs import join as libjoin  # type: ignore[attr-defined]
from pandas.api.typing import DataFrameGroupBy, SeriesGroupBy
from pandas.compat._constants import (  # type: ignore[import-not-found]
    CHAINED_WARNING_DISABLED,
    REF_COUNT,
    REF_COUNT_METHOD,
)
from pandas.core.col import Expression
from pandas.core.common import apply_if_callable  # type: ignore[import-not-found]
from pandas.core.computation import expressions as _numexpr_of_pandas  # type: ignore[attr-defined]
from pandas.core.computation import ops as _ops
from pandas.core.computation.expr import PandasExprVisitor  # type: ignore[attr-defined]
from pandas.core.computation.parsing import clean_column_name  # type: ignore[import-not-found]
from pandas.core.computation.scope import DEFAULT_GLOBALS  # type: ignore[attr-defined]
from pandas.core.computation.scope import Scope as _Scope
from pandas.core.construction import (  # type: ignore[attr-defined]
    ensure_wrapped_if_datetimelike,
    extract_array,
    sanitize_array,
)
from pandas.core.flags import Flags  # type: ignore[import-not-found]
from pandas.core.generic import NDFrame as _NDFrame
from pandas.core.groupby.indexing import GroupByNthSelector as _GroupByNthSelector
from pandas.core.internals.managers import (  # type: ignore[import-not-found]
    BlockManager,
    SingleBlockManager,
    create_block_manager_from_column_arrays,
)
from pandas.core.resample import DatetimeIndexResampler, TimeGrouper
from pandas.core.reshape.merge import (  # type: ignore[attr-defined]
    _AsOfMerge,
    _MergeOperation,
    _OrderedMerge,
)
from pandas.errors import ChainedAssignmentError  # type: ignore[attr-defined]
from pandas.errors.cow import (  # type: ignore[import-not-found]
    _chained_assignment_method_msg,
    _chained_assignment_msg,
)

SINCE_3_1 = tuple(int(part) for part in pandas.__version__.split(".")[:2]) >= (3, 1)
"""Whether pandas has the rules of 3.1: for the order of merged rows, and for indexes of no rows."""

Resampler: Any = DatetimeIndexResampler
ResamplerOfGroups: Any = getattr(
    pandas.core.resample,  # type: ignore[attr-defined]
    "DatetimeIndexResamplerGroupBy" if SINCE_3_1 else "DatetimeIndexResamplerGroupby",
)
GroupByNthSelector: Any = _GroupByNthSelector
NDFrame: Any = _NDFrame  # the published stubs know only what is public

Manager: TypeAlias = BlockManager | SingleBlockManager
ManagerT = TypeVar("ManagerT", BlockManager, SingleBlockManager)
Array: TypeAlias = Any
"""A one-dimensional ``numpy.ndarray`` or pandas ``ExtensionArray``."""

FrameT = TypeVar("FrameT", bound=pandas.DataFrame)
SeriesT = TypeVar("SeriesT", bound=pandas.Series)
Kind = TypeVar("Kind")
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

CHECKED_VERSIONS = ("3.0", "3.1")
"""The pandas releases (major.minor) on which the tests of this module have been run."""

_new = object.__new__
_set = object.__setattr__
_initialise: Callable[[Any, Any], None] = NDFrame.__init__


# Making frames and series -----------------------------------------------------------------------------


def frame_from_manager(kind: type[FrameT], manager: BlockManager) -> FrameT:
    """Make a frame of class `kind` around `manager`, which the frame then owns; nothing is copied."""
    frame = _new(kind)
    _initialise(frame, manager)
    return frame


def series_from_manager(kind: type[SeriesT], manager: SingleBlockManager, name: Hashable = None) -> SeriesT:
    """Make a series of class `kind` around `manager`, which the series then owns; nothing is copied."""
    series = _new(kind)
    _initialise(series, manager)
    _set(series, "_name", name)
    return series


def without_manager(kind: type[Kind], **state: Any) -> Kind:
    """Make an object of class `kind` that has nothing but what is given, by the names of its attributes."""
    made = _new(kind)
    made.__dict__.update(state)
    return made


class MadeWhenAsked:
    """An attribute that pandas gives every new object, here made for those that are asked for it.

    It has no ``__set__``, so an object that has its own in its ``__dict__`` is never asked through here.
    """

    def __init__(self, name: str, make: Callable[[Any], Any]) -> None:
        self._name = name
        self._make = make

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        return self if owner is None else owner.__dict__.setdefault(self._name, self._make(owner))


def plain_flags(owner: Any) -> Any:
    """The flags of an object that has none set."""
    return Flags(owner, allows_duplicate_labels=True)


def is_plain(source: Any) -> bool:
    """Whether results carry nothing over from ``source`` but values and labels: no attrs, no flags."""
    state = source.__dict__
    if state.get("_attrs"):
        return False
    flags = state.get("_flags")
    return flags is None or flags._allows_duplicate_labels


def rows_of_manager(manager: Manager) -> int:
    """How many rows a frame or series of this manager has.

    An index of pandas' text, of times, or that is a range answers in Python: an array of numbers at once.
    """
    blocks = manager.blocks
    if blocks:
        values = blocks[0].values
        if type(values) is np.ndarray:
            rows: int = values.shape[-1]
            return rows
    return len(manager.axes[-1])


def holds_text(manager: Manager) -> bool:
    """Whether a frame or series of this manager has a column of pandas' text."""
    for block in manager.blocks:  # noqa: SIM110  # asked before each operation: a generator takes longer
        if type(block.dtype) is pandas.StringDtype:
            return True
    return False


def recast(source: Any, kind: type[Kind]) -> Kind:
    """The data of a frame or series as an object of class `kind`, without copying values.

    A later write to either copies first. Name, ``attrs`` and flags go along.
    """
    made = _new(kind)
    _initialise(made, shallow_copy(source._mgr))
    if isinstance(source, pandas.Series):
        _set(made, "_name", source._name)
    if source._attrs:
        _set(made, "_attrs", deepcopy(source._attrs))
    if not source._flags._allows_duplicate_labels:
        _set(made, "_flags", Flags(made, allows_duplicate_labels=False))
    return made


def takes_over(made: Any, source: Any) -> bool:
    """Do what ``made.__finalize__(source)`` does where ``source`` has nothing to pass on but a name.

    Returns
    -------
    bool
        Whether it was done; else pandas has to look.
    """
    if not isinstance(source, NDFrame) or not is_plain(source):
        return False
    mine, theirs = made._metadata, source._metadata
    if mine is theirs is _SERIES_METADATA:
        _set(made, "_name", source._name)
        return True
    plain = (_SERIES_METADATA, _FRAME_METADATA)
    return any(mine is one for one in plain) and any(theirs is one for one in plain)


_SERIES_METADATA: Any = cast(Any, pandas.Series)._metadata
_FRAME_METADATA: Any = cast(Any, pandas.DataFrame)._metadata


def computed_column(frame: Any, label: str, kind: type[SeriesT]) -> SeriesT | None:
    """``frame[label]`` of a computed frame as an object of class `kind`, found in fewer steps than by pandas.

    None where pandas has to look: where the columns are not all text, where not exactly one is called
    ``label``, and where the frame passes on more than values and labels.
    """
    manager = frame.__dict__["_mgr"]
    columns = manager.axes[0]
    if type(columns) is not pandas.Index or not isinstance(columns.dtype, pandas.StringDtype):
        return None
    if not is_plain(frame):
        return None
    try:
        position = columns._engine.get_loc(label)  # type: ignore[attr-defined]
    except KeyError:
        return None
    if type(position) is not int:
        return None
    return series_from_manager(kind, manager.iget(position), label)


# Making and reading managers --------------------------------------------------------------------------


def manager_from_arrays(
    arrays: Sequence[Array],
    columns: pandas.Index,
    index: pandas.Index,
    *,
    consolidate: bool = False,
    references: Sequence[Any] | None = None,
) -> BlockManager:
    """Make a frame's manager of one array a column.

    Parameters
    ----------
    arrays
        One array of length ``len(index)`` a column. They are taken over: nobody else may write to them.
    columns, index
        The labels.
    consolidate
        Copy the columns of one dtype together into one block, as ``DataFrame(dict)`` does. Without it,
        every column is a block of its own and nothing is copied, as after ``df[name] = ...``; pandas
        gives the same answers for both, but warns of fragmentation past 100 blocks.
    references
        For each array that belongs to another manager, its `column_references`; None for the others.
    """
    stored = [_as_pandas_stores(array) for array in arrays]
    owners = [None] * len(stored) if references is None else list(references)
    return create_block_manager_from_column_arrays(stored, [columns, index], consolidate, owners)


def shares_memory(one: Manager, other: Manager) -> bool:
    """Whether values of two managers lie in the same memory, as those of a slice and of what it is of."""
    mine, theirs = ([_ndarray_of(block.values) for block in manager.blocks] for manager in (one, other))
    return any(np.may_share_memory(a, b) for a in mine for b in theirs if a is not None and b is not None)


def _ndarray_of(array: Array) -> np.ndarray | None:
    """The memory of a block of numbers or times; None for other extensions' arrays."""
    found = getattr(array, "_ndarray", array)
    return found if isinstance(found, np.ndarray) else None


def series_manager(array: Array, index: pandas.Index, references: Any = None) -> SingleBlockManager:
    """Make a series' manager of an array of length ``len(index)``, which is taken over, not copied.

    An array that belongs to another manager comes with its `column_references`.
    """
    return SingleBlockManager.from_array(_as_pandas_stores(array), index, references)


def array_held(manager: SingleBlockManager) -> Array:
    """The array of a series' manager, which is not copied."""
    array: Array = manager.array
    return array


def _as_pandas_stores(array: Array) -> Array:
    """Blocks hold times wrapped in pandas' arrays, and numbers as bare ndarrays."""
    return ensure_wrapped_if_datetimelike(extract_array(array, extract_numpy=True))


def shallow_copy(manager: ManagerT) -> ManagerT:
    """A manager that shares the values, counted by copy-on-write: a write through either copies first."""
    return manager.copy(deep=False)


def snapshot(manager: ManagerT) -> ManagerT:
    """`shallow_copy`, with the labels themselves, which may be renamed, in place of views of them.

    It is made for every frame that an operation is recorded on, and takes half the time.
    """
    blocks = tuple([block.copy(deep=False) for block in manager.blocks])
    made: ManagerT = type(manager).from_blocks(blocks, list(manager.axes))
    if isinstance(manager, BlockManager) and manager._blknos is not None:
        made._blknos = manager._blknos.copy()
        made._blklocs = manager._blklocs.copy()
    return made


def manager_of(source: pandas.DataFrame | pandas.Series) -> Manager:
    """The manager of `source`; a lazy object is computed."""
    manager: Manager = source._mgr
    return manager


def column_arrays(source: pandas.DataFrame | pandas.Series) -> list[Array]:
    """The array behind each column, in column order, without copying.

    Numeric columns are ndarrays (perhaps strided, perhaps read-only), times and all extension dtypes
    their pandas arrays. The arrays are the frame's own memory: keep a `shallow_copy` of its manager for
    as long as they are used, and do not write to them.
    """
    manager = manager_of(source)
    if isinstance(manager, SingleBlockManager):
        return [manager.internal_values()]
    return [manager.iget_values(position) for position in range(len(manager.items))]


def block_identity(source: pandas.DataFrame | pandas.Series) -> tuple[Hashable, ...]:
    """What the values and labels of `source` are held in: equal to an earlier one only if none was changed.

    It may change without a write (pandas merges blocks when it likes), never the other way round, under
    two conditions, which are copy-on-write's own:

    - A `shallow_copy` of the manager lives from the first call to the last. As long as it does, pandas
      copies before it writes.
    - The write goes through pandas. ``series.array[0] = ...``, ``frame.values`` made writeable by
      force, and the owner of an array given to ``DataFrame(array, copy=False)`` change every shallow
      copy too, in pandas as here.
    """
    manager = manager_of(source)
    blocks = tuple((_Itself(block.values), str(block.mgr_locs)) for block in manager.blocks)
    return blocks + tuple((_Itself(axis), *axis.names) for axis in manager.axes)


class _Itself:
    """Compares by identity, and keeps what it stands for alive, so that no other object gets its address."""

    __slots__ = ("thing",)

    def __init__(self, thing: object) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.thing is other.thing

    def __hash__(self) -> int:
        return id(self.thing)


def options_of_text() -> tuple[Any, ...]:
    """What the dtype depends on that pandas gives to strings: its public way to ask warns."""
    return using_string_dtype(), pandas.get_option("mode.string_storage")


_ROWS_FOR_THREADS = 1 << 16


def frame_of_arrow(table: Any) -> pandas.DataFrame:
    """The frame that ``pandas.read_parquet`` makes of a ``pyarrow.Table``."""
    from pandas.io._util import arrow_table_to_pandas  # type: ignore[import-not-found]  # imports pyarrow

    # of few values to wait for another thread, which a busy machine may not have, takes longer than the work
    threaded = {"use_threads": table.num_columns > 1 and table.num_rows >= _ROWS_FOR_THREADS}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "make_block is deprecated")
        made: pandas.DataFrame = arrow_table_to_pandas(table, to_pandas_kwargs=threaded)
    return made


def same_labels_always(index: pandas.Index) -> Hashable:
    """A key that only ``index`` and its views have; None where pandas keeps none."""
    identity: Hashable = index._id  # type: ignore[attr-defined]
    return identity


# Attributes -------------------------------------------------------------------------------------------

pandas_getattr: Callable[[Any, str], Any] = NDFrame.__getattr__
"""What pandas does with an attribute that an object does not have: takes it for a label."""


def completions_of_frame(columns: pandas.Index) -> set[str]:
    """The attributes that ``dir`` of a frame with these columns shows beside its methods."""
    return _dir_additions(pandas.DataFrame(columns=columns))


def completions_of_series(dtype: Any, index: pandas.Index | None) -> set[str]:
    """The same of a series; without the labels if `index` is None."""
    accessors = _dir_additions(pandas.Series([], dtype=dtype))
    if index is None:
        return accessors
    return accessors | _dir_additions(pandas.Series(0, index=index))


def _dir_additions(example: Any) -> set[str]:
    additions: set[str] = example._dir_additions()
    return additions


# Warnings ---------------------------------------------------------------------------------------------


_INSIDE_PANDAS = os.path.join(os.path.dirname(pandas.__file__), "lazyframe")


def window_without_index(kind: type, source: Any, window: int | None, min_periods: int | None) -> Any:
    """An object of ``kind``, a subclass of ``Rolling``, as ``source.rolling(window)``, but for the labels.

    Without ``window``, of a subclass of ``Expanding``.

    pandas asks for those of ``source`` at once, which would compute them.
    """
    made: Any = object.__new__(kind)
    made.__dict__.update(
        obj=source,
        on=None,
        closed=None,
        step=None,
        window=window,
        min_periods=min_periods,
        center=False,
        win_type=None,
        method="single",
        _win_freq_i8=None,
        _selection=None,
    )
    return made


CONSTRUCTORS = {
    cast(FunctionType, function).__code__.co_filename: frozenset({cast(FunctionType, function).__name__})
    for function in (sanitize_array, pandas.Index.__new__)
}
"""Functions, by their files, that make columns and indexes of whatever they are given."""


def blame_caller(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Let pandas' warnings name the line that called `function`, as if the function were pandas' own.

    pandas looks up the stack for the first frame whose file is outside its directory. A wrapper's frame
    would be that one, and Python's default filter would then hide deprecations from the user.
    """
    plain = cast(FunctionType, function)
    plain.__code__ = plain.__code__.replace(co_filename=_INSIDE_PANDAS)
    return function


def _nothing_to_say(instance: Any, inplace: bool, method: str) -> bool:
    return inplace


_OURS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "")


class _WarningsOfCallers:
    """Stands for the module ``warnings`` where pandas counts frames from its method to the user."""

    @staticmethod
    def warn(message: str, category: type[Warning], stacklevel: int) -> None:
        """Pass over the frames of ours that called pandas' method."""
        frame: FrameType | None = sys._getframe(stacklevel)
        while frame is not None and frame.f_code.co_filename.startswith((_INSIDE_PANDAS, _OURS)):
            frame = frame.f_back
            stacklevel += 1
        warnings.warn(message, category, stacklevel + 1)


def _warning_callers(function: Any) -> Any:
    """A function of pandas that warns, for methods that are, or are called by, methods of ours."""
    if function is None:
        return _nothing_to_say
    return FunctionType(function.__code__, {**function.__globals__, "warnings": _WarningsOfCallers})


warn_of_in_place: Callable[[Any, bool, str], bool] = _warning_callers(
    getattr(NDFrame, "_check_inplace_deprecation", None)
)
"""Say, to the user, what pandas thinks of a method's ``inplace``; what is then meant by it."""

_SETITEM_OPCODES = {dis.opmap[name] for name in ("STORE_SUBSCR", "STORE_SLICE") if name in dis.opmap}


def warn_if_chained(references: int, instance: Any, *, setting: bool = False) -> None:
    """Warn of chained assignment as pandas would, from a method that stands before pandas'.

    pandas tells ``df["a"].fillna(0, inplace=True)`` by the number of references to the object, which a
    method in between raises. Call this first in such a method, with the user as its caller.

    Parameters
    ----------
    references
        ``sys.getrefcount(instance)``, taken in the method, and as the first argument: another argument
        in front of it would be one reference more.
    instance
        The object that the method is called on.
    setting
        Whether the method is ``__setitem__``; else it is one called with ``inplace=True``.
    """
    if references > (REF_COUNT if setting else REF_COUNT_METHOD) or CHAINED_WARNING_DISABLED:
        return
    caller = sys._getframe(2)
    if any(value is instance for value in caller.f_locals.values()):
        return
    # an extension module sets without a name or a frame of its own, and is not chained
    if setting and caller.f_code.co_code[caller.f_lasti] not in _SETITEM_OPCODES:
        return
    message = _chained_assignment_msg if setting else _chained_assignment_method_msg
    warnings.warn(message, ChainedAssignmentError, stacklevel=3)


# Strings ----------------------------------------------------------------------------------------------


def arrow_strings(array: Array) -> Any:
    """The immutable ``pyarrow.ChunkedArray`` that an array of strings holds; None of any other array."""
    return array._pa_array if isinstance(array, pandas.arrays.ArrowStringArray) else None  # type: ignore[attr-defined]


def strings_from_arrow(strings: Any, dtype: Any) -> Array:
    """pandas' array of the given string dtype with the values of a ``pyarrow.Array``; nothing is copied."""
    if dtype.storage == "pyarrow":
        return pandas.arrays.ArrowStringArray(strings, dtype=dtype)  # type: ignore[call-arg]
    return pandas.array(strings.to_pylist(), dtype=dtype)


def chunks_end_to_end(arrays: Sequence[Array]) -> Any:
    """The ``pyarrow.ChunkedArray`` of the chunks of arrays of strings, all of them of one type."""
    import pyarrow

    chunks = [chunk for array in arrays for chunk in array._pa_array.iterchunks()]
    return pyarrow.chunked_array(chunks, type=arrays[0]._pa_array.type)


# Times of a zone ----------------------------------------------------------------------------------------


def zoned_array(points: np.ndarray, dtype: pandas.DatetimeTZDtype) -> Array:
    """pandas' array of times that know their zone, of datetime64 in UTC at its unit; nothing is copied."""
    made: Any = pandas.arrays.DatetimeArray
    found: Array = made._simple_new(points, dtype=dtype)
    return found


# Capturing --------------------------------------------------------------------------------------------


def held_state(source: pandas.DataFrame | pandas.Series) -> tuple[Any, ...]:
    """What `source` holds its values and labels in, to compare with later: see `still_holds`."""
    manager = source._mgr
    first, last = manager.axes[0], manager.axes[-1]
    names = _names if any(isinstance(axis, pandas.MultiIndex) for axis in (first, last)) else _name
    arrays = list(map(id, map(_values, manager.blocks)))
    return manager.blocks, arrays, first, last, names, names(first), names(last)


def still_holds(source: pandas.DataFrame | pandas.Series, state: tuple[Any, ...]) -> bool:
    """Whether nothing was written to `source` since `held_state`, under `block_identity`'s two conditions."""
    manager = source._mgr
    blocks, arrays, first, last, names, first_named, last_named = state
    axes = manager.axes
    if manager.blocks is not blocks or axes[0] is not first or axes[-1] is not last:
        return False
    # of labels that are the same objects the names may be others
    now = names(first)
    if now is not first_named and now != first_named:
        return False
    now = names(last)
    if now is not last_named and now != last_named:
        return False
    same: bool = [id(block.values) for block in blocks] == arrays
    return same


_values = attrgetter("values")
_name = attrgetter("_name")


def _names(axis: Any) -> Any:
    return tuple(axis.names) if isinstance(axis, pandas.MultiIndex) else axis._name


def column_array(manager: Manager, position: int) -> Array:
    """The array of one column, without copying: see `column_arrays`."""
    if isinstance(manager, SingleBlockManager):
        return manager.internal_values()
    return manager.iget_values(position)


def column_references(manager: Manager, position: int) -> Any:
    """Copy-on-write's count of who shares one column's memory, for `series_manager` and its kin."""
    if isinstance(manager, SingleBlockManager):
        return manager.blocks[0].refs
    return manager.blocks[manager.blknos[position]].refs


def note_sharing(index: pandas.Index, references: Any) -> None:
    """Let who writes to a column, whose `column_references` these are, copy it first, as it labels rows too.

    An index of several levels has codes, and a RangeIndex no labels: they share nothing.
    """
    if index.nlevels == 1 and not isinstance(index, pandas.RangeIndex):
        index._references = references  # type: ignore[attr-defined]
        references.add_index_reference(index)


def block_of(manager: Manager, position: int) -> Any:
    """The block that one column lies in."""
    return manager.blocks[0 if isinstance(manager, SingleBlockManager) else manager.blknos[position]]


def memory_owner(block: Any) -> Any:
    """The object whose memory a block lies in, if it is an array's that can be written to; else None."""
    values = block.values
    if type(values) is not np.ndarray:
        values = getattr(values, "_ndarray", values)
        if not isinstance(values, np.ndarray):
            return None
    owner = values.base
    if owner is None:
        owner = values
    return owner if (owner if hasattr(owner, "flags") else values).flags.writeable else None


def references_by_blocks(block: Any, owner: Any) -> int:
    """How many references to a block's `memory_owner` pandas holds: those who copy before they write."""
    references = block.refs
    references.has_reference()  # forgets the dead
    count = 0
    seen: set[int] = set()
    for reference in references.referenced_blocks:
        holder: Any = reference()
        if holder is None:
            continue
        # of an index that was made of a series, or of a block
        is_index = isinstance(holder, pandas.Index)
        values = holder._data if is_index else holder.values
        if values is owner:
            count += 1
        elif id(values) not in seen:
            seen.add(id(values))
            array = values if type(values) is np.ndarray else getattr(values, "_ndarray", values)
            count += array is owner or getattr(array, "base", None) is owner
    return count


# Joining ----------------------------------------------------------------------------------------------


def pair_codes(left: np.ndarray, right: np.ndarray, size: int, how: str) -> tuple[np.ndarray, np.ndarray]:
    """The positions on both sides of each pair of equal codes, in the order that pandas 3.1 merges them in.

    Parameters
    ----------
    left, right : numpy.ndarray
        int64 codes, at least 0 and less than `size`.
    size : int
        Memory and time are proportional to it as well.
    how : str
        ``"inner"``, ``"left"``, ``"right"`` or ``"outer"``.

    Returns
    -------
    tuple of numpy.ndarray
        int64; -1 for a row without partner that `how` keeps.
    """
    left, right = left.astype(np.intp, copy=False), right.astype(np.intp, copy=False)
    match how:
        case "inner" if SINCE_3_1:
            one, other = libjoin.inner_join(left, right, size, sort=False)
        case "inner":  # which 3.0 has in another order
            one, other = libjoin.left_outer_join(left, right, size, sort=False)
            one, other = one[other >= 0], other[other >= 0]
        case "left":
            one, other = libjoin.left_outer_join(left, right, size, sort=False)
        case "right":
            other, one = libjoin.left_outer_join(right, left, size, sort=False)
        case _:
            one, other = libjoin.full_outer_join(left, right, size)
    return np.asarray(one, np.int64), np.asarray(other, np.int64)


def merge_with_positions(
    left: pandas.DataFrame, right: pandas.DataFrame, arguments: dict[str, Any], kind: str = "merge"
) -> tuple[pandas.DataFrame, np.ndarray | None, np.ndarray | None]:
    """``left.merge(right, **arguments)``, but for cross merges, and where its rows stand on both sides.

    Parameters
    ----------
    left, right : pandas.DataFrame
        The two sides.
    arguments : dict
        Of the function.
    kind : {"merge", "merge_asof", "merge_ordered"}
        Which function of pandas.

    Returns
    -------
    tuple of pandas.DataFrame and numpy.ndarray or None
        The merge, and intp positions; -1 for a row that a side does not have, and None for all of its rows
        in their order.
    """
    operation = _MERGES[kind](left, right, **arguments)
    found = operation._get_join_info()
    if kind == "merge_asof":
        found = found[0], None, found[2]  # all rows on the left, whose columns need not be copied
    operation._get_join_info = lambda: found
    made, sides = operation.get_result(), found[1:]
    if arguments.get("fill_method") == "ffill":  # of a row that a side does not have the one before is shown
        sides = tuple([None if side is None else libjoin.ffill_indexer(side) for side in sides])
    return made, sides[0], sides[1]


_MERGES: dict[str, Any] = {"merge": _MergeOperation, "merge_asof": _AsOfMerge, "merge_ordered": _OrderedMerge}


def level_number(index: pandas.Index, level: Hashable) -> int:
    """The position of an index level, given by position or name.

    Raises
    ------
    KeyError, IndexError, ValueError
        If there is no such level, or more than one.
    """
    number: int = index._get_level_number(level)  # type: ignore[attr-defined]
    return number


def grouper_told(
    small: Any,
    numbers: np.ndarray | None,
    keys: list[tuple[Hashable, bool]],
    columns: pandas.Index,
    coded: bool,
) -> Any:
    """What holds the groups of a ``groupby``, made without looking at the keys of all rows.

    Parameters
    ----------
    small : DataFrameGroupBy
        Of few rows by as many keys, whose groups are those of all rows.
    numbers : numpy.ndarray or None
        int64, for each of all rows the one of the few that has its keys; None where these are all rows.
    keys : list of tuple of hashable and bool
        The name of each key, and whether it is a column of the frame.
    columns : pandas.Index
        Of the frame that is grouped, or that has the series.
    coded : bool
        Whether ``value_counts`` is called, which groups by these keys and more.
    """
    few = small._grouper
    for grouping, (name, in_axis) in zip(few.groupings, keys, strict=True):
        assert (
            grouping._codes_and_uniques is not None
        )  # of the few rows, before anything else is known of all
        grouping._cache["name"] = name
        grouping.in_axis, grouping.obj = in_axis, pandas.DataFrame(columns=columns)
    index, places = few.result_index_and_ids
    rows = pandas.RangeIndex(len(places if numbers is None else numbers))
    made = type(few)(rows, few.groupings, sort=few._sort, dropna=few.dropna)
    made._cache = {"result_index_and_ids": (index, _taken(places, numbers))}
    for grouping in few.groupings if coded else ():
        codes, uniques = grouping._codes_and_uniques
        grouping._cache["_codes_and_uniques"] = _taken(codes, numbers), uniques
    return made


def groupby_told(
    obj: Any, grouper: Any, exclusions: set[Hashable], keys: Any, selection: Any, options: dict[str, bool]
) -> Any:
    """The ``groupby`` of a frame or series by what `grouper_told` made.

    Parameters
    ----------
    obj : pandas.DataFrame or pandas.Series
        What is grouped.
    grouper : object
        Of as many rows.
    exclusions : set
        The labels of columns that are keys.
    keys, selection : object
        What it was grouped by, and which columns were picked.
    options : dict
        The keyword arguments of ``groupby``.
    """
    kind: Any = DataFrameGroupBy if isinstance(obj, pandas.DataFrame) else SeriesGroupBy
    given = {"grouper": grouper, "exclusions": frozenset(exclusions), "selection": selection}
    return kind(obj, keys, **given, **options)


def _taken(places: np.ndarray, numbers: np.ndarray | None) -> np.ndarray:
    """The place of each number, as pandas numbers groups."""
    if numbers is None:
        return places
    if np.array_equal(places, np.arange(len(places))):
        return numbers
    return places.astype(np.intp, copy=False).take(numbers)


def is_time_grouper(part: Any) -> bool:
    """Whether what is grouped by is a `pandas.Grouper` with a frequency."""
    return isinstance(part, TimeGrouper)


def bins_of_times(grouper: Any, ends: pandas.DatetimeIndex) -> tuple[np.ndarray, pandas.DatetimeIndex] | None:
    """The edges and the labels of the bins that a `pandas.Grouper` with a frequency makes of times.

    Parameters
    ----------
    grouper : pandas.Grouper
        With a frequency.
    ends : pandas.DatetimeIndex
        The least and the greatest of the times, on which alone the bins depend.

    Returns
    -------
    (numpy.ndarray, pandas.DatetimeIndex) or None
        int64, in ticks of ``ends``, one more than there are labels. None if they do not fit each other.
    """
    binner, counts, labels = grouper._get_time_bins(ends)
    _, edges = grouper._adjust_bin_edges(binner, ends.asi8)
    below = np.searchsorted(ends.asi8, edges[1:], side=grouper.closed)
    fits = len(edges) == len(labels) + 1 and np.array_equal(below, counts)
    return (edges, labels) if fits else None


def series_of_accessor(accessor: Any) -> Any:
    """The series that ``series.dt`` was asked of; None where that holds categories of times."""
    return accessor._parent if accessor.orig is None else None


def is_of_owner(given: Any) -> bool:
    """Whether pandas asks what it is given for a value of the frame at hand: a function, ``pandas.col``."""
    return callable(given) or isinstance(given, Expression)


def for_owner(given: Any, owner: Any) -> Any:
    """What it is given, or its value for ``owner``."""
    return apply_if_callable(given, owner)


# Expressions of ``eval`` and ``query`` ----------------------------------------------------------------

operations_of_eval: Any = _ops
"""The classes that pandas makes a tree of an expression of."""

ExpressionVisitor: Any = PandasExprVisitor
"""What makes pandas' operations of a parsed expression, and evaluates on the way what needs Python."""


def normalized_crosstab(table: pandas.DataFrame, normalize: Any, margins: bool, margins_name: Any) -> Any:
    """The shares that ``pandas.crosstab(normalize=...)`` makes of a table that is laid out."""
    from pandas.core.reshape.pivot import _normalize  # type: ignore[attr-defined]

    return _normalize(table, normalize=normalize, margins=margins, margins_name=margins_name)


def uses_numexpr() -> bool:
    """Whether pandas evaluates expressions with numexpr, if nobody asks for anything else."""
    return bool(_numexpr_of_pandas.USE_NUMEXPR)


def has_numexpr() -> bool:
    """Whether there is a numexpr that pandas takes."""
    return bool(_numexpr_of_pandas.NUMEXPR_INSTALLED)


def as_python(expression: str) -> str:
    """An expression as Python reads it: quoted names and variables as identifiers, ``&`` as ``and``."""
    source: str = ExpressionVisitor(None, "python", "pandas").preparser(expression)
    return source


def scope_of_expression(columns: dict[str, Any], variables: dict[str, Any], target: Any) -> Any:
    """Where an expression finds its names: among columns, and with ``@`` among variables.

    Nothing else is there, but for what pandas gives every expression. Both are written to.
    """
    scope: Any = _Scope
    return scope(0, global_dict={}, local_dict=variables, resolvers=(columns,), target=target)


GIVEN_NAMES = frozenset(DEFAULT_GLOBALS)
"""The names that stand for something in every expression, and may stand for the user's variables."""


def column_in_expressions(label: Hashable) -> Hashable:
    """What a column is called in an expression that `as_python` gave."""
    found: Hashable = clean_column_name(label)
    return found
