"""What users hold: frames, series, arrays, the module that stands in for pandas.

As an attribute of lazyframe this is also ``pd.api``, so what it does not have is pandas' ``api``.
"""

from typing import Any

import pandas.api


def __getattr__(name: str) -> Any:
    try:
        return getattr(pandas.api, name)
    except AttributeError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(pandas.api)})
