"""What a lazy frame or series knows of itself before it is computed."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Protocol

import pandas

from lazyframe.pandas_internals import Manager


class Recorded(Protocol):
    """A computation that has not run yet, and what can be said of its result without running it.

    Every attribute is exactly what the computed result will say, or None where that is not known
    without running; then it is computed when somebody asks. Answers are not copied: an index given
    out once must be given out again, so that ``df.index is df.index`` holds, and must be the one that
    the manager carries, so that names set on it last.
    """

    @property
    def columns(self) -> pandas.Index | None:
        """The column labels of a frame; None of a series."""

    @property
    def index(self) -> pandas.Index | None:
        """The row labels."""

    @property
    def length(self) -> int | None:
        """The number of rows; known whenever `index` is."""

    @property
    def dtypes(self) -> Sequence[Any] | None:
        """The dtype of each column in order; of a series its one dtype."""

    @property
    def index_holds_strings(self) -> bool | None:
        """Whether row labels might be attribute names: False for any index of numbers or times."""

    @property
    def name(self) -> Hashable:
        """The name of a series; None of a frame."""

    def manager(self) -> Manager:
        """Compute. A real manager that the caller then owns."""
