"""Series over time, cohorts and funnels."""

from __future__ import annotations

from typing import Any

from tests.programs.users.tables import Tables


def by_hour_and_weekday(pd: Any, np: Any, t: Tables) -> Any:
    df = t.events
    hours = df.groupby(df["at"].dt.hour)["value"].agg(["count", "max"])
    table = df.assign(h=df["at"].dt.hour // 6, d=df["at"].dt.dayofweek).pivot_table(
        index="h", columns="d", values="count", aggfunc="sum"
    )
    busiest = df["at"].dt.day_name().value_counts().sort_index()
    return [hours, table, busiest, df[df["at"].dt.hour.between(9, 17)].shape]


def by_month(pd: Any, np: Any, t: Tables) -> Any:
    df = t.orders
    month = df["placed"].dt.to_period("M")
    sums = df.groupby(month)["total"].sum()
    growth = sums.pct_change().round(9)
    y, m = df["placed"].dt.year, df["placed"].dt.month
    parts = df.groupby([y.rename("y"), m.rename("m")])["total"].agg(["sum", "size"]).reset_index()
    yearly = df.groupby(y)["total"].mean()
    return [sums, growth, parts, yearly, sums.cumsum()]


def daily_series(pd: Any, np: Any, t: Tables) -> Any:
    df = t.events.set_index("at")
    daily = df["count"].resample("D").sum()
    week = daily.rolling(7, min_periods=1).mean()
    filled = df["value"].replace(np.inf, np.nan).resample("12h").mean().ffill()
    some = df.loc["2019-12-01":"2019-12-15"]
    return [daily, week, filled, some, daily.diff(), daily.shift(1, freq="D").head()]


def running_totals(pd: Any, np: Any, t: Tables) -> Any:
    df = t.orders.sort_values("placed", kind="stable").reset_index(drop=True)
    df["running"] = df["total"].cumsum()
    df["best"] = df["total"].cummax()
    df["drop"] = df["best"] - df["total"]
    df["by_status"] = df.groupby("status")["total"].cumsum()
    df["previous"] = df.groupby("cust_id")["total"].shift()
    df["change"] = df["total"] - df["previous"]
    return [df, df["drop"].max(), df[df["change"] > 0]["order_key"], df.tail(1)]


def cohorts(pd: Any, np: Any, t: Tables) -> Any:
    df = t.orders[["cust_id", "placed", "order_key"]].copy()
    df["month"] = df["placed"].dt.year * 12 + df["placed"].dt.month
    df["cohort"] = df.groupby("cust_id")["month"].transform("min")
    df["age"] = df["month"] - df["cohort"]
    counts = df.groupby(["cohort", "age"])["cust_id"].nunique().reset_index()
    table = counts.pivot(index="cohort", columns="age", values="cust_id")
    if not len(table):
        return [counts, table]
    share = table.divide(table.iloc[:, 0], axis=0).round(6)
    return [df, counts, table, share]


def funnel(pd: Any, np: Any, t: Tables) -> Any:
    df = t.events
    steps = ["view", "cart", "buy"]
    users = [set(df.loc[df["kind"] == step, "user"]) for step in steps]
    first = df[df["kind"].isin(steps)].groupby(["user", "kind"])["at"].min().unstack()
    made = [len(users[0]), len(users[0] & users[1]), len(set.intersection(*users))]
    if set(steps) <= set(first.columns):
        made.append((first["cart"] > first["view"]).sum())
    return [made, first]


def recency_frequency_money(pd: Any, np: Any, t: Tables) -> Any:
    now = pd.Timestamp("2021-06-01")
    df = t.orders[t.orders["status"] != "P"]
    rfm = df.groupby("cust_id").agg(
        recency=("placed", lambda s: (now - s.max()).days),
        frequency=("order_key", "count"),
        money=("total", "sum"),
    )
    rfm["r"] = (rfm["recency"] < 250).astype(int)
    rfm["f"] = np.where(rfm["frequency"] > 2, 2, 1)
    rfm["code"] = rfm["r"].astype(str) + rfm["f"].astype(str)
    return [rfm, rfm.groupby("code")["money"].agg(["size", "mean"]), rfm.sort_values("money").tail(3)]


def late_deliveries(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items
    took = df["received"] - df["shipped"]
    late = took > pd.Timedelta(days=14)
    by = late.groupby(df["mode"]).mean()
    early = df[took < pd.Timedelta(0)]
    start, end = pd.Timestamp("2020-01-01"), pd.Timestamp("2020-07-01")
    half = df[(df["shipped"] >= start) & (df["shipped"] < end) & late]
    return [by, early, half, took.max(), took.dt.days.mean(), df["shipped"].isna().sum()]


def quarters(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items[["shipped", "qty", "mode"]].dropna()
    df["quarter"] = df["shipped"].dt.year.astype(str) + "Q" + df["shipped"].dt.quarter.astype(str)
    table = df.pivot_table(
        index="quarter", columns="mode", values="qty", aggfunc=["sum", "count"], fill_value=0
    )
    df["start"] = df["shipped"].dt.floor("D")
    days = df.groupby("start")["qty"].sum()
    return [table, days, days.index.min() if len(days) else None, df["quarter"].nunique()]


def nearest_earlier_price(pd: Any, np: Any, t: Tables) -> Any:
    left = t.events[["user", "at"]]
    right = t.orders[["cust_id", "placed", "total"]].rename(columns={"cust_id": "user"}).sort_values("placed")
    found = pd.merge_asof(left, right, left_on="at", right_on="placed", by="user")
    return [found, found["total"].isna().sum()]


PROGRAMS = [
    by_hour_and_weekday, by_month, daily_series, running_totals, cohorts, funnel, recency_frequency_money,
    late_deliveries, quarters, nearest_earlier_price,
]  # fmt: skip
