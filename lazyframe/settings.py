"""What a user can set, from the environment, for good or within a ``with`` block."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

DEFAULT_MIN_ROWS = 200_000
"""Below this many rows an operation runs in pandas at once: recording and dispatch would cost more than
fusing saves (measured with ``python -m bench overhead``)."""


class Settings(NamedTuple):
    """The settings in force; see `config` for their meaning."""

    threads: int
    disable: frozenset[str]
    min_rows: int
    cache_dir: Path | None


def _positive(name: str, value: object, least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name} must be an integer of at least {least}, not {value!r}")
    return value


def _from_environment() -> Settings:
    def number(variable: str, default: int, least: int) -> int:
        text = os.environ.get(variable, "").strip()
        if not text:
            return default
        try:
            return _positive(variable, int(text), least)
        except ValueError:
            raise ValueError(f"{variable} must be an integer of at least {least}, not {text!r}") from None

    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    names = os.environ.get("LAZYFRAME_DISABLE", "").replace(",", " ").split()
    return Settings(
        threads=number("LAZYFRAME_THREADS", processors, 1),
        disable=_known_passes(names),
        min_rows=number("LAZYFRAME_MIN_ROWS", DEFAULT_MIN_ROWS, 0),
        cache_dir=None,  # until `config` names one, the kernel store asks the environment itself
    )


def _known_passes(names: Sequence[str]) -> frozenset[str]:
    if not names:
        return frozenset()
    from passes.pipeline import OPTIONAL

    for name in names:
        if name not in OPTIONAL:
            raise ValueError(f"no pass is called {name!r}; the optional passes are: {', '.join(OPTIONAL)}")
    return frozenset(names)


def _listed(disable: str | Iterable[str]) -> list[str]:
    if isinstance(disable, str):
        return [disable]
    try:
        return list(disable)
    except TypeError:
        raise ValueError(f"disable must be names of passes, or one name, not {disable!r}") from None


def _path(cache_dir: str | os.PathLike[str]) -> Path:
    try:
        return Path(cache_dir)
    except TypeError:
        raise ValueError(f"cache_dir must be a path, not {cache_dir!r}") from None


SMALLEST_HELD = 1024
"""Elements from which a vector is held by a handle although NumPy works on it at once: its outer product with
another is large."""

_lock = threading.Lock()
_current = _from_environment()
held_from = min(_current.min_rows, SMALLEST_HELD)
"""Elements from which an array may get a handle: asked of every array, before anything else."""


def _put(settings: Settings) -> None:
    global _current, held_from
    _current, held_from = settings, min(settings.min_rows, SMALLEST_HELD)


def current() -> Settings:
    """The settings in force."""
    return _current


class config:  # noqa: N801  # reads as the function that it is used as
    """Change settings, for good or, as a context manager, until the block ends.

    Parameters
    ----------
    threads : int, optional
        Threads that run kernels, at least 1.  Default: the processors this process may use.
    disable : str or iterable of str, optional
        Names of optional passes to leave out (``passes.pipeline.OPTIONAL``), or one of them; none if empty.
    min_rows : int, optional
        Frames, series and arrays of fewer rows run in pandas and NumPy at once, and those that hold text from
        half as many on are recorded; 0 records everything.
    cache_dir : path-like, optional
        Where compiled kernels are kept.

    Raises
    ------
    ValueError
        For a value out of range or of another kind, and for an unknown pass, naming the choices.

    Examples
    --------
    >>> import lazyframe
    >>> with lazyframe.config(threads=1):
    ...     pass
    """

    def __init__(
        self,
        *,
        threads: int | None = None,
        disable: str | Iterable[str] | None = None,
        min_rows: int | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
    ) -> None:
        self._before = before = _current
        only_threads = disable is None and min_rows is None and cache_dir is None
        if only_threads and type(threads) is int and threads == before.threads:
            return  # as it is
        with _lock:
            self._before = before = _current
            _put(
                Settings(
                    before.threads if threads is None else _positive("threads", threads, 1),
                    before.disable if disable is None else _known_passes(_listed(disable)),
                    before.min_rows if min_rows is None else _positive("min_rows", min_rows, 0),
                    before.cache_dir if cache_dir is None else _path(cache_dir),
                )
            )

    def __enter__(self) -> config:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if _current is not self._before:
            with _lock:
                _put(self._before)
