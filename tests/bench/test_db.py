"""The questions of the db-benchmark on few rows: everybody's answers are pandas' answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas
import pytest

import lazyframe
from bench.db import QUESTIONS, SUITE, data

ROWS = 5_000


@pytest.fixture(scope="module")
def tables() -> Any:
    return data.frames(pandas, ROWS)


@pytest.fixture(scope="module")
def lazy_tables() -> Any:
    return data.frames(lazyframe, ROWS)


@pytest.fixture(scope="module")
def expected(tables: Any) -> Callable[[str], Any]:
    known: dict[str, Any] = {}

    def answer(question: str) -> Any:
        if question not in known:
            known[question] = QUESTIONS[question].program(pandas, tables)
        return known[question]

    return answer


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("peer", SUITE.peers)
def test_peers_answer_as_pandas_does(question: str, peer: str, expected: Callable[[str], Any]) -> None:
    SUITE.same(SUITE.peers[peer](ROWS, "memory", 1)(question)(), expected(question))


@pytest.mark.parametrize("question", QUESTIONS)
def test_lazyframe_answers_as_pandas_does(
    question: str, lazy_tables: Any, expected: Callable[[str], Any]
) -> None:
    with lazyframe.config(threads=2, min_rows=0):
        found = QUESTIONS[question].program(lazyframe, lazy_tables).to_pandas()
    pandas.testing.assert_frame_equal(found, expected(question), rtol=1e-9, atol=1e-9)


def test_an_answer_with_another_row_is_refused(expected: Callable[[str], Any]) -> None:
    answer = expected("join1")
    with pytest.raises(AssertionError):
        SUITE.same(answer.iloc[1:], answer)
