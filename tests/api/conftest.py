"""A recorded computation whose every answer, and every request to compute, a test can see."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import pandas
import pytest

from lazyframe.pandas_internals import manager_of, shallow_copy


class FakeRecorded:
    """Stands for a computation with the result `result`; knows of it what `known` names."""

    def __init__(self, result: pandas.DataFrame | pandas.Series, known: Sequence[str]) -> None:
        self._manager = shallow_copy(manager_of(result))
        # what is handed out must be what the manager carries
        *columns, index = self._manager.axes
        answers = {
            "columns": columns[0] if columns else None,
            "index": index,
            "length": len(result),
            "dtypes": list(result.dtypes) if columns else [result.dtype],
            "index_holds_strings": index._can_hold_strings,
        }
        self.name: Hashable = None if columns else result.name
        self.columns = columns[0] if columns else None
        self.computed = 0
        for question, answer in answers.items():
            setattr(self, question, answer if question in known or question == "columns" else None)

    def manager(self) -> Any:
        self.computed += 1
        return self._manager


class FailingRecorded(FakeRecorded):
    """A computation that raises."""

    def __init__(self, result: pandas.DataFrame | pandas.Series, error: BaseException) -> None:
        super().__init__(result, known=())
        self.error = error

    def manager(self) -> Any:
        self.computed += 1
        raise self.error


ALL = ("index", "length", "dtypes", "index_holds_strings")
SCHEMA = ("dtypes", "index_holds_strings")


@pytest.fixture
def recorded() -> Callable[..., FakeRecorded]:
    """Make a fake that knows everything, or only what is named."""
    return lambda result, known=ALL: FakeRecorded(result, known)


@pytest.fixture
def failing() -> Callable[..., FailingRecorded]:
    """Make a fake that raises `error` when computed."""
    return FailingRecorded
