"""Data that takes long to make, made once and kept between runs."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

DIRECTORY_VARIABLE = "LAZYFRAME_BENCH_DATA"


def place(name: str) -> Path:
    """Where the files of this name are, or will be: below `DIRECTORY_VARIABLE`, else the user's cache."""
    from platformdirs import user_cache_path

    above = os.environ.get(DIRECTORY_VARIABLE)
    return (Path(above) if above else user_cache_path("lazyframe-bench")) / name


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """
    Where the files of this name are; `make` writes them to a directory that it is given, the first time.

    They are there as a whole or not at all, however many processes ask.
    """
    found = place(name)
    if found.exists():
        return found
    found.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=found.parent))
    try:
        make(made)
        with suppress(OSError):  # another process was faster
            made.rename(found)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return found
