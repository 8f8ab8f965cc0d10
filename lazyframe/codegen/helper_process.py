"""The parent's side of the compile helper: start it, talk to it, notice when it dies or hangs."""

from __future__ import annotations

import json
import os
import queue
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

from lazyframe.codegen.helper import BOOTSTRAP, frame, read_frame, write_all
from lazyframe.codegen.kernel import CompileError, KernelSource, NoHelperError
from lazyframe.codegen.object_code import ObjectCode

# A kernel takes well under a second, on a machine that is busy with much else a few.
HANG_SECONDS = 120.0
# Importing numba on such a machine, or over a network, may take many.
START_SECONDS = 120.0
_ATTEMPTS = 2


class Compiled(NamedTuple):
    """What the helper made of a source: object code, or None where only numba's own pipeline can."""

    code: ObjectCode | None
    seconds: float


class _Job:
    def __init__(self, request: dict[str, Any], done: Callable[[Compiled | CompileError], None]) -> None:
        self.request = request
        self.done = done
        self.attempts = 0
        self.started = time.monotonic()


class HelperProcess:
    """One child process that compiles, started at the first request and again when it was killed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._jobs: dict[int, _Job] = {}
        self._count = 0
        self._speaker: threading.Thread | None = None
        self._failed_starts = 0
        self._unusable: str | None = None if possible() else "this process cannot start a Python of its own"

    @property
    def pid(self) -> int | None:
        """The helper's process id while it runs."""
        process = self._process
        return None if process is None else process.pid

    def submit(
        self, source: KernelSource, directory: Path | None, done: Callable[[Compiled | CompileError], None]
    ) -> None:
        """Ask for a compile; `done` is called from another thread.

        Raises
        ------
        NoHelperError
            If there is no helper process.
        """
        with self._lock:
            self._count += 1
            request = {
                "number": self._count,
                "source": source.source,
                "arguments": list(source.arguments),
                "operations": source.operations,
                "directory": None if directory is None else str(directory),
            }
            job = _Job(request, done)
            self._jobs[self._count] = job
            try:
                self._send(job)
            except NoHelperError:
                del self._jobs[self._count]
                raise

    def forget(self) -> None:
        """After a fork, in the child: the helper is the parent's."""
        process, self._process = self._process, None
        self._lock = threading.Lock()
        self._jobs = {}
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            _close(stream)
        _silence(process)

    def close(self) -> None:
        """Tell the helper that nothing more will come; it ends when it has stored what it is compiling."""
        with self._lock:
            process, self._process = self._process, None
            self._jobs = {}
        if process is None:
            return
        self._outbox.put(None)
        if self._speaker is not None:
            # What was asked for shortly before the end of the program still serves the next one.
            self._speaker.join(0.5)
        _silence(process)

    def _send(self, job: _Job) -> None:
        if self._unusable is not None:
            raise NoHelperError(self._unusable)
        if self._process is None:
            self._start()
        self._outbox.put(frame(job.request))

    def _start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
        environment["NUMBA_OPT"] = "0"
        try:
            process = subprocess.Popen(
                [sys.executable, "-I", "-c", BOOTSTRAP],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=os.path.abspath(os.sep),
                env=environment,
                start_new_session=True,
                bufsize=0,
            )
        except (OSError, ValueError) as error:
            self._unusable = f"the compile helper cannot be started: {error}"
            raise NoHelperError(self._unusable) from error
        self._process = process
        self._outbox = queue.SimpleQueue()
        self._outbox.put(_setup())
        arguments = (process, self._outbox)
        listener = threading.Thread(
            target=self._listen, args=arguments, name="lazyframe-compile", daemon=True
        )
        self._speaker = threading.Thread(target=_speak, args=arguments, name="lazyframe-ask", daemon=True)
        listener.start()
        self._speaker.start()

    def _listen(self, process: subprocess.Popen[bytes], outbox: queue.SimpleQueue[bytes | None]) -> None:
        ready, reason = self._converse(process)
        with suppress(OSError):
            process.kill()
        status = process.wait()
        _close(process.stdout)
        outbox.put(None)
        if process is not self._process:
            # Closed on purpose.
            return
        reason = reason or f"the compile helper ended with status {status}"
        if ready:
            self._recover(reason)
            return
        self._failed_starts += 1
        killed = status < 0 and "took more" not in reason
        if killed and self._failed_starts < _ATTEMPTS:
            self._recover(reason, blame=False)
            return
        self._give_up(f"{reason} while it started")

    def _converse(self, process: subprocess.Popen[bytes]) -> tuple[bool, str | None]:
        """Hand on answers until there are no more. Returns whether it ever was ready, and why we stopped."""
        stream = process.stdout
        assert stream is not None
        ready = False
        since = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            while True:
                limit_s = HANG_SECONDS if ready else START_SECONDS
                if not selector.select(min(1.0, limit_s / 4)):
                    if self._hangs(ready, since):
                        return ready, f"the compile helper took more than {limit_s:.0f} s"
                    continue
                try:
                    message = read_frame(stream)
                except (OSError, ValueError):
                    message = None
                if message is None:
                    return ready, None
                if "unusable" in message[0]:
                    return False, message[0]["unusable"]
                if "ready" in message[0]:
                    ready = True
                    self._restart_clock()
                    continue
                self._finish(*message)

    def _hangs(self, ready: bool, since: float) -> bool:
        if not ready:
            return time.monotonic() - since > START_SECONDS
        with self._lock:
            first = next(iter(self._jobs.values()), None)
            return first is not None and time.monotonic() - first.started > HANG_SECONDS

    def _restart_clock(self) -> None:
        with self._lock:
            for job in self._jobs.values():
                job.started = time.monotonic()

    def _finish(self, header: dict[str, Any], body: bytes) -> None:
        with self._lock:
            job = self._jobs.pop(header["number"], None)
            following = next(iter(self._jobs.values()), None)
            if following is not None:
                following.started = time.monotonic()
        if job is None:
            return
        if "error" in header:
            job.done(CompileError(header["error"]))
            return
        code = None if "plain" in header else ObjectCode(body, tuple(header["symbols"]))
        job.done(Compiled(code, header.get("seconds", 0.0)))

    def _give_up(self, reason: str) -> None:
        with self._lock:
            self._unusable = reason
            self._process = None
            jobs, self._jobs = list(self._jobs.values()), {}
        for job in jobs:
            job.done(NoHelperError(reason))

    def _recover(self, reason: str, blame: bool = True) -> None:
        """Send the jobs to a new helper; only the first can be what ended the old one, and not for ever."""
        failed: list[tuple[_Job, CompileError]] = []
        with self._lock:
            self._process = None
            for position, (number, job) in enumerate(list(self._jobs.items())):
                job.attempts += blame and position == 0
                job.started = time.monotonic()
                try:
                    if job.attempts >= _ATTEMPTS:
                        raise CompileError(f"{reason}, twice, while compiling: {job.request['operations']}")
                    self._send(job)
                except CompileError as problem:
                    failed.append((self._jobs.pop(number), problem))
        for job, error in failed:
            job.done(error)


def possible() -> bool:
    """Whether `sys.executable` is a Python: a frozen or embedding program would start itself again."""
    name = os.path.basename(sys.executable or "").lower()
    return not getattr(sys, "frozen", False) and name.startswith(("python", "pypy"))


def _setup() -> bytes:
    package = str(Path(__file__).parent.parent)
    path = [entry for entry in sys.path if isinstance(entry, str)]
    # Where the current directory has been deleted, relative entries lead nowhere.
    with suppress(OSError):
        path = [os.path.abspath(entry) for entry in path]
    text = json.dumps({"path": path, "package": [package]}).encode()
    return len(text).to_bytes(4, "little") + text


def _speak(process: subprocess.Popen[bytes], outbox: queue.SimpleQueue[bytes | None]) -> None:
    # A thread of its own, so that nobody who asks for a kernel ever waits for a helper that does not read.
    stream = process.stdin
    assert stream is not None
    with suppress(OSError, ValueError):
        while (message := outbox.get()) is not None:
            write_all(stream, message)
    _close(stream)


def _close(stream: IO[bytes] | None) -> None:
    if stream is not None:
        with suppress(OSError):
            stream.close()


def _silence(process: subprocess.Popen[bytes]) -> None:
    # Nobody will wait for it; without this, its disposal warns that it still runs.
    process.returncode = 0
