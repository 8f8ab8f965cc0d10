"""Which line of the user's asked for a node: for ``explain``."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from types import FrameType
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


def stamp(value: Value, what: str) -> None:
    """Note on a freshly made node the innermost line outside lazyframe, pandas and NumPy."""
    if value.origin is None:
        stamp_line(value, what, _line(sys._getframe(2)))


def user_line() -> Line | None:
    """The innermost line outside lazyframe, pandas and NumPy, to note later on a node that is made later."""
    return _line(sys._getframe(2))


def stamp_line(value: Value, what: str, line: Line | None) -> None:
    """Note a line on a freshly made node."""
    if line is not None and value.origin is None:
        set_origin(value, origin_at(line, what))


@lru_cache(maxsize=1024)
def origin_at(line: Line, what: str) -> Origin:
    """The origin of what is asked for at a line: loops ask again and again."""
    return Origin(*line, what)


def _line(frame: FrameType) -> Line | None:
    while True:
        filename = frame.f_code.co_filename
        library = _is_library.get(filename)
        if library is None:
            library = _is_library[filename] = filename.startswith(_LIBRARIES)
        if not library:
            return filename, frame.f_lineno
        if frame.f_back is None:
            return None
        frame = frame.f_back
