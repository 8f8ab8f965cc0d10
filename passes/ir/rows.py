"""Row spaces: which rows, in which order.

Two columns can be computed in one loop when their row spaces are the same object; that is the
whole test, and it never looks at data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passes.ir.node import Node

if TYPE_CHECKING:
    from passes.ir.values import Value


class Rows(Node):
    """Base of all row spaces."""

    __slots__ = ()


class Range(Rows):
    """The positions ``0 .. extent-1``: every in-memory source of that length.

    Parameters
    ----------
    extent : int or str
        A length, or in a plan that serves any length, the name of one.
    """

    __slots__ = ("extent",)
    __match_args__ = ("extent",)
    extent: int | str

    def __new__(cls, extent: int | str) -> Range:
        return cls._intern(extent)


class Filter(Rows):
    """The rows of ``parent`` for which the boolean column ``mask`` is true, in their order."""

    __slots__ = ("mask", "parent")
    __match_args__ = ("parent", "mask")
    parent: Rows
    mask: Value

    def __new__(cls, parent: Rows, mask: Value) -> Filter:
        return cls._intern(parent, mask)


class Slice(Rows):
    """``parent[start:stop:step]`` with Python's meaning, for a parent of unknown length.

    Slices of a `Range` need no row space of their own: they are a `Range` and a `View`.
    """

    __slots__ = ("parent", "start", "step", "stop")
    __match_args__ = ("parent", "start", "stop", "step")
    parent: Rows
    start: int | None
    stop: int | None
    step: int | None

    def __new__(cls, parent: Rows, start: int | None, stop: int | None, step: int | None) -> Slice:
        return cls._intern(parent, start, stop, step)


class Product(Rows):
    """Every pair of a row of ``left`` (slow) and a row of ``right`` (fast): NumPy's outer shape."""

    __slots__ = ("left", "right")
    __match_args__ = ("left", "right")
    left: Rows
    right: Rows

    def __new__(cls, left: Rows, right: Rows) -> Product:
        return cls._intern(left, right)


class Join(Rows):
    """The pairs of a row of ``left`` and a row of ``right`` whose keys are equal, in pandas' order.

    That is the order of ``left``, then of ``right``; for ``"right"`` it is that of ``right``, then of
    ``left``; for ``"outer"`` ascending by key first.  A row without partner is there once where ``how`` says
    so, and its position on the other side is -1.

    Parameters
    ----------
    left, right : Rows
        What is joined.
    left_keys, right_keys : tuple of Value
        Integer or boolean columns of each side, as many, of equal dtypes.
    how : str
        One of `JOIN_KINDS`.
    """

    __slots__ = ("how", "left", "left_keys", "right", "right_keys")
    __match_args__ = ("left", "right", "left_keys", "right_keys", "how")
    left: Rows
    right: Rows
    left_keys: tuple[Value, ...]
    right_keys: tuple[Value, ...]
    how: str

    def __new__(
        cls, left: Rows, right: Rows, left_keys: tuple[Value, ...], right_keys: tuple[Value, ...], how: str
    ) -> Join:
        return cls._intern(left, right, left_keys, right_keys, how)


JOIN_KINDS = ("inner", "left", "right", "outer")


class Sort(Rows):
    """The rows of ``parent`` in the order of ``keys``, rows of equal keys in the order they were in.

    Parameters
    ----------
    parent : Rows
        The rows that are sorted.
    keys : tuple of Value
        Integer or boolean columns of ``parent``; the first decides, then the next.
    ascending : tuple of bool
        One a key.
    """

    __slots__ = ("ascending", "keys", "parent")
    __match_args__ = ("parent", "keys", "ascending")
    parent: Rows
    keys: tuple[Value, ...]
    ascending: tuple[bool, ...]

    def __new__(cls, parent: Rows, keys: tuple[Value, ...], ascending: tuple[bool, ...]) -> Sort:
        return cls._intern(parent, keys, ascending)


class Concat(Rows):
    """The rows of each of ``parts``, two at least, one part behind the other."""

    __slots__ = ("parts",)
    __match_args__ = ("parts",)
    parts: tuple[Rows, ...]

    def __new__(cls, parts: tuple[Rows, ...]) -> Concat:
        return cls._intern(parts)


class Group(Rows):
    """One row for each distinct combination of ``keys`` in ``parent``.

    Parameters
    ----------
    parent : Rows
        The rows that are grouped.
    keys : tuple of Value
        Integer or boolean columns of ``parent``.
    sort : bool
        In ascending order of the keys, or in order of first appearance.
    """

    __slots__ = ("keys", "parent", "sort")
    __match_args__ = ("parent", "keys", "sort")
    parent: Rows
    keys: tuple[Value, ...]
    sort: bool

    def __new__(cls, parent: Rows, keys: tuple[Value, ...], sort: bool) -> Group:
        return cls._intern(parent, keys, sort)
