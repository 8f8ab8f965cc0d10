"""What pandas makes of Arrow's schemas: labels and dtypes, and what it notes in them."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas
import pyarrow

from lazyframe.pandas_internals import frame_of_arrow, options_of_text
from lazyframe.record.capture import is_kernel_dtype

_SCHEMAS_KEPT = 64
"""What pandas made of so many schemas is remembered: programs read the same files again."""


def noted_by_pandas(schema: Any) -> dict[str, Any]:
    """What pandas noted of the frame that a schema is of; nothing where others made it."""
    metadata = schema.metadata or {}
    return _noted(metadata[b"pandas"]) if b"pandas" in metadata else {}


@functools.lru_cache(maxsize=_SCHEMAS_KEPT)
def _noted(text: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


def has_attrs(schema: Any) -> bool:
    """Whether pandas gives a frame of this schema ``attrs``."""
    return b"PANDAS_ATTRS" in (schema.metadata or {}) or bool(noted_by_pandas(schema).get("attributes"))


def shown_by_pandas(schema: Any) -> tuple[pandas.Index, tuple[Any, ...]]:
    """The labels and dtypes that pandas gives the columns of a schema, those in which nothing is missing."""
    return _shown(schema.serialize().to_pybytes(), options_of_text())


@functools.lru_cache(maxsize=_SCHEMAS_KEPT)
def _shown(serialised: bytes, options: tuple[Any, ...]) -> tuple[pandas.Index, tuple[Any, ...]]:
    schema = pyarrow.ipc.read_schema(pyarrow.py_buffer(serialised))
    empty = frame_of_arrow(schema.empty_table())
    return empty.columns, tuple(empty.dtypes)


def described_range(described: Sequence[Any], rows: int) -> pandas.RangeIndex | None:
    """The labels of so many rows, as pandas' metadata has them; None where they are no RangeIndex."""
    if not described:
        return pandas.RangeIndex(rows)
    if len(described) > 1 or not isinstance(described[0], dict) or described[0].get("kind") != "range":
        return None
    found = described[0]
    name = found["name"]
    if not (name is None or isinstance(name, str)):
        return None
    index = pandas.RangeIndex(found["start"], found["stop"], found["step"], name=name)
    return index if len(index) == rows else pandas.RangeIndex(rows)


@functools.lru_cache(maxsize=64)
def is_numbers(kind: Any, shown: Any) -> bool:
    """Whether Arrow's values of a type are, one for one, those that kernels compute on."""
    if not is_kernel_dtype(shown):
        return False
    if pyarrow.types.is_integer(kind) and shown == np.float64:
        return True
    plain = pyarrow.array([], kind).to_numpy(zero_copy_only=False).dtype
    return bool(plain == shown)
