"""Find, compile and keep kernels: memory first, then the store, then the compile helper."""

from __future__ import annotations

import atexit
import os
import threading
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from lazyframe import settings
from lazyframe.codegen import identity, store
from lazyframe.codegen.kernel import CompileError, Kernel, KernelSource, NoHelperError, loading

if TYPE_CHECKING:
    from lazyframe.codegen.helper_process import Compiled, HelperProcess


PUT_OFF_SECONDS = 0.1
"""How long what nobody waits for is put off: starting a compiler takes a core from the computation that goes
on meanwhile, or some milliseconds of a first one that is done sooner."""

_MOST_MISSED = 4096
"""Kernels of which it is remembered that the store does not have them."""


class Compiler:
    """What this process knows of kernels; safe to use from any number of threads.

    Parameters
    ----------
    helper : HelperProcess, optional
        Who compiles; a helper of its own by default.
    """

    def __init__(self, helper: HelperProcess | None = None) -> None:
        self._lock = threading.Lock()
        self._kernels: dict[KernelSource, Kernel] = {}
        self._pending: dict[KernelSource, Future[Kernel]] = {}
        self._put_off: list[tuple[KernelSource, Path | None]] = []
        self._failed: set[KernelSource] = set()
        self._missed: set[tuple[KernelSource, Path | None]] = set()
        self._seconds: dict[KernelSource, float] = {}
        self._first_asked_s: float | None = None
        self._helper = helper

    @property
    def helper(self) -> HelperProcess:
        """Who compiles; its module is imported at the first compile."""
        with self._lock:
            if self._helper is None:
                from lazyframe.codegen.helper_process import HelperProcess

                self._helper = HelperProcess()
            return self._helper

    def close(self) -> None:
        """Let the helper go, if there is one, with all that it was to be asked for."""
        with suppress(RuntimeError):  # of a process that can start no thread any more
            self._begin_put_off()
        if self._helper is not None:
            self._helper.close()

    def find(self, source: KernelSource) -> Kernel | None:
        """The kernel if it is in memory or in the store. Never compiles, never imports numba."""
        kernel = self._kernels.get(source)
        if kernel is not None:
            return kernel
        code = store.load(identity.key(source))
        if code is None:
            return None
        from lazyframe.codegen.loader import load

        try:
            kernel = load(code, source.arguments)
        except CompileError:
            store.remove(identity.key(source))
            return None
        with self._lock:
            return self._kernels.setdefault(source, kernel)

    def at_hand(self, source: KernelSource) -> Kernel | None:
        """As `find`, but a store that did not have the kernel is not asked again.

        For what is soon done without a kernel: asking the store may take as long.
        """
        kernel = self._kernels.get(source)
        if kernel is not None:
            return kernel
        asked = source, settings.current().cache_dir
        if asked in self._missed:
            return None
        kernel = self.find(source)
        if kernel is None:
            if len(self._missed) >= _MOST_MISSED:
                self._missed.clear()
            self._missed.add(asked)
        return kernel

    def obtain(self, source: KernelSource) -> Kernel:
        """The kernel, compiled now if it is nowhere.

        Raises
        ------
        CompileError
            If it cannot be compiled.
        """
        kernel = self.find(source)
        if kernel is not None:
            return kernel
        self._begin_put_off()
        return self._begin(source).result()

    def prepare(self, source: KernelSource) -> None:
        """Have a kernel that was not found compiled in the background, soon; a later `find` returns it.

        What could not be compiled once is not tried again here; `obtain` tries, and says why.
        """
        directory = store.directory()  # what is set here, perhaps for this thread, for a while
        with self._lock:
            if source in self._failed or source in self._pending or source in self._kernels:
                return
            self._pending[source] = Future()
            self._put_off.append((source, directory))
            if len(self._put_off) > 1:
                return
        waiting = threading.Timer(PUT_OFF_SECONDS, self._begin_put_off)
        waiting.daemon = True
        waiting.start()

    def waiting(self) -> int:
        """How many kernels are being compiled, or wait for it."""
        return len(self._pending)

    def running_seconds(self) -> float:
        """How long ago the helper was first asked for a kernel; 0 if it was not."""
        return 0.0 if self._first_asked_s is None else monotonic() - self._first_asked_s

    def seconds(self, source: KernelSource) -> float | None:
        """What compiling took, if it was compiled during this process' life."""
        return self._seconds.get(source)

    def in_store(self, source: KernelSource) -> bool:
        """Whether the store has the kernel."""
        return store.contains(identity.key(source))

    def record(self, source: KernelSource) -> dict[str, Any] | None:
        """What the store knows of the kernel (operations, bytes, compile seconds, last use, ...), or None."""
        return store.record(identity.key(source))

    def _begin_put_off(self) -> None:
        with self._lock:
            begun, self._put_off = self._put_off, []
        for source, directory in begun:
            self._submit(source, directory, background=True)

    def _begin(self, source: KernelSource) -> Future[Kernel]:
        with self._lock:
            pending = self._pending.get(source)
            if pending is not None:
                return pending
            future: Future[Kernel] = Future()
            if source in self._kernels:
                future.set_result(self._kernels[source])
                return future
            self._pending[source] = future
        self._submit(source, store.directory())
        return future

    def _submit(self, source: KernelSource, directory: Path | None, background: bool = False) -> None:
        if self._first_asked_s is None:
            self._first_asked_s = monotonic()
        try:
            self.helper.submit(source, directory, partial(self._compiled, source))
        except NoHelperError:
            self._compile_here(source, background)
        except BaseException as error:
            self._settle(source, CompileError(f"{type(error).__name__}: {error}"))
            raise

    def _compiled(self, source: KernelSource, outcome: Compiled | CompileError) -> None:
        if isinstance(outcome, NoHelperError):
            self._compile_here(source, background=True)
            return
        if isinstance(outcome, CompileError):
            self._settle(source, outcome)
            return
        try:
            self._seconds[source] = outcome.seconds
            if outcome.code is None:
                from lazyframe.codegen.in_process import plain_kernel

                self._settle(source, plain_kernel(source))
                return
            from lazyframe.codegen.loader import load

            self._settle(source, load(outcome.code, source.arguments))
        except Exception as error:
            self._settle(source, CompileError(f"{type(error).__name__}: {error}"))

    def _compile_here(self, source: KernelSource, background: bool) -> None:
        if background:
            name = "lazyframe-compile-here"
            threading.Thread(target=self._compile_here, args=(source, False), name=name, daemon=True).start()
            return
        try:
            from lazyframe.codegen.in_process import compile_in_process

            kernel, seconds = compile_in_process(source)
        except BaseException as error:
            self._settle(source, CompileError(f"{type(error).__name__}: {error}"))
            if isinstance(error, Exception):
                return
            raise  # Ctrl-C: who asks again must not wait for this compile
        self._seconds[source] = seconds
        self._settle(source, kernel)

    def _settle(self, source: KernelSource, outcome: Kernel | CompileError) -> None:
        with self._lock:
            future = self._pending.pop(source, None)
            if isinstance(outcome, Kernel):
                self._kernels[source] = outcome
            else:
                self._failed.add(source)
        if future is None:
            return
        if isinstance(outcome, Kernel):
            future.set_result(outcome)
        else:
            future.set_exception(outcome)

    def before_fork(self) -> None:
        """Let no other thread be inside llvmlite, whose lock the child would inherit locked."""
        loading.acquire()

    def after_fork_in_parent(self) -> None:
        """Undo `before_fork`."""
        loading.release()

    def after_fork_in_child(self) -> None:
        """Kernels stay; the helper and what it was doing are the parent's."""
        loading.release()
        self._lock = threading.Lock()
        self._pending = {}
        self._put_off = []
        self._first_asked_s = None
        if self._helper is not None:
            self._helper.forget()


_compiler = Compiler()
find = _compiler.find
at_hand = _compiler.at_hand
obtain = _compiler.obtain
prepare = _compiler.prepare
waiting = _compiler.waiting
running_seconds = _compiler.running_seconds
seconds = _compiler.seconds
in_store = _compiler.in_store
record = _compiler.record

atexit.register(_compiler.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_compiler.before_fork,
        after_in_parent=_compiler.after_fork_in_parent,
        after_in_child=_compiler.after_fork_in_child,
    )
