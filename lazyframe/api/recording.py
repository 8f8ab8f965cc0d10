"""From objects that users hold to tables and columns, and back; and whether to record at all."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Hashable
from types import FunctionType
from typing import Any, cast
from weakref import ref

import numpy as np
import pandas

from lazyframe.api import deferred
from lazyframe.api.array import LazyArray
from lazyframe.api.deferred import INPLACE, LOOKS_UP
from lazyframe.api.likeness import like
from lazyframe.api.recorded import Recorded
from lazyframe.api.size import is_short
from lazyframe.pandas_internals import (
    blame_caller,
    is_plain,
    warn_if_chained,
    warn_of_in_place,
    without_manager,
)
from lazyframe.record.array_text import TextForm
from lazyframe.record.capture import Capture, capture, forget_captures
from lazyframe.record.column_labels import ColumnLabels
from lazyframe.record.elementwise import Operand, as_operand
from lazyframe.record.origin import stamp, stamp_line, user_line
from lazyframe.record.table import Column, Labelled, Table, UnmadeColumn
from passes.ir.values import Value

Method = Callable[..., Any]


def overriding(theirs: Method, recorder: Method, even_short: bool = False) -> Method:
    """A method that records, or, for small data and whatever is not recorded, is pandas' own.

    Parameters
    ----------
    theirs : callable
        pandas' method.
    recorder : callable
        Takes the same arguments; returns ``NotImplemented`` where pandas is to decide.
    even_short : bool
        Whether the recorder is asked of small data, too.
    """

    fits = fitting(recorder)
    name = theirs.__name__
    in_place = name in INPLACE
    becomes = name in _BECOMES_ITS_RESULT
    looks_up = name in LOOKS_UP

    @blame_caller
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if in_place and kwargs.get("inplace"):
            warn_if_chained(sys.getrefcount(self), self)
        state = self.__dict__
        if even_short or not is_short(state) or (looks_up and deferred.holds_large(args)):
            inplace = kwargs.pop("inplace", None) if becomes else None
            if fits(args, kwargs):
                recorded = recorder(self, *args, **kwargs)
                if recorded is not NotImplemented:
                    if inplace is None:
                        return recorded
                    if _as_asked(self, recorded, inplace):
                        warn_of_in_place(self, inplace, name)
                        return None if inplace else recorded
            if inplace is not None:
                kwargs["inplace"] = inplace
        for one in args:
            if type(one) is LazyArray:
                args = tuple(map(real, args))
                break
        return theirs(self, *args, **kwargs)

    return like(method, theirs)


_BECOMES_ITS_RESULT = frozenset({
    "drop", "drop_duplicates", "dropna", "rename", "reset_index", "set_index", "sort_index", "sort_values",
})  # fmt: skip
"""Methods that, with ``inplace=True``, make of their object what they would have returned."""


def _as_asked(source: Any, recorded: Any, inplace: Any) -> bool:
    """Let ``source`` be what was ``recorded`` of it, if that is to be in place; False if it cannot be."""
    if inplace is not True:
        return inplace is False
    if type(source) is not type(recorded) or "_mgr" in recorded.__dict__:
        return False
    become(source, recorded.__dict__["_recorded"])
    if "_name" in recorded.__dict__:
        source.__dict__["_name"] = recorded._name
    return True


def become(source: Any, recorded: Table | Column) -> None:
    """Let a frame or series be what is ``recorded`` from now on; whoever shares values with it keeps them."""
    state = source.__dict__
    state["_recorded"] = recorded
    state.pop("_mgr", None)
    forget_captures(state)


def fitting(recorder: Method) -> Callable[[tuple[Any, ...], dict[str, Any]], bool]:
    """Whether a recorder takes these arguments; what it does not know is pandas', errors included."""
    # read off the code: there are hundreds of recorders, and `inspect.signature` takes twenty times as long
    function = cast(FunctionType, inspect.unwrap(recorder))
    code = function.__code__
    order = list(code.co_varnames[1 : code.co_argcount])
    names = {*order, *code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]}
    required = order[: max(len(order) - len(function.__defaults__ or ()), 0)]
    any_positional = bool(code.co_flags & inspect.CO_VARARGS)
    any_name = bool(code.co_flags & inspect.CO_VARKEYWORDS)
    least, most = len(required), sys.maxsize if any_positional else len(order)

    def fits(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        count = len(args)
        if not kwargs:
            return least <= count <= most
        if any_name and not count and not required:
            return True
        if count > most or not (any_name or names.issuperset(kwargs)):
            return False
        for name in order[:count]:
            if name in kwargs:
                return False
        for name in required[count:]:  # noqa: SIM110  # called for every method: a generator takes twice as long
            if name not in kwargs:
                return False
        return True

    return fits


_fitting = functools.cache(fitting)


def ask(recorder: Method, first: Any, *args: Any, **kwargs: Any) -> Any:
    """What a function records of ``first``; ``NotImplemented`` too for arguments that it does not know."""
    return recorder(first, *args, **kwargs) if _fitting(recorder)(args, kwargs) else NotImplemented


def overriding_operator(theirs: Method, recorder: Method, name: str, swapped: bool) -> Method:
    """The same for an operator of two operands, which is called more often than anything else."""

    @blame_caller
    def method(self: Any, other: Any) -> Any:
        state = self.__dict__
        if not is_short(state):
            recorded = recorder(self, other, name, swapped)
            if recorded is not NotImplemented:
                return recorded
        return theirs(self, other.result() if type(other) is LazyArray else other)

    return like(method, theirs)


def overriding_in_place(theirs: Method, recorder: Method, name: str) -> Method:
    """The same for an operator that its left operand becomes, keeping its own name, such as ``-=``."""

    @blame_caller
    def method(self: Any, other: Any) -> Any:
        state = self.__dict__
        if not is_short(state):
            found = recorder(self, other, name, False)
            if type(found) is type(self) and "_mgr" not in found.__dict__:
                recorded = found.__dict__["_recorded"]
                if isinstance(recorded, Column):
                    recorded.name = self._name
                become(self, recorded)
                return self
        return theirs(self, other.result() if type(other) is LazyArray else other)

    return like(method, theirs)


def column_of(source: Any) -> Column | None:
    """What a series is in the graph; None for a user's subclass and for one with attrs or flags."""
    kind = type(source)
    if (kind is not _kinds["Series"] and kind is not pandas.Series) or not is_plain(source):
        return None
    state = source.__dict__
    if "_mgr" not in state:
        recorded = state.get("_recorded")
        if isinstance(recorded, Column):
            if recorded.name is not source._name:  # given to this series alone, since it was recorded
                recorded = state["_recorded"] = recorded.named(source._name)
            return recorded
    found = capture(source)
    return Column(found.read(0), found.labels(), source._name)


def table_of(source: Any) -> Table | None:
    """What a frame is in the graph; None for a user's subclass and for one with attrs or flags."""
    kind = type(source)
    if (kind is not _kinds["DataFrame"] and kind is not pandas.DataFrame) or not is_plain(source):
        return None
    state = source.__dict__
    if "_mgr" not in state:
        recorded = state.get("_recorded")
        if type(recorded) is Table:
            return recorded
    return _captured_table(capture(source))


def _captured_table(found: Capture) -> Table:
    """The table of a frame: no other frame's, so that nobody gives its labels other names."""
    known: Table | None = None if found.table is None else found.table()
    if known is not None:
        return known
    assert found.columns is not None
    table = Table(found.rows, found.columns, found.labels(), source=found)
    if found.is_shared():
        table.values()
    found.table = ref(table)
    return table


def column_named(frame: Any, label: Any) -> Column | None:
    """One column of a frame that ``label`` surely means, without looking at the others."""
    state = frame.__dict__
    if "_mgr" not in state or not is_plain(frame):
        table = table_of(frame)
        if table is None:
            return None
        position = table.current_columns().position(label)
        if position is None:
            return None
        return Column(table.value(position), table.labels, label_of(table.current_columns(), label, position))
    if type(frame) is not _kinds["DataFrame"]:
        return None
    found = capture(frame)
    assert found.columns is not None
    position = found.columns.position(label)
    if position is None:
        return None
    return Column(found.read(position), found.labels(), label_of(found.columns, label, position))


def label_of(columns: ColumnLabels, asked: Any, position: int) -> Any:
    """The label at a position, found by asking for ``asked``."""
    return asked if type(asked) is str else columns.label(position)


_kinds: dict[str, type] = {}


def register(kind: type) -> None:
    """Tell this module of ``lazyframe.DataFrame`` and ``lazyframe.Series``, which are made of it."""
    _kinds[kind.__name__] = kind


def kind_named(name: str) -> type:
    """``lazyframe.DataFrame`` or ``lazyframe.Series``."""
    return _kinds[name]


def lazy_series(column: Recorded) -> Any:
    """The user's series of a column, or of what a column will be made of."""
    return without_manager(_kinds["Series"], _name=column.name, _recorded=column)


def lazy_frame(table: Table) -> Any:
    """The user's frame of a table."""
    return without_manager(_kinds["DataFrame"], _recorded=table)


def series_of(value: Value | None, like: Labelled, name: Any, what: str) -> Any:
    """The user's series of a value with the labels of ``like``; ``NotImplemented`` for None."""
    if value is None:
        return NotImplemented
    stamp(value, what, depth=2)  # whoever asks is lazyframe's own
    return lazy_series(Column(value, like.labels, name))


known_dtypes: dict[Hashable, np.dtype] = {}
"""What functions give of columns of some dtypes, where these decide, by all that the functions hold."""

_MOST_KNOWN = 2048


def remember_dtype(asked: Hashable, dtype: np.dtype) -> None:
    """Enter one of `known_dtypes`."""
    if len(known_dtypes) >= _MOST_KNOWN:
        known_dtypes.clear()
    known_dtypes[asked] = dtype


def series_by_facts(
    asked: Hashable, make: Callable[[], Value | None], like: Labelled, name: Any, what: str
) -> Any:
    """The user's series of a value whose dtype follows from all that is in ``asked``.

    It is made at once for what was never asked, and else when it is needed. ``NotImplemented`` for None.
    """
    try:
        dtype = known_dtypes.get(asked)
    except TypeError:  # an argument that has no hash
        return series_of(make(), like, name, what)
    if dtype is not None:
        return series_made_later(dtype, make, like, name, what)
    value = make()
    if value is not None:
        remember_dtype(asked, value.dtype)
    return series_of(value, like, name, what)


def series_made_later(
    dtype: Any, make: Callable[[], Value | None], like: Labelled, name: Any, what: str
) -> Any:
    """The user's series of a value that is made when it is needed, labelled as ``like``."""
    line = user_line()

    def stamped() -> Value:
        value = make()
        assert value is not None
        stamp_line(value, what, line)
        return value

    return lazy_series(UnmadeColumn(like.rows, like.labels, name, dtype, stamped))


def aligned_value(other: Any, mine: Column | Table) -> Value | None:
    """The value of a series whose rows and labels are those of ``mine``, else None."""
    theirs = column_of(other)
    if theirs is None or theirs.rows is not mine.rows or not mine.labels.same_as(theirs.labels):
        return None
    return theirs.value


def operand_of(other: Any, mine: Column | Table) -> Operand | None:
    """What stands on the other side of an operation, if it is a scalar or has the rows of ``mine``."""
    scalar = as_operand(other)
    if scalar is not None:
        return scalar
    if isinstance(other, pandas.Series):
        return aligned_value(other, mine)
    value = array_value(other)
    if value is not None and (value.rows is None or value.rows is mine.rows):
        return value
    return None


def array_value(other: Any) -> Value | None:
    """The value of a one- or zero-dimensional LazyArray, or None."""
    return other.value if type(other) is LazyArray and other.ndim < 2 else None


def text_form(other: Any) -> TextForm | None:
    """What a LazyArray is that is text which was not computed; else None."""
    return other.text() if type(other) is LazyArray else None


def real(item: Any) -> Any:
    """The computed array or scalar of a lazy one; anything else as it is."""
    return item.result() if type(item) is LazyArray else item


def is_held_by_pandas(series: Any) -> bool:
    """Whether a series is computed, of a dtype that kernels do not hold."""
    return "_mgr" in series.__dict__ and series.dtype.kind not in "biufmM"


def is_large(item: Any) -> bool:
    """Whether ``item`` is a frame or series, or a lazy array, that is worth recording."""
    return type(item) is LazyArray or deferred.is_large(item)


def result_name(left: Any, right: Any) -> Any:
    """The name of a result of two series: pandas' rule is that equal names are kept."""
    if left is right:
        return left
    try:
        if left == right:
            return left
        if left != left and right != right and type(left) is type(right):
            return left
    except (TypeError, ValueError):
        pass
    return None
