"""Arrays that pandas' own methods give where they are steps of a program."""

from __future__ import annotations

import numpy as np
import pandas as pd


def array_made(result: pd.Series, given: np.ndarray) -> np.ndarray:
    """The array of a series that pandas has just made of ``given``, nothing copied.

    pandas hands out arrays that are locked, as they are the series'. This series is nobody's, so the array
    can be written to, unless pandas found nothing to do and shares what it was given.
    """
    array: np.ndarray = result.to_numpy()
    if not np.may_share_memory(array, given):
        array.flags.writeable = True
    return array
