"""From what a user gives for a path to a scan of the files that it means."""

from __future__ import annotations

import os
from typing import Any

import pyarrow
from pyarrow import fs, parquet

from lazyframe.run.parquet.files import ParquetSource, source_of_buffer
from lazyframe.run.parquet.in_paths import column_in_paths
from lazyframe.run.parquet.scan import Scan

_DOWNLOADED = ("http://", "https://", "ftp://", "ftps://", "sftp://")
_COMMON = ("_common_metadata", "_metadata")
"""Files of a directory in which pandas' metadata may be, for files that have none."""


def find_scan(path: Any) -> Scan | None:
    """The files of a path, a list of paths, a directory, an Arrow filesystem's URI, or a file object.

    Returns
    -------
    Scan or None
        None where the files are not of one schema, and for what only pandas knows to open.

    Raises
    ------
    Exception
        Whatever is wrong with the files, in no particular words: pandas has better ones.
    """
    if isinstance(path, os.PathLike):
        path = os.fspath(path)
    if isinstance(path, list):
        return _of_dataset(parquet.ParquetDataset(path))
    if hasattr(path, "read"):
        return _of_source(source_of_buffer(path)) if hasattr(path, "seek") else None
    if not isinstance(path, str) or path.startswith(_DOWNLOADED):
        return None
    if "://" in path:
        filesystem, inside = fs.FileSystem.from_uri(path)
        if filesystem.get_file_info(inside).type == fs.FileType.Directory:
            return _of_dataset(parquet.ParquetDataset(inside, filesystem=filesystem))
        return _of_source(_source(path, inside, filesystem))
    path = os.path.expanduser(path)
    if os.path.isdir(path):
        return _of_dataset(parquet.ParquetDataset(path), path)
    return _of_source(ParquetSource(path, path)) if os.path.isfile(path) else None


def _source(name: str, inside: str, filesystem: Any) -> ParquetSource:
    local = isinstance(filesystem, fs.LocalFileSystem)
    return ParquetSource(name, inside, None if local else filesystem)


def _of_source(source: ParquetSource) -> Scan:
    return Scan([source], source.schema)


def _of_dataset(dataset: Any, directory: str | None = None) -> Scan | None:
    sources = [_source(piece.path, piece.path, dataset.filesystem) for piece in dataset.fragments]
    schema = dataset.schema
    if not sources or (directory is not None and _described_elsewhere(schema, directory)):
        return None
    stored = sources[0].schema.remove_metadata()
    if len(set(schema.names)) != len(schema.names) or not all(name in schema.names for name in stored.names):
        return None
    if any(schema.field(field.name).type != field.type for field in stored):
        return None
    in_paths = [field for field in schema if field.name not in stored.names]
    if not all(pyarrow.types.is_dictionary(field.type) for field in in_paths):
        return None
    for field in in_paths:  # which raises where pandas cannot make categories of them, as it will
        column_in_paths(dataset, [0] * len(sources), field).unify_dictionaries()
    if any(not source.schema.remove_metadata().equals(stored) for source in sources):
        return None
    return Scan(sources, schema, dataset)


def _described_elsewhere(schema: Any, directory: str) -> bool:
    if b"pandas" in (schema.metadata or {}):
        return False
    return any(os.path.exists(os.path.join(directory, name)) for name in _COMMON)
