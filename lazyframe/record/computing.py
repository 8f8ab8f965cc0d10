"""Computing what is asked for now: results that pandas' rules, or a user, must see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from lazyframe.run import execute
from passes.ir.values import Value

_scalars: WeakKeyDictionary[Value, Any] = WeakKeyDictionary()


def compute(values: Sequence[Value]) -> list[Any]:
    """Compute several values in one program; a scalar that was asked for before is not computed again."""
    unknown = [value for value in values if value not in _scalars]
    computed = dict(zip(unknown, execute.compute(unknown), strict=True)) if unknown else {}
    for value, result in list(computed.items()):
        if value.rows is None:
            _scalars[value] = computed[value] = value.dtype.type(result)
    return [computed[value] if value in computed else _scalars[value] for value in values]
