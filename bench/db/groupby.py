"""The ten group-by questions; the pandas programs are the benchmark's own, with its options."""

from __future__ import annotations

from typing import Any

from bench.db.question import Question


def _grouped(t: Any, keys: list[str]) -> Any:
    return t.grouped.groupby(keys, as_index=False, sort=False, observed=True, dropna=False)


def _regression(pd: Any, t: Any) -> Any:
    found = t.grouped[["id2", "id4", "v1", "v2"]].groupby(["id2", "id4"])[["v1", "v2"]].corr()
    found = found.iloc[0::2]["v2"].reset_index(level=2, drop=True) ** 2
    return found.rename("r2").reset_index()


def _largest(pd: Any, t: Any) -> Any:
    kept = t.grouped[~t.grouped["v3"].isna()][["id6", "v3"]]
    ordered = kept.sort_values("v3", ascending=False)
    largest = ordered.groupby("id6", as_index=False, sort=False).head(2)
    return largest.rename(columns={"v3": "largest2_v3"}).reset_index(drop=True)


def _range(pd: Any, t: Any) -> Any:
    found = _grouped(t, ["id3"]).agg({"v1": "max", "v2": "min"})
    return found.assign(range_v1_v2=found["v1"] - found["v2"])[["id3", "range_v1_v2"]]


QUESTIONS = (
    Question(
        lambda pd, t: _grouped(t, ["id1"]).agg({"v1": "sum"}),
        lambda pl, t: t.grouped.group_by("id1").agg(pl.sum("v1")),
        "SELECT id1, sum(v1) AS v1 FROM grouped GROUP BY id1",
    ),
    Question(
        lambda pd, t: _grouped(t, ["id1", "id2"]).agg({"v1": "sum"}),
        lambda pl, t: t.grouped.group_by("id1", "id2").agg(pl.sum("v1")),
        "SELECT id1, id2, sum(v1) AS v1 FROM grouped GROUP BY id1, id2",
    ),
    Question(
        lambda pd, t: _grouped(t, ["id3"]).agg({"v1": "sum", "v3": "mean"}),
        lambda pl, t: t.grouped.group_by("id3").agg(pl.sum("v1"), pl.mean("v3")),
        "SELECT id3, sum(v1) AS v1, avg(v3) AS v3 FROM grouped GROUP BY id3",
    ),
    Question(
        lambda pd, t: _grouped(t, ["id4"]).agg({"v1": "mean", "v2": "mean", "v3": "mean"}),
        lambda pl, t: t.grouped.group_by("id4").agg(pl.mean("v1", "v2", "v3")),
        "SELECT id4, avg(v1) AS v1, avg(v2) AS v2, avg(v3) AS v3 FROM grouped GROUP BY id4",
    ),
    Question(
        lambda pd, t: _grouped(t, ["id6"]).agg({"v1": "sum", "v2": "sum", "v3": "sum"}),
        lambda pl, t: t.grouped.group_by("id6").agg(pl.sum("v1", "v2", "v3")),
        "SELECT id6, sum(v1) AS v1, sum(v2) AS v2, sum(v3) AS v3 FROM grouped GROUP BY id6",
    ),
    Question(
        lambda pd, t: _grouped(t, ["id4", "id5"]).agg(median_v3=("v3", "median"), sd_v3=("v3", "std")),
        lambda pl, t: t.grouped.group_by("id4", "id5").agg(median_v3=pl.median("v3"), sd_v3=pl.std("v3")),
        "SELECT id4, id5, median(v3) AS median_v3, stddev(v3) AS sd_v3 FROM grouped GROUP BY id4, id5",
    ),
    Question(
        _range,
        lambda pl, t: t.grouped.group_by("id3").agg(range_v1_v2=pl.max("v1") - pl.min("v2")),
        "SELECT id3, max(v1) - min(v2) AS range_v1_v2 FROM grouped GROUP BY id3",
    ),
    Question(
        _largest,
        lambda pl, t: (
            t.grouped.drop_nulls("v3")
            .group_by("id6")
            .agg(largest2_v3=pl.col("v3").top_k(2))
            .explode("largest2_v3")
        ),
        """SELECT id6, largest2_v3 FROM (
               SELECT id6, v3 AS largest2_v3, row_number() OVER (PARTITION BY id6 ORDER BY v3 DESC) AS place
               FROM grouped WHERE v3 IS NOT NULL) WHERE place <= 2""",
    ),
    Question(
        _regression,
        lambda pl, t: t.grouped.group_by("id2", "id4").agg(r2=pl.corr("v1", "v2") ** 2),
        "SELECT id2, id4, pow(corr(v1, v2), 2) AS r2 FROM grouped GROUP BY id2, id4",
    ),
    Question(
        lambda pd, t: _grouped(t, ["id1", "id2", "id3", "id4", "id5", "id6"]).agg(
            v3=("v3", "sum"), count=("v1", "size")
        ),
        lambda pl, t: t.grouped.group_by("id1", "id2", "id3", "id4", "id5", "id6").agg(
            pl.sum("v3"), count=pl.len()
        ),
        """SELECT id1, id2, id3, id4, id5, id6, sum(v3) AS v3, count(*) AS count
           FROM grouped GROUP BY id1, id2, id3, id4, id5, id6""",
    ),
)
