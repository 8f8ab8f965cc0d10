"""The lines of a kernel's source while it is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class SourceText:
    """Lines at the depth of the block they are in, and names for intermediate results."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._depth = 1
        self._temporaries = 0
        self._before: dict[str, str] = {}

    def put(self, line: str) -> None:
        """Write a line of the present block."""
        self.lines.append("    " * self._depth + line)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Write ``head``, and what is written until the block ends one level deeper."""
        self.put(head)
        self._depth += 1
        yield
        self._depth -= 1

    def write(self, expression: str) -> str:
        """Assign ``expression`` to a new variable; its name."""
        name = f"t{self._temporaries}"
        self._temporaries += 1
        self.put(f"{name} = {expression}")
        return name

    def write_before(self, expression: str) -> str:
        """Assign ``expression`` to a variable before everything else, once; its name."""
        return self._before.setdefault(expression, f"h{len(self._before)}")

    def before(self) -> list[str]:
        """The lines that `write_before` has written."""
        return [f"    {name} = {expression}" for expression, name in self._before.items()]
