"""Inputs that are asked for as they are, and that the host makes when somebody does: no program is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lazyframe.run.bindings import bound_to
from lazyframe.run.late import LateColumn, fetch_all
from passes.ir.values import Read, Value


def made_inputs(values: Sequence[Value]) -> list[Any] | None:
    """The data of inputs, where they are all that is asked for and none of them is in a file; else None."""
    if not all(type(value) is Read for value in values):
        return None
    bound = [bound_to(value.token) for value in values]  # type: ignore[attr-defined]  # inputs have one
    late = [one for one in bound if isinstance(one, LateColumn)]
    if any(one.source.in_files for one in late):
        return None
    made = {id(column): data for column, data in zip(late, fetch_all(late), strict=True)}
    return [made.get(id(one), one) for one in bound]
