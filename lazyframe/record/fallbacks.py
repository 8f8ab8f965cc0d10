"""What was not recorded and ran in pandas: noted for ``explain`` and `lazyframe.fallbacks`."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

MOST_NOTED = 256


@dataclass(frozen=True)
class Fallback:
    """Something that pandas or NumPy ran in place of a kernel.

    Attributes
    ----------
    operation : str
        The method, such as ``DataFrame.sort_values``, or what was computed.
    reason : str
        Why no kernel did it.
    line : str
        The user's line, as ``file.py:12  source``; empty if unknown.
    """

    operation: str
    reason: str
    line: str = ""

    def __str__(self) -> str:
        where = f"  ({self.line})" if self.line else ""
        return f"{self.operation}: {self.reason}{where}"


_noted: deque[Fallback] = deque(maxlen=MOST_NOTED)


def note(fallback: Fallback) -> None:
    """Add to what `recent` gives."""
    if not _noted or _noted[-1] != fallback:
        _noted.append(fallback)


def recent() -> list[Fallback]:
    """The last fallbacks of this process, oldest first."""
    return list(_noted)
