"""``python -m lazyframe cache``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from kernel_sources import doubling

from lazyframe.__main__ import main
from lazyframe.codegen import store
from lazyframe.codegen.object_code import ObjectCode


@pytest.fixture
def filled(folder: Path) -> Path:
    for number, constant in enumerate((2.0, 3.0)):
        assert store.save(format(number, "040x"), doubling(constant), ObjectCode(bytes(100_000), ()), 0.125)
    return folder


def test_list_shows_operations_size_compile_time_and_last_use(filled, capsys):
    assert main(["cache", "list"]) == 0
    header, *rows, total = capsys.readouterr().out.splitlines()
    assert header.split() == ["last", "use", "size", "compile", "time", "operations"]
    assert sorted(row.rpartition("  ")[2] for row in rows) == ["multiply by 2.0", "multiply by 3.0"]
    assert all("0.12 s" in row and " KiB" in row and "20" in row for row in rows)
    assert total.startswith("2 kernels, ")
    assert str(filled) in total


def test_list_skips_what_is_damaged(filled, capsys):
    (filled / f"{0:040x}.o").write_bytes(b"no object")
    assert main(["cache", "list"]) == 0
    assert "1 kernel, " in capsys.readouterr().out


def test_clear_deletes_and_counts(filled, capsys):
    assert main(["cache", "clear"]) == 0
    assert capsys.readouterr().out == f"deleted 2 kernels from {str(filled)!r}\n"
    assert list(filled.iterdir()) == []
    assert main(["cache", "list"]) == 0
    assert "no kernels" in capsys.readouterr().out


def test_path_prints_only_the_directory(folder, capsys):
    assert main(["cache", "path"]) == 0
    assert capsys.readouterr().out == f"{folder}\n"
    assert not folder.exists()


@pytest.mark.parametrize("action", ["list", "clear"])
def test_a_missing_directory_is_an_empty_store(folder, capsys, action):
    assert main(["cache", action]) == 0
    assert "no kernels in" in capsys.readouterr().out
    assert not folder.exists()


@pytest.mark.parametrize("action", ["list", "clear"])
def test_a_foreign_directory_is_left_alone(filled, capsys, action):
    filled.chmod(0o777)
    before = sorted(filled.iterdir())
    try:
        assert main(["cache", action]) == 1
    finally:
        filled.chmod(0o700)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "others have access" in captured.err
    assert sorted(filled.iterdir()) == before


def test_a_file_in_its_place_is_an_error(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    store.configure(tmp_path / "file")
    try:
        assert main(["cache", "list"]) == 1
        assert main(["cache", "clear"]) == 1
    finally:
        store.configure(None)
    assert "it is not a directory" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["cache"], ["cache", "burn"], ["cash"]])
def test_wrong_usage_exits_with_two(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage: python -m lazyframe" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error(filled):
    command = [sys.executable, "-m", "lazyframe", "cache", "list"]
    environment = {"LAZYFRAME_CACHE_DIR": str(filled)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as running:
        assert running.stdout is not None
        running.stdout.close()
        assert running.stderr is not None
        assert running.stderr.read() == b""


def test_it_runs_as_a_module(tmp_path):
    command = [sys.executable, "-m", "lazyframe", "cache", "path"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={"LAZYFRAME_CACHE_DIR": str(tmp_path)}
    )
    assert done.stdout == f"{tmp_path}\n"
