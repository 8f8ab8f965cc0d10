"""The brief run of the tests, for a second pandas: which of the cases of a test are run there.

Of a test of several parameters the whole run takes every combination.  What differs between two versions of
pandas belongs to one method, one dtype or one option, and hardly ever to a combination of them, so that the
brief run takes as many cases as it needs to have each value of each parameter, which is a third of them.
Property tests have a sixth of the examples that they are written for there, and half of them in the whole
run, which has to end within twenty minutes: ``LAZYFRAME_EXAMPLES=60`` runs them as they are written.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator

import pytest
from hypothesis import settings

WRITTEN = 60
"""Examples that a property test is written for that names no number."""

WHOLE = int(os.environ.get("LAZYFRAME_EXAMPLES", "30"))
"""Those that it has in the whole run."""

BRIEF = 10
"""Those that it has in the brief run."""

Choice = tuple[tuple[str, ...], tuple[int, ...]]
"""Parameters that are given together, and which of their values a case has."""


def examples(number: int) -> int:
    """How many examples a property test has that is written for a number of them."""
    return max(number * settings().max_examples // WRITTEN, 1)


def each_value(items: Iterable[pytest.Item]) -> set[pytest.Item]:
    """The fewest cases, nearly, in which each value of each parameter of each test occurs."""
    by_test: dict[Hashable, dict[pytest.Item, set[Choice]]] = defaultdict(dict)
    for item in items:
        by_test[item.parent, getattr(item, "originalname", item.name)][item] = _choices(item)
    return {item for cases in by_test.values() for item in _covering(cases)}


def _covering(cases: dict[pytest.Item, set[Choice]]) -> Iterator[pytest.Item]:
    """Cases in which all is new, as it is without parameters, and then those in which anything is."""
    seen: set[Choice] = set()
    for item, choices in cases.items():
        if not choices & seen:
            seen |= choices
            yield item
    for item, choices in cases.items():
        if not choices <= seen:
            seen |= choices
            yield item


def _choices(item: pytest.Item) -> set[Choice]:
    left = dict(item.callspec.params) if hasattr(item, "callspec") else {}
    together: list[tuple[str, ...]] = []
    for mark in item.iter_markers("parametrize"):
        names = mark.args[0] if mark.args else mark.kwargs["argnames"]
        together.append(
            tuple(name.strip() for name in names.split(",")) if isinstance(names, str) else tuple(names)
        )
    together += [(name,) for name in left if not any(name in names for names in together)]
    return {(names, tuple(id(left[name]) for name in names)) for names in together}
