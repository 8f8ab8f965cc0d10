"""Sorts, distinct rows, merges and groups as steps of programs, to stand between row-wise steps."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.programs.steps import CHOICES, STEPS, Choice, Step

HOW = ("inner", "left", "right", "outer")


def _keys(df: Any, c: Choice) -> list[Any]:
    """One column, or two of them."""
    return list(dict.fromkeys([c.label(df), df.columns[c.second % df.shape[1]]]))


def _other(df: Any, c: Choice) -> Any:
    return df.columns[c.second % df.shape[1]]


def _merged(df: Any, c: Choice, other: Any, how: str) -> Any:
    return df.merge(other, on=c.label(df), how=how, suffixes=("", "_r")).head(60)


def _group(df: Any, c: Choice, **options: Any) -> Any:
    return df.groupby(c.label(df), observed=True, **options)


RELATIONAL: dict[str, Step] = {
    "sort": lambda pd, np, df, c: df.sort_values(c.label(df), kind="stable"),
    "sort down": lambda pd, np, df, c: df.sort_values(_keys(df, c), ascending=False, kind="stable"),
    "sort anew": lambda pd, np, df, c: df.sort_values(
        c.label(df), kind="stable", ignore_index=True, na_position="first"
    ),
    "sort and take": lambda pd, np, df, c: df.sort_values(c.label(df), kind="stable").head(3),
    "sort labels": lambda pd, np, df, c: df.sort_index(kind="stable"),
    "largest": lambda pd, np, df, c: df.nlargest(3, c.label(df)),
    "distinct": lambda pd, np, df, c: df.drop_duplicates(_keys(df, c)),
    "distinct rows": lambda pd, np, df, c: df.drop_duplicates(keep="last", ignore_index=True),
    "not duplicated": lambda pd, np, df, c: df[~df.duplicated(c.label(df), keep=False)],
    "merge with itself": lambda pd, np, df, c: _merged(df, c, df.head(9), HOW[c.second % 4]),
    "merge with distinct": lambda pd, np, df, c: _merged(
        df, c, df.drop_duplicates(c.label(df))[_keys(df, c)], HOW[c.second % 4]
    ),
    "merge with filtered": lambda pd, np, df, c: _merged(df, c, df[c.two(df) > 0], HOW[c.second % 2]),
    "merge with sizes": lambda pd, np, df, c: _merged(
        df, c, _group(df, c, as_index=False).size(), HOW[c.second % 2]
    ),
    "merge two keys": lambda pd, np, df, c: df.merge(df.head(5), on=_keys(df, c), how="left").head(60),
    "semi": lambda pd, np, df, c: df[c.one(df).isin(c.two(df).head(3))],
    "anti": lambda pd, np, df, c: df[~c.one(df).isin(df[c.label(df)].tail(2))],
    "number within groups": lambda pd, np, df, c: df.assign(number=_group(df, c).cumcount()),
    "extremes of groups": lambda pd, np, df, c: df.assign(most=_group(df, c)[_other(df, c)].transform("max")),
    "counts of groups": lambda pd, np, df, c: df.assign(n=_group(df, c)[_other(df, c)].transform("count")),
    "large groups": lambda pd, np, df, c: df[_group(df, c)[_other(df, c)].transform("size") > 1],
    "before within groups": lambda pd, np, df, c: df.assign(before=_group(df, c)[_other(df, c)].shift()),
    "heads of groups": lambda pd, np, df, c: _group(df, c).head(2),
    "firsts of groups": lambda pd, np, df, c: _group(df, c, sort=bool(c.second % 2)).first().reset_index(),
    "groups as columns": lambda pd, np, df, c: _group(df, c, as_index=False, dropna=False).last(),
    "distinct in groups": lambda pd, np, df, c: _group(df, c)[[_other(df, c)]].nunique().reset_index(),
    "twice": lambda pd, np, df, c: pd.concat([df.tail(2), df], ignore_index=bool(c.second % 2)),
    "medians of groups": lambda pd, np, df, c: _group(df, c)[[_other(df, c)]].median().reset_index(),
    "windows of groups": lambda pd, np, df, c: (
        _group(df, c)[_other(df, c)].rolling(2, min_periods=1).max().rename("most").reset_index()
    ),
    "largest of groups": lambda pd, np, df, c: (
        _group(df, c)[_other(df, c)].nlargest(1 + c.second % 3).rename("large").reset_index()
    ),
    "under keys": lambda pd, np, df, c: pd.concat({"p": df.tail(2), "q": df}, names=["part"]).reset_index(),
    "with a series": lambda pd, np, df, c: pd.concat([df, c.one(df).rename(c.label(df))]),
    "mixed columns": lambda pd, np, df, c: pd.concat(
        [df[[c.label(df)]], df[[_other(df, c)]].set_axis([c.label(df)], axis=1)]
    ),
    "labels of a column": lambda pd, np, df, c: df.set_index(c.label(df), drop=False),
    "labels as a column": lambda pd, np, df, c: df.reset_index(names="label"),
}

CHAINS = st.lists(
    st.tuples(st.one_of(st.sampled_from(sorted(RELATIONAL)), st.sampled_from(sorted(STEPS))), CHOICES),
    min_size=2,
    max_size=6,
)
