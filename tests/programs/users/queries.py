"""Questions over several tables, in the ways that people phrase them."""

from __future__ import annotations

from typing import Any

from tests.programs.users.tables import Tables


def pricing_step_by_step(pd: Any, np: Any, t: Tables) -> Any:
    li = t.items
    li = li[li["shipped"] <= "2020-12-01"]
    li = li.assign(net=li["price"] * (1 - li["discount"]))
    li["charge"] = li["net"] * (1 + li["tax"])
    by = li.groupby(["flag", "mode"], as_index=False)
    return by.agg({"qty": ["sum", "mean"], "net": "sum", "price": "mean", "order_key": "count"})


def pricing_chained(pd: Any, np: Any, t: Tables) -> Any:
    return (
        t.items.query("shipped <= '2020-12-01' and qty < 45")
        .assign(net=lambda d: d.price * (1 - d.discount), charge=lambda d: d.net * (1 + d.tax))
        .groupby(["flag", "mode"])
        .agg(qty=("qty", "sum"), net=("net", "sum"), mean=("price", "mean"), n=("net", "size"))
        .reset_index()
        .sort_values(["flag", "mode"])
    )


def unshipped_orders(pd: Any, np: Any, t: Tables) -> Any:
    c = t.customers[t.customers.segment == "BUILDING"]
    o = t.orders[t.orders.placed < pd.Timestamp("2020-09-01")]
    li = t.items[t.items.shipped > pd.Timestamp("2020-03-01")]
    joined = c.merge(o, on="cust_id").merge(li, on="order_key")
    joined["revenue"] = joined.price * (1 - joined.discount)
    out = joined.groupby(["order_key", "placed", "priority"], observed=True)["revenue"].sum().reset_index()
    return [out.sort_values(["revenue", "placed"], ascending=[False, True]).head(10), len(joined)]


def unshipped_orders_filtered_late(pd: Any, np: Any, t: Tables) -> Any:
    everything = t.items.merge(t.orders, on="order_key").merge(t.customers, on="cust_id", how="inner")
    mask = (everything["segment"] == "BUILDING") & (everything["placed"] < "2020-09-01")
    some = everything.loc[mask & (everything["shipped"] > "2020-03-01")]
    revenue = (some["price"] * (1 - some["discount"])).groupby([some["order_key"], some["status"]]).sum()
    return [revenue, revenue.nlargest(5), some["name"].nunique(), some.shape]


def by_semi_join(pd: Any, np: Any, t: Tables) -> Any:
    late = t.items.loc[t.items.received > t.items.shipped + pd.Timedelta("20D"), "order_key"]
    found = t.orders[t.orders.order_key.isin(late)]
    none = t.orders[~t.orders.order_key.isin(t.items.order_key)]
    unique = t.orders.merge(late.drop_duplicates().to_frame(), on="order_key")
    return [found.groupby("priority", observed=False).size(), none, unique, len(found)]


def customers_without_orders(pd: Any, np: Any, t: Tables) -> Any:
    c = t.customers
    joined = c.merge(t.orders[["cust_id", "order_key"]], on="cust_id", how="left")
    none = joined[joined["order_key"].isna()]
    marked = c.merge(t.orders[["cust_id"]].drop_duplicates(), how="left", on="cust_id", indicator=True)
    counts = joined.groupby("cust_id")["order_key"].count()
    return [none, marked["_merge"].value_counts(), counts.value_counts().sort_index(), none.balance.mean()]


def cheapest_supplier(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items.merge(t.products, on="product")
    least = df.groupby("product")["price"].transform("min")
    best = df[df["price"] == least]
    also = df.merge(df.groupby("product", as_index=False)["price"].min(), on=["product", "price"])
    return [best[["product", "supplier", "price", "brand"]], also.shape, also["brand"].value_counts()]


def share_of_promotions(pd: Any, np: Any, t: Tables) -> Any:
    month = t.items[(t.items.shipped >= "2020-04-01") & (t.items.shipped < "2020-08-01")]
    df = month.merge(t.products, left_on="product", right_on="product", how="left")
    revenue = df.price * (1 - df.discount)
    promo = revenue.where(df.type.str.startswith("PROMO", na=False), 0.0)
    return [100 * promo.sum() / revenue.sum() if len(df) else None, df.type.value_counts(dropna=False)]


def either_or(pd: Any, np: Any, t: Tables) -> Any:
    df = pd.merge(t.items, t.products, on="product")
    first = (
        (df.brand == "Brand#12")
        & df.container.isin(["BOX", "CAN"])
        & df["qty"].between(1, 20)
        & (df["size"] <= 25)
    )
    second = (
        (df.brand == "Brand#23") & (df.container == "JAR") & (df.qty >= 10) & df["mode"].isin(["AIR", "FOB"])
    )
    third = df.brand.str.endswith("1") & ~df.type.str.contains("TIN")
    return [df[first | second | third], df.loc[first, "price"].sum(), (second & ~first).sum(), third.mean()]


def large_orders(pd: Any, np: Any, t: Tables) -> Any:
    sums = t.items.groupby("order_key", as_index=False)["qty"].sum()
    large = sums[sums["qty"] > 60].rename(columns={"qty": "total_qty"})
    df = t.orders.merge(large, on="order_key").merge(t.customers[["cust_id", "name"]], on="cust_id")
    by_having = t.items.groupby("order_key").filter(lambda g: g["qty"].sum() > 60)
    return [df.sort_values(["total", "placed"], ascending=[False, True]).head(20), by_having.shape, large]


def above_average(pd: Any, np: Any, t: Tables) -> Any:
    c = t.customers[t.customers.balance.notna()]
    mean = c.loc[c.balance > 0, "balance"].mean()
    rich = c[c.balance > mean]
    rich = rich[~rich.cust_id.isin(t.orders.cust_id)]
    out = rich.groupby(rich.name.str[9:11])["balance"].agg(["count", "sum"])
    return [out, mean, rich.sort_values("balance").cust_id.tolist()]


def two_nations(pd: Any, np: Any, t: Tables) -> Any:
    c = t.customers.merge(t.nations, on="nation")
    df = t.items.merge(t.orders, on="order_key").merge(c, on="cust_id")
    df = df[df["nation_name"].isin(["FRANCE", "GERMANY"])].copy()
    df["year"] = df["shipped"].dt.year
    df["volume"] = df["price"] * (1 - df["discount"])
    table = df.groupby(["nation_name", "year"], dropna=False)["volume"].sum()
    return [table, table.unstack(), df.groupby("year")["volume"].agg(["sum", "size"])]


def market_share(pd: Any, np: Any, t: Tables) -> Any:
    df = t.orders.merge(t.customers, on="cust_id").merge(t.nations, how="left", on="nation")
    df["year"] = df.placed.dt.year
    df["brazil"] = np.where(df.nation_name == "BRAZIL", df.total, 0)
    by = df.groupby("year")[["brazil", "total"]].sum()
    by["share"] = by["brazil"] / by["total"]
    return [by["share"], df.nation_name.isna().sum(), by]


def distribution_of_counts(pd: Any, np: Any, t: Tables) -> Any:
    o = t.orders[~t.orders.comment.str.contains("special.*requests", regex=True)]
    counts = t.customers.merge(o, on="cust_id", how="left").groupby("cust_id").order_key.count()
    out = counts.reset_index(name="n").groupby("n").size().reset_index(name="people")
    return out.sort_values(["people", "n"], ascending=False)


def sums_by_levels(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items.merge(t.products[["product", "brand", "size"]], on="product")
    table = df.set_index(["brand", "flag"]).sort_index(kind="stable")
    sums = table.groupby(level=["brand", "flag"])["price"].sum()
    total = sums.groupby(level=0).sum()
    share = sums.div(total, level="brand").round(9)
    return [sums, total, share, sums.unstack(fill_value=0.0), sums.reset_index()]


def left_joins_by_other_names(pd: Any, np: Any, t: Tables) -> Any:
    o = t.orders.rename(columns={"cust_id": "customer"})
    df = o.merge(t.customers, left_on="customer", right_on="cust_id", how="left", suffixes=("_o", "_c"))
    lookup = t.customers.set_index("cust_id")
    o["balance"] = o["customer"].map(lookup["balance"])
    by_index = o.merge(lookup[["segment", "vip"]], left_on="customer", right_index=True, how="left")
    joined = o.join(lookup[["segment"]], on="customer")
    return [df, o, by_index, joined, df["vip"].value_counts(dropna=False)]


def union_of_sources(pd: Any, np: Any, t: Tables) -> Any:
    web = t.events[["user", "value"]].assign(source="web")
    shop = (
        t.orders[["cust_id", "total"]]
        .rename(columns={"cust_id": "user", "total": "value"})
        .assign(source="shop")
    )
    both = pd.concat([web, shop], ignore_index=True)
    by = both.groupby(["user", "source"])["value"].agg(["count", "max"]).unstack("source")
    return [both, by, both.source.value_counts()]


def rolled_up(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items.merge(t.products, on="product")
    fine = df.groupby(["type", "brand"])[["qty", "price"]].sum().reset_index()
    coarse = df.groupby("type")[["qty", "price"]].sum().reset_index().assign(brand="ALL")
    total = df[["qty", "price"]].sum().to_frame().T.assign(type="ALL", brand="ALL")
    out = pd.concat([fine, coarse, total], ignore_index=True)
    rank = out.groupby("type")["price"].rank(ascending=False, method="min")
    return [out, rank, out[rank <= 2]]


def ratio_of_subqueries(pd: Any, np: Any, t: Tables) -> Any:
    morning = t.events[t.events["at"].dt.hour.isin([8, 9]) & (t.events["count"] > 10)]
    evening = t.events[t.events["at"].dt.hour.isin([19, 20]) & (t.events["count"] > 10)]
    ratio = len(morning) / len(evening) if len(evening) else 0.0
    by = [d.groupby("device", observed=True)["count"].mean() for d in (morning, evening)]
    return [ratio, pd.DataFrame({"am": by[0], "pm": by[1]}), by[0] / by[1]]


def keys_that_are_floats_and_text(pd: Any, np: Any, t: Tables) -> Any:
    e = t.events
    sizes = e.groupby("session")["value"].count()
    firsts = e.drop_duplicates("session")[["session", "page"]]
    joined = e.merge(firsts, on="session", how="inner", suffixes=("", "_first"))
    texts = e.merge(e.groupby("page", as_index=False)["count"].sum(), on="page", suffixes=("", "_page"))
    kinds = e.groupby("session", dropna=False)["kind"].nunique()
    return [sizes, joined, texts, kinds, e["session"].nunique(), (joined.page == joined.page_first).sum()]


PROGRAMS = [
    pricing_step_by_step, pricing_chained, unshipped_orders, unshipped_orders_filtered_late, by_semi_join,
    customers_without_orders, cheapest_supplier, share_of_promotions, either_or, large_orders, above_average,
    two_nations, market_share, distribution_of_counts, sums_by_levels, left_joins_by_other_names,
    union_of_sources, rolled_up, ratio_of_subqueries, keys_that_are_floats_and_text,
]  # fmt: skip
