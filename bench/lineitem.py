"""Columns like those of TPC-H's `lineitem` (specification 3.0.1, section 4.2.3), flags as integer codes."""

from __future__ import annotations

import numpy as np

from bench.workload import Data

RETURN_FLAGS = ("A", "N", "R")  # code 0, 1, 2: in the order in which the letters sort
LINE_STATUSES = ("F", "O")


def make(rows: int, seed: int) -> Data:
    """
    Generate `rows` line items.

    Returns
    -------
    dict of str to ndarray
        Quantities, prices in dollars, discount and tax as fractions (float64), codes (int8), ship dates
        (datetime64[us]).
    """
    random = np.random.default_rng(seed)
    quantity = random.integers(1, 51, rows).astype(np.float64)
    shipped_day = random.integers(1, 2527, rows)  # days after 1992-01-01, up to 1998-12-01
    current_day = (np.datetime64("1995-06-17") - np.datetime64("1992-01-01")).astype(int)
    received = shipped_day + random.integers(1, 31, rows) <= current_day
    returned_or_accepted = np.where(random.random(rows) < 0.5, 0, 2)
    return {
        "l_quantity": quantity,
        "l_extendedprice": np.round(quantity * random.uniform(900.0, 2100.0, rows), 2),
        "l_discount": random.integers(0, 11, rows) / 100.0,
        "l_tax": random.integers(0, 9, rows) / 100.0,
        "l_returnflag": np.where(received, returned_or_accepted, 1).astype(np.int8),
        "l_linestatus": (shipped_day > current_day).astype(np.int8),
        "l_shipdate": (np.datetime64("1992-01-01") + shipped_day).astype("datetime64[us]"),
    }
