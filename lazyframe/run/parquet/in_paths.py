"""Columns that are in the names of directories: they follow from the paths, whatever is at these by now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow
from pyarrow import dataset as datasets


def column_in_paths(dataset: Any, rows: Sequence[int], field: Any) -> Any:
    """A column as a ``pyarrow.ChunkedArray``, chunk by chunk as the dataset would read it.

    Parameters
    ----------
    dataset : pyarrow.parquet.ParquetDataset
        Of files in such directories.
    rows : sequence of int
        Of each file.
    field : pyarrow.Field
        A dictionary's.
    """
    partitioning = dataset.partitioning
    values = partitioning.dictionaries[partitioning.schema.get_field_index(field.name)]
    chunks = []
    for fragment, count in zip(dataset.fragments, rows, strict=True):
        keys = datasets.get_partition_keys(fragment.partition_expression)
        words, place = values, None
        if field.name not in keys:  # no directory of this file has one
            words = values.slice(0, 0)
        elif keys[field.name] is None:
            words, place = pyarrow.nulls(1, values.type), 0
        else:
            place = values.index(pyarrow.scalar(keys[field.name], values.type)).as_py()
        indices = pyarrow.repeat(pyarrow.scalar(place, field.type.index_type), count)
        chunks.append(pyarrow.DictionaryArray.from_arrays(indices, words))
    return pyarrow.chunked_array(chunks, field.type)
