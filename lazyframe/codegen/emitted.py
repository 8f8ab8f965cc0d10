"""A kernel's source with what its arguments are: what the emitter hands to whoever calls the kernel."""

from __future__ import annotations

from typing import NamedTuple

from lazyframe.codegen.emit_lookups import LookupInput
from lazyframe.codegen.group_tables import Bank
from lazyframe.codegen.kernel import KernelSource
from passes.ir.loops import Builder
from passes.ir.rows import Rows
from passes.ir.values import Value


class Strided(NamedTuple):
    """How an array that is not contiguous lies in memory.

    Parameters
    ----------
    matrix : int or None
        For a column of a row-major matrix of few columns: the matrix's number in this loop.
    width, offset : int
        Elements from one row of the matrix to the next, and from the matrix's first column to this one.
    """

    matrix: int | None = None
    width: int = 0
    offset: int = 0


class ArrayInput(NamedTuple):
    """An array that a kernel loads from: element ``start + step * index`` of ``leaf``'s array.

    ``strided`` says that the kernel multiplies the index by a stride that it is given.  Columns of one matrix
    are one input, that of the matrix's first column, with their width and offset written into the kernel:
    LLVM then loads whole rows and takes them apart in registers.
    """

    leaf: Value
    start: int
    step: int
    strided: bool


class EmittedLoop(NamedTuple):
    """A kernel's source and what its arguments are, in order after ``lo`` and ``hi``.

    Parameters
    ----------
    kernel : KernelSource
        What the compiler takes.
    inner_extent : bool
        Whether the inner and the outer axis' lengths come next.
    tables : tuple of Rows
        Groups whose number of slots comes next.
    lookups : tuple of LookupInput
        Tables that rows are looked up in.
    arrays : tuple of ArrayInput
        A pointer each, followed by a stride for strided ones.
    scalars : tuple of Value
        By value.
    counters : tuple of tuple of Value
        Guard sets whose surviving rows are counted: a pointer to an int64 each.
    builders : tuple of Builder
        A pointer each: to the first element of the array, or to the cell.  Those of group tables have none.
    banks : tuple of Bank
        A pointer each, to the table.
    marks : tuple of (int, Value)
        Which line of the source, counted from 0, computes an operation: for people.
    staged : bool
        Whether batches of rows go through one guard after another.
    compacted : bool
        Whether rows that fail are left out of the batches of which most do.
    left_out : bool
        Whether they are of all batches.
    """

    kernel: KernelSource
    inner_extent: bool
    tables: tuple[Rows, ...]
    lookups: tuple[LookupInput, ...]
    arrays: tuple[ArrayInput, ...]
    scalars: tuple[Value, ...]
    counters: tuple[tuple[Value, ...], ...]
    builders: tuple[Builder, ...]
    banks: tuple[Bank, ...]
    marks: tuple[tuple[int, Value], ...]
    staged: bool = False
    compacted: bool = False
    left_out: bool = False
