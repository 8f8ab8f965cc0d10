"""Hashed tables of rows, and the hashes of keys: the same in kernels and in NumPy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lazyframe.codegen.emit_lookup_tables import find_rows, insert_rows
from lazyframe.codegen.emit_lookups import (
    FIRST_FACTOR,
    FIRST_SHIFT,
    KEY_FACTOR,
    SECOND_FACTOR,
    SECOND_SHIFT,
)
from lazyframe.run.addresses import address
from lazyframe.run.memory import borrow_full
from lazyframe.run.table_filling import LONGEST_CALL, kernel_of_table


def integers_of(key: np.ndarray) -> np.ndarray:
    """Any integer or bool as the int64 of the same value, or for large unsigned ones of the same bits."""
    return np.asarray(key).astype(np.int64, copy=False)


def mixed(codes: np.ndarray) -> np.ndarray:
    """64 bits for each code, all of which depend on all of the code's; as the kernels mix them."""
    bits = codes.view(np.uint64)
    bits = (bits ^ (bits >> np.uint64(FIRST_SHIFT))) * np.uint64(FIRST_FACTOR)
    bits = (bits ^ (bits >> np.uint64(SECOND_SHIFT))) * np.uint64(SECOND_FACTOR)
    return (bits ^ (bits >> np.uint64(FIRST_SHIFT))).view(np.int64)


def hashes(columns: Sequence[np.ndarray]) -> np.ndarray:
    """The hash of each row of int64 columns, as the kernels compute it."""
    bits = columns[0].view(np.uint64)
    for column in columns[1:]:
        bits = bits * np.uint64(KEY_FACTOR) + column.view(np.uint64)
    return mixed(bits.view(np.int64))


def slots_of(rows: int) -> int:
    """Of a hashed table."""
    return 1 << max(2 * rows - 1, 1).bit_length()


def hashed_table(keys: Sequence[np.ndarray]) -> np.ndarray:
    """int64, for each slot the keys and a position, -1 in an empty slot; at most half are used."""
    rows = len(keys[0])
    slots = slots_of(rows)
    table = borrow_full((slots, len(keys) + 1), -1, np.int64)
    kernel = kernel_of_table(insert_rows(tuple([key.dtype for key in keys])), rows)
    if kernel is None:
        _insert([integers_of(key) for key in keys], table)
        return table.reshape(-1)
    columns = [np.ascontiguousarray(key) for key in keys]
    pointers = [*[address(column) for column in columns], address(table)]
    for low in range(0, rows, LONGEST_CALL):
        kernel(low, min(low + LONGEST_CALL, rows), *pointers, slots - 1)
    return table.reshape(-1)


def find_in_table(table: np.ndarray, columns: Sequence[np.ndarray]) -> np.ndarray:
    """Where rows with these keys, int64 columns, are in a `hashed_table`; -1 where there is none."""
    slots = table.reshape(-1, len(columns) + 1)
    mask = len(slots) - 1
    kernel = kernel_of_table(find_rows(len(columns)), len(columns[0]))
    if kernel is None:
        return _find(slots, mask, columns)
    found = np.empty(len(columns[0]), np.int64)
    keys = [np.ascontiguousarray(column) for column in columns]
    pointers = [*[address(key) for key in keys], address(table), mask, address(found)]
    for low in range(0, len(found), LONGEST_CALL):
        kernel(low, min(low + LONGEST_CALL, len(found)), *pointers)
    return found


def _find(slots: np.ndarray, mask: int, columns: Sequence[np.ndarray]) -> np.ndarray:
    found = np.full(len(columns[0]), -1, np.int64)
    waiting, at = np.arange(len(found)), hashes(columns) & mask
    while len(waiting):
        position = slots[at, -1]
        hit = position >= 0
        for k, column in enumerate(columns):
            hit &= slots[at, k] == column[waiting]
        found[waiting[hit]] = position[hit]
        on = ~hit & (position >= 0)
        waiting, at = waiting[on], (at[on] + 1) & mask
    return found


def _insert(columns: Sequence[np.ndarray], table: np.ndarray) -> None:
    """Open addressing: all rows try their slot at once, and those that find it taken the next."""
    mask = len(table) - 1
    waiting, at = np.arange(len(columns[0])), hashes(columns) & mask
    while len(waiting):
        free = table[at, -1] < 0
        table[at[free], -1] = waiting[free]
        placed = table[at, -1] == waiting
        for k, column in enumerate(columns):
            table[at[placed], k] = column[waiting[placed]]
        waiting, at = waiting[~placed], (at[~placed] + 1) & mask
