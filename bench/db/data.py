"""Its tables: uniform keys of few and of many values, as numbers and as text, and three values; seeded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from bench import kept

FEW = 100
"""Values of a key of few; a key of many has one for each of so many rows."""
SEED = 108


def _text(numbers: np.ndarray, digits: int) -> Any:
    """Numbers as ``id`` and digits, as an Arrow array: each distinct text is made once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    distinct = pc.utf8_lpad(pa.array(np.arange(numbers.max(initial=0) + 1)).cast(pa.string()), digits, "0")
    distinct = pc.binary_join_element_wise("id", distinct, "")
    return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32)), distinct).cast(pa.string())


def directory(rows: int) -> Path:
    """Where the tables of so many rows are; they are generated the first time."""

    def make(target: Path) -> None:
        from pyarrow import ipc

        for name, table in generate(rows).items():
            with ipc.new_file(target / f"{name}.arrow", table.schema) as writer:
                writer.write_table(table)

    return kept.kept(_name(rows), make)


def _name(rows: int) -> str:
    return f"db-{rows}-{SEED}"


def tables(rows: int) -> Mapping[str, Any]:
    """The tables, each in one piece, as Arrow tables: those that `directory` has kept, if it has."""
    from pyarrow import ipc

    files = sorted(kept.place(_name(rows)).glob("*.arrow"))
    return {file.stem: ipc.open_file(file).read_all() for file in files} or generate(rows)


def generate(rows: int) -> dict[str, Any]:
    """
    Make the tables.

    Returns
    -------
    dict of str to pyarrow.Table
        `grouped`: id1, id2 of `FEW` values and id3 of rows / `FEW` as text, id4 to id6 likewise as numbers,
        v1 and v2 int64, v3 float64.  `x`: id1 to id3 of about rows / 1e6, rows / 1e3 and rows values, id4 to
        id6 the same as text, v1 float64.  `small`, `medium` and `big`: the right sides, of so many rows; a
        tenth of their keys is not in `x`.
    """
    import pyarrow as pa

    random = np.random.default_rng(SEED)
    many = max(rows // FEW, 1)
    grouped = {
        "id1": _text(random.integers(1, FEW + 1, rows), 3),
        "id2": _text(random.integers(1, FEW + 1, rows), 3),
        "id3": _text(random.integers(1, many + 1, rows), 10),
        "id4": random.integers(1, FEW + 1, rows),
        "id5": random.integers(1, FEW + 1, rows),
        "id6": random.integers(1, many + 1, rows),
        "v1": random.integers(1, 6, rows),
        "v2": random.integers(1, 16, rows),
        "v3": np.round(random.uniform(0.0, 100.0, rows), 6),
    }
    sizes = {"small": max(rows // 1_000_000, 10), "medium": max(rows // 1_000, 10), "big": rows}
    keys = {name: random.permutation(int(size * 1.1))[: 2 * size] + 1 for name, size in sizes.items()}
    mine = {name: keys[name][: sizes[name]] for name in sizes}
    theirs = {name: keys[name][-sizes[name] :] for name in sizes}
    left = {f"id{k}": random.choice(mine[name], rows) for k, name in enumerate(sizes, 1)}
    left |= {f"id{k + 3}": _text(left[f"id{k}"], 1) for k in (1, 2, 3)}
    made = {"grouped": grouped, "x": left | {"v1": np.round(random.uniform(0.0, 100.0, rows), 6)}}
    for k, name in enumerate(sizes, 1):
        size = sizes[name]
        right = {f"id{k}": theirs[name], f"id{k + 3}": _text(theirs[name], 1)}
        made[name] = right | {"v2": np.round(random.uniform(0.0, 100.0, size), 6)}
    return {name: pa.table(columns) for name, columns in made.items()}


def frames(pd: Any, rows: int) -> SimpleNamespace:
    """The tables as frames of `pd`."""
    return SimpleNamespace(**{name: pd.DataFrame(table.to_pandas()) for name, table in tables(rows).items()})
