"""What a user can set, where, and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import lazyframe
from lazyframe import settings
from lazyframe.codegen import store_directory
from passes.pipeline import OPTIONAL


def test_block_ends_and_the_settings_before_are_back() -> None:
    before = settings.current()
    with lazyframe.config(threads=3, disable=["fuse_siblings"], min_rows=5):
        assert settings.current().threads == 3
        assert settings.current().disable == {"fuse_siblings"}
        with lazyframe.config(min_rows=0):
            assert settings.current().threads == 3
            assert settings.current().min_rows == 0
        assert settings.current().min_rows == 5
    assert settings.current() is before


def test_one_pass_is_named_without_a_list() -> None:
    with lazyframe.config(disable="fuse_siblings"):
        assert settings.current().disable == {"fuse_siblings"}


def test_block_that_raises_gives_settings_back() -> None:
    before = settings.current()
    with pytest.raises(KeyError), lazyframe.config(threads=3):
        raise KeyError
    assert settings.current() is before


def test_setter_stays() -> None:
    before = settings.current()
    with lazyframe.config():
        lazyframe.config(threads=5)
        assert settings.current().threads == 5
    assert settings.current() is before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threads": 0}, "threads must be an integer of at least 1, not 0"),
        ({"threads": 2.0}, "threads must be an integer"),
        ({"threads": True}, "threads must be an integer"),
        ({"min_rows": -1}, "min_rows must be an integer of at least 0"),
        ({"disable": ["fuse_everything"]}, "no pass is called 'fuse_everything'; .*fuse_siblings"),
        ({"disable": "fuse"}, "no pass is called 'fuse'"),
        ({"disable": 5}, "disable must be names of passes, or one name, not 5"),
        ({"cache_dir": 5}, "cache_dir must be a path, not 5"),
    ],
)
def test_bad_value_is_refused_and_changes_nothing(options: dict[str, Any], message: str) -> None:
    before = settings.current()
    with pytest.raises(ValueError, match=message):
        lazyframe.config(**options)
    assert settings.current() is before


def test_kernels_are_kept_where_the_user_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_directory, "_configured", None)
    with lazyframe.config(cache_dir=tmp_path / "kernels"):
        assert store_directory.directory() == tmp_path / "kernels"
    assert store_directory.location() != tmp_path / "kernels"


def _settings_under(**environment: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import lazyframe.settings as s; from lazyframe.codegen import store_directory as d;"
        "print(s.current(), d.location())"
    )
    names = {name: value for name, value in os.environ.items() if not name.startswith("LAZYFRAME_")}
    return subprocess.run(
        [sys.executable, "-c", code], env=names | environment, capture_output=True, text=True, check=False
    )


def test_environment_sets(tmp_path: Path) -> None:
    done = _settings_under(
        LAZYFRAME_THREADS="3",
        LAZYFRAME_DISABLE="fuse_siblings, simplify",
        LAZYFRAME_MIN_ROWS="0",
        LAZYFRAME_CACHE_DIR=str(tmp_path),
    )
    assert "threads=3" in done.stdout
    assert "min_rows=0" in done.stdout
    assert "fuse_siblings" in done.stdout
    assert "simplify" in done.stdout
    assert str(tmp_path) in done.stdout


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("LAZYFRAME_THREADS", "many", "LAZYFRAME_THREADS must be an integer of at least 1, not 'many'"),
        ("LAZYFRAME_THREADS", "0", "LAZYFRAME_THREADS must be an integer of at least 1"),
        ("LAZYFRAME_MIN_ROWS", "-1", "LAZYFRAME_MIN_ROWS must be an integer of at least 0"),
        ("LAZYFRAME_DISABLE", "nothing", f"the optional passes are: {OPTIONAL[0]}"),
    ],
)
def test_bad_environment_is_refused(name: str, value: str, message: str) -> None:
    done = _settings_under(**{name: value})
    assert done.returncode != 0
    assert message in done.stderr
