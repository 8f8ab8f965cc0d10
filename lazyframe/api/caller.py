"""Who is calling: the user's own code, or a library that wants the real thing."""

from __future__ import annotations

import dis
import os
import sys
import sysconfig
from types import FrameType

import pandas

from lazyframe.pandas_internals import CONSTRUCTORS

_paths = sysconfig.get_paths()
_LIBRARIES = tuple(
    sorted(
        {
            os.path.join(os.path.realpath(_paths[name]), "")
            for name in ("stdlib", "platstdlib", "purelib", "platlib")
        }
        | {os.path.join(_paths[name], "") for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    )
)
_OURS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")
_MARKS = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")

_CORE = os.path.join(os.path.dirname(pandas.__file__), "core")
_GROUPING = (os.path.join(_CORE, "groupby", ""), os.path.join(_CORE, "resample.py"))

_ATTRIBUTE = frozenset(dis.opmap[name] for name in ("LOAD_ATTR", "LOAD_METHOD") if name in dis.opmap)

_library: dict[str, bool] = {}
_ours: dict[str, bool] = {}


def _is_library(filename: str) -> bool:
    # code made by dataclasses, IPython cells ("<ipython-input-...>", /tmp/ipykernel_...), "<stdin>" and
    # "<string>" is the user's, save what the import system itself runs
    if filename.startswith(("<frozen", "<__array_function__")):
        return True
    found = filename.startswith(_LIBRARIES) or any(mark in filename for mark in _MARKS)
    return found or filename.startswith(_OURS)


def _is_ours(filename: str) -> bool:
    return filename.startswith((_OURS, "<__array_function__"))


def called_by_user(depth: int = 1) -> bool:
    """Whether the function that asks was called by the user's own code.

    Parameters
    ----------
    depth : int
        Frames between the one that asks and its caller; frames of lazyframe's own are passed over.

    Returns
    -------
    bool
        False where the caller is in the standard library or in an installed package.
    """
    frame = user_frame(depth + 1)
    if frame is None:
        return True
    filename = frame.f_code.co_filename
    found = _library.get(filename)
    if found is None:
        found = _library[filename] = _is_library(filename)
    return not found


def asked_by_a_constructor() -> bool:
    """Whether pandas asks, that makes a column or an index of what it is given."""
    code = sys._getframe(2).f_code
    return code.co_filename in CONSTRUCTORS and code.co_name in CONSTRUCTORS[code.co_filename]


def called_by_a_grouping() -> bool:
    """Whether pandas, while it sorts rows into groups itself, called the method that asks."""
    return sys._getframe(3).f_code.co_filename.startswith(_GROUPING)


def reads_attribute(depth: int = 1) -> bool:
    """Whether the code that asks is about to read an attribute itself.

    Compiled code that it has called has no frame: what such code reads is read while its caller calls.
    """
    frame = user_frame(depth + 1)
    return frame is None or frame.f_code.co_code[frame.f_lasti] in _ATTRIBUTE


def user_frame(depth: int = 1) -> FrameType | None:
    """The innermost frame, ``depth`` or more above, that is not lazyframe's own."""
    try:
        frame: FrameType | None = sys._getframe(depth + 1)
    except ValueError:
        return None
    while frame is not None:
        filename = frame.f_code.co_filename
        ours = _ours.get(filename)
        if ours is None:
            ours = _ours[filename] = _is_ours(filename)
        if not ours:
            return frame
        frame = frame.f_back
    return None
