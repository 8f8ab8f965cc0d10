"""``import lazyframe.X`` for every submodule X of pandas that lazyframe has no module of its own for."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

PREFIX = "lazyframe."


class PandasSubmodules:
    """A finder and loader that gives ``lazyframe.tseries.offsets`` the module ``pandas.tseries.offsets``.

    It has to be asked before Python's own finder of files, which would find pandas' files below a pandas
    package that goes by our name, and load each a second time.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(PREFIX):
            return None
        parent = sys.modules.get(fullname.rpartition(".")[0])
        if parent is None or not parent.__name__.startswith("pandas."):
            ours = PathFinder.find_spec(fullname, path, target)
            if ours is not None:
                return ours
        return self._alias(fullname)

    def _alias(self, fullname: str) -> ModuleSpec | None:
        try:
            found = importlib.util.find_spec(_in_pandas(fullname))
        except ModuleNotFoundError:
            return None
        if found is None:
            return None
        is_package = found.submodule_search_locations is not None
        return ModuleSpec(fullname, self, is_package=is_package)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """Let Python make an empty module, which is not kept: it would write its spec into pandas'."""

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        sys.modules[name] = importlib.import_module(_in_pandas(name))


def _in_pandas(fullname: str) -> str:
    return "pandas." + fullname.removeprefix(PREFIX)
