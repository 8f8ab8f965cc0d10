"""Programs as users write them give pandas' answers: small, in pieces, on any threads, with passes off."""

from __future__ import annotations

import random
import zlib
from functools import cache

import pytest

import lazyframe
from passes.pipeline import OPTIONAL
from tests.programs.running import morsels_of, no_kernels
from tests.programs.users import cleaning, features, objects, queries, times
from tests.programs.users.running import Program, hold
from tests.programs.users.tables import make_tables

PROGRAMS = [p for part in (cleaning, features, times, queries, objects) for p in part.PROGRAMS]

tables = cache(make_tables)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
@pytest.mark.parametrize("rows", [0, 90])
def test_a_program(program: Program, rows: int) -> None:
    random_settings = random.Random(zlib.crc32(f"{program.__name__} {rows}".encode()))
    rows_at_once = random_settings.choice([1, 2, 7, 64, 10_000])
    threads = random_settings.choice([1, 3])
    off = random_settings.sample(OPTIONAL, random_settings.choice([0, 0, 1, 3]))
    seed = random_settings.randrange(3)
    with (
        no_kernels(),
        morsels_of(rows_at_once),
        lazyframe.config(min_rows=0, threads=threads, disable=off),
    ):
        hold(program, tables(rows, seed))
