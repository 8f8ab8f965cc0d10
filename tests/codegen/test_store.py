"""The kernel store under every fault: right kernels or none, never an error and never a torn file."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time
import warnings
from importlib import metadata
from pathlib import Path

import pytest
from kernel_sources import doubles, doubling

from lazyframe.codegen import identity, store, store_directory
from lazyframe.codegen.compiler import Compiler
from lazyframe.codegen.helper_process import HelperProcess
from lazyframe.codegen.identity import key
from lazyframe.codegen.object_code import ObjectCode

SOURCE = doubling()


@pytest.fixture
def stored(compiler: Compiler, folder: Path) -> Path:
    """The object file of `SOURCE`, stored."""
    assert doubles(compiler.obtain(SOURCE))
    path = folder / f"{key(SOURCE)}.o"
    assert path.is_file()
    return path


def fresh(helper: HelperProcess) -> Compiler:
    """A compiler that remembers nothing."""
    return Compiler(helper)


def assert_recompiled(helper: HelperProcess, path: Path) -> None:
    assert fresh(helper).find(SOURCE) is None
    assert not path.exists()
    compiler = fresh(helper)
    assert doubles(compiler.obtain(SOURCE))
    assert compiler.seconds(SOURCE) is not None
    again = fresh(helper).find(SOURCE)
    assert again is not None
    assert doubles(again)


def test_an_entry_is_private_and_says_what_it_is(stored, compiler, folder):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.suffix for path in folder.iterdir()} == {".o", ".json", ".py"}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.iterdir())
    assert stored.with_suffix(".py").read_text() == SOURCE.source
    written = json.loads(stored.with_suffix(".json").read_text())
    assert written["operations"] == "multiply by 2.0"
    known = store.record(key(SOURCE))
    assert known is not None
    assert known["bytes"] == written["bytes"] > 0
    assert known["compile_seconds"] == compiler.seconds(SOURCE)
    assert abs(known["last_use"] - time.time()) < 60
    assert store.contains(key(SOURCE))


def test_another_process_life_finds_it_without_compiling(stored, helper):
    compiler = fresh(helper)
    kernel = compiler.find(SOURCE)
    assert kernel is not None
    assert doubles(kernel)
    assert compiler.seconds(SOURCE) is None
    assert compiler.find(doubling(3.0)) is None


@pytest.mark.parametrize("place", [0.0, 0.01, 0.2, 0.5, 0.8, 0.9, 0.97, 0.99, 1.0])
def test_a_flipped_bit_is_detected(stored, helper, place):
    data = bytearray(stored.read_bytes())
    data[int(place * (len(data) - 1))] ^= 1 << random.Random(place).randrange(8)
    stored.write_bytes(data)
    assert_recompiled(helper, stored)


@pytest.mark.parametrize("keep", [0.0, 0.001, 0.3, 0.7, 0.99])
def test_a_truncated_object_is_detected(stored, helper, keep):
    data = stored.read_bytes()
    stored.write_bytes(data[: int(keep * len(data))])
    assert_recompiled(helper, stored)


@pytest.mark.parametrize("cut", [1, 8, 48])
def test_an_object_cut_at_its_end_is_detected(stored, helper, cut):
    stored.write_bytes(stored.read_bytes()[:-cut])
    assert_recompiled(helper, stored)


def test_an_object_under_another_kernels_name_is_detected(stored, helper, folder):
    other = folder / f"{key(doubling(5.0))}.o"
    other.write_bytes(stored.read_bytes())
    compiler = fresh(helper)
    assert compiler.find(doubling(5.0)) is None
    assert doubles(compiler.obtain(doubling(5.0)), 5.0)


def forget_keys() -> None:
    identity.digest.cache_clear()
    identity.key.cache_clear()


def test_the_identity_knows_the_installed_versions():
    assert identity.identity()["numba"] == metadata.version("numba")
    assert identity.identity()["llvmlite"] == metadata.version("llvmlite")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("generator", 0),
        ("numba", "0.1"),
        ("llvmlite", "0.1"),
        ("llvm", "3.1.0"),
        ("cpu", "i386"),
        ("features", "-avx2"),
        ("vector_library", "x"),
        ("libc", "glibc 1.0"),
    ],
)
def test_another_version_or_cpu_is_another_kernel(stored, helper, monkeypatch, name, value):
    here = identity.identity()
    forget_keys()
    monkeypatch.setattr(identity, "identity", lambda: {**here, name: value})
    elsewhere = key(SOURCE)
    assert fresh(helper).find(SOURCE) is None
    monkeypatch.undo()
    forget_keys()
    assert elsewhere != key(SOURCE)
    assert fresh(helper).find(SOURCE) is not None


@pytest.mark.parametrize(("name", "value"), [("generator", 0), ("cpu", "i386"), ("llvm", "3.1.0")])
def test_an_object_that_says_it_is_for_elsewhere_is_not_used(stored, helper, monkeypatch, name, value):
    """The same file name, a sound checksum, and a record of another version or CPU."""
    code = store.load(key(SOURCE))
    assert code is not None
    here = identity.identity()
    with monkeypatch.context() as patch:
        patch.setattr(store, "identity", lambda: {**here, name: value})
        assert store.save(key(SOURCE), SOURCE, code, 0.1)
    assert_recompiled(helper, stored)


def test_a_record_changed_by_hand_takes_the_object_with_it(stored, helper):
    beside = stored.with_suffix(".json")
    written = json.loads(beside.read_text())
    written["identity"]["cpu"] = "i386"
    beside.write_text(json.dumps(written))
    assert_recompiled(helper, stored)


def test_an_object_that_needs_an_unknown_symbol_is_not_loaded(stored, helper):
    code = store.load(key(SOURCE))
    assert code is not None
    store.save(key(SOURCE), SOURCE, ObjectCode(code.code, ("no_such_symbol",)), 0.1)
    assert_recompiled(helper, stored)


def warned(helper: HelperProcess, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(store_directory, "_warned", False)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            compiler = fresh(helper)
            assert compiler.find(SOURCE) is None
            assert doubles(compiler.obtain(SOURCE))
    return [str(warning.message) for warning in caught]


@pytest.mark.parametrize("mode", [0o777, 0o755, 0o701, 0o770])
def test_a_directory_open_to_others_is_not_used(stored, helper, folder, monkeypatch, mode):
    folder.chmod(mode)
    try:
        messages = warned(helper, monkeypatch)
    finally:
        folder.chmod(0o700)
    assert len(messages) == 1
    assert "others have access" in messages[0]
    assert str(folder) in messages[0]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_a_directory_of_somebody_else_is_not_used(stored, helper, folder, monkeypatch):
    os.chown(folder, 12345, -1)
    try:
        messages = warned(helper, monkeypatch)
    finally:
        os.chown(folder, 0, -1)
    assert len(messages) == 1
    assert "belongs to user 12345" in messages[0]


def test_somebody_else_by_user_id(stored, helper, folder, monkeypatch):
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    assert any("belongs to user" in message for message in warned(helper, monkeypatch))


@pytest.mark.parametrize("make", [lambda path: path.write_text(""), lambda path: path.symlink_to("nowhere")])
def test_a_path_that_is_no_directory_means_no_store(helper, tmp_path, monkeypatch, make):
    path = tmp_path / "file"
    make(path)
    store.configure(path / "below")
    try:
        compiler = fresh(helper)
        assert doubles(compiler.obtain(SOURCE))
        assert fresh(helper).find(SOURCE) is None
    finally:
        store.configure(None)


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC, errno.EACCES, errno.EDQUOT])
@pytest.mark.parametrize("call", ["open", "write", "fsync", "replace"])
def test_a_disk_that_refuses_means_no_store(folder, monkeypatch, number, call):
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(number, os.strerror(number))

    store_directory.directory()
    monkeypatch.setattr(os, call, refuse)
    assert store.save("0" * 40, SOURCE, ObjectCode(b"code", ()), 0.1) is False
    monkeypatch.undo()
    assert [path for path in folder.iterdir() if path.suffix == ".o"] == []
    assert [path for path in folder.iterdir() if path.suffix == ".tmp"] == []


def test_a_read_only_store_is_still_read(stored, helper, monkeypatch):
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    os.utime(stored, (0, 0))
    for name in ("utime", "unlink", "replace"):
        monkeypatch.setattr(os, name, refuse)
    kernel = fresh(helper).find(SOURCE)
    assert kernel is not None
    assert doubles(kernel)


def test_the_last_use_is_renewed_once_a_day(stored, helper):
    yesterday = time.time() - 100_000
    os.utime(stored, (yesterday, yesterday))
    fresh(helper).find(SOURCE)
    assert time.time() - stored.stat().st_mtime < 60
    hour_ago = time.time() - 3600
    os.utime(stored, (hour_ago, hour_ago))
    fresh(helper).find(SOURCE)
    assert stored.stat().st_mtime == pytest.approx(hour_ago)


def test_the_least_recently_used_go_when_the_store_is_full(folder, monkeypatch):
    monkeypatch.setattr(store, "LIMIT_BYTES", 40_000)
    keys = [f"{number:040x}" for number in range(10)]
    for age, name in enumerate(keys):
        assert store.save(name, SOURCE, ObjectCode(bytes(8000), ()), 0.1)
        when = time.time() - 10_000 + age
        for suffix in (".o", ".json", ".py"):
            os.utime(folder / (name + suffix), (when, when))
    left = {path.name for path in folder.iterdir()}
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 40_000
    assert {name.partition(".")[0] for name in left} == set(keys[-3:])


def test_files_of_the_users_are_left_alone(stored, folder, monkeypatch):
    mine = [folder / name for name in ("notes.py", "data.json", "lib.o", "x.tmp", "a" * 40)]
    for path in mine:
        path.write_text("mine")
    monkeypatch.setattr(store, "LIMIT_BYTES", 0)
    store.save("0" * 40, SOURCE, ObjectCode(b"code", ()), 0.1)
    assert store.clear(folder) == 0
    assert sorted(folder.iterdir()) == sorted(mine)


def test_what_a_killed_process_left_is_cleared_away_in_time(folder, monkeypatch):
    store.save("0" * 40, SOURCE, ObjectCode(b"code", ()), 0.1)
    left = [folder / f".{'1' * 40}.o.{pid}.{'a' * 12}.tmp" for pid in (1, 2)]
    for path in left:
        path.write_bytes(b"half")
    os.utime(left[0], (0, 0))
    monkeypatch.setattr(store, "_since_evicting_bytes", store.LIMIT_BYTES)
    store.save("2" * 40, SOURCE, ObjectCode(b"code", ()), 0.1)
    assert not left[0].exists()
    assert left[1].exists()


def test_threads_that_want_one_kernel_compile_it_once(helper, folder):
    submitted: list[object] = []
    genuine = helper.submit
    counting = type("Counting", (), {"submit": lambda _, *a: (submitted.append(a), genuine(*a))})
    compiler = Compiler(counting())
    results: list[object] = []
    threads = [threading.Thread(target=lambda: results.append(compiler.obtain(SOURCE))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(submitted) == 1
    assert len(results) == 8
    assert len(set(map(id, results))) == 1


def child(code: str, folder: Path, *options: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "LAZYFRAME_CACHE_DIR": str(folder), "PYTHONPATH": str(Path(__file__).parent)}
    return subprocess.Popen(
        [sys.executable, *options, "-c", code],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


STORING = """
from pathlib import Path
from kernel_sources import doubling
from lazyframe.codegen import store
from lazyframe.codegen.object_code import ObjectCode
for turn in range(1_000_000):
    store.save(format(turn % 7, "040x"), doubling(), ObjectCode(bytes([turn % 251]) * 20_000, ()), 0.1)
    if turn == 0:
        print("ready", flush=True)
"""


def test_a_process_killed_while_storing_leaves_nothing_torn(folder):
    store_directory.directory()
    dice = random.Random(11)
    for _ in range(4):
        process = child(STORING, folder)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        for _ in range(3):
            time.sleep(dice.uniform(0.0, 0.06))
            whole_or_absent()
        process.send_signal(signal.SIGKILL)
        process.communicate()
        whole_or_absent()
    assert any(store.load(format(number, "040x")) is not None for number in range(7))


def whole_or_absent() -> None:
    for number in range(7):
        name = format(number, "040x")
        was_there = store.contains(name)
        code = store.load(name)
        assert (code is not None) or not was_there
        assert code is None or (len(set(code.code)) == 1 and len(code.code) == 20_000)


TOGETHER = """
import sys
from kernel_sources import doubles, doubling
from lazyframe.codegen import compiler
for constant in (2.0, 3.0):
    assert doubles(compiler.obtain(doubling(constant)), constant)
    assert compiler.in_store(doubling(constant))
assert "numba" not in sys.modules
print("fine")
"""


def test_eight_processes_that_compile_the_same_kernels_at_once(folder, helper):
    processes = [child(TOGETHER, folder) for _ in range(8)]
    for process in processes:
        output, errors = process.communicate(timeout=600)
        assert (output, errors, process.returncode) == ("fine\n", "", 0)
    assert {path.suffix for path in folder.iterdir()} == {".o", ".json", ".py"}
    for constant in (2.0, 3.0):
        kernel = fresh(helper).find(doubling(constant))
        assert kernel is not None
        assert doubles(kernel, constant)


LOADING = """
import sys
from kernel_sources import doubles, doubling
from lazyframe.codegen import compiler
kernel = compiler.find(doubling())
assert kernel is not None and doubles(kernel)
assert not any(name.partition(".")[0] in ("numba", "llvmlite") for name in sys.modules)
assert compiler.record(doubling())["operations"] == "multiply by 2.0"
print("fine")
"""


def test_loading_imports_neither_numba_nor_llvm(stored, folder):
    process = child(LOADING, folder)
    assert process.communicate() == ("fine\n", "")


def test_the_directory_comes_from_the_environment(monkeypatch, tmp_path):
    store.configure(None)
    monkeypatch.setenv(store_directory.ENVIRONMENT, str(tmp_path / "a" / "b"))
    assert store.directory() == tmp_path / "a" / "b"
    monkeypatch.delenv(store_directory.ENVIRONMENT)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert store.directory() == tmp_path / "lazyframe"
