"""Writers of pandas that open a file before they ask for values: these are computed before.

What is wrong with them would be found with the file emptied already, or in the middle of pandas' own C, whose
writer of JSON does not survive it.
"""

from __future__ import annotations

from typing import Any

from lazyframe.api.fallbacks import laying_out
from lazyframe.api.likeness import like
from lazyframe.pandas_internals import blame_caller

_WRITERS = (
    "to_csv", "to_excel", "to_feather", "to_hdf", "to_iceberg", "to_json", "to_orc", "to_pickle", "to_sql",
    "to_stata", "to_xml",
)  # fmt: skip


def compute_before_writing(kind: type, theirs: type) -> None:
    """Give a class of ours pandas' writers, with values that are there when they begin."""
    for name in _WRITERS:
        if hasattr(theirs, name):
            setattr(kind, name, _computed_first(getattr(theirs, name)))


def _computed_first(theirs: Any) -> Any:
    @blame_caller
    def write(self: Any, *args: Any, **kwargs: Any) -> Any:
        with laying_out():  # whoever asks for a file is not told that pandas writes it
            self._mgr  # noqa: B018  # computes
        return theirs(self, *args, **kwargs)

    return like(write, theirs)
