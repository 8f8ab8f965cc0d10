"""A drop-in in an environment of its own: stood in for by pandas under another name, in this interpreter."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bench.__main__ import main

ALL_OF_PANDAS = "from pandas import *\n"
WITHOUT_LAST_ROW = ALL_OF_PANDAS + "\n".join(
    [
        "class DataFrame(DataFrame):",
        "    def to_pandas(self): return DataFrame(self.iloc[:-1])",
        "    _constructor = property(lambda self: DataFrame)",
    ]
)


def asked(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, dict[str, dict]]:
    package = tmp_path / "fireducks"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "pandas.py").write_text(module)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    options = ["--rows", "1000", "--threads", "1", "--repeat", "2", "--questions", "groupby1,join2"]
    who = ["--contenders", "pandas", "--peer-python", f"fireducks={sys.executable}"]
    monkeypatch.setattr(sys, "argv", ["bench", "db", *options, *who, "--out", str(tmp_path / "out")])
    status = main()
    saved = json.loads(next((tmp_path / "out").glob("db-*.json")).read_text())
    return status, saved["records"][0]["questions"]


def test_a_drop_in_is_timed_beside_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status, questions = asked(ALL_OF_PANDAS, tmp_path, monkeypatch)
    assert status == 0
    assert set(questions) == {"groupby1", "join2"}
    for entries in questions.values():
        assert set(entries) == {"pandas", "fireducks"}
        assert len(entries["fireducks"]["runs_s"]) == 2


def test_its_answers_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status, questions = asked(WITHOUT_LAST_ROW, tmp_path, monkeypatch)
    assert status == 1
    assert "shape" in questions["join2"]["fireducks"]["error"]
    assert questions["join2"]["pandas"]["median_s"] > 0


def test_one_that_cannot_be_imported_leaves_the_others_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, questions = asked("raise ImportError('no ducks here')", tmp_path, monkeypatch)
    assert status == 1
    for entries in questions.values():
        assert "no ducks here" in entries["fireducks"]["error"]
        assert entries["pandas"]["median_s"] > 0


@pytest.mark.parametrize("given", ["duckdb=python", "fireducks", "fireducks=/no/such/python"])
def test_what_is_no_interpreter_is_refused(
    given: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "db", "--peer-python", given])
    with pytest.raises(SystemExit):
        main()
    assert "--peer-python" in capsys.readouterr().err
