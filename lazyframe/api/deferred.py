"""Methods that record, before anything was recorded.

Importing lazyframe must cost no more than importing pandas, and a program over small data never records.  So
the methods that record stand in the classes as stubs: on small data a stub is pandas' own method, and the
first call that is worth recording puts the real methods (`recording_methods`) in the place of all stubs but
those of `FAMILIES`, which wait for a call of their own: a program that merges groups nothing.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas

from lazyframe.api.fallbacks import note_made
from lazyframe.api.likeness import like
from lazyframe.api.size import is_short
from lazyframe.api.wrap import wrap, wrapping
from lazyframe.pandas_internals import blame_caller, warn_if_chained

_BOTH = (
    "__abs__", "__add__", "__and__", "__eq__", "__floordiv__", "__ge__", "__getitem__", "__gt__",
    "__iadd__", "__iand__", "__ifloordiv__", "__imod__", "__imul__", "__invert__", "__ior__", "__ipow__",
    "__isub__", "__itruediv__", "__ixor__", "__le__", "__lt__", "__mod__", "__mul__", "__ne__",
    "__neg__", "__or__", "__pos__", "__pow__", "__radd__", "__rand__", "__rfloordiv__", "__rmod__",
    "__rmul__", "__ror__", "__rpow__", "__rsub__", "__rtruediv__", "__rxor__", "__sub__", "__truediv__",
    "__xor__",
    "abs", "add", "all", "any", "astype", "bfill", "clip", "copy", "corr", "count", "cov", "cummax",
    "cummin", "cumprod", "cumsum", "diff", "div", "divide", "drop_duplicates", "droplevel", "dropna",
    "duplicated", "eq", "expanding", "ffill", "fillna", "floordiv", "ge", "groupby", "gt", "head",
    "idxmax", "idxmin", "interpolate", "isin", "isna", "isnull", "le", "lt", "mask", "max", "mean",
    "median", "min", "mod", "mul", "multiply", "ne", "nlargest", "notna", "notnull", "nsmallest", "pow",
    "prod", "product", "quantile", "radd", "rank", "rdiv", "rename", "replace", "resample",
    "reset_index", "rfloordiv", "rmod", "rmul", "rolling", "round", "rpow", "rsub", "rtruediv", "sem",
    "shift", "sort_index", "sort_values", "std", "sub", "subtract", "sum", "tail", "to_numpy", "truediv",
    "var", "where",
)  # fmt: skip
PLAIN = {
    "DataFrame": (
        *_BOTH,
        "assign",
        "corrwith",
        "drop",
        "filter",
        "items",
        "melt",
        "mode",
        "nunique",
        "select_dtypes",
        "set_index",
    ),
    "Series": (
        *_BOTH,
        "argmax",
        "argmin",
        "argsort",
        "between",
        "factorize",
        "map",
        "mode",
        "nunique",
        "to_frame",
        "unique",
    ),
}
"""Methods whose results on small data are what pandas' constructors make of them."""

WRAPPED = {
    "DataFrame": ("agg", "aggregate", "describe", "value_counts"),
    "Series": ("describe", "value_counts"),
}
"""Methods whose results on small data have to be made ours."""

JOINING = ("join", "merge")
"""Methods of two frames, either of which may be the large one."""

PROPERTIES = ("values", "loc", "iloc")

FAMILIES = {
    "recording_correlation": ("corr", "corrwith", "cov"),
    "recording_distinct": (
        "drop_duplicates", "duplicated", "factorize", "mode", "nunique", "unique", "value_counts",
    ),
    "recording_eval": ("eval", "query"),
    "recording_groupby": ("describe", "groupby", "resample"),
    "recording_melt": ("melt",),
    "recording_picks": ("filter", "select_dtypes"),
    "recording_quantiles": ("median", "quantile"),
    "recording_sorts": ("argsort", "nlargest", "nsmallest", "sort_index", "sort_values"),
    "recording_windows": (
        "bfill", "cummax", "cummin", "cumprod", "cumsum", "diff", "expanding", "ffill", "interpolate", "rank",
        "rolling", "shift",
    ),
}  # fmt: skip
"""Methods that are loaded by themselves, by the modules that have them."""

_FAMILY_OF = {name: family for family, names in FAMILIES.items() for name in names}

INPLACE = frozenset({"clip", "fillna", "mask", "replace", "where"})
"""Methods that pandas warns of when they are called in place on a temporary."""

array_kind: Any = None
"""`LazyArray` once it exists: the methods that record know what to do with one, however short it is."""

_lock = threading.Lock()
_loaded = False
_loaded_families: set[str] = set()


LOOKS_UP = frozenset({"isin"})
"""Methods that do as much with their argument, which may be the larger one, as with their object."""


def is_large(item: Any) -> bool:
    """Whether ``item`` is a frame or series that is worth recording: not computed, or of many rows."""
    if not isinstance(item, (pandas.Series, pandas.DataFrame)):
        return False
    return not is_short(item.__dict__)


def holds_large(items: Iterable[Any]) -> bool:
    """Whether a frame or series worth recording is among ``items``, or in a list or tuple among them."""
    return any(holds_large(one) if type(one) in (list, tuple) else is_large(one) for one in items)


def is_recording(item: Any) -> bool:
    """Whether ``item`` is a lazy array, or a frame or series that is worth recording."""
    return (array_kind is not None and type(item) is array_kind) or is_large(item)


def _meets_arrays(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    return any(type(one) is array_kind for one in args) or any(
        type(one) is array_kind for one in kwargs.values()
    )


MOST_LOOKED_AT = 4096
"""Items of a list among which lazy arrays are looked for."""


def plain(value: Any) -> Any:
    """``value`` with what lazy arrays stand for in their place, in lists, tuples and dicts as well.

    pandas' compiled code knows the arrays and scalars of NumPy by their layout.
    """
    if array_kind is None:
        return value
    kind = type(value)
    if kind is array_kind:
        return value.result()
    if kind is dict and any(map(_may_hold_arrays, value.values())):
        return {key: plain(one) for key, one in value.items()}
    if kind in (list, tuple) and len(value) <= MOST_LOOKED_AT and any(map(_may_hold_arrays, value)):
        return kind(map(plain, value))
    return value


def _may_hold_arrays(value: Any) -> bool:
    kind = type(value)
    return kind is array_kind or kind in (list, tuple, dict)


def made_of_plain(theirs: Callable[..., Any]) -> Callable[..., Any]:
    """The same function or method, which is given no lazy arrays."""

    @blame_caller
    def function(*args: Any, **kwargs: Any) -> Any:
        if array_kind is not None:
            args, kwargs = tuple(map(plain, args)), {name: plain(one) for name, one in kwargs.items()}
        return theirs(*args, **kwargs)

    return like(function, theirs)


def load(name: str = "") -> None:
    """Put the methods that record in the place of their stubs, of `FAMILIES` that of a name; done once."""
    global _loaded
    family = _FAMILY_OF.get(name)
    if _loaded and (family is None or family in _loaded_families):
        return
    with _lock:
        from lazyframe.api import recording_methods

        if not _loaded:
            recording_methods.install()
            _loaded = True
        if family is not None and family not in _loaded_families:
            recording_methods.install_family(family)
            _loaded_families.add(family)


def defer(kind: Any, theirs: Any, instead: Mapping[str, Callable[..., Any]]) -> None:
    """Give a class a stub for every method that records.

    Parameters
    ----------
    kind : type
        ``lazyframe.DataFrame`` or ``lazyframe.Series``.
    theirs : type
        pandas' class.
    instead : mapping
        What stands in for a method of pandas on small data.
    """
    for name in PLAIN[kind.__name__]:
        setattr(kind, name, _stub(name, instead.get(name) or getattr(theirs, name)))
    for name in WRAPPED[kind.__name__]:
        setattr(kind, name, _stub(name, wrapping(getattr(theirs, name))))
    for name in PROPERTIES:
        setattr(kind, name, _stub_property(name, getattr(theirs, name)))
    kind.__init__ = _noting_who_makes(made_of_plain(theirs.__init__))
    kind.__array_ufunc__ = _stub_of_ufuncs(theirs.__array_ufunc__)
    kind.__array_function__ = _array_function
    if kind.__name__ == "DataFrame":
        for name in JOINING:
            setattr(kind, name, _stub_of_joining(name, wrapping(getattr(theirs, name))))
        kind.__setitem__ = _stub_of_setitem(theirs.__setitem__)
        kind.eval = _stub_of_expressions("eval", theirs.eval)
        kind.query = _stub_of_expressions("query", theirs.query)


def _noting_who_makes(theirs: Callable[..., Any]) -> Callable[..., Any]:
    @blame_caller
    def make(self: Any, *args: Any, **kwargs: Any) -> None:
        theirs(self, *args, **kwargs)
        note_made(self)

    return like(make, theirs)


def _stub(name: str, theirs: Callable[..., Any]) -> Callable[..., Any]:
    in_place = name in INPLACE
    looks_up = name in LOOKS_UP

    @blame_caller
    def overriding_later(self: Any, *args: Any, **kwargs: Any) -> Any:
        state = self.__dict__
        if (
            is_short(state)
            and not (array_kind is not None and _meets_arrays(args, kwargs))
            and not (looks_up and holds_large(args))
        ):
            if in_place and kwargs.get("inplace"):
                warn_if_chained(sys.getrefcount(self), self)
            return theirs(self, *args, **kwargs)
        load(name)
        return getattr(self, name)(*args, **kwargs)

    return like(overriding_later, theirs)


def _stub_of_joining(name: str, theirs: Callable[..., Any]) -> Callable[..., Any]:
    @blame_caller
    def overriding_later(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not holds_large((self, *args, *kwargs.values())) and not _meets_arrays(args, kwargs):
            return theirs(self, *args, **kwargs)
        load()
        return getattr(self, name)(*args, **kwargs)

    return like(overriding_later, theirs)


def _stub_property(name: str, like: Any) -> property:
    def get(self: Any) -> Any:
        state = self.__dict__
        if is_short(state):
            return like.__get__(self, type(self))
        load()
        return getattr(self, name)

    return property(get, doc=like.__doc__)


def _stub_of_ufuncs(theirs: Callable[..., Any]) -> Callable[..., Any]:
    @blame_caller
    def array_ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if not any(map(is_recording, inputs)):
            return theirs(self, ufunc, method, *inputs, **kwargs)
        load()
        return self.__array_ufunc__(ufunc, method, *inputs, **kwargs)

    return array_ufunc


def _array_function(self: Any, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    if holds_large(args) or _holds_arrays(args):
        load()
        return self.__array_function__(function, types, args, kwargs)
    # what NumPy does with an object that has no say in it
    return function._implementation(*args, **kwargs)


def _holds_arrays(items: Iterable[Any]) -> bool:
    return array_kind is not None and any(
        _holds_arrays(one) if type(one) in (list, tuple) else type(one) is array_kind for one in items
    )


def _stub_of_setitem(theirs: Callable[..., Any]) -> Callable[..., Any]:
    @blame_caller
    def overriding_later(self: Any, key: Any, value: Any) -> None:
        state = self.__dict__
        small = is_short(state)
        if small and array_kind is not None and type(value) is array_kind and value.pending is None:
            value = value.result()  # what was computed already is copied into the frame, as NumPy's own is
        if small and not (array_kind is not None and _meets_arrays((key, value), {})):
            warn_if_chained(sys.getrefcount(self), self, setting=True)
            theirs(self, key, value)
        else:
            load()
            self[key] = value

    return like(overriding_later, theirs)


def _stub_of_expressions(name: str, theirs: Callable[..., Any]) -> Callable[..., Any]:
    @blame_caller
    def overriding_later(self: Any, expr: Any, **kwargs: Any) -> Any:
        # pandas looks for ``@name`` so many frames up, and this is one more
        kwargs["level"] = kwargs.get("level", 0) + 1
        if is_large(self):
            load(name)
            return getattr(self, name)(expr, **kwargs)
        return wrap(theirs(self, expr, **kwargs))

    return like(overriding_later, theirs)
