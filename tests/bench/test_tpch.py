"""The 22 queries on a hundredth of the smallest scale: everybody's answers are pandas' answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas
import pytest

import lazyframe
from bench import peaks
from bench.__main__ import parser
from bench.kept import DIRECTORY_VARIABLE
from bench.tpch import SUITE, data, queries

SCALE = 0.01


@pytest.fixture(scope="module", autouse=True)
def _tables_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setenv(DIRECTORY_VARIABLE, str(tmp_path_factory.mktemp("tpch")))
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
def expected(tables: SimpleNamespace) -> Callable[[str], Any]:
    known: dict[str, Any] = {}

    def answer(query: str) -> Any:
        if query not in known:
            known[query] = queries.load(query).program(pandas, tables)
        return known[query]

    return answer


@pytest.fixture(scope="module", params=["polars", "duckdb"])
def peer(request: pytest.FixtureRequest) -> Any:
    return SUITE.peers[request.param](SCALE, "memory", 1)


@pytest.mark.parametrize("query", queries.NAMES)
def test_peers_answer_as_pandas_does(query: str, peer: Any, expected: Callable[[str], Any]) -> None:
    SUITE.same(peer(query)(), expected(query))


@pytest.mark.parametrize("query", queries.NAMES)
@pytest.mark.parametrize("forced", [False, True], ids=["as it comes", "forced"])
def test_lazyframe_answers_as_pandas_does(
    query: str, forced: bool, lazy_tables: SimpleNamespace, expected: Callable[[str], Any]
) -> None:
    settings = {"min_rows": 0} if forced else {}
    with lazyframe.config(threads=2, **settings):
        found = queries.load(query).program(lazyframe, lazy_tables).to_pandas()
    pandas.testing.assert_frame_equal(found, expected(query), rtol=1e-9)


def test_peak_memory_is_of_a_process_for_each_question(tmp_path: Path) -> None:
    asked = f"tpch --scale {SCALE} --memory --questions q06 --source parquet --threads 1 --out {tmp_path}"
    arguments = parser().parse_args([*asked.split(), "--contenders", "lazyframe,polars"])
    assert peaks.run(SUITE, arguments) == 0
    (saved,) = tmp_path.glob("*.json")
    (record,) = json.loads(saved.read_text())["records"]
    assert all(0 < record["peaks"][name]["peak_bytes"] < 1e9 for name in ("lazyframe", "polars"))
