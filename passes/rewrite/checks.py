"""What every rewrite must keep, checked around each pass when checks are on (in tests, always).

The specifications, and the printer that their messages need, are imported when they are first checked: a
program elsewhere does not wait for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from passes.ir.loops import Program
from passes.ir.rows import Concat, Filter, Group, Join, Product, Range, Rows, Slice, Sort
from passes.ir.values import Value

if TYPE_CHECKING:
    from passes.ir.verify_program import FoundLegal

_enabled = False


class RewriteBroke(AssertionError):  # noqa: N818  # an assertion about the rule, not about the graph
    """A pass changed what its results are; says the pass, the result and how."""


def enabled() -> bool:
    """Whether passes are checked."""
    return _enabled


@contextmanager
def checking(on: bool = True) -> Iterator[None]:
    """Check passes (or do not) until the block ends."""
    global _enabled
    before, _enabled = _enabled, on
    try:
        yield
    finally:
        _enabled = before


def check_schema(name: str, before: Sequence[Value], after: Sequence[Value]) -> None:
    """Raise `RewriteBroke` unless the graph is legal and each result has its dtype, and its rows in order.

    Rows are compared by what can be known without data: a scalar stays one, a group stays one of as many keys
    in the same order, a dense row space stays the same, and results that shared a row space still do.
    """
    from passes.ir.verify import InvalidGraph, verify

    try:
        verify(after)
    except InvalidGraph as error:
        raise RewriteBroke(f"{name}: {error}") from error
    if len(before) != len(after):
        raise RewriteBroke(f"{name}: {len(before)} results became {len(after)}")
    became: dict[Rows | None, Rows | None] = {}
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        if old.dtype != new.dtype:
            raise RewriteBroke(f"{name}: result {number} was {old.dtype} and became {new.dtype}")
        if not _same_order(old.rows, new.rows) or became.setdefault(old.rows, new.rows) is not new.rows:
            raise RewriteBroke(f"{name}: result {number} has other rows than before")


def found_legal() -> FoundLegal | None:
    """What `check_program` fills and is given again, where passes are checked."""
    if not _enabled:
        return None
    from passes.ir.verify_program import FoundLegal

    return FoundLegal()


def check_program(name: str, results: Sequence[Value], after: Program, legal: FoundLegal | None) -> None:
    """Raise `RewriteBroke` unless the program that a loop pass left is legal and gives the same results."""
    from passes.ir.verify_program import InvalidProgram, verify_program

    try:
        verify_program(after, legal)
    except InvalidProgram as error:
        raise RewriteBroke(f"{name}: {error}") from error
    if after.results != tuple(results):
        raise RewriteBroke(f"{name}: the results are others than before")


def _same_order(old: Rows | None, new: Rows | None) -> bool:
    if old is new:
        return True
    if isinstance(old, Group):
        return isinstance(new, Group) and len(old.keys) == len(new.keys) and old.sort == new.sort
    if isinstance(old, Product):
        return isinstance(new, Product)
    if isinstance(old, Join):
        # where it is found by lookup, a join is a filter of one side
        return isinstance(new, Filter) or (isinstance(new, Join) and old.how == new.how)
    if isinstance(old, Concat):
        return isinstance(new, Concat) and len(old.parts) == len(new.parts)
    if isinstance(old, Sort):
        return isinstance(new, Sort) and old.ascending == new.ascending
    # A filter may become another of the same rows, or go away where all rows pass.
    return isinstance(old, (Filter, Slice)) and isinstance(
        new, (Filter, Slice, Range, Product, Group, Join, Sort, Concat)
    )
