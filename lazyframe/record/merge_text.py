"""Keys of a merge that are text of two kinds, of categories, ``str`` and Python's strings.

pandas shows the key of one side as another dtype then: a category as what its categories are, and other text
as Python's strings.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas

from lazyframe.pandas_internals import SINCE_3_1
from lazyframe.record import strings
from lazyframe.record.capture import dtype_of
from lazyframe.record.categories import category_codes
from lazyframe.record.computing import compute
from lazyframe.record.dictionaries import is_str, is_text
from lazyframe.record.elementwise import INT64, apply, cast, literal
from lazyframe.record.merge_keys import text_of
from lazyframe.record.merge_missing import Positions, key_of_either
from lazyframe.record.merge_sides import Keyed, Request, TextPair
from lazyframe.record.put_together import put_together
from lazyframe.record.row_counts import count_of, has_rows
from lazyframe.record.string_entries import as_objects
from lazyframe.record.table import Table
from lazyframe.run.bindings import bind_opaque, data_of
from passes.ir.values import OPAQUE, Gather, Read, Value


def differ_in_kind(left: Value, right: Value) -> bool:
    """Whether two keys are opaque, and pandas shows them at another dtype than it was given."""
    return left.dtype == right.dtype == OPAQUE and bool(dtype_of(left) != dtype_of(right))


def as_text(left: Value, right: Value) -> TextPair | None:
    """Two keys that `differ_in_kind` as text; None where they are something else."""
    one, other = text_key(left), text_key(right)
    if one is None or other is None:
        return None
    shown, codes = (_shown(left), _shown(right)), (_codes(left), _codes(right))
    if None in shown or None in codes:
        return None
    return TextPair(one, other, (dtype_of(left), dtype_of(right)), shown, codes)  # type: ignore[arg-type]  # no None


def text_key(key: Value) -> Value | None:
    """Text of any kind as strings that are not categories; None of what is not text."""
    dtype = dtype_of(key)
    if isinstance(dtype, pandas.CategoricalDtype):
        return strings.astype(key, dtype.categories.dtype) if is_str(dtype.categories.dtype) else None
    return key if is_str(dtype) or is_text(key) else None


def _shown(key: Value) -> Value | None:
    """What pandas makes of a key whose dtype is not the other's."""
    dtype = dtype_of(key)
    if isinstance(dtype, pandas.CategoricalDtype):
        return text_key(key)
    return as_objects(key) if is_str(dtype) else key


def _codes(key: Value) -> Value | None:
    category = category_codes(key)
    if category is not None:
        return category[0]
    text = text_of(key)
    return None if text is None else text.codes


def text_of_either(
    left: Value, right: Value, positions: tuple[Positions, Positions], dtypes: tuple[Any, Any] | None = None
) -> Value | None:
    """A key of both sides that is text: the left's, or where that is not there the right's.

    Parameters
    ----------
    left, right : Value
        The keys as text.
    positions : tuple of Positions
        Of the rows of the merge on both sides.
    dtypes : tuple, optional
        Where pandas merges text of two kinds, those of the key that it shows and of the other side's.
    """
    one, other = text_of(left), text_of(right)
    if one is None or other is None or (dtypes is None and dtype_of(left) != dtype_of(right)):
        return None
    if not all(side.any_found() for side in positions):
        return None
    wanted = dtype_of(left) if dtypes is None else _dtype_of_either(*dtypes)
    if wanted is None:
        return None
    behind = apply("add", cast(other.codes, INT64), literal(len(one.entries), INT64))
    codes = key_of_either(cast(one.codes, INT64), behind, positions)
    if codes is None:
        return None
    second = other.read
    if dtype_of(right) == OPAQUE and (SINCE_3_1 or dtype_of(left) != OPAQUE):
        # pandas puts NaN in the place of None
        second = bind_opaque(np.append(other.entries[:-1], np.array([np.nan], object)), "entries")
    return Gather(put_together([_entries_at(one.read, wanted), _entries_at(second, wanted)]), codes)


def _entries_at(entries: Read, dtype: Any) -> Read:
    if dtype_of(entries) == dtype:
        return entries
    array = data_of(entries.token)
    return bind_opaque(pandas.Series(array, dtype=array.dtype).astype(dtype).to_numpy(), "entries")


def _dtype_of_either(shown: Any, behind: Any) -> Any:
    """pandas' dtype of a key that is shown from one side, and where that has no row from the other."""
    for mine, theirs in product(_examples(shown, "a"), _examples(behind, "b")):
        if mine[0] != theirs[0]:
            one, other = [pandas.Series(key, dtype=key.dtype).to_frame("key") for key in (mine, theirs)]
            return one.merge(other, on="key", how="outer").dtypes.iloc[0]
    return None


def _examples(dtype: Any, word: str) -> list[Any]:
    """Arrays of one key of a dtype."""
    if isinstance(dtype, pandas.CategoricalDtype):
        count = min(2, len(dtype.categories))
        return [pandas.Categorical.from_codes([code], dtype=dtype) for code in range(count)]
    return [pandas.array([text], dtype=dtype) for text in (word, word * 2)]


def match_texts(one: Keyed, other: Keyed, asked: Request) -> bool:
    """Have text of two kinds compared as text; whether it is known what pandas shows of it."""
    shows, behind = (one, other) if one.positions else (other, one)
    for k, (mine, theirs) in enumerate(zip(one.values, other.values, strict=True)):
        if not differ_in_kind(mine, theirs):
            continue
        if asked.how.endswith("_anti") or not all(has_rows(keyed.table.rows) for keyed in (one, other)):
            return False
        is_one_column = bool(behind.positions) and behind.names[k] == shows.names[k]
        if not is_one_column and shows.names[k] in behind.table.current_columns().index():
            return False  # which pandas converts too
        pair = as_text(mine, theirs)
        if pair is None:
            return False
        one.values[k], other.values[k] = pair.left, pair.right
        one.texts[k] = other.texts[k] = pair
    return True


def has_order_of_its_own(one: Keyed, other: Keyed, asked: Request) -> bool:
    """Whether pandas leaves rows in the order of one key of text as that was, and not as text has it.

    It joins two keys that ascend as indexes, and forgets there that rows are to be sorted, where the keys are
    of two kinds.  One missing key ascends, too.
    """
    if len(one.values) > 1 or not (asked.sort or asked.how == "outer"):
        return False
    if asked.how == "outer":
        objects = any(dtype_of(keyed.values[0]) == OPAQUE for keyed in (one, other))
        return (objects or bool(one.texts)) and any(count_of(keyed.table.rows) == 1 for keyed in (one, other))
    return bool(one.texts) and all(
        bool((codes[1:] >= codes[:-1]).all()) for codes in compute(one.texts[0].codes)
    )


def showing_texts(one: Keyed, other: Keyed) -> tuple[Keyed, Keyed]:
    """The sides with what pandas makes of keys that are text of two kinds, where it shows them."""
    side = 0 if one.positions else 1
    keyed = (one, other)[side]
    table: Table | None = keyed.table
    for k, pair in keyed.texts.items():
        assert table is not None
        table = table.with_column(keyed.names[k], pair.shown[side])
    assert table is not None
    shown = keyed._replace(table=table)
    return (shown, other) if side == 0 else (one, shown)
