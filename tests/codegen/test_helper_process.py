"""The compile helper in unusual processes, and when it is killed, crashes, hangs or cannot be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_sources import doubles, doubling

from lazyframe.codegen import helper_process
from lazyframe.codegen.compiler import Compiler
from lazyframe.codegen.helper_process import HelperProcess
from lazyframe.codegen.kernel import CompileError, KernelSource

HERE = Path(__file__).parent


@pytest.fixture
def own(folder: Path) -> Iterator[Compiler]:
    """A compiler with a helper of its own, which the test may mistreat."""
    compiler = Compiler()
    yield compiler
    compiler.helper.close()


def misbehaving(statement: str) -> KernelSource:
    """A source that runs `statement` in the compiling process when it is defined."""
    return KernelSource(
        f"import os, time\n{statement}\n{doubling().source}", doubling().arguments, "misbehave"
    )


def until(condition: object, seconds: float = 120.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.01)
    return False


def gone(pid: int) -> bool:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return text.rpartition(")")[2].split()[0] == "Z"


def test_a_killed_helper_is_started_again(own):
    assert doubles(own.obtain(doubling(11.0)), 11.0)
    first = own.helper.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert doubles(own.obtain(doubling(12.0)), 12.0)
    assert own.helper.pid != first


def test_a_compile_that_killed_the_helper_once_is_tried_again(own, tmp_path):
    mark = str(tmp_path / "mark")
    once = f"if not os.path.exists({mark!r}):\n    open({mark!r}, 'w').close()\n    os.kill(os.getpid(), 9)"
    assert doubles(own.obtain(misbehaving(once)))


def test_a_compile_that_always_crashes_is_an_error_and_the_next_is_fine(own):
    with pytest.raises(CompileError, match="ended with status -6, twice, while compiling: misbehave"):
        own.obtain(misbehaving("os.abort()"))
    own.prepare(misbehaving("os.abort()"))
    assert doubles(own.obtain(doubling(13.0)), 13.0)


def test_a_compile_that_hangs_is_an_error_and_others_in_the_queue_are_fine(own, monkeypatch):
    own.obtain(doubling(14.0))
    monkeypatch.setattr(helper_process, "HANG_SECONDS", 3.0)
    own.prepare(misbehaving("time.sleep(1000)"))
    own.prepare(doubling(15.0))
    with pytest.raises(CompileError, match="took more than 3 s, twice, while compiling: misbehave"):
        own.obtain(misbehaving("time.sleep(1000)"))
    assert doubles(own.obtain(doubling(15.0)), 15.0)


def test_a_source_that_cannot_be_typed_is_an_error_of_its_own(compiler):
    source = KernelSource("def kernel(lo, hi):\n    return lo + 'x'\n", ("int64", "int64"), "wrong")
    with pytest.raises(CompileError, match="TypingError"):
        compiler.obtain(source)
    assert doubles(compiler.obtain(doubling(16.0)), 16.0)


def test_prepared_kernels_are_found_later(compiler):
    assert compiler.find(doubling(17.0)) is None
    compiler.prepare(doubling(17.0))
    assert until(lambda: compiler.find(doubling(17.0)) is not None)
    assert doubles(compiler.find(doubling(17.0)), 17.0)


def imitation(tmp_path: Path, script: str) -> str:
    path = tmp_path / "python-imitation"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return str(path)


@pytest.mark.parametrize("script", ["exit 1", "exit 0", "echo nonsense", "sleep 60", "kill -9 $$"])
def test_an_interpreter_that_does_not_serve_means_compiling_here(own, monkeypatch, tmp_path, script):
    monkeypatch.setattr(sys, "executable", imitation(tmp_path, script))
    monkeypatch.setattr(helper_process, "START_SECONDS", 1.0)
    assert doubles(own.obtain(doubling(18.0)), 18.0)
    assert own.in_store(doubling(18.0))
    own.prepare(doubling(19.0))
    assert until(lambda: own.find(doubling(19.0)) is not None)


@pytest.mark.parametrize("executable", ["", None, "/nonexistent/python", "/usr/sbin/uwsgi"])
def test_without_an_interpreter_kernels_are_compiled_here(folder, monkeypatch, executable):
    monkeypatch.setattr(sys, "executable", executable)
    compiler = Compiler()
    assert doubles(compiler.obtain(doubling(20.0)), 20.0)
    assert compiler.helper.pid is None


def test_a_frozen_program_is_not_started_again(folder, monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    started: list[object] = []
    monkeypatch.setattr(subprocess, "Popen", lambda *arguments, **options: started.append(arguments))
    assert doubles(Compiler().obtain(doubling(21.0)), 21.0)
    assert started == []


SCRIPT = f"""
import sys
sys.path.append({str(HERE)!r})
from kernel_sources import doubles, doubling
from lazyframe.codegen import compiler
assert doubles(compiler.obtain(doubling(22.0)), 22.0)
assert "numba" not in sys.modules
print("fine")
"""


def run(arguments: list[str], folder: Path, **options: object) -> tuple[str, str, int]:
    environment = {**os.environ, "LAZYFRAME_CACHE_DIR": str(folder), **options.pop("env", {})}  # type: ignore[dict-item]
    done = subprocess.run(  # type: ignore[call-overload]
        arguments, env=environment, capture_output=True, text=True, timeout=600, **options
    )
    return done.stdout, done.stderr, done.returncode


def test_dash_c_isolated_and_with_warnings_as_errors(folder):
    assert run([sys.executable, "-I", "-W", "error", "-c", SCRIPT], folder) == ("fine\n", "", 0)


def test_a_script_with_hostile_neighbours_in_a_deleted_directory(folder, tmp_path):
    """Modules on the path that shadow the standard library's and ours are not what the helper imports."""
    script = tmp_path / "script.py"
    lines = [
        "import os, queue, selectors, signal, struct, sys, types",
        "import lazyframe, llvmlite.binding, numpy, pandas",
        "from importlib import metadata",
        "sys.path += [3, '', 'relative']",
        f"sys.path.insert(0, {str(tmp_path / 'shadows')!r})",
        "os.mkdir('gone')",
        "os.chdir('gone')",
        f"os.rmdir({str(tmp_path / 'gone')!r})",
        SCRIPT,
    ]
    script.write_text("\n".join(lines))
    shadows = tmp_path / "shadows"
    shadows.mkdir()
    for name in ("numba", "json", "lazyframe", "types"):
        (shadows / f"{name}.py").write_text("raise SystemExit('shadowed')\n")
    environment = {"NUMBA_DISABLE_JIT": "1", "NUMBA_DUMP_IR": "1", "PYTHONOPTIMIZE": "", "PYTHONSTARTUP": "x"}
    assert run([sys.executable, str(script)], folder, cwd=tmp_path, env=environment) == ("fine\n", "", 0)


def test_without_standard_streams(folder, tmp_path):
    code = SCRIPT.replace('print("fine")', f"open({str(tmp_path / 'fine')!r}, 'w').close()")
    command = f"exec {sys.executable} -c {sh_quoted(code)} <&- >&- 2>&-"
    assert run(["/bin/sh", "-c", command], folder)[2] == 0
    assert (tmp_path / "fine").exists()


def sh_quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)


FORKING = f"""
import os, sys, warnings
warnings.simplefilter("ignore", DeprecationWarning)
sys.path.append({str(HERE)!r})
from kernel_sources import doubles, doubling
from lazyframe.codegen import compiler
kept = compiler.obtain(doubling(23.0))
compiler.prepare(doubling(24.0))
children = []
for number in range(2):
    pid = os.fork()
    if pid == 0:
        assert doubles(kept, 23.0) and doubles(compiler.find(doubling(23.0)), 23.0)
        assert doubles(compiler.obtain(doubling(24.0)), 24.0)
        assert doubles(compiler.obtain(doubling(25.0 + number)), 25.0 + number)
        os._exit(0)
    children.append(pid)
assert doubles(compiler.obtain(doubling(24.0)), 24.0)
assert doubles(compiler.obtain(doubling(30.0)), 30.0)
assert [os.waitpid(pid, 0)[1] for pid in children] == [0, 0]
print("fine")
"""


def test_forked_children_and_their_parent_go_on(folder):
    assert run([sys.executable, "-c", FORKING], folder) == ("fine\n", "", 0)


LIVING = f"""
import os, sys, signal
sys.path.append({str(HERE)!r})
from kernel_sources import doubling
from lazyframe.codegen import compiler
compiler.obtain(doubling(31.0))
print(compiler.obtain.__self__.helper.pid, flush=True)
if sys.argv[1] == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[1] == "prepare":
    for constant in range(32, 48):
        compiler.prepare(doubling(float(constant)))
"""


@pytest.mark.parametrize("end", ["exit", "kill"])
def test_the_helper_dies_with_its_parent(folder, end):
    output, _, _ = run([sys.executable, "-c", LIVING, end], folder)
    assert until(lambda: gone(int(output)))


def test_what_was_being_compiled_when_the_parent_ended_is_stored(folder, helper):
    output, errors, status = run([sys.executable, "-c", LIVING, "prepare"], folder)
    assert (errors, status) == ("", 0)
    assert until(lambda: gone(int(output)))
    for constant in range(32, 48):
        assert doubles(Compiler(helper).find(doubling(float(constant))), float(constant))


def test_ctrl_c_in_the_parent_leaves_the_helper_alone(own):
    own.obtain(doubling(33.0))
    pid = own.helper.pid
    assert pid is not None
    os.kill(pid, signal.SIGINT)
    assert doubles(own.obtain(doubling(34.0)), 34.0)
    assert own.helper.pid == pid
    assert os.getpgid(pid) != os.getpgid(0)


def test_the_compilers_modules_do_not_need_lazyframe_itself():
    """The helper must not pay for importing pandas."""
    code = textwrap.dedent(
        f"""
        import sys, types
        package = types.ModuleType("lazyframe")
        package.__path__ = [{str(Path(helper_process.__file__).parent.parent)!r}]
        sys.modules["lazyframe"] = package
        from lazyframe.codegen import compile_source, helper, intrinsics, loader, numba_internals, store
        assert "pandas" not in sys.modules
        """
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("", 0)


def test_one_helper_serves_many_compilers(helper, folder):
    assert isinstance(helper, HelperProcess)
    first, second = Compiler(helper), Compiler(helper)
    assert doubles(first.obtain(doubling(35.0)), 35.0)
    assert doubles(second.obtain(doubling(35.0)), 35.0)
    assert second.seconds(doubling(35.0)) is None
