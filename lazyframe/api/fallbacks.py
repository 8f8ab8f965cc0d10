"""Notice when pandas computes what was not recorded, and remember it with the result."""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy
import pandas

from lazyframe import settings
from lazyframe.pandas_internals import rows_of_manager, shares_memory
from lazyframe.record.fallbacks import Fallback, note

if TYPE_CHECKING:
    from lazyframe.run.profile import AtOnce, Computation

_LIBRARIES = tuple(
    os.path.join(os.path.dirname(found), "")
    for found in (pandas.__file__, numpy.__file__, os.path.dirname(os.path.abspath(__file__)))
)
_PANDAS = os.path.join(os.path.dirname(pandas.__file__), "core", "")

MOST_KEPT = 16
"""Fallbacks that one object remembers."""

LONGEST_LINE = 90
_NOTHING: dict[str, Any] = {}

_ASKS = frozenset({
    "__array__", "__arrow_c_stream__", "__bool__", "__complex__", "__contains__", "__copy__",
    "__deepcopy__", "__dir__", "__float__", "__format__", "__getattr__", "__index__", "__int__",
    "__iter__", "__len__", "__reduce__", "__reduce_ex__", "__repr__", "__round__", "__sizeof__",
    "__str__", "_repr_data_resource_", "_repr_html_", "_repr_latex_", "array", "axes", "collect",
    "columns", "display", "dtype", "dtypes", "empty", "equals", "explain", "flags", "index", "info",
    "item", "items", "iterrows", "itertuples", "keys", "memory_usage", "nbytes", "ndim", "plot", "hist",
    "boxplot", "shape", "size", "tolist", "values",
})  # fmt: skip
"""Methods that ask for values, or for what is known of them: pandas is not in the place of a kernel."""

_SPOKEN_OF = {
    "getitem": "DataFrame.__getitem__",
    "RecordingIndexer.__getitem__": "loc.__getitem__",
    "RecordingIndexer.__setitem__": "loc.__setitem__",
}
"""Functions of ours by the names that users know them under; ``iloc`` is called what ``loc`` is."""

_NO_WORK = frozenset({
    "__finalize__", "__setitem__", "assign", "copy", "drop", "head", "iloc", "loc", "pipe", "pop", "rename",
    "rename_axis", "reset_index", "select_dtypes", "set_axis", "set_flags", "set_index", "squeeze",
    "swapaxes", "tail", "transpose", "T", "view",
})  # fmt: skip
"""Methods whose work does not grow with the rows of a frame that is computed."""


_laying_out: ContextVar[bool] = ContextVar("laying out", default=False)


@contextmanager
def laying_out() -> Iterator[None]:
    """What pandas does in this block is to arrange results that are computed: nothing is noted of it."""
    before = _laying_out.set(True)
    try:
        yield
    finally:
        _laying_out.reset(before)


def note_filling(rows: int) -> None:
    """An object's values were asked for: note by whom, if that is a method that is not recorded.

    Of few rows it does not matter: pandas lays out with its own methods what was counted or summed of many.
    """
    if rows < settings._current.min_rows or _laying_out.get():
        return
    found = _caller(sys._getframe(2))
    if found is not None and not _asks(found[0]):
        note(_fallback(*found))


def remember_computation(state: dict[str, Any], computation: Computation | AtOnce | None) -> None:
    """Keep with an object how it was computed."""
    if computation is None:
        return
    state["_computed_by"] = computation
    if computation.provenance:
        state["_fallbacks"] = computation.provenance


def note_result(source: Any, made: Any) -> None:
    """Keep with what pandas made of ``source`` that pandas did, unless both are small or it was no work."""
    state = getattr(source, "__dict__", _NOTHING)
    arranged = _laying_out.get()
    if arranged and "_fallbacks" not in state:
        return
    least = settings._current.min_rows
    if rows_of_manager(made._mgr) < least:
        manager = state.get("_mgr")
        if manager is None or rows_of_manager(manager) < least:
            return
    found = None if arranged else _caller(sys._getframe(2))
    known = state.get("_fallbacks", ())
    if found is not None:
        name = found[0].rpartition(".")[2]
        picked = name == "__getitem__" and _is_part(made, source)
        if not (picked or name in _NO_WORK or _asks(name)):
            known = _noted(known, _fallback(*found))
    if known:
        made.__dict__["_fallbacks"] = known


def note_made(made: Any) -> None:
    """Keep with what pandas made by calling the class, as windows do, that pandas did, unless it is small.

    To be called by the ``__init__`` of the class.
    """
    if rows_of_manager(made._mgr) < max(settings._current.min_rows, 1) or _laying_out.get():
        return
    maker = sys._getframe(2)
    if not maker.f_code.co_filename.startswith(_PANDAS):
        return
    found = _caller(maker)
    if found is None or found[0].endswith(_MAKERS) or "." not in found[0] or "Index" in found[0]:
        return
    name = found[0].rpartition(".")[2]
    if name not in _NO_WORK and not _asks(name):
        made.__dict__["_fallbacks"] = _noted((), _fallback(*found))


_MAKERS = (".__init__", ".from_dict", ".from_records", ".from_arrow")
"""Methods that make frames of what is none."""


def note_grouped(method: str, rows: int, made: Any) -> None:
    """Keep with what pandas' ``method`` made of the groups of so many rows that pandas did, unless few.

    Of none there is nothing to record: pandas says what an empty result looks like.
    """
    found = _caller(sys._getframe(1)) if rows >= max(settings._current.min_rows, 1) else None
    if found is not None:
        state = getattr(made, "__dict__", _NOTHING)
        known = _noted(state.get("_fallbacks", ()), _fallback(method, True, found[2]))
        if "_mgr" in state:
            state["_fallbacks"] = known


def _noted(known: tuple[Fallback, ...], fallback: Fallback) -> tuple[Fallback, ...]:
    note(fallback)
    return (*[k for k in known if k != fallback], fallback)[-MOST_KEPT:]


def _is_part(made: Any, source: Any) -> bool:
    """Whether ``made`` is a column of ``source``, or a slice of its rows, for which nothing was copied."""
    manager = getattr(source, "__dict__", _NOTHING).get("_mgr")
    return made.ndim < getattr(source, "ndim", 0) or (
        manager is not None and shares_memory(made._mgr, manager)
    )


def _asks(qualified: str) -> bool:
    name = qualified.rpartition(".")[2]
    return name in _ASKS or name.startswith(("to_", "assert_"))


def _caller(frame: FrameType | None) -> tuple[str, bool, FrameType] | None:
    """The method that the user's code called, whether it records at times, and the user's frame."""
    inside: list[str] = []
    while frame is not None and frame.f_code.co_filename.startswith(_LIBRARIES):
        inside.append(frame.f_code.co_qualname)
        frame = frame.f_back
    if frame is None or not inside:
        return None
    records = inside[-1].startswith("overriding")
    while len(inside) > 1 and ("<locals>" in inside[-1] or inside[-1].startswith("<")):
        inside.pop()
    name = inside[-1].rpartition("<locals>.")[2]
    return _SPOKEN_OF.get(name, name), records, frame


def _fallback(method: str, records: bool, frame: FrameType) -> Fallback:
    reason = (
        "lazyframe records it, but not with these arguments or dtypes"
        if records
        else "lazyframe does not record it, so pandas ran it"
    )
    return Fallback(method, reason, _line(frame))


def _line(frame: FrameType) -> str:
    filename, line = frame.f_code.co_filename, frame.f_lineno
    text = " ".join(linecache.getline(filename, line).split())
    if len(text) > LONGEST_LINE:
        text = text[: LONGEST_LINE - 3] + "..."
    return f"{os.path.basename(filename)}:{line}  {text}".rstrip()
