"""The part that lazy frames and lazy series share: a manager filled on demand."""

from __future__ import annotations

from abc import ABCMeta
from typing import Any

from lazyframe.api.fallbacks import note_filling, note_result, remember_computation
from lazyframe.api.recorded import Recorded
from lazyframe.pandas_internals import (
    MadeWhenAsked,
    Manager,
    completions_of_frame,
    completions_of_series,
    pandas_getattr,
    plain_flags,
    takes_over,
    warn_of_in_place,
)

# Called on every construction, comparison and display, so a computed object is asked directly, in one
# frame, rather than through super(): of a manager's axes the last are the row labels, for frames and series.


class FilledOnDemand:
    """The class attribute ``_mgr``: whoever asks a lazy object for its manager computes it.

    It has no ``__set__``, so an object that has its manager in its own ``__dict__``, as every computed
    one does, is never asked through here.
    """

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        if owner is None:
            return self
        recorded = owner._recorded
        if recorded is None:
            raise AttributeError("_mgr", name="_mgr", obj=owner)
        state = owner.__dict__
        # setdefault: of two threads that compute at once, both must go on with the same manager
        manager = state.setdefault("_mgr", _compute(recorded))
        note_filling(len(manager.axes[-1]))
        from lazyframe.run.profile import last_computation

        remember_computation(state, last_computation())
        state.pop("_recorded", None)
        return manager


def _compute(recorded: Recorded) -> Manager:
    try:
        return recorded.manager()
    except AttributeError as error:
        # Under a property, Python takes an AttributeError for "no such attribute": pandas' __getattr__
        # would start over, and hasattr() would answer False.
        raise RuntimeError(f"computing what was recorded failed: {error!r}") from error


class PandasKind(ABCMeta):
    """The class of our two classes, which count as one with the pandas classes they stand in for.

    A program that says ``isinstance(x, pd.DataFrame)`` or ``type(x) == type(y)``, as `pandas.testing`
    does, is also handed frames by libraries that know only pandas. Subclasses of our classes mean
    themselves, as usual. Derives from ABCMeta so that ``class Mine(pd.DataFrame, SomeAbstractClass)``
    still has a metaclass.
    """

    def __instancecheck__(cls, instance: Any) -> bool:
        plain = cls.__dict__.get("_pandas_kind")
        return super().__instancecheck__(instance) if plain is None else isinstance(instance, plain)

    def __subclasscheck__(cls, subclass: type) -> bool:
        plain = cls.__dict__.get("_pandas_kind")
        return super().__subclasscheck__(subclass) if plain is None else issubclass(subclass, plain)

    def __eq__(cls, other: object) -> bool:
        return cls is other or (other is not None and other is cls.__dict__.get("_pandas_kind"))

    def __hash__(cls) -> int:
        return type.__hash__(cls.__dict__.get("_pandas_kind", cls))


def lazy_axis(name: str, position: int, like: Any) -> Any:
    """A property for an axis: what was recorded of it if that is known, else the manager's.

    Parameters
    ----------
    name
        The attribute of `Recorded` that may know it.
    position
        Its place in a manager's ``axes``.
    like
        The pandas property that it stands in for.
    """

    def get(self: Any) -> Any:
        recorded = self._recorded
        if recorded is None:
            return self._mgr.axes[position]
        known = getattr(recorded, name)
        return self._mgr.axes[position] if known is None else known

    def put(self: Any, value: Any) -> None:
        like.__set__(self, value)

    return property(get, put, doc=like.__doc__)


_COMPOSED = frozenset({"pivot_table"})
"""Methods of pandas that do nothing to a large frame but call others, which speak for themselves."""


class LazyAnswers:
    """Mixin: what frames and series say of themselves before they are computed.

    Every question has the same shape: an object that is computed, or whose recording does not know, is
    answered from its manager, which computes.
    """

    _mgr: Any = FilledOnDemand()
    _attrs: Any = MadeWhenAsked("_attrs", lambda owner: {})
    _flags: Any = MadeWhenAsked("_flags", plain_flags)
    _recorded: Recorded | None = None
    _check_inplace_deprecation = warn_of_in_place

    def __finalize__(self, other: Any, method: str | None = None, **kwargs: Any) -> Any:
        made = self if takes_over(self, other) else super().__finalize__(other, method, **kwargs)  # type: ignore[misc]
        if "_mgr" in self.__dict__ and method not in _COMPOSED:
            note_result(other, self)
        return made

    def explain(self, *, code: bool = False, analyze: bool = False) -> Any:
        """Say how this will be computed, or was: see `lazyframe.explain`.

        Parameters
        ----------
        code : bool
            Add the generated source of each kernel.
        analyze : bool
            Run it, and add what was measured.
        """
        from lazyframe.api.explain import explain

        return explain(self, code=code, analyze=analyze)

    def __len__(self) -> int:
        recorded = self._recorded
        if recorded is None or recorded.length is None:
            return len(self._mgr.axes[-1])
        return recorded.length

    def __getattr__(self, name: str) -> Any:
        recorded = self._recorded
        # pandas takes any unknown attribute for a label, and would compute the labels to see. Notebooks
        # and other libraries ask every object for attributes that it does not have.
        if recorded is not None and recorded.columns is None and recorded.index_holds_strings is False:
            return object.__getattribute__(self, name)
        return pandas_getattr(self, name)

    def _dir_additions(self) -> set[str]:
        recorded = self._recorded
        if recorded is None or recorded.dtypes is None:
            return super()._dir_additions()  # type: ignore[misc,no-any-return]
        # Completion must not compute, so labels that are not known yet are not offered.
        if recorded.columns is not None:
            return completions_of_frame(recorded.columns)
        return completions_of_series(recorded.dtypes[0], recorded.index)
