"""Everything here is recorded, however small, and what is decoded can be seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import lazyframe
from lazyframe.run.parquet.readers import Readers


@pytest.fixture(autouse=True)
def _record_everything() -> Iterator[None]:
    with lazyframe.config(min_rows=0):
        yield


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, tuple[str, ...]]]:
    """The row groups that were read, by their numbers, and the columns of each."""
    seen: list[tuple[int, tuple[str, ...]]] = []
    theirs, into, between = Readers.read, Readers.read_into, Readers.read_between
    text = Readers.read_text

    def read(self: Readers, group: Any, names: Any) -> Any:
        seen.append((group.number, tuple(names)))
        return theirs(self, group, names)

    def read_into(self: Readers, group: Any, column: Any, array: Any) -> bool:
        found = into(self, group, column, array)
        if found:
            seen.append((group.number, (column.name,)))
        return found

    def read_text(self: Readers, group: Any, column: Any) -> Any:
        found = text(self, group, column)
        if found is not None:
            seen.append((group.number, (column.name,)))
        return found

    def read_between(self: Readers, group: Any, pages: Any, low: int, high: int) -> Any:
        found = between(self, group, pages, low, high)
        if found is not None and high == group.rows:
            seen.append((group.number, (pages.name,)))
        return found

    monkeypatch.setattr(Readers, "read_between", read_between)
    monkeypatch.setattr(Readers, "read_text", read_text)
    monkeypatch.setattr(Readers, "read", read)
    monkeypatch.setattr(Readers, "read_into", read_into)
    return seen
