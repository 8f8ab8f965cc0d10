"""The five join questions."""

from __future__ import annotations

from bench.db.question import Question


def _question(right: str, key: str, how: str = "inner") -> Question:
    """The left table joined with another; the benchmark adds up both sides' values."""
    kind = "JOIN" if how == "inner" else "LEFT JOIN"
    return Question(
        lambda pd, t: t.x.merge(getattr(t, right), on=key, how=how)[["v1", "v2"]],
        lambda pl, t: t.x.join(getattr(t, right), on=key, how=how).select("v1", "v2"),
        f"SELECT v1, v2 FROM x {kind} {right} USING ({key})",
    )


QUESTIONS = (
    _question("small", "id1"),
    _question("medium", "id2"),
    _question("medium", "id2", how="left"),
    _question("medium", "id5"),
    _question("big", "id3"),
)
