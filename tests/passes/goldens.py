"""Read golden plans: cases of ``# title:``, before, ``---``, after or SAME."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DIRECTORY = Path(__file__).parent.parent / "goldens"


@dataclass(frozen=True, slots=True)
class Case:
    """One plan before and after a rule; ``after`` is ``before`` for a SAME case."""

    title: str
    before: str
    after: str

    @property
    def same(self) -> bool:
        """Whether the rule is to decline."""
        return self.before == self.after


def load(name: str) -> list[Case]:
    """The cases of ``goldens/<name>.txt``."""
    text = (DIRECTORY / f"{name}.txt").read_text()
    cases = []
    for part in text.split("# title:")[1:]:
        title, _, plans = part.partition("\n")
        before, _, after = plans.partition("\n---\n")
        before, after = before.strip(), after.strip()
        cases.append(Case(title.strip(), before, before if after == "SAME" else after))
    return cases
