"""pandas, recorded and fused: ``import lazyframe as pd``.

Every public name of pandas is here under the same name. ``DataFrame`` and ``Series`` are lazyframe's
subclasses of pandas' classes, functions that return frames or series return those, and everything else is
pandas' own object. ``__version__`` is the version of pandas, because that is what programs look for in
``pd.__version__``; lazyframe's own is `version`.
"""

from __future__ import annotations

import importlib as _importlib
import sys as _sys
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

import pandas as _pandas
from pandas import __version__ as __version__

from lazyframe.api.frame import DataFrame as DataFrame
from lazyframe.api.series import Series as Series
from lazyframe.api.submodules import PandasSubmodules as _PandasSubmodules
from lazyframe.api.toplevel import top_level as _top_level
from lazyframe.freed_memory import keep_freed_memory as _keep_freed_memory

if _TYPE_CHECKING:
    from pandas import *  # type: ignore[assignment]  # noqa: F403

version = "0.1.0"

_OWN = {
    "collect": "lazyframe.api.collect",
    "config": "lazyframe.settings",
    "explain": "lazyframe.api.explain",
    "fallbacks": "lazyframe.api.explain",
}
"""What lazyframe has beside pandas, and where; imported when first asked for."""

_sys.meta_path.insert(0, _PandasSubmodules())
_keep_freed_memory()


def __getattr__(name: str) -> _Any:
    found: _Any
    if name == "__all__":
        return [*vars(_pandas)["__all__"]]
    if name == "testing":
        found = _importlib.import_module("lazyframe.testing")
    elif name in _OWN:
        found = getattr(_importlib.import_module(_OWN[name]), name)
    else:
        found = _top_level(name)
    globals()[name] = found  # found at once from now on
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_OWN, *dir(_pandas)} - {"annotations", "pandas"})
