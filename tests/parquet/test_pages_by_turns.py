"""Pages that are unpacked two at a time are what each is by itself, and do no harm where they are damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from lazyframe.codegen import compiler, decode_pages, unpack_by_turns
from lazyframe.run.addresses import address
from lazyframe.run.parquet import pages
from tests.parquet.test_pages import SHAPES, decoded_by_kernels

pytestmark = pytest.mark.without_pandas

GUARD = 64


def numbers(random: np.random.Generator, rows: int) -> np.ndarray:
    """Of a kind that Snappy makes shorter, or hardly any."""
    match int(random.integers(6)):
        case 0:
            return np.round(random.random(rows) * 1e5, 2)
        case 1:
            return random.integers(0, 200_000, rows).astype(np.float64)
        case 2:
            return np.arange(rows) * 3.0
        case 3:
            return random.normal(size=rows)
        case 4:
            return np.repeat(np.round(random.random(rows // 9 + 1), 2), 9)[:rows]
        case _:
            return np.where(random.random(rows) < 0.95, np.round(random.random(rows), 1), random.random(rows))


def page_of(body: bytes, random: np.random.Generator) -> tuple[bytes, list[int]]:
    """What a file has of a page of version 2, some of it levels, or of one that is not compressed."""
    levels = random.bytes(int(random.integers(0, 20))) if random.random() < 0.2 else b""
    is_packed = random.random() < 0.95
    content = pyarrow.compress(body, "snappy", asbytes=True) if is_packed else body
    fields = np.full(decode_pages.PAGE_FIELDS, -1, np.int64)
    fields[decode_pages.COMPRESSED] = len(levels) + len(content)
    fields[decode_pages.UNCOMPRESSED] = len(levels) + len(body)
    fields[decode_pages.VALUES] = len(body) // 8
    fields[decode_pages.ENCODING] = decode_pages.PLAIN
    fields[decode_pages.LEVEL_BYTES] = len(levels) or -1
    fields[decode_pages.PACKED] = int(is_packed)
    return levels + content, fields.tolist()


@pytest.mark.parametrize("is_damaged", [False, True])
def test_pages_by_turns(is_damaged: bool) -> None:
    random = np.random.default_rng(int(is_damaged))
    decoding = compiler.obtain(decode_pages.decode_pages(8))
    declined = 0
    for _ in range(400):
        longest = int(random.choice([2, 50, 3000]))
        wanted = [numbers(random, int(random.integers(1, longest))) for _ in range(random.integers(2, 6))]
        made = [page_of(values.tobytes(), random) for values in wanted]
        table = np.array([fields for _, fields in made], np.int64)
        table[:, decode_pages.BODY] = np.cumsum([0, *[len(body) for body, _ in made[:-1]]])
        content = b"".join([body for body, _ in made])
        raw = np.frombuffer(content + bytes(decode_pages.SPARE_BYTES), np.uint8).copy()
        for at in random.integers(0, len(content), is_damaged * int(random.integers(1, 4))):
            raw[at] ^= 1 << random.integers(8)
        half = int(table[:, decode_pages.UNCOMPRESSED].max()) + decode_pages.SPARE_BYTES
        page = np.full(2 * half + GUARD, 171, np.uint8)
        rows = sum([len(values) for values in wanted])
        out = np.full(rows + GUARD, 171.0)
        half = half if random.random() < 0.9 else int(random.integers(half))  # too little for two
        where = address(raw), address(table), True, False, address(page), half, address(SHAPES)
        status = decoding(0, len(made), *where, address(page), 0, address(out), rows)
        assert (page[-GUARD:] == 171).all()
        assert (out[rows:] == 171.0).all()
        declined += status
        if not is_damaged:
            assert status == 0
            assert out[:rows].tobytes() == np.concatenate(wanted).tobytes()
    assert not declined or (is_damaged and 40 < declined < 400)


def test_shapes_of_copies() -> None:
    random = np.random.default_rng(1)
    for tag in range(256):
        low, high = random.bytes(2)
        shape = unpack_by_turns.SHAPES[tag]
        size, back = shape & 255, ((low | high << 8) & (shape >> 8) & 65535) + (shape >> 24)
        if tag & 3 in (0, 3):
            assert size == 255
        elif tag & 3 == 1:
            assert (size, back) == ((tag >> 2 & 7) + 4, tag >> 5 << 8 | low)
        else:
            assert (size, back) == ((tag >> 2) + 1, low | high << 8)


def test_columns_of_many_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "numbers.parquet"
    random = np.random.default_rng(2)
    columns = {f"c{k}": numbers(random, 5000) for k in range(6)}
    missing = columns["c0"].copy()
    missing[::7] = np.nan
    table = pyarrow.table(columns | {"missing": pyarrow.array(missing, from_pandas=True)})
    parquet.write_table(table, path, use_dictionary=False, data_page_size=4000, write_batch_size=50)
    for longest in (pages._LONGEST_BY_TURNS, 100):
        monkeypatch.setattr(pages, "_LONGEST_BY_TURNS", longest)
        for found, stored in decoded_by_kernels(path):
            assert found is not None
            np.testing.assert_array_equal(found, stored.to_numpy())
