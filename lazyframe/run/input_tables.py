"""Tables of rows by the keys of whole inputs, kept with the inputs where they are small beside them.

Who merges frames merges them again.  A pandas index likewise keeps what it was searched with.
"""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary, ref

import numpy as np

from lazyframe.run.lookups import RowTable, table_of
from passes.ir.node import Token

_kept: WeakKeyDictionary[Token, list[tuple[list[ref[Token]], RowTable]]] = WeakKeyDictionary()
"""By the token of the first key, with the others."""


def table_of_inputs(tokens: Sequence[Token], keys: Sequence[np.ndarray]) -> RowTable:
    """The table of the rows of inputs by these columns of theirs, no two rows of which are equal.

    Parameters
    ----------
    tokens : sequence of Token
        The user's.
    keys : sequence of numpy.ndarray
        What is bound to them.
    """
    first, others = tokens[0], list(tokens[1:])
    for held, table in _kept.get(first, ()):
        if [one() for one in held] == others:
            return table
    table = table_of(keys, whole=True)
    if table.bytes <= sum([key.nbytes for key in keys]):
        table.complete()
        _kept.setdefault(first, []).append(([ref(one) for one in others], table))
    return table
