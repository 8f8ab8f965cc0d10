"""Which cases of a test of several parameters are run: what two parameters have is had together."""

from __future__ import annotations

from itertools import combinations, product
from types import SimpleNamespace
from typing import Any

import pytest

from tests.brief import needed


def cases_of(**parameters: list[str]) -> list[Any]:
    """Cases as pytest collects them, of every combination of parameters."""
    marks = [pytest.mark.parametrize(name, values).mark for name, values in parameters.items()]
    return [
        Case(dict(zip(parameters, values, strict=True)), marks) for values in product(*parameters.values())
    ]


class Case:
    """One case of a test."""

    parent, name = None, "test"

    def __init__(self, params: dict[str, str], marks: list[pytest.Mark]) -> None:
        self.callspec = SimpleNamespace(params=params)
        self.marks = marks

    def iter_markers(self, name: str) -> list[pytest.Mark]:
        assert name == "parametrize"
        return self.marks


def met(cases: set[Any], together: int) -> set[Any]:
    return {pair for case in cases for pair in combinations(case.callspec.params.items(), together)}


@pytest.mark.parametrize("together", [1, 2])
def test_all_that_meets_is_kept_by_few_cases(together: int) -> None:
    cases = cases_of(a=list("stuv"), b=list("wxy"), c=list("pqr"), d=list("no"))
    kept = needed(cases, together)
    assert met(kept, together) == met(set(cases), together)
    assert len(kept) <= {1: 4, 2: 18}[together]


def test_two_parameters_and_none_keep_every_case() -> None:
    for cases in (cases_of(a=list("stuv"), b=list("wxy")), cases_of()):
        assert needed(cases, 2) == set(cases)
