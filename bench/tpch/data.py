"""The eight tables at any scale factor: made once by `tpchgen-cli`, kept as Parquet files."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bench.kept import kept

TABLES = ("lineitem", "orders", "partsupp", "part", "customer", "supplier", "nation", "region")
ROW_GROUP_ROWS = 1 << 20


def directory(scale: float) -> Path:
    """Where the tables of a scale factor are; they are generated the first time."""

    def make(target: Path) -> None:
        with tempfile.TemporaryDirectory(dir=target.parent) as raw:
            _generate(scale, Path(raw))
            for name in TABLES:
                _convert(Path(raw) / f"{name}.parquet", target / f"{name}.parquet")

    return kept(f"tpch-{scale:g}", make)


def _generate(scale: float, target: Path) -> None:
    program = shutil.which("tpchgen-cli", path=str(Path(sys.executable).parent)) or shutil.which(
        "tpchgen-cli"
    )
    if program is None:
        raise ModuleNotFoundError("No module named 'tpchgen-cli'")
    command = [program, "parquet", "-s", f"{scale:g}", f"--output-dir={target}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _convert(source: Path, target: Path) -> None:
    """Decimals become float64, dates timestamps in microseconds, string views strings."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(source)
    fields = [pa.field(field.name, _plain(field.type)) for field in file.schema_arrow]
    schema = pa.schema(fields)
    with pq.ParquetWriter(target, schema) as writer:
        for batch in _batches(file):
            writer.write_table(batch.cast(schema), row_group_size=ROW_GROUP_ROWS)


def _batches(file: Any) -> Iterator[Any]:
    import pyarrow as pa

    for batch in file.iter_batches(batch_size=ROW_GROUP_ROWS):
        yield pa.Table.from_batches([batch])


def _plain(kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_decimal(kind):
        return pa.float64()
    if pa.types.is_date(kind):
        return pa.timestamp("us")
    if pa.types.is_string_view(kind):
        return pa.string()
    return kind


def read_tables(pd: Any, scale: float) -> SimpleNamespace:
    """Whole tables as frames of `pd`, with the scale factor beside them."""
    files = directory(scale)
    frames = {name: pd.read_parquet(files / f"{name}.parquet") for name in TABLES}
    return SimpleNamespace(**frames, scale=scale)


def scan_polars(scale: float, in_memory: bool) -> SimpleNamespace:
    """Whole tables as lazy Polars frames, over memory or over the files."""
    import polars as pl

    files = {name: directory(scale) / f"{name}.parquet" for name in TABLES}
    read = (lambda file: pl.read_parquet(file).lazy()) if in_memory else pl.scan_parquet
    return SimpleNamespace(**{name: read(file) for name, file in files.items()}, scale=scale)


def duckdb_connection(scale: float, in_memory: bool, threads: int) -> Any:
    """A DuckDB with the tables in its own memory, or with views of the files."""
    import duckdb

    connection = duckdb.connect(":memory:")
    connection.execute(f"SET threads = {int(threads)}")
    kind = "TABLE" if in_memory else "VIEW"
    for name in TABLES:
        file = directory(scale) / f"{name}.parquet"
        connection.execute(f"CREATE {kind} {name} AS SELECT * FROM read_parquet('{file}')")
    return connection
