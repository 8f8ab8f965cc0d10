"""Lazy arrays as Arrow arrays, for pyarrow, which reads the memory of an ndarray without asking it."""

from __future__ import annotations

import dis
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow


def arrow_of(values: np.ndarray, kind: Any, caller: FrameType | None) -> pyarrow.Array:
    """What ``pyarrow.array(values, kind)`` gives.

    Parameters
    ----------
    values : numpy.ndarray
        The computed array.
    kind : pyarrow.DataType, optional
        That was asked for.
    caller : frame, optional
        Of the code that called pyarrow.

    Raises
    ------
    TypeError
        If NaN may be wanted as missing: pyarrow keeps to itself whether it was told ``from_pandas``.
    """
    import pyarrow

    if values.dtype.kind == "f" and _may_say_from_pandas(caller) and np.isnan(values).any():
        raise TypeError(
            "pyarrow does not say whether NaN is to be missing in a lazy array: give it numpy.asarray(array)"
        )
    return pyarrow.array(values, kind)


def _may_say_from_pandas(caller: FrameType | None) -> bool:
    if caller is None:
        return True
    code = caller.f_code
    names = [
        *code.co_names,
        *(name for names in code.co_consts if isinstance(names, tuple) for name in names),
    ]
    # the arguments of f(**options) are nowhere in the code
    return "from_pandas" in names or dis.opname[code.co_code[caller.f_lasti]] == "CALL_FUNCTION_EX"
