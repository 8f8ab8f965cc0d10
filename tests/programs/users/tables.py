"""A shop's tables: missing values everywhere, keys without partners, numbers whose sums are exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

SEGMENTS = ("AUTO", "BUILDING", "FURNITURE", "HOUSE", "MACHINE")
STATUSES = ("F", "O", "P")
PRIORITIES = ("1-URGENT", "2-HIGH", "3-MEDIUM", "4-LOW", "5-NONE")
MODES = ("AIR", "FOB", "MAIL", "RAIL", "SHIP", "TRUCK")
KINDS = ("view", "cart", "buy", "Return ", " VIEW")
NATIONS = ("FRANCE", "GERMANY", "BRAZIL", "JAPAN", "KENYA", "PERU", "CHINA")


@dataclass
class Tables:
    """The frames that a program is given, pandas' or lazyframe's."""

    customers: Any
    orders: Any
    items: Any
    products: Any
    events: Any
    nations: Any


def _text(random: Any, choices: tuple[str, ...], rows: int, missing: float = 0.0) -> Any:
    chosen = np.array(choices, object)[random.integers(0, len(choices), rows)]
    chosen[random.random(rows) < missing] = None
    return pd.array(chosen, dtype="str")


def _times(random: Any, rows: int, days: int, unit: str = "ns", missing: float = 0.0) -> Any:
    found = np.datetime64("2019-11-20", unit) + (random.integers(0, days * 1440, rows)).astype("m8[m]")
    found = found.astype(f"M8[{unit}]")
    found[random.random(rows) < missing] = np.datetime64("NaT", "ns")
    return found


def _money(random: Any, rows: int, most: int, missing: float = 0.0) -> Any:
    found = random.integers(-most // 8, most * 4, rows) / 4
    found[random.random(rows) < missing] = np.nan
    return found


def make_tables(rows: int, seed: int) -> Tables:
    """Plain frames; ``items`` and ``events`` have ``rows`` rows, the others fewer."""
    random = np.random.default_rng([rows, seed])
    people, orders, products = rows // 10 + 1, rows // 4, rows // 20 + 1
    ids = random.permutation(people) + 1000
    customers = pd.DataFrame(
        {
            "cust_id": ids,
            "name": pd.array([f"Customer#{i:07d}" for i in ids], dtype="str"),
            "segment": _text(random, SEGMENTS, people, 0.05),
            "nation": random.integers(0, 9, people).astype("int8"),
            "joined": _times(random, people, 700, "us", 0.1),
            "balance": _money(random, people, 5000, 0.1),
            "vip": random.random(people) < 0.3,
        }
    )
    keys = np.sort(random.choice(4 * orders + 1, orders, replace=False))
    orders_frame = pd.DataFrame(
        {
            "order_key": keys.astype("int64"),
            "cust_id": random.integers(990, 1000 + people, orders),
            "status": _text(random, STATUSES, orders),
            "placed": _times(random, orders, 500),
            "total": _money(random, orders, 10000),
            "priority": pd.Categorical(np.array(PRIORITIES)[random.integers(0, 4, orders)], PRIORITIES),
            "comment": pd.array(
                [f"{'special ' * (i % 3 == 0)}note {i} {'requests' * (i % 7 == 0)}" for i in range(orders)],
                dtype="str",
            ),
        }
    )
    shipped = _times(random, rows, 600, "ns", 0.02)
    items = pd.DataFrame(
        {
            "order_key": random.integers(0, 4 * orders + 2, rows),
            "product": random.integers(0, products + 3, rows).astype("int32"),
            "supplier": random.integers(0, 7, rows).astype("int16"),
            "qty": random.integers(1, 51, rows).astype("float64"),
            "price": _money(random, rows, 1000, 0.03),
            "discount": random.integers(0, 9, rows) / 64,
            "tax": (random.integers(0, 5, rows) / 64).astype("float32"),
            "shipped": shipped,
            "received": shipped + random.integers(-2, 30, rows).astype("m8[D]"),
            "flag": _text(random, ("A", "N", "R"), rows),
            "mode": _text(random, MODES, rows, 0.02),
        }
    )
    products_frame = pd.DataFrame(
        {
            "product": np.arange(products, dtype="int64"),
            "brand": _text(
                random, tuple(f"Brand#{i}{j}" for i in range(1, 4) for j in range(1, 4)), products
            ),
            "type": _text(random, ("PROMO BRASS", "PROMO TIN", "ECONOMY STEEL", "SMALL TIN"), products),
            "size": random.integers(1, 51, products).astype("int32"),
            "cost": _money(random, products, 300, 0.1),
            "container": pd.Categorical(
                _text(random, ("BOX", "CAN", "JAR"), products), ["JAR", "CAN", "BOX", "BAG"]
            ),
        }
    )
    value = _money(random, rows, 100, 0.2)
    value[random.random(rows) < 0.01] = np.inf
    session = random.integers(0, rows // 3 + 1, rows).astype("float64")
    session[random.random(rows) < 0.1] = np.nan
    events = pd.DataFrame(
        {
            "user": random.integers(1000, 1000 + people, rows),
            "at": np.sort(_times(random, rows, 90)),
            "kind": _text(random, KINDS, rows, 0.03),
            "value": value,
            "page": _text(random, ("/home", "/Item/1", "/item/22", "/cart", ""), rows, 0.1),
            "device": pd.Categorical(_text(random, ("phone", "desk"), rows, 0.05), ["desk", "phone", "tv"]),
            "session": session,
            "ok": random.random(rows) < 0.9,
            "count": random.integers(0, 200, rows).astype("uint8"),
        }
    )
    nations = pd.DataFrame({"nation": np.arange(len(NATIONS)), "nation_name": pd.array(NATIONS, dtype="str")})
    return Tables(customers, orders_frame, items, products_frame, events, nations)
