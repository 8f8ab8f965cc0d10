"""Where the kernel store is, and whether it may be trusted: machine code is run from it."""

from __future__ import annotations

import os
import stat
import warnings
from pathlib import Path

from lazyframe import settings

ENVIRONMENT = "LAZYFRAME_CACHE_DIR"

_configured: Path | None = None
_warned = False


def configure(directory: Path | None) -> None:
    """Use `directory` for the kernel store from now on; None goes back to the environment or the default."""
    global _configured
    _configured = None if directory is None else Path(directory).expanduser().absolute()


def location() -> Path:
    """Where the store is or would be: configured, set by the user, or the user's cache directory."""
    if _configured is not None:
        return _configured
    chosen = settings.current().cache_dir
    if chosen is not None:
        return chosen.expanduser().absolute()
    given = os.environ.get(ENVIRONMENT)
    if given:
        return Path(given).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_cache_dir("lazyframe", appauthor=False))


def directory() -> Path | None:
    """The store's directory, made if need be; None (and one warning per process) if it cannot be trusted."""
    try:
        path = location()
        try:
            problem = untrusted(path)
        except FileNotFoundError:  # once
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            problem = untrusted(path)
    except (OSError, RuntimeError, ValueError):
        # Read-only, full, no home directory: work without a store.
        return None
    if problem is None:
        return path
    _warn_once(f"lazyframe does not use its kernel store {str(path)!r}: {problem}")
    return None


def untrusted(path: Path) -> str | None:
    """Why machine code must not be run from `path`, or None. Raises OSError if `path` is not there."""
    facts = path.stat()
    if not stat.S_ISDIR(facts.st_mode):
        return "it is not a directory"
    if not hasattr(os, "geteuid"):
        return None
    if facts.st_uid != os.geteuid():
        return f"it belongs to user {facts.st_uid}, not to {os.geteuid()}"
    if facts.st_mode & 0o077:
        mode = stat.S_IMODE(facts.st_mode)
        return f"others have access to it (mode {mode:o}; chmod 700 makes it private)"
    return None


def _warn_once(message: str) -> None:
    global _warned
    if _warned:
        return
    _warned = True
    warnings.warn(message, RuntimeWarning, stacklevel=2)
