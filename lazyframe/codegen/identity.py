"""What object code depends on besides its source: the generator, the compilers and the machine."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import sysconfig
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

from lazyframe.codegen.kernel import KernelSource
from lazyframe.codegen.processor import processor

# Raise this when the pipeline, the intrinsics or the calling convention of kernels change.
GENERATOR = 8


@functools.cache
def identity() -> dict[str, Any]:
    """What makes object code valid here and perhaps not elsewhere, by name. Loads neither numba nor LLVM."""
    from lazyframe.codegen.object_code import instruction_set

    return {
        "generator": GENERATOR,
        "numba": _version("numba"),
        "llvmlite": _version("llvmlite"),
        "llvm": _llvm(),
        "platform": sysconfig.get_platform(),
        "cpu": processor().name,
        "features": " ".join(sorted(processor().features)),
        "vector_library": instruction_set(),
        "libc": _libc(),
    }


@functools.cache
def digest() -> bytes:
    """A digest of `identity`."""
    return hashlib.sha256(json.dumps(identity(), sort_keys=True).encode()).digest()


@functools.lru_cache(maxsize=4096)
def key(source: KernelSource) -> str:
    """The name under which a kernel is stored: a digest of its text, its argument types and `identity`."""
    content = json.dumps([source.source, source.arguments]).encode()
    return hashlib.sha256(digest() + content).hexdigest()[:40]


def _version(distribution: str) -> str:
    # importlib.metadata takes 16 ms of a fresh process, one look into the package's directory half of one.
    with suppress(OSError, ImportError, ValueError):
        spec = find_spec(distribution)
        if spec is not None and spec.origin:
            beside = os.listdir(os.path.dirname(os.path.dirname(spec.origin)))
            named = re.compile(rf"{distribution}-([^-]+)\.dist-info")
            versions = [match[1] for name in beside if (match := named.fullmatch(name))]
            if len(versions) == 1:
                return versions[0]
    from importlib import metadata

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        # A frozen application without metadata: its one numba never changes.
        return "unknown"


def _llvm() -> str:
    """Which build of LLVM there is: a version of llvmlite may be built with another one than is usual."""
    with suppress(OSError, ImportError, ValueError):
        spec = find_spec("llvmlite")
        if spec is not None and spec.origin:
            folder = os.path.join(os.path.dirname(spec.origin), "binding")
            (library,) = [file for file in os.scandir(folder) if file.name.startswith("libllvmlite.")]
            return f"{library.name}, {library.stat().st_size} bytes"
    import llvmlite.binding as llvm

    return ".".join(map(str, llvm.llvm_version_info))


def _libc() -> str:
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, ValueError, OSError):
        return ""
