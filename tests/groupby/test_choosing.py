"""``value_counts`` and ``filter`` of groups, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import lazyframe
from lazyframe.api import groupby_combinations
from lazyframe.run import few_groups
from tests.groupby.grouped_frames import assert_same, check_recorded, make_frame

pytestmark = pytest.mark.usefixtures("interpreted")

LIMIT = 3


@pytest.fixture(scope="module")
def data() -> pandas.DataFrame:
    made = make_frame(80, seed=11)
    r = np.random.default_rng(0)
    made["q"] = pandas.array(np.where(r.random(80) < 0.2, None, r.choice(["a", "b", "c"], 80)), dtype="str")
    return made.assign(n=r.integers(-9, 9, 80), z=made["y"])


@pytest.mark.parametrize("by", ["k", "q", ["g", "k"], ["q", "b"]], ids=str)
@pytest.mark.parametrize(
    "options", [{}, {"sort": False}, {"as_index": False}, {"dropna": False}], ids=lambda options: str(options)
)
def test_value_counts(data: pandas.DataFrame, by: Any, options: dict[str, bool]) -> None:
    given: list[dict[str, bool]] = [{}]
    if options == {} or by == ["q", "b"]:
        given += [{"normalize": True}, {"sort": False}, {"ascending": True}]
    for arguments in given:
        for values in ("n", "s", "t", "h", ["j", "n"]):
            if options.get("dropna") is False and values in ("t", "h") and by != "k":
                continue  # values are dropped, and keys are not
            check_recorded(
                data,
                lambda df, v=values: df.groupby(by, **options)[v],  # type: ignore[misc]
                lambda g, a=arguments: g.value_counts(**a),  # type: ignore[misc]
            )


def test_value_counts_with_missing_values(data: pandas.DataFrame) -> None:
    for values in ("q", "h", "t", ["q", "h"]):
        check_recorded(data, lambda df, v=values: df.groupby("k")[v], lambda g: g.value_counts(dropna=False))  # type: ignore[misc]
    check_recorded(data, lambda df: df.groupby("g", dropna=False).q, lambda g: g.value_counts(dropna=False))


@pytest.mark.parametrize("by", ["k", "c", ["c", "k"], ["b", "o"], ["o", "q"]], ids=str)
@pytest.mark.parametrize(
    "options",
    [{}, {"sort": False}, {"as_index": False}, {"observed": False}],
    ids=lambda options: str(options),
)
def test_value_counts_of_and_by_categories(
    data: pandas.DataFrame, by: Any, options: dict[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(few_groups, "_ROWS_A_GROUP", 0)
    given: list[dict[str, bool]] = [{}, {"normalize": True}, {"sort": False}, {"ascending": True}]
    lists: list[Any] = ["c", "n", ["j", "o"]]
    for values in lists:
        mine = {by} if isinstance(by, str) else set(by)
        taken = mine & {*values}
        listed = not mine.isdisjoint("co") or not {*values}.isdisjoint("co")
        if taken or not listed:
            continue
        for rows, arguments in ((80, given[0]), (40, given[1]), (30, given[2]), (1, given[3])):
            check_recorded(
                data[:rows],
                lambda df, v=values: df.groupby(by, **options)[v],  # type: ignore[misc]
                lambda g, a=arguments: g.value_counts(**a),  # type: ignore[misc]
            )


@pytest.mark.parametrize("by", ["q", ["c", "q"], ["o", "k"]], ids=str)
@pytest.mark.parametrize("options", [{}, {"dropna": False, "sort": False}, {"as_index": False}], ids=str)
def test_value_counts_where_either_are_dropped_if_missing(
    data: pandas.DataFrame, by: Any, options: dict[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(few_groups, "_ROWS_A_GROUP", 0)
    given: list[dict[str, bool]] = [{"dropna": False}, {}, {"dropna": False, "normalize": True}]
    lists: list[Any] = ["j", "w", ["w", "c"], ["n", "o"]]
    text = data.assign(w=data["q"].to_numpy()[::-1])
    for values in lists:
        if {*values}.isdisjoint(by):
            for rows, arguments in ((80, given[0]), (30, given[1]), (40, given[2])):
                check_recorded(
                    text[:rows],
                    lambda df, v=values: df.groupby(by, **options)[v],  # type: ignore[misc]
                    lambda g, a=arguments: g.value_counts(**a),  # type: ignore[misc]
                )


def test_value_counts_of_frames_of_categories(
    data: pandas.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(few_groups, "_ROWS_A_GROUP", 0)
    counted: list[Any] = []
    count = groupby_combinations.count_combinations
    monkeypatch.setattr(
        groupby_combinations,
        "count_combinations",
        lambda *given: counted.append(count(*given)) or counted[-1],
    )
    for subset in (["c", "q"], ["o", "c"], ["q", "o", "n"]):
        for dropna in (True, False):
            for more in ({}, {"normalize": True}, {"sort": False}, {"ascending": True}):
                want = data.value_counts(subset, dropna=dropna, **more)
                assert_same(lazyframe.DataFrame(data).value_counts(subset, dropna=dropna, **more), want)
    assert len(counted) == 24
    assert all(one is not None for one in counted)


def test_other_value_counts_are_pandas(data: pandas.DataFrame) -> None:
    for use in (
        lambda df: df.groupby("k").c.value_counts(dropna=False),
        lambda df: df.groupby("c", dropna=False).k.value_counts(),
        lambda df: df.groupby("c", dropna=False).o.value_counts(dropna=False),
        lambda df: df[:0].groupby("c").o.value_counts(),
        lambda df: df.groupby("c")["c"].value_counts(),
        lambda df: df.groupby([pandas.Grouper(key="e", freq="D"), "o"]).c.value_counts(),
        lambda df: df.groupby("k").x.value_counts(bins=3),
        lambda df: df.groupby("g").q.value_counts(dropna=False),
        lambda df: df.groupby("k")[["n", "j"]].value_counts(subset=["j"]),
        lambda df: df.groupby("k")["k"].value_counts(),
        lambda df: df[:0].groupby("k").n.value_counts(),
        lambda df: df.set_index("k").groupby(level=0).n.value_counts(),
    ):
        assert_same(use(lazyframe.DataFrame(data)), use(data))


@pytest.mark.parametrize("by", ["k", "c", "g", ["b", "j"]], ids=str)
def test_truth_of_text(data: pandas.DataFrame, by: Any) -> None:
    r = np.random.default_rng(2)
    text = pandas.array(r.choice(np.array(["", "a", None], object), 80, p=[0.6, 0.1, 0.3]), dtype="str")
    alone = pandas.array(["", "a", None][1:2] * 80, dtype="str")
    missing = pandas.array([None] * 80, dtype="str")
    for values in (text, alone, missing):
        for rows in (80, 9, 1):
            frame = data.assign(text=values)[:rows]
            for name in ("any", "all"):
                check_recorded(frame, lambda df: df.groupby(by).text, lambda g, n=name: getattr(g, n)())  # type: ignore[misc]
        check_recorded(frame, lambda df: df.groupby(by)[["text", "n"]], lambda g: g.agg(["any", "all"]))
    assert_same(
        lazyframe.DataFrame(frame).groupby(by).text.any(skipna=False),
        frame.groupby(by).text.any(skipna=False),
    )


CHOICES = [
    lambda x: len(x) > 9,
    lambda x: x.mean() > 0.1,
    lambda x: (x > 0).sum() > 4,
    lambda x: (x.count() > LIMIT) & (x.min() < -1),
    lambda x: (x.nunique() == x.size) | (x.max() < 2),
    lambda x: x.max() - x.min() > 1.5,
]


@pytest.mark.parametrize("by", ["k", "q", ["g", "k"], "c"], ids=str)
@pytest.mark.parametrize("number", range(len(CHOICES)))
def test_filter(data: pandas.DataFrame, by: Any, number: int) -> None:
    for column in ("z", "n"):
        for options in ({}, {"dropna": False}) if by != "c" else ({},):
            check_recorded(
                data,
                lambda df, c=column, o=options: df.groupby(by, **o)[c],  # type: ignore[misc]
                lambda g: g.filter(CHOICES[number]),
            )


@pytest.mark.parametrize(
    "choice",
    [
        lambda g: len(g) > 9,
        lambda g: g["n"].mean() > 0.3,
        lambda g: (g.z.count() > 4) & (g["n"].min() < 0),
        lambda g: g["q"].nunique() > 1,
        lambda g: g["s"].count() != LIMIT,
    ],
)
def test_filter_frames(data: pandas.DataFrame, choice: Any) -> None:
    for by in ("k", "q", ["g", "k"]):
        check_recorded(data, lambda df, by=by: df.groupby(by), lambda g: g.filter(choice))  # type: ignore[misc]
        check_recorded(
            data,
            lambda df, by=by: df.groupby(by)[["z", "n", "q", "s"]],  # type: ignore[misc]
            lambda g: g.filter(choice),
        )


@pytest.mark.parametrize(
    "choice",
    [
        lambda g: len(g),
        lambda g: g.x > 0,
        lambda g: g.nothing > 2,
        lambda g: g["z"].mean() > 0 and len(g) > 2,
        lambda g: None,
    ],
)
def test_other_choices_are_pandas(data: pandas.DataFrame, choice: Any) -> None:
    answers = []
    for frame in (lazyframe.DataFrame(data), data):
        try:
            answers.append(frame.groupby("k").filter(choice))
        except Exception as error:  # whatever pandas raises
            answers.append((type(error), str(error)))
    got, want = answers
    if isinstance(want, tuple):
        assert got == want
    else:
        assert_same(got, want)


def test_groups_whose_mean_is_next_to_the_limit_are_chosen_by_pandas() -> None:
    data = pandas.DataFrame({"k": [1, 1, 1, 2, 2], "x": [0.1, 0.1, 0.1, 5.0, 6.0]})
    for choice in (lambda x: x.mean() > 0.1, lambda x: x.sum() / x.count() > x.max()):
        assert_same(
            lazyframe.DataFrame(data).groupby("k").x.filter(choice), data.groupby("k").x.filter(choice)
        )


def test_missing_categories_are_no_group_to_choose(data: pandas.DataFrame) -> None:
    def use(df: Any) -> Any:
        return df.groupby("c", dropna=False).n.filter(lambda x: x.size > 1)

    assert_same(use(lazyframe.DataFrame(data)), use(data))


@pytest.mark.parametrize("by", ["k", "g", ["g", "k"], "q", "c", ["o", "k"]], ids=str)
@pytest.mark.parametrize("options", [{}, {"sort": False}, {"dropna": False}], ids=str)
def test_several_quantiles(data: pandas.DataFrame, by: Any, options: dict[str, bool]) -> None:
    for selection in ("z", "f", ["z", "n", "s"]):
        check_recorded(
            data,
            lambda df, s=selection: df.groupby(by, **options)[s],  # type: ignore[misc]
            lambda g: g.quantile([0.9, 0.25]),
        )
    for given in ([], [0.5, 0.5], [0, 1], [0.5]):
        use = lambda df, q=given: df.groupby(by, **options).n.quantile(q)  # type: ignore[misc]  # noqa: E731
        assert_same(use(lazyframe.DataFrame(data)), use(data))


@pytest.mark.parametrize("sort", [True, False])
def test_arrays_and_indexes_as_keys(data: pandas.DataFrame, sort: bool) -> None:
    r = np.random.default_rng(1)
    keys: list[Any] = [
        r.integers(0, 4, 80),
        r.choice([np.nan, 1.0, 2.0], 80),
        r.random(80) < 0.5,
        pandas.Index(r.integers(0, 3, 80).astype(np.int16), name="label"),
        pandas.Index(r.choice(["x", "y"], 80)),
        ["k", r.integers(0, 3, 80)],
    ]
    for by in keys:
        check_recorded(data, lambda df, by=by: df.groupby(by, sort=sort)[["n", "z"]], lambda g: g.max())  # type: ignore[misc]
        if not isinstance(by, list):
            check_recorded(data, lambda df, by=by: df.n.groupby(by, sort=sort), lambda g: g.transform("max"))  # type: ignore[misc]
    changed = r.integers(0, 4, 80)
    want = data.groupby(changed.copy()).n.max()
    grouped = lazyframe.DataFrame(data).groupby(changed).n.max()
    changed[:] = 0
    assert_same(grouped, want)
    for other in (
        data.index,
        [0, 1] * 40,
        r.integers(0, 4, 80).astype(object),
        pandas.date_range("2020", periods=80),
    ):
        assert_same(lazyframe.DataFrame(data).groupby(other).n.max(), data.groupby(other).n.max())
        with pytest.raises(ValueError, match="length"):
            lazyframe.DataFrame(data).groupby(np.zeros(3)).n.max()
    arrays = lazyframe.DataFrame(data).groupby(changed, as_index=False).n.max()
    assert_same(arrays, data.groupby(changed, as_index=False).n.max())
