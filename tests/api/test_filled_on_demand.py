"""Lazy objects answer what they know, compute once for all else, and raise what computing raises."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pandas
import pytest

import lazyframe
from lazyframe.api.frame import lazy_frame
from lazyframe.api.series import lazy_series

FRAME = pandas.DataFrame({"a": [1, 2, 3], "b": [1.5, None, -0.0]})
SERIES = pandas.Series([1, 2, 3], name="s", dtype="int32")
SCHEMA = ("dtypes", "index_holds_strings")

QUESTIONS_OF_BOTH: dict[str, Callable[[Any], Any]] = {
    "index": lambda x: list(x.index),
    "len": len,
    "shape": lambda x: x.shape,
    "ndim": lambda x: x.ndim,
    "size": lambda x: x.size,
    "empty": lambda x: x.empty,
    "axes": lambda x: [list(axis) for axis in x.axes],
    "attrs": lambda x: x.attrs,
    "flags": lambda x: x.flags.allows_duplicate_labels,
    "unknown attribute": lambda x: hasattr(x, "no_such_attribute"),
    "probe of notebooks": lambda x: hasattr(x, "_ipython_canary_method_should_not_exist_"),
    "probe of narwhals": lambda x: hasattr(x, "__narwhals_dataframe__"),
    "html method": lambda x: hasattr(x, "_repr_html_"),
    "dir": lambda x: {name for name in dir(x) if not name.startswith("_")} - {"to_pandas", "explain"},
    "is a frame": lambda x: isinstance(x, pandas.DataFrame),
    "name of class": lambda x: type(x).__name__,
}
QUESTIONS_OF_FRAMES: dict[str, Callable[[Any], Any]] = {
    "columns": lambda x: list(x.columns),
    "keys": lambda x: list(x.keys()),
    "iteration": list,
    "contains": lambda x: ("a" in x, "z" in x),
    "dtypes": lambda x: x.dtypes.to_dict(),
}
QUESTIONS_OF_SERIES: dict[str, Callable[[Any], Any]] = {
    "dtype": lambda x: x.dtype,
    "dtypes": lambda x: x.dtypes,
    "name": lambda x: x.name,
    "contains": lambda x: (1 in x, 9 in x),
}


def lazy(fake: Any) -> Any:
    return lazy_series(fake) if fake.columns is None else lazy_frame(fake)


@pytest.mark.parametrize("question", [*QUESTIONS_OF_BOTH, *QUESTIONS_OF_FRAMES])
def test_frame_answers_without_computing(question: str, recorded: Any) -> None:
    ask = (QUESTIONS_OF_BOTH | QUESTIONS_OF_FRAMES)[question]
    fake = recorded(FRAME)
    assert ask(lazy(fake)) == ask(FRAME)
    assert fake.computed == 0


@pytest.mark.parametrize("question", [*QUESTIONS_OF_BOTH, *QUESTIONS_OF_SERIES])
def test_series_answers_without_computing(question: str, recorded: Any) -> None:
    ask = (QUESTIONS_OF_BOTH | QUESTIONS_OF_SERIES)[question]
    fake = recorded(SERIES)
    assert ask(lazy(fake)) == ask(SERIES)
    assert fake.computed == 0


@pytest.mark.parametrize("result", [FRAME, SERIES], ids=["frame", "series"])
@pytest.mark.parametrize(
    "question", ["attrs", "flags", "unknown attribute", "probe of notebooks", "html method", "dir", "ndim"]
)
def test_rows_need_not_be_known(question: str, result: Any, recorded: Any) -> None:
    ask = QUESTIONS_OF_BOTH[question]
    fake = recorded(result, known=SCHEMA)
    assert ask(lazy(fake)) == ask(result)
    assert fake.computed == 0


@pytest.mark.parametrize("result", [FRAME, SERIES], ids=["frame", "series"])
@pytest.mark.parametrize("question", QUESTIONS_OF_BOTH)
def test_unknown_answers_are_computed(question: str, result: Any, recorded: Any) -> None:
    ask = QUESTIONS_OF_BOTH[question]
    fake = recorded(result, known=())
    assert ask(lazy(fake)) == ask(result)
    assert fake.computed <= 1


def test_labels_as_attributes(recorded: Any) -> None:
    labelled = pandas.Series([10, 20], index=["x", "y"])
    assert lazy(recorded(labelled, known=SCHEMA)).y == 20
    assert lazy(recorded(FRAME, known=SCHEMA)).b.tolist()[0] == 1.5


@pytest.mark.parametrize("result", [FRAME, SERIES], ids=["frame", "series"])
def test_computed_once(result: Any, recorded: Any) -> None:
    fake = recorded(result)
    x = lazy(fake)
    assert "_mgr" not in x.__dict__
    assert repr(x) == repr(result)
    assert fake.computed == 1
    assert "_mgr" in x.__dict__
    assert "_recorded" not in x.__dict__
    x.sum()
    assert fake.computed == 1


def test_index_is_the_same_object_before_and_after(recorded: Any) -> None:
    x = lazy(recorded(FRAME))
    before = x.index
    before.name = "named"
    x.sum()
    assert x.index is before
    assert x.reset_index().columns[0] == "named"


def test_writing_computes_first(recorded: Any) -> None:
    fake = recorded(FRAME)
    x = lazy(fake)
    x["c"] = 1
    assert list(x.columns) == ["a", "b", "c"]
    x = lazy(recorded(FRAME))
    x.columns = ["p", "q"]
    assert list(x.columns) == ["p", "q"]
    assert list(x.dtypes.index) == ["p", "q"]
    x = lazy(recorded(SERIES))
    x.index = list("xyz")
    assert x["y"] == 2


def test_name_attrs_and_flags_last(recorded: Any) -> None:
    fake = recorded(SERIES)
    x = lazy(fake)
    x.name = "other"
    x.attrs["unit"] = "m"
    x.flags.allows_duplicate_labels = False
    assert fake.computed == 0
    assert x.tolist() == [1, 2, 3]
    assert (x.name, x.attrs, x.flags.allows_duplicate_labels) == ("other", {"unit": "m"}, False)
    assert (x + 1).name == "other"


class BoomError(Exception):
    pass


@pytest.mark.parametrize("result", [FRAME, SERIES], ids=["frame", "series"])
@pytest.mark.parametrize("ask", [repr, len, lambda x: x.index, lambda x: x.sum(), lambda x: x.values])
def test_errors_come_out_as_themselves(result: Any, ask: Any, failing: Any) -> None:
    error = BoomError("while computing")
    fake = failing(result, error)
    x = lazy(fake)
    with pytest.raises(BoomError) as raised:
        ask(x)
    assert raised.value is error
    assert fake.computed == 1
    with pytest.raises(BoomError):
        ask(x)  # still lazy: an interrupted computation can be asked for again


@pytest.mark.parametrize("result", [FRAME, SERIES], ids=["frame", "series"])
def test_attribute_error_is_not_taken_for_a_missing_attribute(result: Any, failing: Any) -> None:
    fake = failing(result, AttributeError("inside the engine"))
    with pytest.raises(RuntimeError, match="inside the engine"):
        hasattr(lazy(fake), "values")
    assert fake.computed == 1


def test_object_without_anything_has_no_manager() -> None:
    with pytest.raises(AttributeError, match="_mgr"):
        object.__new__(lazyframe.DataFrame)._mgr  # noqa: B018


def test_two_threads_get_one_manager(recorded: Any) -> None:
    both_inside = threading.Barrier(2)
    fake = recorded(SERIES)
    plain_manager = fake.manager

    def slow_manager() -> Any:
        both_inside.wait(timeout=120)
        return plain_manager().copy(deep=True)

    fake.manager = slow_manager
    x = lazy(fake)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(x._mgr)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0] is found[1] is x._mgr
