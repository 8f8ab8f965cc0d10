"""NumPy, recorded and fused: ``import lazyframe.numpy as np``.

Everything that `numpy` has is here under its name. Large arrays made or computed with here are lazy: see
`LazyArray`.
"""

from typing import Any

import numpy as _numpy

from lazyframe import collect as _collect  # noqa: F401  # or the first result would wait for them
from lazyframe import config as _config  # noqa: F401
from lazyframe.api.array import LazyArray
from lazyframe.api.numpy.namespace import array_name, lifting_names

__all__ = [*_numpy.__all__, "LazyArray"]
__version__ = _numpy.__version__

# what makes a lazy array is here from the start, or the first result would wait for it to be made
globals().update({_name: array_name(_name) for _name in lifting_names()})


def __getattr__(name: str) -> Any:
    found = globals()[name] = array_name(name)  # found at once from now on
    return found


def __dir__() -> list[str]:
    return sorted({*dir(_numpy), "LazyArray"})
