"""Tables of every type that Parquet has and pandas shows, with and without missing values."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import numpy as np
import pyarrow
from hypothesis import strategies as st

_DAY = datetime.date(2021, 3, 4)
_NOW = datetime.datetime(2021, 3, 4, 5, 6, 7)

KINDS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "int8": (pyarrow.int8(), st.integers(-128, 127)),
    "int32": (pyarrow.int32(), st.integers(-5, 5)),
    "int64": (pyarrow.int64(), st.sampled_from([0, 1, -1, 2**53 + 1, 2**63 - 1, -(2**63)])),
    "uint8": (pyarrow.uint8(), st.integers(0, 255)),
    "uint64": (pyarrow.uint64(), st.sampled_from([0, 1, 2**53 + 1, 2**64 - 1])),
    "float32": (pyarrow.float32(), st.sampled_from([0.0, -0.0, 1.5, np.nan, np.inf])),
    "float64": (pyarrow.float64(), st.sampled_from([0.0, -0.0, 1.5, -2.5, np.nan, np.inf, -np.inf, 1e300])),
    "bool": (pyarrow.bool_(), st.booleans()),
    "text": (pyarrow.string(), st.sampled_from(["", "a", "b", "aa", "é", "long enough not to be inline"])),
    "large text": (pyarrow.large_string(), st.sampled_from(["x", "y", ""])),
    "binary": (pyarrow.binary(), st.sampled_from([b"", b"\x00", b"ab"])),
    "s": (pyarrow.timestamp("s"), st.integers(-(10**9), 10**9)),
    "ms": (pyarrow.timestamp("ms"), st.integers(-(10**9), 10**9)),
    "us": (pyarrow.timestamp("us"), st.integers(-(10**15), 10**15)),
    "ns": (pyarrow.timestamp("ns"), st.integers(-(10**15), 10**15)),
    "zoned": (pyarrow.timestamp("us", "Europe/Berlin"), st.integers(0, 10**15)),
    "date": (pyarrow.date32(), st.just(_DAY)),
    "time": (pyarrow.time64("us"), st.just(_NOW.time())),
    "duration": (pyarrow.duration("us"), st.integers(-(10**9), 10**9)),
    "decimal": (
        pyarrow.decimal128(9, 2),
        st.just(decimal.Decimal("-1.25")),
    ),
    "category": (pyarrow.dictionary(pyarrow.int8(), pyarrow.string()), st.sampled_from(["p", "q", "r"])),
    "list": (pyarrow.list_(pyarrow.int64()), st.lists(st.integers(0, 3), max_size=2)),
    "struct": (pyarrow.struct([("x", pyarrow.int64())]), st.just({"x": 1})),
    "nothing": (pyarrow.null(), st.none()),
    "half": (pyarrow.float16(), st.sampled_from([np.float16(0.5), np.float16(2.0)])),
}
NUMBERS = ("int8", "int32", "int64", "uint8", "uint64", "float32", "float64", "bool", "us", "ns", "duration")


@st.composite
def tables(draw: st.DrawFn, kinds: tuple[str, ...] = tuple(KINDS), most_rows: int = 24) -> pyarrow.Table:
    """A table of up to five columns."""
    rows = draw(st.integers(0, most_rows))
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=5))
    arrays, fields = [], []
    for k, kind in enumerate(chosen):
        dtype, values = KINDS[kind]
        missing = draw(st.sampled_from(["never", "at times", "always", "cannot be"]))
        if missing == "at times":
            values = st.none() | values
        elif missing == "always":
            values = st.none()
        items = draw(st.lists(values, min_size=rows, max_size=rows))
        nullable = missing != "cannot be" or kind == "nothing"
        arrays.append(pyarrow.array(items, dtype))
        fields.append(pyarrow.field(f"c{k}", dtype, nullable=nullable))
    return pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields))


@st.composite
def layouts(draw: st.DrawFn) -> dict[str, Any]:
    """How a writer lays a table out."""
    return {
        "row_group_size": draw(st.integers(1, 9)),
        "write_statistics": draw(st.sampled_from([True, True, False, ["c0"]])),
        "use_dictionary": draw(st.booleans()),
        "compression": draw(st.sampled_from(["snappy", "none", "zstd"])),
        "data_page_version": draw(st.sampled_from(["1.0", "2.0"])),
        "store_schema": draw(st.sampled_from([True, True, False])),
    }
