"""Which columns of text need not be compared to tell groups apart, as they follow from other keys.

A number that tells all customers apart is grouped by together with their names and addresses because these
are wanted too, or to be sure.  Encoding text of which most is distinct would cost more than all the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

from lazyframe.record.dictionaries import SMALL_DICTIONARY, source_of, string_dtype_of
from lazyframe.record.missing_inputs import holds_missing
from lazyframe.record.row_labels import length_of
from lazyframe.run.uniqueness import certainly_unique
from passes.facts.dependence import follows_from
from passes.ir.values import Value

_EXACT = "biumM"
"""Kinds of which equal values have equal bits."""


def texts_that_follow(keys: Sequence[Value], sort: bool) -> frozenset[int]:
    """The positions of the columns of text among ``keys`` that have one value in each group of the others.

    Parameters
    ----------
    keys : sequence of Value
        Columns of one row space.
    sort : bool
        Whether groups are wanted in the order of their keys: then what follows from a later one decides it.
    """
    found: set[int] = set()
    for k, text in enumerate(keys):
        if not _is_long(text):
            continue
        others = [key for other, key in enumerate(keys) if other < k or (other > k and not sort)]
        exact = [key for key in others if key.dtype.kind in _EXACT]
        if exact and follows_from(text, exact, _tell_apart) and not _holds_missing(text):
            found.add(k)
    return frozenset(found)


def _is_long(text: Value) -> bool:
    """Whether a column is of strings, and of more than are soon encoded."""
    source = source_of(text)
    if source is None or string_dtype_of(text) is None:
        return False
    length = length_of(source.rows)
    return length is not None and length > SMALL_DICTIONARY


def _holds_missing(text: Value) -> bool:
    source = source_of(text)
    return source is None or holds_missing(source)


def _tell_apart(keys: Sequence[Value]) -> bool:
    exact = [key for key in keys if key.dtype.kind in _EXACT]
    if any(certainly_unique([key], fetching=True) for key in exact):
        return True
    return 1 < len(exact) == len(keys) and certainly_unique(exact, fetching=True)
