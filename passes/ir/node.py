"""The interned, immutable base of every graph node.

Two nodes with equal fields are one object, so equality is identity, hashing is by address and a
field tuple that holds other nodes hashes in constant time however deep the graph is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cache
from types import CodeType
from typing import TYPE_CHECKING, Any, ClassVar, Self
from weakref import ref


class _Entry(ref["Node"]):
    """A weak reference to an interned node, which takes its key out of the table with it."""

    __slots__ = ("key",)
    key: tuple[Hashable, ...]


_interned: dict[tuple[Hashable, ...], _Entry] = {}


def _forget(entry: _Entry) -> None:
    if _interned.get(entry.key) is entry:
        del _interned[entry.key]


_INTERN = """
def intern(cls, {fields}):
    key = (cls, {fields})
    found = _interned.get(key)
    if found is not None:
        known = found()
        if known is not None:
            return known
    node = _new(cls)
    {sets}
    set_origin(node, None)
    entry = _Entry(node, _forget)
    entry.key = key
    while True:
        # another thread may have made the same node meanwhile: whoever entered it first wins
        holder = _interned.setdefault(key, entry)
        if holder is entry:
            return node
        winner = holder()
        if winner is not None:
            return winner
        _forget(holder)
"""


@cache
def _source(count: int) -> CodeType:
    fields = [f"field_{k}" for k in range(count)]
    source = _INTERN.format(
        fields=", ".join(fields),
        sets="; ".join([f"set_{k}(node, {field})" for k, field in enumerate(fields)]),
    )
    return compile(source, f"<interning of {count} fields>", "exec")


def _interning(setters: Sequence[Callable[[Any, Any], None]]) -> Callable[..., Any]:
    """What finds or makes the node of a class, whose fields are set so, written out for each of them.

    Every node is made so, and a loop over the fields takes half as long again.
    """
    scope: dict[str, Any] = {
        **{f"set_{k}": put for k, put in enumerate(setters)},
        "_Entry": _Entry,
        "_forget": _forget,
        "_interned": _interned,
        "_new": object.__new__,
        "set_origin": set_origin,
    }
    exec(_source(len(setters)), scope)
    made: Callable[..., Any] = scope["intern"]
    return made


class Origin:
    """Where a user asked for a node: for ``explain``, and never part of a node's identity."""

    __slots__ = ("filename", "line", "what")

    def __init__(self, filename: str, line: int, what: str) -> None:
        self.filename = filename
        self.line = line
        self.what = what


class Node:
    """Base of all nodes; a subclass lists its fields in ``__match_args__`` and its slots."""

    __slots__ = ("__weakref__", "origin")
    __match_args__: ClassVar[tuple[str, ...]] = ()
    origin: Origin | None

    if TYPE_CHECKING:

        @classmethod
        def _intern(cls, *fields: Any) -> Self:
            """The one node of this class with these fields."""

    def __init_subclass__(cls) -> None:
        setters = [getattr(cls, name).__set__ for name in cls.__match_args__]
        if setters:
            cls._intern = classmethod(_interning(setters))  # type: ignore[method-assign,assignment]

    def __setattr__(self, name: str, value: object) -> None:
        if name != "origin":
            raise AttributeError(f"{type(self).__name__} is immutable: cannot set {name!r}")
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot delete {name!r}")

    def __reduce__(self) -> str:
        raise TypeError("graph nodes live in one process: pickle the computed result instead")


set_origin: Callable[[Node, Origin | None], None] = vars(Node)["origin"].__set__
"""``node.origin = origin``, without the detour by `Node.__setattr__`."""


def carry_origin(old: Node, new: Node) -> None:
    """What stands in the place of ``old`` was asked for where ``old`` was."""
    if new is not old and new.origin is None:
        set_origin(new, old.origin)


class Token:
    """Names one input without holding it: data is bound to a token when a program runs.

    Parameters
    ----------
    hint : str
        A name for printing only; two tokens with one hint are two inputs.
    constant : Node, optional
        For printing only, in place of a name: the `Literal` that a parameter stands for.
    """

    __slots__ = ("__weakref__", "constant", "hint")

    def __init__(self, hint: str = "", constant: Node | None = None) -> None:
        self.hint = hint
        self.constant = constant
