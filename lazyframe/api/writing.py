"""``to_parquet``: pandas' own, but for when the file gets its name."""

from __future__ import annotations

import inspect
import os
from typing import Any

import pandas

from lazyframe.api.likeness import like
from lazyframe.api.new_file import NewFile
from lazyframe.pandas_internals import blame_caller

_theirs: Any = pandas.DataFrame.to_parquet
_SIGNATURE = inspect.signature(_theirs)
_ELSEWHERE = ("partition_cols", "storage_options", "filesystem")
"""Arguments with which what is written is no local file."""


@blame_caller
def _to_parquet(self: Any, *args: Any, **kwargs: Any) -> Any:
    target = _target(self, args, kwargs)
    if target is None:
        return _theirs(self, *args, **kwargs)
    try:
        new = NewFile(os.path.dirname(target))
    except OSError:
        return _theirs(self, *args, **kwargs)
    if args:
        args = (new.path, *args[1:])
    else:
        kwargs = {**kwargs, "path": new.path}
    try:
        if not _in_pieces(self, args, kwargs):
            _theirs(self, *args, **kwargs)
        new.replace(target)
    finally:
        new.close()
    return None


def _in_pieces(frame: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Write what is not computed yet as it is computed; False where pandas is to write all at once."""
    if "_mgr" in frame.__dict__:
        return False
    from lazyframe.api.recording import table_of
    from lazyframe.api.writing_pieces import write_in_pieces

    given = _SIGNATURE.bind(frame, *args, **kwargs)
    given.apply_defaults()
    table = table_of(frame)
    engine = given.arguments["engine"]
    if engine is pandas.api.extensions.no_default or engine == "auto":
        engine = pandas.get_option("io.parquet.engine")
    if table is None or engine not in ("auto", "pyarrow"):
        return False
    named = [given.arguments[name] for name in ("path", "compression", "index", "kwargs")]
    return write_in_pieces(table, *named)


def _target(frame: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str | None:
    """The local file to write; None where pandas is to write, or to say what is wrong."""
    try:
        given = _SIGNATURE.bind(frame, *args, **kwargs).arguments
    except TypeError:
        return None
    path = given.get("path")
    if not isinstance(path, (str, os.PathLike)) or any(given.get(name) is not None for name in _ELSEWHERE):
        return None
    found = os.fspath(path)
    if not isinstance(found, str) or "://" in found or not os.path.basename(found):
        return None
    # where a link leads is what is written to
    found = os.path.realpath(os.path.expanduser(found))
    try:
        os.lstat(found)
    except FileNotFoundError:
        pass
    except OSError:
        return None  # as of a name that is too long
    else:
        if not (os.path.isfile(found) and os.access(found, os.W_OK)):
            return None
    directory = os.path.dirname(found)
    return found if os.path.isdir(directory) and os.access(directory, os.W_OK | os.X_OK) else None


to_parquet = like(_to_parquet, _theirs)
"""Write without a name, or under another, and rename when all is written: who reads the file meanwhile, a
lazy frame that is still to read it included, has the old one, and what fails leaves it as it was."""
