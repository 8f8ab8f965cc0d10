"""Who is told what each pass did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from passes.ir.loops import Program
from passes.ir.values import Value


class Observer(Protocol):
    """Told of each pass in turn; ``explain`` is one."""

    def observe(
        self, name: str, before: Sequence[Value], after: Sequence[Value], changed: int, elapsed_s: float
    ) -> None:
        """A pass has run.

        Parameters
        ----------
        name : str
            Of the pass.
        before, after : sequence of Value
            The results that it was given and gave; the same objects when nothing changed.
        changed : int
            How often the rule matched.
        elapsed_s : float
            Seconds, checks not included.
        """

    def observe_program(self, name: str, before: Program, after: Program, elapsed_s: float) -> None:
        """A pass over the loop program has run; ``before is after`` when it changed nothing."""
