"""Notebooks that clean what was exported from somewhere."""

from __future__ import annotations

from typing import Any

from tests.programs.users.tables import Tables


def profile_of_missing_values(pd: Any, np: Any, t: Tables) -> Any:
    df = t.customers
    missing = df.isnull().sum().sort_values(ascending=False, kind="stable")
    share = (df.isna().mean() * 100).round(2)
    both = pd.concat([missing, share], axis=1, keys=["missing", "share"])
    return [missing[missing > 0], both, df.shape, len(df.dropna()), df.dropna(thresh=6).index]


def fill_by_group(pd: Any, np: Any, t: Tables) -> Any:
    df = t.customers.copy()
    df["balance"] = df["balance"].fillna(df.groupby("segment")["balance"].transform("median"))
    df["segment"] = df["segment"].fillna("UNKNOWN")
    df["balance"] = df["balance"].fillna(df["balance"].median())
    return [df, df["segment"].value_counts(), df.isna().any()]


def standardise_text(pd: Any, np: Any, t: Tables) -> Any:
    df = t.events.copy()
    df["kind"] = df["kind"].str.strip().str.lower()
    df["page"] = df["page"].replace("", None).str.lower()
    df["is_item"] = df["page"].str.startswith("/item", na=False)
    df["item"] = df["page"].str.replace("/item/", "", regex=False).where(df["is_item"])
    counts = df.groupby(["kind", "is_item"], dropna=False).size()
    return [df, counts, df["kind"].unique().tolist(), df["page"].str.len().describe()]


def clip_outliers(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items.copy()
    q1, q3 = df["price"].quantile(0.25), df["price"].quantile(0.75)
    spread = q3 - q1
    low, high = q1 - 0.5 * spread, q3 + 0.5 * spread
    outside = (df["price"] < low) | (df["price"] > high)
    df["price"] = df["price"].clip(low, high)
    df.loc[outside, "flag"] = "X"
    return [int(outside.sum()), df["price"].describe(), df["flag"].value_counts(), df[outside].head()]


def drop_repeated_rows(pd: Any, np: Any, t: Tables) -> Any:
    df = t.events[["user", "kind", "device"]]
    unique = df.drop_duplicates()
    last = df.drop_duplicates(subset=["user"], keep="last").reset_index(drop=True)
    return [len(unique), unique, last, df.duplicated(keep=False).sum(), df["user"].duplicated().mean()]


def rename_and_retype(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items.rename(columns={"qty": "quantity"}).rename(columns=str.upper)
    df.columns = [c.lower() for c in df.columns]
    df = df.astype({"quantity": "int32", "tax": "float64", "flag": "category"})
    df["product"] = df["product"].astype("int64").astype(str).str.zfill(6)
    df = df.drop(columns=["received", "no such"], errors="ignore")
    return [df, df.dtypes.astype(str).to_dict(), df["product"].nunique(), df["flag"].cat.categories]


def bins_and_labels(pd: Any, np: Any, t: Tables) -> Any:
    df = t.customers.copy()
    df["band"] = pd.cut(
        df["balance"], [-np.inf, 0, 1000, 2500, np.inf], labels=["debt", "low", "mid", "high"]
    )
    df["bins"] = np.select(
        [df.balance < 0, df.balance < 1000, df.balance.isna()], ["neg", "small", "none"], "big"
    )
    df["digit"] = np.digitize(df["balance"].fillna(0), [0, 1000, 2500])
    table = df.groupby("band", observed=False)["balance"].agg(["count", "min", "max"])
    return [df, table, pd.crosstab(df["band"], df["segment"]), df["bins"].value_counts(sort=False)]


def masks_step_by_step(pd: Any, np: Any, t: Tables) -> Any:
    df = t.orders
    mask = df["total"] > 100
    mask &= df["status"].isin(["F", "O"])
    mask = mask & ~df["comment"].str.contains("special.*requests")
    mask |= df["priority"] == "5-NONE"
    kept = df[mask]
    kept = kept[kept["placed"] >= "2020-03-01"]
    kept = kept.loc[kept["placed"].dt.dayofweek < 5, ["order_key", "total", "priority"]]
    return [kept, mask.sum(), kept["priority"].value_counts(), kept.total.sum()]


def fix_in_place(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items.copy()
    df.drop(columns=["mode"], inplace=True)
    df.fillna({"price": 0.0}, inplace=True)
    df.rename(columns={"tax": "vat"}, inplace=True)
    df.sort_values(["order_key", "product"], inplace=True, ignore_index=True, kind="stable")
    df.drop_duplicates(["order_key", "product"], inplace=True)
    df.reset_index(drop=True, inplace=True)
    df["net"] = df["price"] * df["qty"]
    df.loc[df["net"] < 0, ["net", "qty"]] = [0.0, 1.0]
    df.insert(1, "line", df.groupby("order_key").cumcount() + 1)
    taken = df.pop("discount")
    return [df, taken.sum(), list(df.columns)]


def replace_and_map(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items[["flag", "mode", "supplier"]].copy()
    df["flag"] = df["flag"].map({"A": "accepted", "N": "new"})
    df["rank"] = df["mode"].map({m: i for i, m in enumerate(["AIR", "MAIL", "SHIP"])})
    df["supplier"] = df["supplier"].replace({0: -1, 6: 60})
    df["name"] = df["supplier"].map(lambda k: f"s{k}")
    df["both"] = df["flag"].fillna("none") + "/" + df["mode"].fillna("-")
    return [df, df["both"].value_counts(), df["rank"].sum(), df["flag"].isna().sum()]


def parse_and_split(pd: Any, np: Any, t: Tables) -> Any:
    df = t.customers[["name", "joined"]].copy()
    parts = df["name"].str.split("#", expand=True)
    df["number"] = parts[1].astype("int64")
    df["prefix"] = df["name"].str[:4]
    df["when"] = pd.to_datetime(df["joined"].dt.strftime("%Y-%m-%d"))
    df["tail"] = df["name"].str.extract(r"(\d{3})$")[0]
    return [df, df["number"].sum(), df.set_index("number").sort_index().head(3), df["when"].min()]


PROGRAMS = [
    profile_of_missing_values, fill_by_group, standardise_text, clip_outliers, drop_repeated_rows,
    rename_and_retype, bins_and_labels, masks_step_by_step, fix_in_place, replace_and_map, parse_and_split,
]  # fmt: skip
