"""Which of the cases of tests of several parameters are run, and how many examples property tests have.

A fault belongs to a value of one parameter or to two that meet, and hardly ever to three: of a test of more
than two parameters the whole run takes as many cases as it needs to have each two values of any two of them
together, and of two parameters every case.  What differs between two versions of pandas belongs to one
method, one dtype or one option, so that the brief run, for a second pandas, takes as many cases as it needs
to have each value of each parameter, which is a third of them, and none of tests that are marked
``without_pandas``.  A case that is named is always run, and
``--every-case`` runs all.

Property tests have a tenth of the examples that they are written for in the brief run, and four tenths in
the whole run, which has to end within twenty minutes: ``LAZYFRAME_EXAMPLES=60`` runs them as they are
written.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Hashable, Iterable
from itertools import combinations

import pytest
from hypothesis import settings

WRITTEN = 60
"""Examples that a property test is written for that names no number."""

WHOLE = int(os.environ.get("LAZYFRAME_EXAMPLES", "24"))
"""Those that it has in the whole run."""

BRIEF = 6
"""Those that it has in the brief run."""

Choice = tuple[tuple[str, ...], tuple[int, ...]]
"""Parameters that are given together, and which of their values a case has."""

Met = set[tuple[Choice, ...]]
"""Which values a case has of parameters that are not given together."""


def examples(number: int) -> int:
    """How many examples a property test has that is written for a number of them."""
    return max(number * settings().max_examples // WRITTEN, 1)


def needed(items: Iterable[pytest.Item], together: int) -> set[pytest.Item]:
    """The fewest cases, nearly, that have what all cases have of each test.

    Parameters
    ----------
    items : iterable of pytest.Item
        The cases of any number of tests.
    together : int
        Of how many parameters: 1 is each value of each parameter, 2 each two values of any two parameters.
    """
    by_test: dict[Hashable, dict[pytest.Item, Met]] = defaultdict(dict)
    for item in items:
        choices = _choices(item)
        met = set(combinations(choices, min(together, len(choices))))
        by_test[item.parent, getattr(item, "originalname", item.name)][item] = met
    return {item for cases in by_test.values() for item in _covering(cases)}


def _covering(cases: dict[pytest.Item, Met]) -> set[pytest.Item]:
    """Cases that bring most that is new first, down to those that bring anything."""
    seen: Met = set()
    chosen: set[pytest.Item] = set()
    for least in range(max(map(len, cases.values())), 0, -1):
        for item, met in cases.items():
            if len(met - seen) >= least:
                seen |= met
                chosen.add(item)
    return chosen


def _choices(item: pytest.Item) -> list[Choice]:
    left = dict(item.callspec.params) if hasattr(item, "callspec") else {}
    together: list[tuple[str, ...]] = []
    for mark in item.iter_markers("parametrize"):
        names = mark.args[0] if mark.args else mark.kwargs["argnames"]
        together.append(
            tuple(name.strip() for name in names.split(",")) if isinstance(names, str) else tuple(names)
        )
    together += [(name,) for name in left if not any(name in names for names in together)]
    return [(names, tuple(id(left[name]) for name in names)) for names in together]
