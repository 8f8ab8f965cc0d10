"""Which data each token of the graph stands for.

The passes see tokens, never data.  A token's data lives exactly as long as the token, that is, as
long as some graph node, and through it some user's handle, can still ask for it: the tokens that are
made here hold it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lazyframe.run.late import LateColumn
from passes.ir.node import Token
from passes.ir.rows import Range
from passes.ir.values import OPAQUE, Parameter, Read


class _Bound(Token):
    """A token that keeps what it stands for alive."""

    __slots__ = ("data", "owner", "provenance")

    def __init__(self, data: Any, hint: str, owner: object = None) -> None:
        self.hint = hint
        self.constant = None
        self.data = data
        self.owner = owner
        self.provenance: tuple[Any, ...] = ()


def bind_array(array: np.ndarray, hint: str = "", owner: object = None) -> Read:
    """A column over the positions of a one-dimensional array.

    Parameters
    ----------
    array : numpy.ndarray
        One-dimensional, of a bool, integer, float, datetime64 or timedelta64 dtype in native byte order; any
        stride.  The caller sees to it that nobody writes to it while the token lives.
    hint : str
        Printed name.
    owner : object
        Kept alive with the token: what protects ``array`` from being written to.
    """
    return Read(_Bound(array, hint, owner), array.dtype, Range(len(array)))


def bind_opaque(data: Any, hint: str = "") -> Read:
    """A column that only the host can touch: a pandas Index or an extension or object array."""
    return Read(_Bound(data, hint), OPAQUE, Range(len(data)))


def bind_scalar(value: np.generic, hint: str = "") -> Parameter:
    """A scalar known now, kept out of the plan so that other values share it."""
    return Parameter(_Bound(value, hint), value.dtype)


def bind_late(column: LateColumn, hint: str = "") -> Read:
    """A column whose data is fetched when a computation first needs it."""
    return Read(_Bound(column, hint), column.dtype, Range(column.rows))


def note_provenance(token: Token, provenance: tuple[Any, ...]) -> None:
    """Keep with an input what is known of how it came to be."""
    token.provenance = provenance  # type: ignore[attr-defined]  # every input of the graph was bound here


def provenance_of(token: Token) -> tuple[Any, ...]:
    """What `note_provenance` kept."""
    return token.provenance if isinstance(token, _Bound) else ()


def data_of(token: Token) -> Any:
    """What was bound to ``token``; of a late column its data, which is fetched if it is not there."""
    bound = bound_to(token)
    return bound.whole() if isinstance(bound, LateColumn) else bound


def bound_to(token: Token) -> Any:
    """What was bound to ``token``, fetching nothing: data, or a `LateColumn`."""
    return token.data  # type: ignore[attr-defined]  # every input of the graph was bound here


def dtype_of_input(token: Token) -> Any:
    """The dtype that pandas shows of an array that was bound."""
    bound = bound_to(token)
    return bound.shown_dtype() if isinstance(bound, LateColumn) else bound.dtype
