"""Which line of the user's asked for a node: for ``explain``."""

from __future__ import annotations

import os
import sys
import warnings
from functools import lru_cache
from types import CodeType, FrameType
from typing import TypeAlias

import numpy
import pandas

from passes.ir.node import Origin, set_origin
from passes.ir.values import Value

_LIBRARIES = tuple(
    os.path.dirname(found) + os.sep
    for found in (pandas.__file__, numpy.__file__, os.path.dirname(os.path.abspath(__file__)))
)
Line: TypeAlias = tuple[str, int]
"""A file and a line in it."""

_is_library: dict[str, bool] = {}


def stamp(value: Value, what: str, depth: int = 1) -> None:
    """Note on a freshly made node the innermost line outside lazyframe, pandas and NumPy.

    It is ``depth`` or more frames above the function that asks: frames that are not looked at cost nothing.
    """
    if value.origin is None:
        frame = _user_frame(sys._getframe(depth + 1))
        if frame is not None:
            set_origin(value, origin_in(frame, what))


def user_line() -> Line | None:
    """The innermost line outside lazyframe, pandas and NumPy, to note later on a node that is made later."""
    frame = _user_frame(sys._getframe(2))
    return None if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def stamp_line(value: Value, what: str, line: Line | None) -> None:
    """Note a line on a freshly made node."""
    if line is not None and value.origin is None:
        set_origin(value, origin_at(line, what))


def warn(message: str, category: type[Warning]) -> None:
    """Warn at the innermost line outside lazyframe, pandas and NumPy, as pandas does."""
    frame: FrameType | None = sys._getframe(1)
    user, level = _user_frame(sys._getframe(1)), 2
    while frame is not None and frame is not user:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


@lru_cache(maxsize=1024)
def origin_at(line: Line, what: str) -> Origin:
    """The origin of what is asked for at a line: loops ask again and again."""
    return Origin(*line, what)


_MOST_PLACES = 4096
_places: dict[tuple[int, int, str], tuple[CodeType, Origin]] = {}
"""Origins by the instruction that asked, with its code, which so keeps its identity."""


def origin_in(frame: FrameType, what: str) -> Origin:
    """The origin of what is asked for where a frame is: to find its line, Python counts from the first."""
    code = frame.f_code
    place = id(code), frame.f_lasti, what
    known = _places.get(place)
    if known is not None:
        return known[1]
    if len(_places) >= _MOST_PLACES:
        _places.clear()
    found = origin_at((code.co_filename, frame.f_lineno), what)
    _places[place] = code, found
    return found


def _user_frame(innermost: FrameType) -> FrameType | None:
    frame: FrameType | None = innermost
    while frame is not None:
        filename = frame.f_code.co_filename
        library = _is_library.get(filename)
        if library is None:
            library = _is_library[filename] = filename.startswith(_LIBRARIES)
        if not library:
            return frame
        frame = frame.f_back
    return None
