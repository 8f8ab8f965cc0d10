"""Memory that a program has freed serves its next arrays."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_ROUNDS = """
import resource
import numpy
{first}
def pages_touched():
    arrays = [numpy.ones(300_000) for _ in range(6)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
pages_touched()
before = pages_touched()
print(pages_touched() - before)
"""


_FIRST = """
import resource
import numpy
{first}
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
arrays = [numpy.ones(1000) for _ in range(100)]
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _new_pages(first: str, program: str = _ROUNDS) -> int:
    found = subprocess.run(
        [sys.executable, "-c", program.format(first=first)], capture_output=True, text=True, check=True
    )
    return int(found.stdout)


_needs_glibc = pytest.mark.skipif(
    "glibc" not in (os.confstr("CS_GNU_LIBC_VERSION") or ""), reason="other libraries keep memory otherwise"
)


@_needs_glibc
def test_first_small_arrays_take_few_new_pages() -> None:
    assert _new_pages("import lazyframe", _FIRST) < 20 < 150 < _new_pages("import numpy", _FIRST)


@_needs_glibc
def test_new_columns_take_no_new_pages() -> None:
    assert _new_pages("import lazyframe") < 300 < 3000 < _new_pages("import pandas")


def test_import_works_where_there_is_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    from lazyframe import freed_memory

    def refuse(*args: object) -> None:
        raise MemoryError

    monkeypatch.setattr(freed_memory.np, "empty", refuse)
    freed_memory.keep_freed_memory()
