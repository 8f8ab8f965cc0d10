"""pandas, recorded and fused: ``import lazyframe as pd``.

Every public name of pandas is here under the same name. ``DataFrame`` and ``Series`` are lazyframe's
subclasses of pandas' classes, functions that return frames or series return those, and everything else is
pandas' own object. ``__version__`` is the version of pandas, which programs ask for; lazyframe's own is
`version`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pandas as _pandas
from pandas import __version__ as __version__

from lazyframe.api.frame import DataFrame as DataFrame
from lazyframe.api.series import Series as Series
from lazyframe.api.submodules import PandasSubmodules
from lazyframe.api.toplevel import top_level

if TYPE_CHECKING:
    from pandas import *  # type: ignore[assignment]  # noqa: F403

version = "0.1.0"

sys.meta_path.append(PandasSubmodules())


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return [*vars(_pandas)["__all__"]]
    if name == "testing":
        import lazyframe.testing as found
    else:
        found = top_level(name)
    globals()[name] = found  # found at once from now on
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(_pandas)})
