"""Columns of strings to test with, as hypothesis makes them and as pandas may hold them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pyarrow
from hypothesis import strategies as st

LETTERS = [
    "",
    "a",
    "b",
    "A",
    "ab",
    "ba",
    "a b",
    " a",
    "é",
    "É",
    "ß",
    "İ",
    "\u0301",
    "😀",
    "\uffff",
    "7",
    "½",
    "\n",
    "a.b",
]
"""Text whose order, case and length are easily got wrong."""

WORDS = st.sampled_from(LETTERS) | st.text(max_size=3)


def arrow_dtype() -> Any:
    """``str``, held by pyarrow."""
    return pandas.StringDtype("pyarrow", na_value=np.nan)


def python_dtype() -> Any:
    """``str``, held as Python objects."""
    return pandas.StringDtype("python", na_value=np.nan)


def as_held(values: list[Any], how: str) -> Any:
    """A pandas array of strings, ``how`` it is held being ``arrow``, ``chunks``, ``slice`` or ``python``."""
    if how == "python":
        return pandas.array(values, dtype=python_dtype())
    if how == "chunks":
        middle = len(values) // 2
        pieces = [values[:middle], [], values[middle:]]
        chunks = pyarrow.chunked_array([pyarrow.array(p, pyarrow.large_string()) for p in pieces])
        return pandas.arrays.ArrowStringArray(chunks, dtype=arrow_dtype())
    if how == "slice":
        return pandas.array(["zz", None, *values, "aa"], dtype=arrow_dtype())[2 : 2 + len(values)]
    return pandas.array(values, dtype=arrow_dtype())


HELD = st.sampled_from(["arrow", "chunks", "slice", "python"])


@st.composite
def columns(draw: Any, min_size: int = 0, max_size: int = 12) -> Any:
    """An array of the ``str`` dtype."""
    words = draw(st.lists(WORDS, min_size=1, max_size=5))
    missing = [None] if draw(st.booleans()) else []
    values = draw(st.lists(st.sampled_from([*words, *missing]), min_size=min_size, max_size=max_size))
    return as_held(values, draw(HELD))
