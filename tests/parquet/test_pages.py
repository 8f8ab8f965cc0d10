"""Numbers that kernels decode are those that pyarrow reads, and what kernels do not know they leave alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pyarrow
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from lazyframe.codegen import compiler, decode_pages, list_pages, unpack_by_turns
from lazyframe.run.addresses import address
from lazyframe.run.parquet import numbers
from lazyframe.run.parquet.files import ParquetSource, source_of_buffer
from lazyframe.run.parquet.numbers import number_pages
from lazyframe.run.parquet.readers import Readers
from lazyframe.run.parquet.scan import Scan, ScanColumn
from tests.brief import examples

pytestmark = pytest.mark.without_pandas

KINDS = ["int8", "uint16", "int32", "int64", "uint32", "uint64", "float32", "float64"]
KINDS += ["M8[ms]", "M8[us]", "M8[ns]"]
WIDTHS = [4, 8]
SHAPES = np.array(unpack_by_turns.SHAPES, np.uint64)


def scan_column(scan: Scan, name: str) -> ScanColumn:
    """A column with the dtype that pandas gives it."""
    field = scan.schema.field(name)
    dtype = field.type.to_pandas_dtype() if not pyarrow.types.is_timestamp(field.type) else None
    if pyarrow.types.is_integer(field.type) and scan.null_count(name):
        dtype = np.float64
    return ScanColumn(scan, field, np.dtype(dtype or f"M8[{field.type.unit}]"), None)


def decoded_by_kernels(path: Path) -> Iterator[tuple[np.ndarray | None, Any]]:
    """What kernels make of each column of each row group, and what pyarrow reads."""
    scan = Scan([ParquetSource(str(path), str(path))], parquet.read_schema(path))
    with Readers() as readers:
        for group in scan.row_groups:
            for name in scan.schema.names:
                column = scan_column(scan, name)
                array = np.empty(group.rows, column.dtype)
                found = readers.read_into(group, column, array)
                yield array if found else None, readers.read(group, [name])[name]


def decoded_in_slices(path: Path, length: int) -> Iterator[np.ndarray | None]:
    """The same, so many rows at once."""
    scan = Scan([ParquetSource(str(path), str(path))], parquet.read_schema(path))
    with Readers() as readers:
        for group in scan.row_groups:
            for name in scan.schema.names:
                column = scan_column(scan, name)
                pages = number_pages(group, column)
                parts: list[np.ndarray] | None = None if pages is None else []
                for low in range(0, group.rows, length):
                    high = min(low + length, group.rows)
                    found = None if pages is None else readers.read_between(group, pages, low, high)
                    if found is None or parts is None:
                        parts = None
                        break
                    array, first = found
                    parts.append(array[low - first : high - first].copy())
                yield None if parts is None else np.concatenate(parts)


def values(kind: str, rows: int, distinct: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    size = np.dtype(kind).itemsize
    words = generator.integers(0, 256, (distinct, size), np.uint8).view(kind).ravel()
    if kind.startswith("M8"):
        words = (words.view(np.int64) >> 8).view(kind)
    found: np.ndarray = words[generator.integers(0, distinct, rows)]
    if seed % 3 == 0:
        found = np.sort(found)
    return found


def where_missing(how: str, rows: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    if how == "runs":
        return np.repeat(generator.random(rows // 20 + 1) < 0.5, 20)[:rows]
    return generator.random(rows) < {"some": 0.1, "most": 0.9, "all": 1.0}[how]


@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from(KINDS),
    rows=st.sampled_from([1, 2, 7, 8, 9, 1000, 3001]),
    distinct=st.sampled_from([1, 2, 3, 17, 300, 5000]),
    seed=st.integers(0, 1000),
    compression=st.sampled_from(["snappy", "none", "zstd", "gzip", "brotli"]),
    use_dictionary=st.booleans(),
    checksum=st.booleans(),
    version=st.sampled_from(["1.0", "2.0"]),
    required=st.booleans(),
    page_bytes=st.sampled_from([64, 1000, 1 << 20]),
    missing=st.sampled_from(["none", "some", "most", "all", "runs"]),
    slices=st.sampled_from([1, 7, 64, 1000]),
    more_bytes=st.sampled_from([1, 40, 1 << 16]),
)
def test_kernels_read_what_pyarrow_reads(
    tmp_path: Path,
    kind: str,
    rows: int,
    distinct: int,
    seed: int,
    compression: str,
    use_dictionary: bool,
    checksum: bool,
    version: Any,
    required: bool,
    page_bytes: int,
    missing: str,
    slices: int,
    more_bytes: int,
) -> None:
    path = tmp_path / "numbers.parquet"
    mask = None if missing == "none" or required else where_missing(missing, rows, seed)
    array = pyarrow.array(values(kind, rows, distinct, seed), mask=mask)
    schema = pyarrow.schema([pyarrow.field("x", array.type, nullable=not required)])
    parquet.write_table(
        pyarrow.Table.from_arrays([array], schema=schema),
        path,
        row_group_size=max(rows // 2, 1),
        compression=compression,
        use_dictionary=use_dictionary,
        write_page_checksum=checksum,
        data_page_version=version,
        data_page_size=page_bytes,
        dictionary_pagesize_limit=4096,
        write_statistics=seed % 2 == 0,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbers, "_MORE_BYTES", more_bytes)
        patch.setattr(numbers, "_ROWS_AT_ONCE", slices)
        by_slices = list(decoded_in_slices(path, slices))
        for (found, wanted), sliced in zip(decoded_by_kernels(path), by_slices, strict=True):
            known = compression != "brotli"
            if wanted.null_count:  # statistics say so, and there is a number that stands for it
                known = known and seed % 2 == 0
            assert (found is not None) == (sliced is not None) == known
            if found is not None and sliced is not None:
                shown = wanted.to_numpy().astype(found.dtype)
                assert found.tobytes() == sliced.tobytes() == shown.tobytes()


@pytest.mark.parametrize("page_bytes", [1000, 1 << 20])
def test_no_more_is_decoded_than_slices_and_pages_need(tmp_path: Path, page_bytes: int) -> None:
    path = tmp_path / "pages.parquet"
    options = {"use_dictionary": False, "data_page_size": page_bytes, "write_batch_size": 10}
    parquet.write_table(pyarrow.table({"x": np.arange(5000.0)}), path, **options)
    scan = Scan([ParquetSource(str(path), str(path))], parquet.read_schema(path))
    (group,) = scan.row_groups
    pages = number_pages(group, scan_column(scan, "x"))
    assert pages is not None
    seen: dict[int, np.ndarray] = {}
    with Readers() as readers:
        for low in range(0, 5000, 300):
            high = min(low + 300, 5000)
            found = readers.read_between(group, pages, low, high)
            assert found is not None
            array, first = found
            assert (array[low - first : high - first] == np.arange(low, high)).all()
            assert len(array) <= (300 + 2 * 1000 // 8 if page_bytes == 1000 else 5000)
            seen[address(array)] = array
    assert len(seen) == (17 if page_bytes == 1000 else 1)


def test_what_is_stored_in_another_way_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "others.parquet"
    columns = {
        "truth": pyarrow.array([True, False]),
        "date": pyarrow.array([1, 2], pyarrow.date32()),
        "list": pyarrow.array([[1.0], [2.0, 3.0]]),
        "text": pyarrow.array(["a", "b"]),
    }
    parquet.write_table(pyarrow.table(columns), path)
    scan = Scan([ParquetSource(str(path), str(path))], parquet.read_schema(path))
    dtypes = {"truth": "?", "date": "i4", "list": "f8", "text": "i4"}
    with Readers() as readers:
        for name, dtype in dtypes.items():
            column = ScanColumn(scan, scan.schema.field(name), np.dtype(dtype), None)
            assert not readers.read_into(scan.row_groups[0], column, np.empty(2, dtype))
    for encoding in ("DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"):
        table = pyarrow.table({"x": pyarrow.array([1, 2, 3])})
        parquet.write_table(table, path, use_dictionary=False, column_encoding={"x": encoding})
        ((found, _),) = decoded_by_kernels(path)
        assert found is None


def test_files_in_memory_are_decoded_too(tmp_path: Path) -> None:
    path = tmp_path / "memory.parquet"
    parquet.write_table(pyarrow.table({"x": np.arange(1000.0)}), path)
    with path.open("rb") as opened:
        source = source_of_buffer(opened)
    scan = Scan([source], source.schema)
    array = np.empty(1000)
    with Readers() as readers:
        assert readers.read_into(scan.row_groups[0], scan_column(scan, "x"), array)
    assert (array == np.arange(1000.0)).all()


FLIPPED = """
import faulthandler, io, sys
import numpy as np
import pyarrow
from pyarrow import parquet
import lazyframe
from lazyframe.run.parquet.files import source_of_buffer
from lazyframe.run.parquet.readers import Readers
from lazyframe.run.parquet.scan import Scan, ScanColumn

faulthandler.enable()
lazyframe.config(min_rows=0, threads=1)
good = open(sys.argv[1], "rb").read()
dtypes = {"plain": np.int64, "few": np.int64, "sorted": np.int64, "some": np.float64, "codes": np.float64}
dtypes |= {"gaps": np.float64, "short": np.uint16}
names = list(dtypes)

def read(content, name):
    source = source_of_buffer(io.BytesIO(content))
    scan = Scan([source], source.schema)
    column = ScanColumn(scan, scan.schema.field(name), np.dtype(dtypes[name]), None)
    group = scan.row_groups[0]
    array = np.empty(group.rows, dtypes[name])
    with Readers() as readers:
        return array if readers.read_into(group, column, array) else None

def theirs(content, name):
    try:
        return parquet.ParquetFile(io.BytesIO(content)).read_row_group(0, [name])[name].to_numpy()
    except (OSError, pyarrow.ArrowException):
        return None

right = {name: read(good, name) for name in names}
assert all(theirs(good, name).tobytes() == array.tobytes() for name, array in right.items())
declined = other = wrong = 0
metadata = parquet.ParquetFile(sys.argv[1]).metadata.row_group(0)
for number, name in enumerate(names):
    chunk = metadata.column(number)
    start = min(filter(None, [chunk.dictionary_page_offset, chunk.data_page_offset]))
    for at in range(start, start + chunk.total_compressed_size):
        for bit in {at % 8, (at + 3) % 8}:
            bad = bytearray(good)
            bad[at] ^= 1 << bit
            found = read(bytes(bad), name)
            if found is None:
                declined += 1
            elif found.tobytes() != right[name].tobytes():
                other += 1  # what the format cannot tell: pyarrow reads the same
                wanted = theirs(bytes(bad), name)
                if wanted is None or wanted.tobytes() != found.tobytes():
                    print("wrong", name, at, bit)
                    wrong += 1
print(declined, other, wrong)
"""


@pytest.mark.parametrize(
    ("compression", "version"), [("snappy", "1.0"), ("none", "1.0"), ("snappy", "2.0"), ("zstd", "2.0")]
)
def test_every_byte_flipped(tmp_path: Path, compression: str, version: Any) -> None:
    path = tmp_path / "flipped.parquet"
    few = np.arange(200) * 7 % 5
    missing = np.arange(200) % 7 == 2
    columns = {"plain": np.arange(200) * 1000, "few": few * 100 + 17, "sorted": np.sort(few) - 3}
    columns |= {name: pyarrow.array(few / 4, mask=missing) for name in ("some", "codes")}
    columns |= {"gaps": pyarrow.array(few * 300, mask=missing), "short": (few * 300).astype("uint16")}
    parquet.write_table(
        pyarrow.table(columns),
        path,
        compression=compression,
        use_dictionary=["few", "sorted", "codes"],
        data_page_size=400,
        data_page_version=version,
    )
    command = [sys.executable, "-c", FLIPPED, str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    declined, other, wrong = map(int, ran.stdout.splitlines()[-1].split())
    assert wrong == 0, ran.stdout
    assert declined > 200
    assert other > 200 or compression == "zstd"


def listed(content: bytes, enough: int = 1 << 62) -> np.ndarray | None:
    raw = np.frombuffer(content + bytes(decode_pages.SPARE_BYTES), np.uint8).copy()
    table = np.full((9, decode_pages.PAGE_FIELDS), -7, np.int64)
    found = np.zeros(list_pages.FOUND, np.int64)
    listing = compiler.obtain(list_pages.list_pages())
    status = listing(
        0, len(content), address(raw), address(table), 8, True, False, 32, enough, address(found)
    )
    assert (table[8] == -7).all()
    pages = table[: found[list_pages.PAGES]]
    data = pages[pages[:, decode_pages.KIND] == decode_pages.DATA_PAGE]
    assert found[list_pages.ROWS] == data[:, decode_pages.VALUES].sum()
    if len(pages):
        assert found[list_pages.LONGEST] == pages[:, decode_pages.UNCOMPRESSED].max()
        assert found[list_pages.END] == pages[-1, decode_pages.BODY] + pages[-1, decode_pages.COMPRESSED]
    return None if status else pages


@pytest.mark.parametrize("width", WIDTHS)
@settings(max_examples=examples(300), deadline=None)
@given(data=st.data())
def test_nothing_is_written_outside_of_memory(width: int, data: st.DataObject) -> None:
    """Pages of any bytes: whatever kernels make of them, they stay within what they were given."""
    packed, levels, missing = data.draw(st.booleans()), data.draw(st.booleans()), data.draw(st.booleans())
    content = data.draw(st.binary(max_size=80))
    length, count, entries = (data.draw(st.integers(0, 300)) for _ in range(3))
    encoding = data.draw(st.sampled_from([decode_pages.PLAIN, decode_pages.RLE_DICTIONARY]))
    if packed:
        content = (
            bytes([length]) + content if length < 128 else bytes([length & 127 | 128, length >> 7]) + content
        )
    else:
        length = len(content)
    raw = np.frombuffer(content + bytes(decode_pages.SPARE_BYTES), np.uint8).copy()
    table = np.full((1, decode_pages.PAGE_FIELDS), -1, np.int64)
    fields = (decode_pages.BODY, decode_pages.COMPRESSED, decode_pages.UNCOMPRESSED)
    table[0, fields], table[0, decode_pages.VALUES] = (0, len(content), length), count
    table[0, decode_pages.ENCODING] = encoding
    table[0, decode_pages.LEVEL_BYTES] = data.draw(st.sampled_from([-1, 0, 1, 4, 400]))
    page = np.full(length + decode_pages.SPARE_BYTES + 64, 171, np.uint8)
    dictionary = np.arange(entries * width + 8, dtype=np.uint8)
    out = np.full(count * width + 64, 171, np.uint8)
    marks = np.full(count + 64, 171, np.uint8)
    decoding = compiler.obtain(decode_pages.decode_pages(width, missing))
    where = address(raw), address(table), packed, levels, address(page), 0, address(SHAPES)
    more = (address(marks), 7) if missing else ()
    decoding(0, 1, *where, address(dictionary), entries, address(out), count, *more)
    assert (marks[count:] == 171).all()
    assert (page[length + decode_pages.SPARE_BYTES :] == 171).all()
    assert (out[count * width :] == 171).all()
    assert raw.tobytes() == content + bytes(decode_pages.SPARE_BYTES)


@pytest.mark.parametrize("width", WIDTHS)
def test_damaged_pages_do_no_harm(width: int) -> None:
    """Pages as Snappy makes them of numbers, with bits turned: what is read ends where the memory does."""
    random = np.random.default_rng(width)
    decoding = compiler.obtain(decode_pages.decode_pages(width))
    declined = 0
    for _ in range(2000):
        count = int(random.integers(1, 400))
        body = random.integers(0, random.choice([2, 30, 256]), count * width).astype(np.uint8).tobytes()
        content = np.frombuffer(pyarrow.compress(body, "snappy", asbytes=True), np.uint8).copy()
        for at in random.integers(0, len(content), random.integers(1, 4)):
            content[at] ^= 1 << random.integers(8)
        raw = np.append(content, np.zeros(decode_pages.SPARE_BYTES, np.uint8))
        table = np.full((1, decode_pages.PAGE_FIELDS), -1, np.int64)
        fields = (decode_pages.BODY, decode_pages.COMPRESSED, decode_pages.UNCOMPRESSED, decode_pages.VALUES)
        table[0, fields] = 0, len(content), len(body), count
        table[0, decode_pages.ENCODING] = decode_pages.PLAIN
        page = np.full(len(body) + decode_pages.SPARE_BYTES + 64, 171, np.uint8)
        out = np.full(count * width + 64, 171, np.uint8)
        where = address(raw), address(table), True, False, address(page), 0, address(SHAPES)
        declined += decoding(0, 1, *where, address(page), 0, address(out), count)
        assert (page[-64:] == 171).all()
        assert (out[-64:] == 171).all()
    assert 200 < declined < 2000


def snappy_token(random: np.random.Generator, size: int, back: int) -> bytes:
    """A copy of so many bytes, in the shortest form or the next."""
    if 4 <= size <= 11 and back < 2048 and random.random() < 0.8:
        return bytes([1 | (size - 4) << 2 | back >> 8 << 5, back & 255])
    return bytes([2 | (size - 1) << 2]) + back.to_bytes(2, "little")


def snappy_words(random: np.random.Generator, rounds: int) -> tuple[bytes, int]:
    """A few bytes and copies of what is mostly eight bytes before, and how many bytes they become."""
    found, length = bytearray(), 0
    habit = int(random.integers(3))
    for _ in range(rounds):
        if habit == 0:  # an ascending key of which one byte is new, now and then several times
            few, copies = 1, [7, *([8 * int(random.integers(1, 9))] * (random.random() < 0.1))]
        elif habit == 1:
            few, copies = int(random.integers(1, 5)), [int(random.integers(1, 65)) for _ in range(3)]
            copies = copies[: random.integers(0, 4)]
        else:
            few = int(random.integers(0, 7))
            copies = [int(random.integers(1, 12)) for _ in range(random.integers(0, 3))]
        few = few if length >= 8 else 8
        if few:
            found += bytes([(few - 1) << 2]) + random.bytes(few)
        length += few
        for size in copies:
            back = 8 if random.random() < 0.9 else int(random.integers(1, min(length, 60) + 1))
            found += snappy_token(random, size, back)
            length += size
    spare = -length % 8
    if spare:
        found += bytes([(spare - 1) << 2]) + random.bytes(spare)
    length += spare
    size = bytes([length & 127 | 128, length >> 7 & 127 | 128, length >> 14])
    return size + bytes(found), length


def test_copies_of_what_was_just_written() -> None:
    """What ascending keys become, and all that is like it, is what Snappy itself makes of it."""
    random = np.random.default_rng(5)
    decoding = compiler.obtain(decode_pages.decode_pages(8))
    for number in range(1500):
        body, length = snappy_words(random, int(random.integers(1, 60)))
        wanted = pyarrow.decompress(body, length, "snappy", asbytes=True)
        is_damaged = number % 3 == 2
        content = np.frombuffer(body + bytes(decode_pages.SPARE_BYTES), np.uint8).copy()
        if is_damaged:
            content[random.integers(len(body))] ^= 1 << random.integers(8)
        table = np.full((1, decode_pages.PAGE_FIELDS), -1, np.int64)
        fields = (decode_pages.BODY, decode_pages.COMPRESSED, decode_pages.UNCOMPRESSED, decode_pages.VALUES)
        table[0, fields] = 0, len(body), length, length // 8
        table[0, decode_pages.ENCODING] = decode_pages.PLAIN
        page = np.full(length + decode_pages.SPARE_BYTES + 64, 171, np.uint8)
        out = np.full(length + 64, 171, np.uint8)
        where = address(content), address(table), True, False, address(page), 0, address(SHAPES)
        status = decoding(0, 1, *where, address(page), 0, address(out), length // 8)
        assert (page[-64:] == 171).all()
        assert (out[length:] == 171).all()
        if not is_damaged:
            assert status == 0
            assert out[:length].tobytes() == wanted


@pytest.mark.parametrize("step", [1, 3, 256, -1, -40, 70_000])
@pytest.mark.parametrize("repeats", [1, 4, 30])
def test_keys_in_order(tmp_path: Path, step: int, repeats: int) -> None:
    path = tmp_path / "keys.parquet"
    random = np.random.default_rng(repeats)
    keys = np.repeat(np.arange(3000) * step, random.integers(1, repeats + 1, 3000))
    frame = pandas.DataFrame({"k": keys, "t": (keys * 1000).view("M8[us]"), "f": keys / 4})
    frame.to_parquet(path, row_group_size=4000, use_dictionary=False)
    for found, wanted in decoded_by_kernels(path):
        assert found is not None
        assert found.tobytes() == wanted.to_numpy().tobytes()


def test_no_more_pages_are_listed_than_are_enough(tmp_path: Path) -> None:
    path = tmp_path / "pages.parquet"
    table = pyarrow.table({"a": np.arange(1000)})
    parquet.write_table(
        table, path, compression="none", use_dictionary=False, data_page_size=400, write_batch_size=50
    )
    chunk = parquet.read_metadata(path).row_group(0).column(0)
    start = chunk.data_page_offset
    content = path.read_bytes()[start : start + chunk.total_compressed_size]
    whole = listed(content[: len(content) // 3])
    assert whole is None
    few = listed(content[: len(content) // 3], enough=51)
    assert few is not None
    counts = few[:, decode_pages.VALUES]
    assert counts[:-1].sum() < 51 <= counts.sum()
    assert compiler.obtain(list_pages.list_pages()).origin == "lazyframe"


def test_rows_that_somebody_has_are_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    given = np.arange(5000) * 3
    table = pyarrow.table({"a": given})
    parquet.write_table(table, path, use_dictionary=False, data_page_size=400, write_batch_size=50)
    scan = Scan([ParquetSource(str(path), str(path))], parquet.read_schema(path))
    pages = number_pages(scan.row_groups[0], scan_column(scan, "a"))
    assert pages is not None
    with Readers() as readers:
        held = [
            found
            for low in range(0, 5000, 500)
            if (found := readers.read_between(scan.row_groups[0], pages, low, low + 500)) is not None
        ]
    assert len(held) == 10
    for array, first in held:
        np.testing.assert_array_equal(array, given[first : first + len(array)])


@settings(max_examples=examples(300), deadline=None)
@given(content=st.binary(max_size=60))
def test_headers_of_any_bytes(content: bytes) -> None:
    pages = listed(content)
    for page in () if pages is None else pages.tolist():
        body = page[decode_pages.BODY]
        assert 0 < body <= body + page[decode_pages.COMPRESSED] <= len(content)


def test_a_program_over_files_gives_what_pandas_gives(tmp_path: Path) -> None:
    path = tmp_path / "program.parquet"
    frame = pandas.DataFrame(
        {"k": np.arange(3000) % 7, "x": np.arange(3000.0), "t": np.arange(3000).astype("M8[us]")}
    )
    frame.to_parquet(path, row_group_size=1000)
    import lazyframe

    df = lazyframe.read_parquet(path)
    found = df[df["t"] > pandas.Timestamp(500, unit="us")].groupby("k")["x"].sum().to_pandas()
    pandas.testing.assert_series_equal(
        found, frame[frame["t"] > pandas.Timestamp(500, unit="us")].groupby("k")["x"].sum()
    )
