"""Where arrays are, as kernels are told."""

from __future__ import annotations

import numpy as np


def address(array: np.ndarray) -> int:
    """Where an array's first element is."""
    pointer: int = array.__array_interface__["data"][0]
    return pointer
