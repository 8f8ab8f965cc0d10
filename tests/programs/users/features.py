"""Features for a model: ratios, encodings, windows, arrays."""

from __future__ import annotations

from typing import Any

from tests.programs.users.tables import Tables


def ratios_and_logs(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items.copy()
    df["net"] = df["price"] * (1 - df["discount"])
    df["gross"] = df["net"] * (1 + df["tax"])
    df["log"] = np.log1p(df["price"].clip(lower=0))
    df["share"] = df["net"] / df.groupby("order_key")["net"].transform("sum")
    df["late"] = (df["received"] - df["shipped"]).dt.days > 10
    df["share"] = df["share"].replace([np.inf, -np.inf], np.nan).fillna(0)
    return [df.drop(columns=["log"]), df[["net", "share"]].mean(), df["late"].sum(), df.log.max()]


def standard_scores(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items[["qty", "price", "discount"]]
    scaled = (df - df.mean()) / df.std()
    unit = (df - df.min()) / (df.max() - df.min())
    return [scaled, unit, scaled.abs().max(axis=1).head(), (scaled["qty"] > 1).sum()]


def one_hot(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items[["qty", "flag", "mode"]]
    wide = pd.get_dummies(df, columns=["flag", "mode"], dtype="int8")
    codes, names = pd.factorize(df["mode"])
    return [wide, wide.sum(), codes, names, df["mode"].astype("category").cat.codes]


def target_encoding(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items[["product", "supplier", "price"]].copy()
    train, test = df.iloc[: len(df) // 2], df.iloc[len(df) // 2 :].copy()
    stats = train.groupby("product")["price"].agg(["mean", "count"])
    smooth = (stats["mean"] * stats["count"] + 10 * train["price"].mean()) / (stats["count"] + 10)
    test["encoded"] = test["product"].map(smooth)
    test["encoded"] = test["encoded"].fillna(train["price"].mean())
    joined = test.merge(stats.reset_index(), on="product", how="left")
    return [test, joined, smooth.sort_index().head()]


def lags_and_differences(pd: Any, np: Any, t: Tables) -> Any:
    df = t.events.sort_values(["user", "at"], kind="stable")
    df["before"] = df.groupby("user")["at"].shift(1)
    df["gap"] = (df["at"] - df["before"]).dt.total_seconds()
    df["new_session"] = (df["gap"] > 86400) | df["gap"].isna()
    df["session_id"] = df.groupby("user")["new_session"].cumsum()
    df["nth"] = df.groupby("user").cumcount()
    per = df.groupby(["user", "session_id"]).agg(n=("kind", "size"), first=("at", "min"), last=("at", "max"))
    per["length"] = per["last"] - per["first"]
    return [df, per, per.groupby("user")["n"].max(), df["gap"].mean()]


def matrix_for_a_model(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items.dropna(subset=["price"])
    x = df[["qty", "price", "discount"]].to_numpy()
    y = (df["flag"] == "R").astype(int).values
    center = x.mean(axis=0)
    scale = x.std(axis=0)
    z = (x - center) / scale
    weights = np.array([0.5, -0.25, 2.0])
    score = z @ weights
    p = 1 / (1 + np.exp(-score))
    hits = (p > 0.5) == y
    order = np.argsort(df["order_key"].to_numpy(), kind="stable")
    return [x.shape, y, hits.mean(), np.round(p, 9), x[order][:5], np.where(y == 1, score, 0.0).sum()]


def train_and_test(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items.reset_index(drop=True)
    random = np.random.RandomState(0)
    mask = random.rand(len(df)) < 0.8
    train, test = df[mask], df[~mask]
    sample = df.sample(n=min(len(df), 10), random_state=1)
    shuffled = df.sample(frac=1, random_state=2).reset_index(drop=True)
    return [train.shape, test["price"].sum(), sample, shuffled.head(), test.index]


def haversine_of_columns(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items
    lat, lon = np.radians(df["qty"].values), np.radians(df["price"].fillna(0).values % 180)
    a = np.sin((lat - 0.5) / 2) ** 2 + np.cos(lat) * np.cos(0.5) * np.sin((lon - 1) / 2) ** 2
    km = 6367 * 2 * np.arcsin(np.sqrt(np.clip(a, 0, 1)))
    out = df[["order_key"]].assign(km=km)
    return [out, out[out.km > 5000].shape, np.round(km.mean(), 6)]


def row_functions(pd: Any, np: Any, t: Tables) -> Any:
    df = t.customers.head(50).copy()

    def grade(row: Any) -> str:
        return "A" if row["vip"] and row["balance"] > 0 else "B"

    df["grade"] = df.apply(grade, axis=1)
    df["upper"] = df["name"].apply(lambda s: s.upper())
    df["squares"] = df["balance"].apply(lambda v: v * v if v == v else -1.0)
    pairs = [(row.cust_id, row.grade) for row in df.itertuples()]
    return [df, pairs, {k: len(g) for k, g in df.groupby("grade")}]


def group_functions(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items
    by = df.groupby("supplier")
    spread = by["price"].apply(lambda s: s.max() - s.min())
    weighted = by.apply(lambda g: (g["price"] * g["qty"]).sum() / g["qty"].sum())
    named = by.agg(
        total=("price", "sum"),
        n=("price", "size"),
        top=("qty", lambda s: s.nlargest(2).sum()),
        uniq=("mode", "nunique"),
    )
    centred = by["price"].transform(lambda s: s - s.mean())
    big = by.filter(lambda g: len(g) > len(df) / 8)
    return [spread, weighted, named, centred, big.shape, by.ngroups]


def ranks_and_tops(pd: Any, np: Any, t: Tables) -> Any:
    df = t.orders.copy()
    df["rank"] = df["total"].rank(method="dense", ascending=False)
    df["in_status"] = df.groupby("status")["total"].rank(method="first", ascending=False)
    top = df[df["in_status"] <= 3].sort_values(["status", "in_status"])
    per = df.sort_values("total", ascending=False, kind="stable").groupby("status").head(2)
    return [df, top, per, df.nlargest(4, "total"), df.loc[df.groupby("status")["total"].idxmax()]]


PROGRAMS = [
    ratios_and_logs, standard_scores, one_hot, target_encoding, lags_and_differences, matrix_for_a_model,
    train_and_test, haversine_of_columns, row_functions, group_functions, ranks_and_tops,
]  # fmt: skip
