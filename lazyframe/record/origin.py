"""Which line of the user's asked for a node: for ``explain``."""

from __future__ import annotations

import os
import sys

import numpy
import pandas

from passes.ir.node import Origin, set_origin
from passes.ir.values import Value

_LIBRARIES = tuple(
    os.path.dirname(found) + os.sep
    for found in (pandas.__file__, numpy.__file__, os.path.dirname(os.path.abspath(__file__)))
)
_is_library: dict[str, bool] = {}


def stamp(value: Value, what: str) -> None:
    """Note on a freshly made node the innermost line outside lazyframe, pandas and NumPy."""
    if value.origin is not None:
        return
    frame = sys._getframe(2)
    while True:
        filename = frame.f_code.co_filename
        library = _is_library.get(filename)
        if library is None:
            library = _is_library[filename] = filename.startswith(_LIBRARIES)
        if not library:
            break
        if frame.f_back is None:
            return
        frame = frame.f_back
    set_origin(value, Origin(filename, frame.f_lineno, what))
