"""``import lazyframe.X`` for every submodule X of pandas that lazyframe has no module of its own for."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

PREFIX = "lazyframe."


class PandasSubmodules:
    """A finder and loader that gives ``lazyframe.tseries.offsets`` the module ``pandas.tseries.offsets``.

    Asked by Python's import system after all others, so only for modules that lazyframe does not have.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(PREFIX):
            return None
        try:
            found = importlib.util.find_spec(_in_pandas(fullname))
        except ModuleNotFoundError:
            return None
        if found is None:
            return None
        return ModuleSpec(fullname, self, is_package=found.submodule_search_locations is not None)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """Let Python make an empty module, which is not kept: it would write its spec into pandas'."""

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        sys.modules[name] = importlib.import_module(_in_pandas(name))


def _in_pandas(fullname: str) -> str:
    return "pandas." + fullname.removeprefix(PREFIX)
