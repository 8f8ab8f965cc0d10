"""Arrays of text that is chosen row by row among a few strings: codes of them, until somebody sees the text.

No kernel holds NumPy's text, so that all that arrays do is done by NumPy on the computed array. Who assigns
the array to a frame's column has the codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from lazyframe.record.elementwise import INT64, select
from passes.ir.rows import Rows
from passes.ir.values import Literal, Value

MOST_CHOICES = 32
"""Strings, however often each, among which is chosen: more conditions are NumPy's."""


class Choice(NamedTuple):
    """One of two texts in each row, by whether a boolean column is true there."""

    condition: Value
    yes: Text
    no: Text


Text: TypeAlias = "str | Choice"


class TextForm:
    """An array of one dimension whose elements are strings.

    Parameters
    ----------
    rows : Rows
        Of the conditions.
    text : Choice
        What is in each row.
    """

    __slots__ = ("_columns", "axes", "entries", "text")
    ndim = 1

    def __init__(self, rows: Rows, text: Choice) -> None:
        # as NumPy does, that takes no zeros at a string's end
        self.entries: np.ndarray = np.unique(np.array(list(_strings(text))))
        self.axes = (rows,)
        self.text = text
        codes = {string: code for code, string in enumerate(self.entries.tolist())}
        self._columns: tuple[Value, ...] = (_codes(text, codes),)

    @property
    def dtype(self) -> np.dtype:
        """NumPy's of text as long as the longest string."""
        dtype: np.dtype = self.entries.dtype
        return dtype

    @property
    def columns(self) -> tuple[Value, ...]:
        """What has to be computed: where in the sorted strings each row's stands, as int64."""
        return self._columns

    def assembled(self, codes: np.ndarray) -> np.ndarray:
        """The array, of what was computed."""
        found: np.ndarray = self.entries.take(codes)
        return found


def _strings(text: Text) -> Iterator[str]:
    if isinstance(text, str):
        yield text
    else:
        yield from _strings(text.yes)
        yield from _strings(text.no)


def _codes(text: Text, codes: dict[str, int]) -> Value:
    if isinstance(text, str):
        return Literal(codes[str(np.array(text))], INT64)
    return select(text.condition, _codes(text.yes, codes), _codes(text.no, codes))


def chosen(conditions: Sequence[Value], texts: Sequence[Text]) -> TextForm | None:
    """Each row's text is that of the first condition that is true, and the last text where none is.

    Parameters
    ----------
    conditions : sequence of Value
        One or more boolean columns.
    texts : sequence of str or Choice
        One more than conditions; choices are by conditions of the same rows.

    Returns
    -------
    TextForm or None
        None of conditions of different rows, and of too many strings.
    """
    rows = conditions[0].rows
    if rows is None or any(condition.rows is not rows for condition in conditions):
        return None
    if any(isinstance(text, Choice) and text.condition.rows is not rows for text in texts):
        return None
    if sum(1 for text in texts for _ in _strings(text)) > MOST_CHOICES:
        return None
    text = texts[-1]
    for condition, here in zip(reversed(conditions), reversed(texts[:-1]), strict=True):
        text = Choice(condition, here, text)
    assert isinstance(text, Choice)
    return TextForm(rows, text)
