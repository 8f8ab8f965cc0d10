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
    except TypeError:
        return None
    return ask_frozen(answers, frozen, ask)


def ask_frozen(
    answers: dict[Hashable, Answer | None], key: Hashable, ask: Callable[[], Answer | None]
) -> Answer | None:
    """`ask_once` for a key that tells all answers apart as it is."""
    try:
        return answers[key]
    except KeyError:
        pass
    if len(answers) >= _MOST_ANSWERS:
        answers.clear()
    answers[key] = answer = ask()
    return answer


def freeze(value: Any) -> Hashable:
    """``value`` as a hashable: 1, 1.0 and True differ, and so do lists and tuples."""
    kind = type(value)
    if kind is str or value is None:
        return value  # type: ignore[no-any-return]  # which nothing but itself is equal to
    if isinstance(value, (list, tuple)):
        return (kind, *[item if type(item) is str else freeze(item) for item in value])
    if isinstance(value, dict):
        return (
            dict,
            *[
                (
                    label if type(label) is str else freeze(label),
                    item if type(item) is str else freeze(item),
                )
                for label, item in value.items()
            ],
        )
    hash(value)
    return (kind, value)
