"""The 22 queries on a hundredth of the smallest scale: everybody's answers are pandas' answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pandas
import pytest

import lazyframe
from bench.compare import same_results
from bench.tpch import contenders, data, queries

SCALE = 0.01


@pytest.fixture(scope="module", autouse=True)
def _tables_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setenv(data.DIRECTORY_VARIABLE, str(tmp_path_factory.mktemp("tpch")))
    data.directory(SCALE)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def tables() -> SimpleNamespace:
    return data.read_tables(pandas, SCALE)


@pytest.fixture(scope="module")
def lazy_tables() -> SimpleNamespace:
    return data.read_tables(lazyframe, SCALE)


@pytest.fixture(scope="module")
def expected(tables: SimpleNamespace) -> Callable[[int], Any]:
    known: dict[int, Any] = {}

    def answer(number: int) -> Any:
        if number not in known:
            known[number] = queries.load(number).program(pandas, tables)
        return known[number]

    return answer


@pytest.fixture(scope="module", params=["polars", "duckdb"])
def peer(request: pytest.FixtureRequest) -> Any:
    return contenders.contender(request.param)(SCALE, "memory", 1)


@pytest.mark.parametrize("number", queries.NUMBERS)
def test_peers_answer_as_pandas_does(number: int, peer: Any, expected: Callable[[int], Any]) -> None:
    same_results({"r": peer(number)()}, {"r": expected(number)}, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("number", queries.NUMBERS)
@pytest.mark.parametrize("forced", [False, True], ids=["as it comes", "forced"])
def test_lazyframe_answers_as_pandas_does(
    number: int, forced: bool, lazy_tables: SimpleNamespace, expected: Callable[[int], Any]
) -> None:
    settings = {"min_rows": 0} if forced else {}
    with lazyframe.config(threads=2, **settings):
        found = queries.load(number).program(lazyframe, lazy_tables).to_pandas()
    pandas.testing.assert_frame_equal(found, expected(number), rtol=1e-9)
