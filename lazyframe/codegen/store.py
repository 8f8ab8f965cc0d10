"""Kernels on disk: object code by content hash, beside its source and a record of what it is.

An entry is three files: ``KEY.o`` (object code, then the record, then a digest of both), ``KEY.json`` (the
record for people and tools) and ``KEY.py`` (the source for people). Only ``KEY.o`` is ever loaded, and it
is written last and by rename, so an entry is either whole or not there. Nothing here raises on a bad disk:
without a store, kernels are compiled again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from lazyframe.codegen.identity import identity
from lazyframe.codegen.kernel import KernelSource
from lazyframe.codegen.object_code import ObjectCode
from lazyframe.codegen.store_directory import configure, directory

__all__ = ["configure", "directory"]

LIMIT_BYTES = 256 * 1024 * 1024
# So that the first kernel that a process stores looks at the size.
_since_evicting_bytes = LIMIT_BYTES
_MAGIC = b"lazyfrm1"
_TAIL = struct.Struct("<Q32s8s")
_DAY_SECONDS = 86_400
_SUFFIXES = (".o", ".json", ".py")
# The directory may be one that the user named: touch nothing else in it.
_OURS = re.compile(
    r"(?P<key>[0-9a-f]{40})(?P<suffix>\.o|\.json|\.py)|\.[0-9a-f]{40}\.\w+\.\d+\.[0-9a-f]{12}\.tmp"
)


class Entry(NamedTuple):
    """One stored kernel as `entries` lists it."""

    key: str
    record: dict[str, Any]
    size_bytes: int
    last_use: float


def load(key: str) -> ObjectCode | None:
    """The object code stored under `key`; None if there is none. A damaged or foreign entry is removed."""
    folder = directory()
    if folder is None:
        return None
    path = folder / f"{key}.o"
    try:
        data = path.read_bytes()
    except OSError:
        return None
    found = _unpack(key, data)
    if found is None or found[1].get("identity") != identity() or _disowned(path):
        remove(key)
        return None
    _touch(path)
    code, facts = found
    return ObjectCode(code, tuple(facts["symbols"]))


def save(key: str, source: KernelSource, code: ObjectCode, compile_seconds: float) -> bool:
    """Store a kernel. False if it could not be: no directory, read-only, full."""
    folder = directory()
    if folder is None:
        return False
    facts = {
        "operations": source.operations,
        "arguments": list(source.arguments),
        "symbols": list(code.symbols),
        "bytes": len(code.code),
        "compile_seconds": compile_seconds,
        "created": time.time(),
        "identity": identity(),
    }
    text = json.dumps(facts, indent=1).encode()
    try:
        _write(folder, f"{key}.py", source.source.encode())
        _write(folder, f"{key}.json", text)
        _write(folder, f"{key}.o", _pack(key, code.code, text), sync=True)
    except OSError:
        return False
    _evict_now_and_then(folder, len(code.code) + len(text))
    return True


def contains(key: str) -> bool:
    """Whether there is an entry under `key`; whether it is sound shows when it is loaded."""
    folder = directory()
    return folder is not None and (folder / f"{key}.o").is_file()


def record(key: str) -> dict[str, Any] | None:
    """What is known of a stored kernel; ``created`` and ``last_use`` are Unix seconds."""
    folder = directory()
    if folder is None:
        return None
    path = folder / f"{key}.o"
    try:
        data, last_use = path.read_bytes(), path.stat().st_mtime
    except OSError:
        return None
    found = _unpack(key, data)
    return None if found is None else {**found[1], "last_use": last_use}


def remove(key: str) -> None:
    """Forget one kernel. Failures are ignored."""
    folder = directory()
    if folder is not None:
        _remove(folder, key)


def entries(folder: Path) -> Iterator[Entry]:
    """The sound entries of a store, most recently used first."""
    found = []
    for path in folder.iterdir():
        if path.suffix != ".o" or not _OURS.fullmatch(path.name):
            continue
        with suppress(OSError):
            unpacked = _unpack(path.stem, path.read_bytes())
            if unpacked is not None:
                found.append(Entry(path.stem, unpacked[1], _size(folder, path.stem), path.stat().st_mtime))
    yield from sorted(found, key=lambda entry: (-entry.last_use, entry.key))


def clear(folder: Path) -> int:
    """Delete every kernel of a store, and what interrupted processes left; returns the number of kernels.

    Raises
    ------
    OSError
        If a file cannot be deleted.
    """
    kernels = 0
    for path in list(folder.iterdir()):
        if _OURS.fullmatch(path.name):
            kernels += path.suffix == ".o"
            path.unlink(missing_ok=True)
    return kernels


def _pack(key: str, code: bytes, facts: bytes) -> bytes:
    return code + facts + _TAIL.pack(len(facts), _digest(key, code, facts), _MAGIC)


def _unpack(key: str, data: bytes) -> tuple[bytes, dict[str, Any]] | None:
    if len(data) < _TAIL.size:
        return None
    length, digest, magic = _TAIL.unpack(data[-_TAIL.size :])
    start = len(data) - _TAIL.size - length
    if magic != _MAGIC or start < 0:
        return None
    code, facts = data[:start], data[start : -_TAIL.size]
    if digest != _digest(key, code, facts):
        return None
    loaded: dict[str, Any] = json.loads(facts)
    return code, loaded


def _digest(key: str, code: bytes, facts: bytes) -> bytes:
    digest = hashlib.sha256(key.encode())
    digest.update(struct.pack("<Q", len(code)))
    digest.update(code)
    digest.update(facts)
    return digest.digest()


def _disowned(path: Path) -> bool:
    # The record beside the code says it is for something else: files were mixed up. No trust then.
    try:
        beside = json.loads(path.with_suffix(".json").read_bytes())
    except (OSError, ValueError):
        return False
    return not isinstance(beside, dict) or beside.get("identity") != identity()


def _write(folder: Path, name: str, data: bytes, sync: bool = False) -> None:
    temporary = folder / f".{name}.{os.getpid()}.{os.urandom(6).hex()}.tmp"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            if sync:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, folder / name)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _touch(path: Path) -> None:
    with suppress(OSError):
        if time.time() - path.stat().st_mtime > _DAY_SECONDS:
            os.utime(path)


def _size(folder: Path, key: str) -> int:
    total = 0
    for suffix in _SUFFIXES:
        with suppress(OSError):
            total += (folder / (key + suffix)).stat().st_size
    return total


def _remove(folder: Path, key: str) -> None:
    # The object code first: it is what makes the rest an entry.
    for suffix in _SUFFIXES:
        with suppress(OSError):
            (folder / (key + suffix)).unlink()


def _evict_now_and_then(folder: Path, added_bytes: int) -> None:
    # A full store has tens of thousands of files, and looking at them all takes longer than storing one.
    global _since_evicting_bytes
    _since_evicting_bytes += added_bytes
    if _since_evicting_bytes > LIMIT_BYTES // 64:
        _since_evicting_bytes = 0
        _evict(folder, LIMIT_BYTES)


def _evict(folder: Path, limit_bytes: int) -> None:
    sizes: dict[str, int] = {}
    used: dict[str, float] = {}
    now = time.time()
    try:
        files = list(os.scandir(folder))
    except OSError:
        return
    for file in files:
        name = _OURS.fullmatch(file.name)
        if name is None:
            continue
        with suppress(OSError):
            facts = file.stat()
            key = name["key"]
            if key is None:
                # Left by a process that was killed while storing.
                if now - facts.st_mtime > _DAY_SECONDS:
                    os.unlink(file.path)
                continue
            sizes[key] = sizes.get(key, 0) + facts.st_size
            used[key] = max(used.get(key, 0.0), facts.st_mtime)
    total = sum(sizes.values())
    for key in sorted(sizes, key=lambda key: used[key]):
        if total <= limit_bytes:
            return
        _remove(folder, key)
        total -= sizes[key]
