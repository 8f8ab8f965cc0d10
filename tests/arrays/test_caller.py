"""Who is given lazy arrays: the user's own code."""

from __future__ import annotations

import functools
import textwrap

import numpy as np
import pandas

from lazyframe.api.caller import called_by_user, user_frame


def asked() -> bool:
    return called_by_user()


def test_user_code_is_known_from_libraries() -> None:
    assert asked()
    assert [asked() for _ in range(1)] == [True]
    scope: dict[str, object] = {"asked": asked}
    exec(compile("answer = asked()", "<ipython-input-1-abc>", "exec"), scope)
    assert scope["answer"] is True
    exec(
        compile("answer = asked()", "/usr/lib/site-packages/somebody/module.py", "exec"),
        scope,
    )
    assert scope["answer"] is False
    exec(compile(textwrap.dedent("answer = asked()"), functools.__file__, "exec"), scope)
    assert scope["answer"] is False


def test_pandas_and_numpy_are_libraries() -> None:
    answers = []
    pandas.Series([1]).apply(lambda _: answers.append(called_by_user(1)))
    np.apply_along_axis(lambda _: answers.append(called_by_user(1)) or 0, 0, np.zeros((1, 1)))
    assert answers == [False, False]


def test_the_frame_is_the_users() -> None:
    frame = user_frame(0)
    assert frame is not None
    assert frame.f_code.co_name == "test_the_frame_is_the_users"
