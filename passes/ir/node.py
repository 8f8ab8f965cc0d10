"""The interned, immutable base of every graph node.

Two nodes with equal fields are one object, so equality is identity, hashing is by address and a
field tuple that holds other nodes hashes in constant time however deep the graph is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cache
from types import FunctionType
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
    node = _new(_open)
    {sets}
    node.__class__ = cls
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
def _interner(fields: int, notes: int) -> FunctionType:
    """What finds or makes a node of so many fields and notes, with numbers in the place of their names.

    Every node is made so, and a loop over the fields takes half as long again.
    """
    numbered = [f"field_{k}" for k in range(fields)]
    sets = [f"node.{field} = {field}" for field in numbered] + [f"node.note_{k} = None" for k in range(notes)]
    source = _INTERN.format(fields=", ".join(numbered), sets="; ".join(sets))
    scope: dict[str, Any] = {}
    exec(compile(source, f"<interning of {fields} fields>", "exec"), scope)
    made: FunctionType = scope["intern"]
    return made


def _interning(cls: type[Node], fields: Sequence[str], notes: Sequence[str]) -> Callable[..., Any]:
    """What finds or makes the node of a class with given fields; its notes are None."""
    made = _interner(len(fields), len(notes)).__code__
    names = {f"field_{k}": name for k, name in enumerate(fields)}
    names |= {f"note_{k}": name for k, name in enumerate(notes)}
    # code of its own, as an interpreter that has seen one class set an attribute is quick with this one
    code = made.replace(co_names=tuple([names.get(name, name) for name in made.co_names]))
    scope: dict[str, Any] = {
        "__builtins__": {},
        "_Entry": _Entry,
        "_forget": _forget,
        "_interned": _interned,
        "_new": object.__new__,
        "_open": _open(cls),
    }
    return FunctionType(code, scope)


def _open(cls: type[Node]) -> type:
    """A class whose instances can become those of ``cls``, and until then be written to.

    Writing past the guard of a node, by ``object.__setattr__`` or the slots, takes ten times as long.
    """
    unguarded = {"__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    return type(cls.__name__, cls.__bases__, {"__slots__": vars(cls)["__slots__"], **unguarded})


class Origin:
    """Where a user asked for a node: for ``explain``, and never part of a node's identity."""

    __slots__ = ("filename", "line", "what")

    def __init__(self, filename: str, line: int, what: str) -> None:
        self.filename = filename
        self.line = line
        self.what = what


class Node:
    """Base of all nodes; a subclass lists its fields in ``__match_args__`` and its slots.

    Slots named by ``notes`` are no fields: None in a new node, and filled by whoever finds something out.
    """

    __slots__ = ("__weakref__", "origin")
    __match_args__: ClassVar[tuple[str, ...]] = ()
    notes: ClassVar[tuple[str, ...]] = ("origin",)
    origin: Origin | None

    if TYPE_CHECKING:

        @classmethod
        def _intern(cls, *fields: Any) -> Self:
            """The one node of this class with these fields."""

    def __init_subclass__(cls) -> None:
        if cls.__match_args__ and "__setattr__" not in vars(cls):
            intern = _interning(cls, cls.__match_args__, cls.notes)
            cls._intern = classmethod(intern)  # type: ignore[method-assign,assignment]

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
