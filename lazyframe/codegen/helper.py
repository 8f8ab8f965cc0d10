"""The compile helper: a child process that turns kernel sources into stored object code.

It is started as ``python -I -c BOOTSTRAP``, told over its standard input where to import from, and answers on
its standard output. It imports numba but neither pandas nor anything of the user's.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import struct
import threading
import time
from typing import IO, Any

# How long a compile that is under way may go on when the parent has gone.
_FAREWELL_SECONDS = 20.0
_LENGTH = struct.Struct("<I")

# `lazyframe` itself would import pandas; an empty package of that name does for the compiler's modules.
BOOTSTRAP = """
import json, os, signal, struct, sys, types
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.nice(5)  # compiling behind a computation must not take a core from it
requests, answers = os.fdopen(os.dup(0), 'rb', 0), os.fdopen(os.dup(1), 'wb', 0)
nothing = os.open(os.devnull, os.O_RDWR)
os.dup2(nothing, 0); os.dup2(nothing, 1)
def read(length):
    data = b''
    while len(data) < length:
        data += requests.read(length - len(data)) or sys.exit(1)
    return data
setup = json.loads(read(struct.unpack('<I', read(4))[0]))
sys.path.extend(entry for entry in setup['path'] if entry not in sys.path)
package = types.ModuleType('lazyframe')
package.__path__ = setup['package']
sys.modules['lazyframe'] = package
from lazyframe.codegen.helper import serve
serve(requests, answers)
"""


def frame(header: dict[str, Any], body: bytes = b"") -> bytes:
    """One message: a JSON header and bytes, each with its length before it."""
    text = json.dumps(header).encode()
    return _LENGTH.pack(len(text)) + text + _LENGTH.pack(len(body)) + body


def write_all(stream: IO[bytes], data: bytes) -> None:
    """Write to an unbuffered stream, which may take a part at a time."""
    view = memoryview(data)
    while view:
        view = view[stream.write(view) :]


def read_frame(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """Read one message; None at the end of the stream, also in the middle of a message."""
    text = _read_part(stream)
    body = None if text is None else _read_part(stream)
    if text is None or body is None:
        return None
    header: dict[str, Any] = json.loads(text)
    return header, body


def _read_part(stream: IO[bytes]) -> bytes | None:
    size = _read_exactly(stream, _LENGTH.size)
    return None if size is None else _read_exactly(stream, _LENGTH.unpack(size)[0])


def _read_exactly(stream: IO[bytes], length: int) -> bytes | None:
    # Unbuffered on purpose: who waits for the descriptor must not overlook what a buffer has swallowed.
    data = bytearray()
    while len(data) < length:
        part = stream.read(length - len(data))
        if not part:
            return None
        data += part
    return bytes(data)


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Compile what is asked for, in order, until the parent has gone."""
    waiting: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(requests, waiting), daemon=True).start()
    try:
        # The slow part, done while the first request is on its way.
        from lazyframe.codegen import intrinsics  # noqa: F401
    except Exception as error:
        write_all(answers, frame({"unusable": f"{type(error).__name__}: {error}"}))
        return
    write_all(answers, frame({"ready": True}))
    while (request := waiting.get()) is not None:
        header, body = _answer(request)
        # where the parent has gone, nobody reads this, and the next process finds the kernel in the store
        with contextlib.suppress(OSError):
            write_all(answers, frame(header, body))


def _receive(requests: IO[bytes], waiting: queue.SimpleQueue[dict[str, Any] | None]) -> None:
    while (message := read_frame(requests)) is not None:
        waiting.put(message[0])
    # The parent has gone. What is being compiled still serves the next process, so let it be stored.
    waiting.put(None)
    time.sleep(_FAREWELL_SECONDS)
    os._exit(0)


def _answer(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    from pathlib import Path

    from lazyframe.codegen import store
    from lazyframe.codegen.compile_source import compile_source
    from lazyframe.codegen.identity import key
    from lazyframe.codegen.kernel import KernelSource
    from lazyframe.codegen.loader import load
    from lazyframe.codegen.object_code import UnexpectedModuleError

    source = KernelSource(request["source"], tuple(request["arguments"]), request["operations"])
    header: dict[str, Any] = {"number": request["number"]}
    start = time.perf_counter()
    try:
        code = compile_source(source)
        # The linker ends the process when it does not like what it gets: better this one than the user's.
        load(code, source.arguments)
    except UnexpectedModuleError as error:
        return {**header, "plain": str(error)}, b""
    except Exception as error:
        return {**header, "error": f"{type(error).__name__}: {error}"}, b""
    seconds = time.perf_counter() - start
    if request["directory"] is not None and os.path.isdir(request["directory"]):
        store.configure(Path(request["directory"]))
        store.save(key(source), source, code, seconds)
    return {**header, "symbols": code.symbols, "seconds": seconds}, code.code
