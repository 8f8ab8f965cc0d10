"""Frames as objects of a program: shared, changed, handed about, pickled, in cells that run twice."""

from __future__ import annotations

import copy
import pickle
from typing import Any

from tests.programs.users.tables import Tables


def a_cell_that_runs_twice(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items.copy()
    seen = []
    for _ in range(3):
        df["price"] = df["price"].fillna(0) * 1.5
        df["total"] = df["price"] * df["qty"]
        df = df[df["total"] > 10]
        seen.append(df["total"].max())
    return [seen, df]


def helpers_that_change_what_they_are_given(pd: Any, np: Any, t: Tables) -> Any:
    def add_net(df: Any) -> None:
        df["net"] = df["price"] * (1 - df["discount"])

    def without_missing(df: Any) -> Any:
        df = df.dropna(subset=["price"])
        df["price"] = df["price"] + 1
        return df

    df = t.items.copy()
    before = df["price"]
    add_net(df)
    kept = without_missing(df)
    df.loc[:, "price"] = 0.0
    return [df, kept, before.sum(), t.items["price"].sum()]


def names_for_one_frame(pd: Any, np: Any, t: Tables) -> Any:
    df = t.orders.copy()
    other = df
    part = df[df["total"] > 500]
    column = df["total"]
    deep, shallow = df.copy(), df.copy(deep=False)
    other["total"] = -other["total"]
    part.loc[part["status"] == "F", "total"] = 0.0
    column[column < 100] = 7.0
    shallow["status"] = "Z"
    array = df["total"].to_numpy().copy()
    array[:1] = 1e9
    return [df, part, column, deep, shallow, array, copy.deepcopy(df)["total"].sum()]


def write_by_position_and_label(pd: Any, np: Any, t: Tables) -> Any:
    df = t.orders.copy()
    rows = len(df)
    df.iloc[: rows // 2, df.columns.get_loc("total")] = 5.0
    df.loc[df.index[rows // 3 :], "status"] = "Q"
    df.loc[df["total"].between(0, 100), ["total", "cust_id"]] = [1.5, 7]
    df.loc[df["cust_id"] == 7, "total"] = df["total"] * 2
    if rows:
        df.at[0, "total"] = 99.0
        df.iat[rows - 1, 1] = 4
        df.loc[rows] = df.iloc[0]
    df.index = df.index[::-1]
    return [df, df.loc[df.index[:3]], df.iloc[[0, -1]] if rows else None, df["total"].iloc[1:5]]


def keep_and_load(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items[t.items["qty"] > 10]
    again = pickle.loads(pickle.dumps(df))
    column = pickle.loads(pickle.dumps(df["price"] * 2))
    again["qty"] += 1
    return [again, column, df["qty"].sum(), again["qty"].sum(), df.equals(again)]


def look_around(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items[t.items["price"] > 100]
    texts = [str(df.head(2)), repr(df["qty"].tail(2)), df.head(1).to_string()]
    shape = [df.shape, df.ndim, df.size, df.empty, len(df), list(df), "qty" in df, df.columns.tolist()]
    records = df.head(2).to_dict("records")
    values = [v for v in df["qty"].head(5)]  # noqa: C416
    return [texts, shape, records, values, df.dtypes.astype(str).tolist(), df.axes[1], df.T.shape]


def in_a_class(pd: Any, np: Any, t: Tables) -> Any:
    class Scaler:
        def fit(self, x: Any, y: Any = None) -> Any:
            self.mean, self.scale = x.mean(), x.std(ddof=0).replace(0, 1)
            return self

        def transform(self, x: Any) -> Any:
            return (x - self.mean) / self.scale

    x = t.items[["qty", "discount"]]
    model = Scaler().fit(x)
    z = model.transform(x)
    return [
        z.round(9),
        model.mean,
        np.asarray(z).shape,
        np.allclose(z.mean(), 0, atol=1e-6) if len(z) else None,
    ]


def loops_over_columns_and_groups(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items.copy()
    for name in df.select_dtypes("number").columns:
        if df[name].isna().any():
            df[name] = df[name].fillna(df[name].mean())
        df[f"{name}_rank"] = df[name] > df[name].mean()
    parts = {}
    for flag, group in df.groupby("flag"):
        parts[flag] = (len(group), group["qty"].sum(), group.index[0])
    pieces = [df[df["flag"] == flag].head(2) for flag in sorted(parts)]
    return [df, parts, pd.concat(pieces) if pieces else None]


def pipes(pd: Any, np: Any, t: Tables) -> Any:
    def keep(df: Any, column: str, least: float) -> Any:
        return df[df[column] >= least]

    def add(df: Any, **columns: Any) -> Any:
        return df.assign(**{name: df.eval(text) for name, text in columns.items()})

    out = t.items.pipe(keep, "qty", 20).pipe(add, net="price * (1 - discount)", big="qty > 40")
    return [
        out,
        out.groupby("big")["net"].sum(),
        out.pipe(len),
        out.set_index("order_key").loc[lambda d: d.big],
    ]


def arrays_and_frames(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items
    price = np.nan_to_num(df["price"].values)
    qty = df["qty"].values
    order = np.argsort(-price, kind="stable")[:10]
    buckets = np.bincount((qty // 10).astype(int), weights=price, minlength=6)
    edges = np.histogram(price, bins=[0, 100, 500, 1000])[0]
    unique, counts = np.unique(df["supplier"].values, return_counts=True)
    frame = pd.DataFrame({"price": price, "qty": qty, "double": np.where(price > 100, price * 2, price)})
    frame["z"] = np.maximum(frame["price"], frame["qty"])
    return [order, buckets, edges, unique, counts, frame, np.dot(price, qty), frame.to_numpy().sum(axis=1)]


def errors_where_they_happen(pd: Any, np: Any, t: Tables) -> Any:
    df = t.items
    told = []
    for attempt in (
        lambda: df["no such"],
        lambda: df.merge(t.orders, on="product"),
        lambda: df["flag"] * df["mode"],
        lambda: df.groupby("nothing").sum(),
        lambda: df.sort_values("nothing"),
        lambda: df["qty"] + t.orders,
        lambda: df["flag"].mean(),
        lambda: df.astype({"mode": "int64"}),
        lambda: bool(df["qty"] > 1),
        lambda: df.drop(columns="nothing"),
        lambda: df.loc["x"],
        lambda: df.iloc[len(df)],
        lambda: df.query("nothing > 1"),
        lambda: df["qty"].astype("nothing"),
        lambda: df.assign(a=[1, 2, 3, 4, 5]),
        lambda: df.set_index("nothing"),
        lambda: df.agg("nothing"),
        lambda: pd.to_datetime(df["flag"]),
        lambda: df["shipped"] + df["received"],
        lambda: df["shipped"] > 5,
        lambda: df.pivot(index="flag", columns="mode", values="qty"),
    ):
        try:
            told.append(attempt())
        except Exception as error:
            told.append((type(error).__name__, str(error)))
    return told


PROGRAMS = [
    a_cell_that_runs_twice, helpers_that_change_what_they_are_given, names_for_one_frame,
    write_by_position_and_label, keep_and_load, look_around, in_a_class, loops_over_columns_and_groups, pipes,
    arrays_and_frames, errors_where_they_happen,
]  # fmt: skip
