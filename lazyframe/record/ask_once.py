"""What pandas answered, remembered by all that decides the answer."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

_MOST_ANSWERS = 1024

Answer = TypeVar("Answer")


def ask_once(
    answers: dict[Hashable, Answer | None], key: Any, ask: Callable[[], Answer | None]
) -> Answer | None:
    """What ``ask`` gave for ``key``; None, without asking, for one that cannot be remembered.

    Parameters
    ----------
    answers : dict
        Of questions of this kind.
    key : object
        All that decides the answer.
    ask : callable
        Finds it, the first time.
    """
    try:
        frozen = freeze(key)
        if frozen in answers:
            return answers[frozen]
    except TypeError:
        return None
    if len(answers) >= _MOST_ANSWERS:
        answers.clear()
    answers[frozen] = answer = ask()
    return answer


def freeze(value: Any) -> Hashable:
    """``value`` as a hashable: 1, 1.0 and True differ, and so do lists and tuples."""
    if value is None or type(value) is str:
        return value  # which nothing but itself is equal to
    if isinstance(value, (list, tuple)):
        return (type(value), *[freeze(item) for item in value])
    if isinstance(value, dict):
        return (dict, *[(freeze(label), freeze(item)) for label, item in value.items()])
    hash(value)
    return (type(value), value)
